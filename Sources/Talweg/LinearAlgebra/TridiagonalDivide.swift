/// The eigenvalues and eigenvectors of a symmetric tridiagonal matrix by divide and conquer (Cuppen 1981; Gu and
/// Eisenstat, SIAM J. Matrix Anal. Appl. 16, 1995): halves that differ from the whole by a matrix of rank one, whose
/// eigenvectors are products of theirs.
struct TridiagonalDivide<T: MatrixScalar> {
    /// The diagonal, then the eigenvalues.
    let d: UnsafeMutablePointer<Double>
    /// What lies beside it; destroyed.
    let e: UnsafeMutablePointer<Double>
    /// The eigenvectors.
    let q: Columns<T>
    /// Which eigenvalues come first; within a part, counted from its begin.
    let order: UnsafeMutablePointer<Int>

    /// Sizes of parts that QL iterations solve, and of parts that one thread does.
    private static var leaf: Int { 32 }
    private static var task: Int { 256 }

    /// The matrix is scaled to about 1.
    func solve() throws(TalwegError) {
        if q.rows == 0 { return }
        var tasks: [Range<Int>] = []
        cut(0..<q.rows, &tasks)
        let parts = tasks
        try ThreadPool.run(chunks: parts.count) { index throws(TalwegError) in try solve(parts[index]) }
        try join(0..<q.rows)
    }

    /// Half of a part.
    private func middle(_ part: Range<Int>) -> Int { part.lowerBound + part.count / 2 }

    /// Takes the matrices of rank one away, down to the parts that are tasks.
    private func cut(_ part: Range<Int>, _ tasks: inout [Range<Int>]) {
        if part.count <= TridiagonalDivide.task {
            tasks.append(part)
            return
        }
        tear(middle(part))
        cut(part.lowerBound..<middle(part), &tasks)
        cut(middle(part)..<part.upperBound, &tasks)
    }

    private func tear(_ middle: Int) {
        d[middle - 1] -= e[middle - 1].magnitude
        d[middle] -= e[middle - 1].magnitude
    }

    /// Puts the tasks' parts together.
    private func join(_ part: Range<Int>) throws(TalwegError) {
        if part.count <= TridiagonalDivide.task { return }
        try join(part.lowerBound..<middle(part))
        try join(middle(part)..<part.upperBound)
        try merge(part)
    }

    private func solve(_ part: Range<Int>) throws(TalwegError) {
        if part.count > TridiagonalDivide.leaf {
            tear(middle(part))
            try solve(part.lowerBound..<middle(part))
            try solve(middle(part)..<part.upperBound)
            return try merge(part)
        }
        let n = part.count, begin = part.lowerBound
        let workspace = try Workspace(byteCount: slabBytes(n * n))
        let vectors = ColumnMajor(workspace.pointer.assumingMemoryBound(to: Double.self), rows: n, columns: n)
        vectors.fill(0)
        for i in 0..<n { vectors[i, i] = 1 }
        guard iterateQL(n, d + begin, e + begin, vectors) else {
            throw .numeric("eigh: the QL iteration did not converge")
        }
        for j in 0..<n {
            for i in 0..<n { q[begin + i, begin + j] = T(vectors[i, j]) }
            order[begin + j] = j
        }
        sortOrder(d + begin, order + begin, n)
    }

    /// Solves a part of which both halves are.
    private func merge(_ part: Range<Int>) throws(TalwegError) {
        let begin = part.lowerBound, n = part.count, top = middle(part) - begin
        let beside = e[begin + top - 1]
        let d = d + begin, order = order + begin
        let q = q.part(begin, n, begin, n)
        let workspace = try Workspace(byteCount: slabBytes(n, n, n, n, n, n, n))
        var slab = Slab(workspace.pointer)
        let (z, sorted) = (slab.doubles(n), slab.integers(n))
        let (kept, others) = (slab.integers(n), slab.integers(n))
        let basis = JoinedBasis(q, top: top, columns: top, part: slab.elements(n), place: slab.integers(n))
        // The matrix is diag(d) + z z' in the basis, both halves of z of one length.
        let size = beside.magnitude.squareRoot()
        for j in 0..<top { z[j] = Double(q[top - 1, j]) * size }
        for j in top..<n { z[j] = Double(q[top, j]) * (beside < 0 ? -size : size) }
        for j in top..<n { order[j] += top }
        mergeOrder(d, order, top, order + top, n - top, sorted)
        var largest = max(d[sorted[0]].magnitude, d[sorted[n - 1]].magnitude)
        for j in 0..<n { largest = max(largest, size * z[j].magnitude) }
        let tolerance = 4 * Double(T.ulpOfOne) * largest
        let count = deflate(
            d, z, sorted, n, tolerance: tolerance, smallest: size == 0 ? 0 : tolerance / (2.0.squareRoot() * size),
            kept, others
        ) { basis.turn($0, $1, $2) }
        let room = try Workspace(
            byteCount: slabBytes(count * count, count * count, count, count, count, count, n))
        var rest = Slab(room.pointer)
        let vectors = ColumnMajor(rest.doubles(count * count), rows: count, columns: count)
        let s = Columns<T>(rest.elements(count * count), rows: count, columns: count)
        let (poles, weights, roots) = (rest.doubles(count), rest.doubles(count), rest.doubles(count))
        let unit = secularUnit(largest)
        for i in 0..<count { (poles[i], weights[i]) = (d[kept[i]] / unit, z[kept[i]] / unit.squareRoot()) }
        let equation = SecularEquation(count: count, d: poles, isSquared: false, z: weights)
        guard equation.solve(roots, vectors, scratch: rest.doubles(count)) else {
            throw .numeric("eigh: a root of the secular equation was not found")
        }
        for i in 0..<count { roots[i] *= unit }
        basis.arrange(kept, count)
        equation.copyVectors(vectors, to: s, basis.place)
        try basis.multiply(kept, by: s, followedBy: others, n - count)
        settle(d, roots, count, others, n - count, order, sorted, rest.doubles(n))
    }
}
