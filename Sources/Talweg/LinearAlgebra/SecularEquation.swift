/// The equation 1 + sum z[i]^2 / (p[i] - x) = 0, whose roots are the eigenvalues of diag(p) + z z', one behind each
/// pole. The poles ascend and are apart, and no z is 0, by more than deflation's tolerance.
///
/// Roots are found as distances from the nearer pole, so that every difference of a root and a pole has nearly
/// all of its digits. From those come numbers z of which the roots are the exact ones, to the last digits: the
/// eigenvectors made of them are orthogonal (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 15 and 16, 1994/95).
struct SecularEquation {
    let count: Int
    /// The poles, or their roots, not negative: of a matrix times its transpose.
    let d: UnsafePointer<Double>
    let isSquared: Bool
    let z: UnsafeMutablePointer<Double>

    /// p[i] - p[j], nearly exact.
    @inline(__always)
    func gap(_ i: Int, _ j: Int) -> Double {
        isSquared ? (d[i] - d[j]) * (d[i] + d[j]) : d[i] - d[j]
    }

    /// Finds the root behind pole j of two or more. Writes p[i] - root for every i.
    /// - Returns: the root, or if poles are squared its own root; nil if it was not found.
    func solve(_ j: Int, _ differences: UnsafeMutablePointer<Double>) -> Double? {
        guard let (origin, offset) = locate(j, differences) else { return nil }
        for i in 0..<count { differences[i] -= offset }
        if !isSquared { return d[origin] + offset }
        // sqrt(d^2 + offset) without cancellation.
        let own = d[origin]
        let root = max(0, own * own + offset).squareRoot()
        return own + root == 0 ? 0 : own + offset / (own + root)
    }

    /// The pole nearer to root j and the root's distance from it. Leaves the poles' distances from that pole.
    private func locate(_ j: Int, _ gaps: UnsafeMutablePointer<Double>) -> (Int, Double)? {
        // Between which poles, as in the models: the last root lies beyond both.
        let isLast = j == count - 1
        let a = isLast ? j - 1 : j, b = a + 1
        var origin = j
        for i in 0..<count { gaps[i] = gap(i, j) }
        var (low, high) = (0.0, 0.0)
        if isLast {
            for i in 0..<count { high += z[i] * z[i] }
        } else {
            high = gaps[b]
        }
        var x = high / 2
        var state = evaluate(j, gaps, x)
        if !isLast, state.value < 0 {
            // The root is nearer to the other pole.
            origin = b
            for i in 0..<count { gaps[i] = gap(i, b) }
            (low, high) = (gaps[a] / 2, 0)
            x = low
        } else if state.value < 0 {
            low = x
        } else {
            high = x
        }
        // A start: the two poles exactly, the others as they are in the middle.
        let (za, zb) = (z[a] * z[a], z[b] * z[b])
        let others = state.value - za / (gaps[a] - x) - zb / (gaps[b] - x)
        let start = modelRoot(
            others, others * (gaps[a] + gaps[b]) + za + zb, others * gaps[a] * gaps[b] + za * gaps[b] + zb * gaps[a],
            beyond: isLast)
        if start > low, start < high { x = start }
        var before = Double.infinity
        for step in 0..<200 {
            state = evaluate(j, gaps, x)
            if !state.value.isFinite { return nil }
            if state.value.magnitude <= 0x1p-52 * state.bound { return (origin, x) }
            if state.value < 0 { low = x } else { high = x }
            let slow = step > 3 && state.value.magnitude > 0.5 * before.magnitude
            before = state.value
            // The pole at the origin with its own weight, the other so that value and slope agree (Li, LAPACK
            // Working Note 89, 1994).
            let (da, db) = (gaps[a] - x, gaps[b] - x)
            let (own, other) = origin == a ? (a, b) : (b, a)
            let share = z[own] / (gaps[own] - x)
            let constant =
                state.value - (gaps[other] - x) * state.slope - share * share * (gaps[own] - gaps[other])
            let sum = (da + db) * state.value - da * db * state.slope
            let change = modelRoot(constant, sum, da * db * state.value, beyond: isLast)
            var next = x + change
            if slow || step > 30 || !(next > low && next < high) { next = between(low, high) }
            if next == x || next == low || next == high { return (origin, x) }
            x = next
        }
        return nil
    }

    /// The root of a x^2 - b x + c that interpolation wants: the one between the poles or, `beyond` both, the larger.
    @inline(__always)
    private func modelRoot(_ a: Double, _ b: Double, _ c: Double, beyond: Bool) -> Double {
        let root = max(0, b * b - 4 * a * c).squareRoot()
        if beyond {
            return b >= 0 ? (b + root) / (2 * a) : 2 * c / (b - root)
        }
        return b <= 0 ? (b - root) / (2 * a) : 2 * c / (b + root)
    }

    /// Half of a bracket, of the exponents if they differ much.
    @inline(__always)
    private func between(_ low: Double, _ high: Double) -> Double {
        let (small, large) = (min(low.magnitude, high.magnitude), max(low.magnitude, high.magnitude))
        if large <= 4 * small { return low + (high - low) / 2 }
        let middle = small == 0 ? large * 0x1p-20 : small.squareRoot() * large.squareRoot()
        return high > 0 ? middle : -middle
    }

    private struct State {
        let value: Double
        let slope: Double
        /// What the value's rounding errors are a multiple of.
        let bound: Double
    }

    /// The function, with the poles up to j and those behind it summed apart: of one sign each.
    @inline(__always)
    private func evaluate(_ j: Int, _ gaps: UnsafePointer<Double>, _ x: Double) -> State {
        let (before, slopeBefore) = sums(0, j + 1, gaps, x)
        let (behind, slopeBehind) = sums(j + 1, count, gaps, x)
        return State(
            value: 1 + before + behind, slope: slopeBefore + slopeBehind,
            bound: 4 * (1 + behind - before) + x.magnitude * (slopeBefore + slopeBehind))
    }

    @inline(__always)
    private func sums(_ first: Int, _ end: Int, _ gaps: UnsafePointer<Double>, _ x: Double) -> (Double, Double) {
        var values = SIMD4<Double>(), slopes = values
        var i = first
        while i + 4 <= end {
            let z = lanes(z + i)
            let t = z / (lanes(gaps + i) - x)
            values += z * t
            slopes += t * t
            i += 4
        }
        var (value, slope) = (values.sum(), slopes.sum())
        while i < end {
            let t = z[i] / (gaps[i] - x)
            value += z[i] * t
            slope += t * t
            i += 1
        }
        return (value, slope)
    }

    /// Replaces z[i] for some i by the numbers of which the roots found are exact (Loewner 1934).
    /// - Parameters:
    ///   - differences: p[i] - root j, those of a root in a column
    ///   - products: room for `count` numbers
    func refine(_ rows: Range<Int>, _ differences: ColumnMajor, _ products: UnsafeMutablePointer<Double>) {
        for i in rows { products[i] = -differences[i, i] }
        for j in 0..<count {
            let column = differences.column(j)
            for i in rows where i != j { products[i] *= column[i] / gap(i, j) }
        }
        for i in rows {
            let size = max(0, products[i]).squareRoot()
            z[i] = z[i] < 0 ? -size : size
        }
    }

    /// Finds all roots, replaces z by the numbers that they are exact for, and leaves each root's eigenvector's
    /// elements, z[i] / (p[i] - root), in a column. Columns and rows are shared out.
    /// - Parameter scratch: room for `count` numbers
    /// - Returns: whether every root was found
    func solve(
        _ roots: UnsafeMutablePointer<Double>, _ columns: ColumnMajor, scratch: UnsafeMutablePointer<Double>
    ) -> Bool {
        if count == 1 {
            roots[0] = isSquared ? z[0].magnitude : d[0] + z[0] * z[0]
            columns[0, 0] = z[0] < 0 ? 1 : -1
            return roots[0].isFinite
        }
        forEachGroup { group in
            for j in group { roots[j] = solve(j, columns.column(j)) ?? .nan }
        }
        for j in 0..<count where !roots[j].isFinite { return false }
        forEachGroup { refine($0, columns, scratch) }
        forEachGroup { group in
            for j in group {
                let column = columns.column(j)
                for i in 0..<count { column[i] = z[i] / column[i] }
            }
        }
        return true
    }

    /// The eigenvectors that `solve` left, of length 1, element i in row place[i].
    func copyVectors<T: MatrixScalar>(_ columns: ColumnMajor, to s: Columns<T>, _ place: UnsafePointer<Int>) {
        forEachGroup { group in
            for j in group {
                let from = columns.column(j), to = s.column(j)
                var sum = 0.0
                for i in 0..<count { sum += from[i] * from[i] }
                let factor = 1 / sum.squareRoot()
                for i in 0..<count { to[place[i]] = T(from[i] * factor) }
            }
        }
    }

    /// The same of the other side: elements times the poles' roots, the first, whose pole is 0, replaced by -1.
    func copyLeftVectors<T: MatrixScalar>(_ columns: ColumnMajor, to s: Columns<T>, _ place: UnsafePointer<Int>) {
        forEachGroup { group in
            for j in group {
                let from = columns.column(j), to = s.column(j)
                var sum = 1.0
                for i in 1..<max(count, 1) { sum += (d[i] * from[i]) * (d[i] * from[i]) }
                let factor = 1 / sum.squareRoot()
                to[place[0]] = T(-factor)
                for i in 1..<max(count, 1) { to[place[i]] = T(d[i] * from[i] * factor) }
            }
        }
    }

    /// Calls `body` with groups of indices, on several threads.
    private func forEachGroup(_ body: (Range<Int>) -> Void) {
        let size = 16
        ThreadPool.run(chunks: (count + size - 1) / size) { body($0 * size..<min(count, ($0 + 1) * size)) }
    }
}
