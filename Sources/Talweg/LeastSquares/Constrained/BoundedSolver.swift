import TalwegKernels

/// min |z - M x|^2 with lower <= x <= upper by an active set: Lawson and Hanson's for non-negative x (Solving Least
/// Squares Problems, 1974, chapter 23), as Stark and Parker extended it to bounds (Computational Statistics 10, 1995).
///
/// The variables off their bounds have a QR factorisation; M is kept as Q'M and the target as Q'(z - M x of the
/// variables at bounds). One that becomes free is a reflector, one that comes to a bound some rotations, so that
/// neither a product with M nor the normal equations are needed.
final class BoundedSolver {
    /// Where a variable is. One that is `idle` lies between its bounds, but its column depends on the free ones'.
    enum Place: Int8 {
        case lower = -1
        case free = 0
        case upper = 1
        case idle = 2
    }

    let p: Int
    private let m: Int
    /// Q'M, and Q' times what is left of the target.
    private let a: ColumnMajor
    private let t: UnsafeMutablePointer<Double>
    let x: UnsafeMutablePointer<Double>
    private let lower: UnsafePointer<Double>
    private let upper: UnsafePointer<Double>
    private let places: UnsafeMutablePointer<Place>
    /// The free variables, in the order of the factor's columns.
    private let free: UnsafeMutablePointer<Int>
    private(set) var freeCount = 0
    /// Of M's columns.
    private let norms: UnsafeMutablePointer<Double>
    /// Variables that are not to be freed until the squares have become fewer.
    private let refused: UnsafeMutablePointer<Bool>
    private let step, vector, cosines, sines: UnsafeMutablePointer<Double>
    /// Products of the columns that are not free with the target, below the free ones' rows, if they are up to date.
    private let slopes: UnsafeMutablePointer<Double>
    private var hasSlopes = false
    private let tolerance: Double
    private let dependence: Double
    /// The largest of the target and its parts, beside which a gradient is rounding.
    private var size = 0.0
    private(set) var iterations = 0
    /// Whether the free variables are a guess that may lie beyond their bounds.
    private let isGuess: Bool
    private let vectors = MatrixKernels<Double>()
    private let space: Storage

    /// - Parameters:
    ///   - lower: bounds [p], not above `upper`; they stay the caller's
    ///   - guess: what may be near the solution [p], of which the bounds are tried that it is beyond; nil: those
    ///     nearest to 0
    ///   - tolerance: gradients below this share of a column's norm times the target's count as zero
    init(
        _ matrix: ColumnMajor, _ target: UnsafePointer<Double>, lower: UnsafePointer<Double>,
        upper: UnsafePointer<Double>, guess: UnsafePointer<Double>? = nil, tolerance: Double
    ) throws(TalwegError) {
        isGuess = guess != nil
        (m, p) = (matrix.rows, matrix.columns)
        (self.lower, self.upper, self.tolerance) = (lower, upper, tolerance)
        dependence = 10 * Double(max(m, p)) * .ulpOfOne
        let stride = StackedQR.stride(rows: m)
        let (area, overflow) = stride.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, m, p, p, p, p, p, m, m, m, p, p))
        var slab = Slab(space.pointer)
        a = ColumnMajor(slab.doubles(area), rows: m, columns: p, stride: stride)
        t = slab.doubles(m)
        x = slab.doubles(p)
        places = slab.elements(p)
        free = slab.integers(p)
        norms = slab.doubles(p)
        refused = slab.elements(p)
        vector = slab.doubles(m)
        cosines = slab.doubles(m)
        sines = slab.doubles(m)
        step = slab.doubles(p)
        slopes = slab.doubles(p)
        t.update(from: target, count: m)
        size = vectors.norm(m, t)
        for j in 0..<p {
            let column = a.column(j)
            column.update(from: matrix.column(j), count: m)
            norms[j] = vectors.norm(m, column)
            refused[j] = false
            x[j] = min(max(guess?[j] ?? 0, lower[j]), upper[j])
            places[j] = x[j] == lower[j] ? .lower : x[j] == upper[j] ? .upper : .idle
            if places[j] == .idle { x[j] = 0 }
            if x[j] != 0 { take(j) }
        }
    }

    func place(_ j: Int) -> Place { places[j] }

    /// Variable number i of the free ones.
    func freeVariable(_ i: Int) -> Int { free[i] }

    /// Finds the solution; false if `limit` systems were solved before.
    func solve(limit: Int) throws(TalwegError) -> Bool {
        if try !releaseTogether() {
            for j in 0..<p where places[j] == .idle && !release(j) { moveInside(j) }
        }
        solveFree()
        // A guess has no point within the bounds yet: what lies beyond them goes to them, all at once.
        while isGuess, iterations < limit, try bindOutside() {
            iterations += 1
            solveFree()
        }
        for i in 0..<freeCount { x[free[i]] = min(max(x[free[i]], lower[free[i]]), upper[free[i]]) }
        guard settle(limit) else { return false }
        var least = remainder
        while let j = steepest() {
            let from = places[j]
            guard release(j), moves(j, from) else {
                refused[j] = true
                continue
            }
            guard settle(limit) else { return false }
            let rest = remainder
            if rest < least {
                least = rest
                for j in 0..<p { refused[j] = false }
            } else {
                // Rounding alone: another time it would be the same.
                refused[j] = true
            }
        }
        return true
    }

    /// Squares of what the free variables leave.
    private var remainder: Double { vectors.dot(m - freeCount, t + freeCount, t + freeCount) }

    /// The variable that the squares fall with most steeply, for columns of one length; nil at the solution.
    private func steepest() -> Int? {
        let length = m - freeCount
        if length <= 0 { return nil }
        if !hasSlopes {
            for j in 0..<p where places[j] != .free && lower[j] < upper[j] {
                slopes[j] = vectors.dot(length, a.column(j) + freeCount, t + freeCount)
            }
            hasSlopes = true
        }
        var best: Int?
        var most = 0.0
        for j in 0..<p where places[j] != .free && !refused[j] && lower[j] < upper[j] {
            let slope = slopes[j]
            let gain = places[j] == .lower ? slope : places[j] == .upper ? -slope : slope.magnitude
            guard gain > tolerance * norms[j] * size else { continue }
            if gain > most * norms[j] { (best, most) = (j, gain / norms[j]) }
        }
        return best
    }

    /// Makes a variable free; false if its column depends on those that are.
    func release(_ j: Int) -> Bool {
        let length = m - freeCount
        guard length > 0 else { return false }
        let column = a.column(j), head = column + freeCount
        guard vectors.norm(length, head) > dependence * norms[j] else { return false }
        if x[j] != 0 { vectors.axpy(m, x[j], column, t) }
        vector.update(from: head, count: length)
        let (beta, tau) = reflector(length, vector, vectors)
        places[j] = .free
        // The target first: a column's product with it is made while the column is in the cache.
        if tau != 0 { reflect(t + freeCount, length, tau) }
        let tail = t + (freeCount + 1)
        for other in 0..<p where places[other] != .free && lower[other] < upper[other] {
            let column = a.column(other) + freeCount
            if tau != 0 { reflect(column, length, tau) }
            slopes[other] = vectors.dot(length - 1, column + 1, tail)
        }
        hasSlopes = true
        head[0] = beta
        (head + 1).update(repeating: 0, count: length - 1)
        free[freeCount] = j
        freeCount += 1
        return true
    }

    /// Takes a variable that could not be freed between its bounds.
    private func moveInside(_ j: Int) {
        let value = min(max(x[j], lower[j]), upper[j])
        if value != x[j] { vectors.axpy(m, x[j] - value, a.column(j), t) }
        x[j] = value
    }

    /// Makes all variables free that lie between their bounds, by a factorisation in blocks; false, with nothing
    /// changed, if they are few, or their columns depend on each other.
    private func releaseTogether() throws(TalwegError) -> Bool {
        var count = 0
        for j in 0..<p where places[j] == .idle {
            free[count] = j
            count += 1
        }
        guard count >= BoundedSolver.fewest, count <= m else { return false }
        // Those columns, the others, and the target behind them.
        let (area, overflow) = a.stride.multipliedReportingOverflow(by: p + 1)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let room = try Workspace(byteCount: slabBytes(area, p))
        var slab = Slab(room.pointer)
        let all = ColumnMajor(slab.doubles(area), rows: m, columns: p + 1, stride: a.stride)
        let order = slab.integers(p)
        order.update(from: free, count: count)
        var used = count
        for j in 0..<p where places[j] != .idle && lower[j] < upper[j] {
            order[used] = j
            used += 1
        }
        for i in 0..<used { all.column(i).update(from: a.column(order[i]), count: m) }
        all.column(used).update(from: t, count: m)
        let block = MatrixBlock(
            all.pointer, rows: m, columns: used + 1, rowStride: 1, columnStride: all.stride, itemSize: 8)
        _ = try HouseholderQR(block, kernels.f64, columns: count)
        guard (0..<count).allSatisfy({ all[$0, $0].magnitude > dependence * norms[order[$0]] }) else { return false }
        for i in 0..<used {
            let column = a.column(order[i]), kept = i < count ? i + 1 : m
            column.update(from: all.column(i), count: kept)
            (column + kept).update(repeating: 0, count: m - kept)
        }
        t.update(from: all.column(used), count: m)
        for i in 0..<count { places[order[i]] = .free }
        freeCount = count
        hasSlopes = false
        return true
    }

    /// From how many on a factorisation in blocks pays.
    private static var fewest: Int { 16 }

    /// Puts the free variables to their bounds that the step takes to them or beyond; false if there are none.
    private func bindOutside() throws(TalwegError) -> Bool {
        var outside = 0
        for i in 0..<freeCount where step[i] <= lower[free[i]] || step[i] >= upper[free[i]] { outside += 1 }
        if outside == 0 {
            for i in 0..<freeCount { x[free[i]] = step[i] }
            return false
        }
        // Of many at once the others are factorised again.
        let isAnew = outside >= BoundedSolver.fewest
        var i = freeCount - 1
        while i >= 0 {
            let j = free[i]
            let place: Place = step[i] <= lower[j] ? .lower : step[i] >= upper[j] ? .upper : .idle
            let bound = place == .lower ? lower[j] : upper[j]
            if isAnew {
                (places[j], x[j]) = (place, place == .idle ? 0 : bound)
                if x[j] != 0 { take(j) }
            } else if place != .idle {
                bind(i, at: bound, place)
            }
            i -= 1
        }
        guard isAnew else { return true }
        freeCount = 0
        hasSlopes = false
        if try !releaseTogether() {
            for j in 0..<p where places[j] == .idle && !release(j) { moveInside(j) }
        }
        return true
    }

    /// Takes a variable's part out of the target.
    private func take(_ j: Int) {
        vectors.axpy(m, -x[j], a.column(j), t)
        size = max(size, x[j].magnitude * norms[j])
    }

    private func reflect(_ target: UnsafeMutablePointer<Double>, _ length: Int, _ tau: Double) {
        vectors.axpy(length, -tau * vectors.dot(length, vector, target), vector, target)
    }

    /// Whether the variable that was just freed moves off its bound; else it is put back: the gradient that freed it
    /// was rounding.
    private func moves(_ j: Int, _ from: Place) -> Bool {
        solveFree()
        let to = step[freeCount - 1]
        let inward = from == .lower ? to > x[j] : from == .upper ? to < x[j] : true
        if !inward || !to.isFinite { bind(freeCount - 1, at: x[j], from) }
        return inward && to.isFinite
    }

    /// Puts free variable number `position` at a bound.
    private func bind(_ position: Int, at value: Double, _ place: Place) {
        let j = free[position]
        hasSlopes = false
        for i in (position + 1)..<max(freeCount, position + 1) { free[i - 1] = free[i] }
        freeCount -= 1
        // The columns after it have an element below the diagonal each.
        for i in position..<max(freeCount, position) {
            let column = a.column(free[i])
            for row in position..<max(i, position) { turn(column, row) }
            let (rotation, r) = PlaneRotation.eliminating(column[i], column[i + 1])
            (cosines[i], sines[i]) = (rotation.c, rotation.s)
            (column[i], column[i + 1]) = (r, 0)
        }
        places[j] = place
        x[j] = value
        turnAll(position, freeCount)
        if value != 0 { take(j) }
    }

    @inline(__always)
    private func turn(_ column: UnsafeMutablePointer<Double>, _ row: Int) {
        let (above, below) = (column[row], column[row + 1])
        column[row] = cosines[row] * above + sines[row] * below
        column[row + 1] = cosines[row] * below - sines[row] * above
    }

    /// The rotations first..<end of the columns that are not free and of the target, four at a time: each waits for
    /// the one before it.
    private func turnAll(_ first: Int, _ end: Int) {
        guard first < end else { return }
        var waiting = (t, t, t, t)
        var count = 1
        func flush() {
            let (w, x, y, z) = waiting
            switch count {
            case 4: for row in first..<end { turn(w, row); turn(x, row); turn(y, row); turn(z, row) }
            case 3: for row in first..<end { turn(w, row); turn(x, row); turn(y, row) }
            case 2: for row in first..<end { turn(w, row); turn(x, row) }
            default: for row in first..<end { turn(w, row) }
            }
            count = 0
        }
        for j in 0..<p where places[j] != .free && lower[j] < upper[j] {
            switch count {
            case 0: waiting.0 = a.column(j)
            case 1: waiting.1 = a.column(j)
            case 2: waiting.2 = a.column(j)
            default: waiting.3 = a.column(j)
            }
            count += 1
            if count == 4 { flush() }
        }
        if count > 0 { flush() }
    }

    /// step = R^-1 of the target's head.
    private func solveFree() {
        step.update(from: t, count: freeCount)
        var i = freeCount - 1
        while i >= 0 {
            let column = a.column(free[i])
            step[i] /= column[i]
            vectors.axpy(i, -step[i], column, step)
            i -= 1
        }
    }

    /// Goes to the minimum over the free variables, which `step` has, on the way to which those that come to a bound
    /// stay there.
    private func settle(_ limit: Int) -> Bool {
        while true {
            guard iterations < limit else { return false }
            iterations += 1
            var share = 2.0
            var blocking = -1
            for i in 0..<freeCount {
                let j = free[i]
                let bound: Double
                if step[i] <= lower[j] { bound = lower[j] } else if step[i] >= upper[j] { bound = upper[j] } else {
                    continue
                }
                let way = step[i] - x[j]
                let part = way == 0 ? 0 : min(max((bound - x[j]) / way, 0), 1)
                if part < share { (share, blocking) = (part, i) }
            }
            if blocking < 0 {
                for i in 0..<freeCount { x[free[i]] = step[i] }
                return true
            }
            let first = free[blocking]
            let isLower = step[blocking] <= lower[first]
            for i in 0..<freeCount { x[free[i]] += share * (step[i] - x[free[i]]) }
            var i = freeCount - 1
            while i >= 0 {
                let j = free[i]
                if j == first {
                    bind(i, at: isLower ? lower[j] : upper[j], isLower ? .lower : .upper)
                } else if x[j] <= lower[j] {
                    bind(i, at: lower[j], .lower)
                } else if x[j] >= upper[j] {
                    bind(i, at: upper[j], .upper)
                }
                i -= 1
            }
            solveFree()
        }
    }

    /// Frees more variables, at their bounds, until every row has one or no column is left that is independent.
    func complete() {
        while freeCount < m {
            var best = -1
            var most = 0.0
            for j in 0..<p where places[j] != .free && lower[j] < upper[j] && norms[j] > 0 {
                let share = vectors.norm(m - freeCount, a.column(j) + freeCount) / norms[j]
                if share > most { (best, most) = (j, share) }
            }
            guard best >= 0, release(best) else { return }
        }
    }
}
