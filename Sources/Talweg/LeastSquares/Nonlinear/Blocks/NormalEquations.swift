import TalwegKernels

/// (J' J + damping) d = -J' r of a block problem, J's columns scaled to length 1, with some blocks eliminated by the
/// Schur complement (Triggs et al., "Bundle adjustment - a modern synthesis", 2000, section 6). Each block of the
/// matrix is summed by one thread, in one order.
final class NormalEquations {
    let structure: BlockStructure
    let plan: EliminationPlan
    /// [derivatives], in the weights of the losses; its columns are scaled here.
    let jacobian: PlainArray<Double>
    /// [unknowns]: the lengths that J's columns had; 1 for those that are 0.
    let scale: PlainArray<Double>
    /// [unknowns]: J' r of the scaled J.
    let gradient: PlainArray<Double>
    /// [unknowns]: whether a column is 0, or is left out.
    private let isEmpty: PlainArray<Bool>
    /// Whether a column is 0: no residual depends on that number.
    private(set) var hasZeroColumn = false

    /// Of the kept blocks: J' J, and what the Schur complement leaves of it with damping.
    private let matrix, reduced: SparseBlockMatrix
    /// Of each eliminated block: its own J' J and the factor of that with damping, row-major;
    private let corner, cornerFactor: PlainArray<Double>
    private let cornerStart: PlainArray<Int>
    /// and [its size, the sizes of its neighbours]: J' J beside it, and L^-1 of that.
    private let beside, solved: PlainArray<Double>
    private let besideStart, besideWidth: PlainArray<Int>
    /// [neighbours' items]: where a neighbour's columns begin there.
    private let column: PlainArray<Int>
    /// Of each kept block: where it is among the neighbours of the eliminated ones, and whose neighbour it is there.
    private let tied: IndexLists
    private let tiedTo: PlainArray<Int32>

    /// Of many eliminated blocks and a dense rest: what each of some parts of them takes from it, one after another.
    private let parts: Int
    private let taken: PlainArray<Double>

    private let sparse: SparseCholesky?
    private let dense: PlainArray<Double>
    private let right: PlainArray<Double>

    /// The least damping that keeps a singular matrix positive beyond rounding, and what pivots must exceed.
    static let leastDamping = 1e-12
    static let tolerance = 1e-14

    init(_ structure: BlockStructure, _ wanted: BlockSolverKind) throws(TalwegError) {
        self.structure = structure
        plan = try EliminationPlan(structure, wanted)
        jacobian = try PlainArray(structure.derivatives, filledWith: 0)
        scale = try PlainArray(structure.unknowns, filledWith: 1)
        gradient = try PlainArray(structure.unknowns, filledWith: 0)
        isEmpty = try PlainArray(structure.unknowns, filledWith: false)
        matrix = try SparseBlockMatrix(sizes: plan.sizes, rows: plan.rows)
        let e = plan.eliminated.count
        reduced = try matrix.alike()
        cornerStart = try PlainArray(e, filledWith: 0)
        besideStart = try PlainArray(e, filledWith: 0)
        besideWidth = try PlainArray(e, filledWith: 0)
        column = try PlainArray(plan.neighbours.items.count, filledWith: 0)
        let sizes = try PlainArray<Int>(plan.kept.count + 1, filledWith: 0)
        var (corners, sides) = (0, 0)
        for i in 0..<e {
            let t = structure.tangent[Int(plan.eliminated[i])]
            (cornerStart[i], besideStart[i]) = (corners, sides)
            var width = 0
            for entry in plan.neighbours.starts[i]..<plan.neighbours.starts[i + 1] {
                let place = Int(plan.neighbours.items[entry])
                column[entry] = width
                width += plan.sizes[place]
                sizes[place + 1] += 1
            }
            besideWidth[i] = width
            corners += t * t
            sides += t * width
        }
        corner = try PlainArray(corners, filledWith: 0)
        cornerFactor = try PlainArray(corners, filledWith: 0)
        beside = try PlainArray(sides, filledWith: 0)
        solved = try PlainArray(sides, filledWith: 0)
        tied = try IndexLists(sizes: sizes)
        tiedTo = try PlainArray(tied.items.count, filledWith: 0)
        let next = try PlainArray<Int>(plan.kept.count, filledWith: 0)
        for i in 0..<e {
            for entry in plan.neighbours.starts[i]..<plan.neighbours.starts[i + 1] {
                let place = Int(plan.neighbours.items[entry]), slot = tied.starts[place] + next[place]
                tied.items[slot] = Int32(entry - plan.neighbours.starts[i])
                tiedTo[slot] = Int32(i)
                next[place] += 1
            }
        }
        parts = plan.solver == .denseSchur && matrix.values.count < 1 << 22 ? min(16, e / 1024) : 0
        taken = try PlainArray(parts * matrix.values.count, filledWith: 0)
        let size = matrix.size
        let isSparse = plan.solver == .sparseCholesky || plan.solver == .sparseSchur
        sparse = isSparse ? try SparseCholesky(matrix) : nil
        let (area, overflow) = size.multipliedReportingOverflow(by: size)
        guard isSparse || !overflow else { throw .outOfMemory(bytes: Int.max) }
        dense = try PlainArray(isSparse ? 0 : area, filledWith: 0)
        right = try PlainArray(max(size, structure.unknowns), filledWith: 0)
    }

    /// Whether a number of a step is 0 whatever the others are.
    func isHeld(_ place: Int) -> Bool { isEmpty[place] }

    var factorNonzeros: Int { sparse?.nonzeros ?? (matrix.size * (matrix.size + 1) / 2) }

    private static let chunk = 64

    /// Calls `body` for each of `count` items, some at a time on one thread.
    private func forEach(_ count: Int, _ body: (Int) -> Void) throws(TalwegError) {
        let size = count > 4096 ? NormalEquations.chunk : 1
        try runTasks((count + size - 1) / size, workspaceBytes: 0) { task, _ in
            for i in (task * size)..<min(count, (task + 1) * size) { body(i) }
        }
    }

    /// Calls `body` with an active block's part of each of its residual blocks: the residual block, the first of the
    /// columns there, how far rows are apart, and how many there are.
    @inline(__always)
    private func forEachUse(_ i: Int, _ body: (Int, UnsafeMutablePointer<Double>, Int, Int) -> Void) {
        for use in structure.uses.starts[i]..<structure.uses.starts[i + 1] {
            let row = Int(structure.users[use]), (layout, _, start) = structure.place(of: row)
            let column = Int(structure.columns[Int(structure.uses.items[use])])
            body(row, jacobian.pointer + start + column, layout.width, layout.residuals)
        }
    }

    /// Calls `body` with each active block of a residual block and its columns there.
    @inline(__always)
    private func forEachOther(_ row: Int, _ body: (Int, UnsafePointer<Double>) -> Void) {
        let start = structure.place(of: row).derivative
        for place in structure.firstArgument[row]..<structure.firstArgument[row + 1] {
            let other = Int(structure.arguments[place])
            if other >= 0 { body(other, UnsafePointer(jacobian.pointer + start + Int(structure.columns[place]))) }
        }
    }

    /// Scales the Jacobian's columns, drops those that may not move, and forms J' r and J' J.
    /// - Parameters:
    ///   - residuals: in the weights of the losses
    ///   - isHeld: of a block's active number, a number of its step, and the slope of the cost along it
    func form(_ residuals: UnsafePointer<Double>, isHeld: (Int, Int, Double) -> Bool) throws(TalwegError) {
        try forEach(structure.activeCount) { i in scale(i, residuals, isHeld) }
        hasZeroColumn = false
        for j in 0..<structure.unknowns where scale[j] == 0 {
            hasZeroColumn = true
            scale[j] = 1
        }
        matrix.values.pointer.update(repeating: 0, count: matrix.values.count)
        corner.pointer.update(repeating: 0, count: corner.count)
        beside.pointer.update(repeating: 0, count: beside.count)
        try forEach(plan.eliminated.count) { e in square(eliminated: e) }
        try forEach(plan.kept.count) { i in square(kept: i) }
    }

    private func scale(_ i: Int, _ residuals: UnsafePointer<Double>, _ isHeld: (Int, Int, Double) -> Bool) {
        let t = structure.tangent[i], first = structure.offset[i]
        let (d, g) = (scale.pointer + first, gradient.pointer + first)
        d.update(repeating: 0, count: t)
        g.update(repeating: 0, count: t)
        forEachUse(i) { row, j, stride, m in
            let r = residuals + structure.place(of: row).residual
            for q in 0..<m {
                for c in 0..<t {
                    let value = j[q * stride + c]
                    d[c] += value * value
                    g[c] += value * r[q]
                }
            }
        }
        for c in 0..<t {
            let norm = d[c].squareRoot()
            let isZero = norm == 0 || isHeld(i, c, g[c])
            isEmpty[first + c] = isZero
            d[c] = norm
            g[c] = isZero ? 0 : g[c] / norm
        }
        forEachUse(i) { _, j, stride, m in
            for q in 0..<m {
                for c in 0..<t { j[q * stride + c] = isEmpty[first + c] ? 0 : j[q * stride + c] / d[c] }
            }
        }
    }

    private func square(eliminated e: Int) {
        let i = Int(plan.eliminated[e]), t = structure.tangent[i]
        let own = corner.pointer + cornerStart[e], side = beside.pointer + besideStart[e]
        let neighbours = plan.neighbours[e], columns = column.pointer + plan.neighbours.starts[e]
        forEachUse(i) { row, j, stride, m in
            SmallProduct.add(j, t, j, t, stride, m, own, t)
            forEachOther(row) { other, theirs in
                if other == i { return }
                let place = plan.placeOf[other]
                SmallProduct.add(
                    j, t, theirs, structure.tangent[other], stride, m, side + columns[neighbours.place(of: place)],
                    besideWidth[e])
            }
        }
    }

    private func square(kept i: Int) {
        let own = Int(plan.kept[i]), t = structure.tangent[own]
        forEachUse(own) { row, j, stride, m in
            forEachOther(row) { other, theirs in
                let place = Int(plan.placeOf[other])
                if place < i { return }
                // Column-major [theirs, own] is row-major [own, theirs].
                let s = structure.tangent[other]
                SmallProduct.add(j, t, theirs, s, stride, m, matrix.block(place, i), s)
            }
        }
    }

    // MARK: Solving

    /// Factorises J' J with so much added to its diagonal of ones; false if it is not positive definite.
    func factorise(damping: Double, tolerance: Double = NormalEquations.tolerance) throws(TalwegError) -> Bool {
        reduced.values.pointer.update(from: matrix.values.pointer, count: matrix.values.count)
        let isGood = try PlainArray<Bool>(plan.eliminated.count, filledWith: true)
        try forEach(plan.eliminated.count) { e in isGood[e] = eliminate(e, damping, tolerance) }
        for e in 0..<isGood.count where !isGood[e] { return false }
        if parts > 0 { try take() }
        try forEach(plan.kept.count) { i in reduce(i, damping) }
        if let sparse { return try sparse.factorise(reduced, tolerance: tolerance) }
        let size = matrix.size
        dense.pointer.update(repeating: 0, count: dense.count)
        for i in 0..<matrix.count {
            let width = matrix.size(i)
            for entry in matrix.rows.starts[i]..<matrix.rows.starts[i + 1] {
                let row = Int(matrix.rows.items[entry]), height = matrix.size(row)
                for c in 0..<width {
                    (dense.pointer + (matrix.offset[i] + c) * size + matrix.offset[row]).update(
                        from: reduced.values.pointer + matrix.place[entry] + c * height, count: height)
                }
            }
        }
        // Its lower triangle by columns is the upper one by rows.
        return try Talweg.kernels.f64.choleskyFactor(
            MatrixBlock(dense.pointer, rows: size, columns: size, rowStride: size, itemSize: 8), tolerance: tolerance)
            == nil
    }

    private func eliminate(_ e: Int, _ damping: Double, _ tolerance: Double) -> Bool {
        let i = Int(plan.eliminated[e]), t = structure.tangent[i], width = besideWidth[e]
        let l = cornerFactor.pointer + cornerStart[e], v = solved.pointer + besideStart[e]
        l.update(from: corner.pointer + cornerStart[e], count: t * t)
        v.update(from: beside.pointer + besideStart[e], count: t * width)
        for a in 0..<t { l[a * t + a] += isEmpty[structure.offset[i] + a] ? 1 : damping }
        for a in 0..<t {
            for b in 0..<a {
                var sum = l[a * t + b]
                for c in 0..<b { sum -= l[a * t + c] * l[b * t + c] }
                l[a * t + b] = sum / l[b * t + b]
            }
            var pivot = l[a * t + a]
            for c in 0..<a { pivot -= l[a * t + c] * l[a * t + c] }
            guard pivot > tolerance, pivot.isFinite else { return false }
            l[a * t + a] = pivot.squareRoot()
            let own = v + a * width
            for c in 0..<a {
                let factor = l[a * t + c], other = v + c * width
                for k in 0..<width { own[k] -= factor * other[k] }
            }
            let inverse = 1 / l[a * t + a]
            for k in 0..<width { own[k] *= inverse }
        }
        return true
    }

    /// A kept column's blocks less what the eliminated ones take of them.
    private func reduce(_ i: Int, _ damping: Double) {
        let own = Int(plan.kept[i]), t = structure.tangent[own]
        let diagonal = reduced.block(i, i)
        for c in 0..<t { diagonal[c * t + c] += isEmpty[structure.offset[own] + c] ? 1 : damping }
        if parts > 0 {
            let first = matrix.place[matrix.rows.starts[i]], count = matrix.values.count
            let end = i + 1 < matrix.count ? matrix.place[matrix.rows.starts[i + 1]] : count
            let target = reduced.values.pointer + first
            for part in 0..<parts {
                let source = taken.pointer + part * count + first
                for k in 0..<(end - first) { target[k] += source[k] }
            }
            return
        }
        for use in tied.starts[i]..<tied.starts[i + 1] {
            let e = Int(tiedTo[use])
            take(e, column: Int(tied.items[use])) { row in reduced.block(row, i) }
        }
    }

    /// Subtracts what an eliminated block takes from the column of one of its neighbours.
    @inline(__always)
    private func take(_ e: Int, column first: Int, _ target: (Int) -> UnsafeMutablePointer<Double>) {
        let depth = structure.tangent[Int(plan.eliminated[e])], width = besideWidth[e]
        let neighbours = plan.neighbours[e], columns = column.pointer + plan.neighbours.starts[e]
        let v = solved.pointer + besideStart[e], mine = v + columns[first]
        let t = matrix.size(Int(neighbours[first]))
        for k in first..<neighbours.count {
            let row = Int(neighbours[k]), s = matrix.size(row)
            let out = target(row), theirs = v + columns[k]
            for c in 0..<t { SmallProduct.addRows(-1, depth, mine + c, theirs, width, s, out + c * s) }
        }
    }

    /// The same of all blocks of a part in turn, so that each one's numbers are read once.
    private func take() throws(TalwegError) {
        let e = plan.eliminated.count, size = (e + parts - 1) / parts, count = matrix.values.count
        try runTasks(parts, workspaceBytes: 0) { part, _ in
            let own = taken.pointer + part * count
            own.update(repeating: 0, count: count)
            for block in min(e, part * size)..<min(e, (part + 1) * size) {
                let neighbours = plan.neighbours[block]
                for first in 0..<neighbours.count {
                    let i = Int(neighbours[first]), entries = matrix.place.pointer + matrix.rows.starts[i]
                    take(block, column: first) { row in own + entries[row - i] }
                }
            }
        }
    }

    /// x = (J' J + damping)^-1 x, of as many numbers as a step has.
    func solve(_ x: UnsafeMutablePointer<Double>) throws(TalwegError) {
        // L^-1 of the eliminated parts, and what they take from the others.
        let b = right.pointer
        for i in 0..<plan.kept.count {
            let own = Int(plan.kept[i])
            (b + matrix.offset[i]).update(from: x + structure.offset[own], count: structure.tangent[own])
        }
        for e in 0..<plan.eliminated.count {
            let i = Int(plan.eliminated[e]), t = structure.tangent[i], own = x + structure.offset[i]
            let l = cornerFactor.pointer + cornerStart[e], v = solved.pointer + besideStart[e]
            let neighbours = plan.neighbours[e], columns = column.pointer + plan.neighbours.starts[e]
            for a in 0..<t {
                for c in 0..<a { own[a] -= l[a * t + c] * own[c] }
                own[a] /= l[a * t + a]
            }
            for k in 0..<neighbours.count {
                let place = Int(neighbours[k]), target = b + matrix.offset[place]
                for a in 0..<t {
                    let from = v + a * besideWidth[e] + columns[k]
                    for q in 0..<matrix.size(place) { target[q] -= own[a] * from[q] }
                }
            }
        }
        if let sparse {
            sparse.solve(b)
        } else {
            let size = matrix.size, kernels = Talweg.kernels.f64
            let u = MatrixBlock(dense.pointer, rows: size, columns: size, rowStride: size, itemSize: 8)
            let target = MatrixBlock(b, rows: size, columns: 1, rowStride: 1, itemSize: 8)
            try kernels.solveTriangular(u.transposed, .lower, target)
            try kernels.solveTriangular(u, .upper, target)
        }
        for i in 0..<plan.kept.count {
            let own = Int(plan.kept[i])
            (x + structure.offset[own]).update(from: b + matrix.offset[i], count: structure.tangent[own])
        }
        try forEach(plan.eliminated.count) { e in
            let i = Int(plan.eliminated[e]), t = structure.tangent[i], own = x + structure.offset[i]
            let l = cornerFactor.pointer + cornerStart[e], v = solved.pointer + besideStart[e]
            let neighbours = plan.neighbours[e], columns = column.pointer + plan.neighbours.starts[e]
            for k in 0..<neighbours.count {
                let place = Int(neighbours[k]), source = b + matrix.offset[place]
                for a in 0..<t {
                    let from = v + a * besideWidth[e] + columns[k]
                    for q in 0..<matrix.size(place) { own[a] -= from[q] * source[q] }
                }
            }
            for a in (0..<t).reversed() {
                own[a] /= l[a * t + a]
                for c in 0..<a { own[c] -= l[a * t + c] * own[a] }
            }
        }
    }

    /// |J d|^2 of a step of the scaled parameters.
    func squaredImage(_ d: UnsafePointer<Double>) throws(TalwegError) -> Double {
        let rows = structure.residualBlocks, size = 1024
        let chunks = (rows + size - 1) / size
        let sums = try PlainArray<Double>(chunks, filledWith: 0)
        try runTasks(chunks, workspaceBytes: 0) { chunk, _ in
            var total = 0.0
            for row in (chunk * size)..<min(rows, (chunk + 1) * size) {
                let layout = structure.place(of: row).layout
                for q in 0..<layout.residuals {
                    var sum = 0.0
                    forEachOther(row) { other, j in
                        let own = j + q * layout.width, step = d + structure.offset[other]
                        for c in 0..<structure.tangent[other] { sum += own[c] * step[c] }
                    }
                    total += sum * sum
                }
            }
            sums[chunk] = total
        }
        var total = 0.0
        for chunk in 0..<chunks { total += sums[chunk] }
        return total
    }
}
