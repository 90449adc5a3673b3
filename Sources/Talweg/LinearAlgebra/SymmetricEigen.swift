/// The eigenvalues of a symmetric matrix, ascending, of which the lower triangle is read, and its eigenvectors.
/// - Parameters:
///   - values: n numbers
///   - vectors: [n, n] row-major, an eigenvector in each column; nil if they are not wanted
func eigenSymmetric<T: MatrixScalar>(
    _ matrix: StridedMatrix<T>, values: UnsafeMutablePointer<T>, vectors: UnsafeMutablePointer<T>?, _ name: String
) throws(TalwegError) {
    let n = matrix.rows
    if n == 0 { return }
    let largest = matrix.largest(lower: true)
    guard largest.isFinite else { throw .numeric("\(name): the matrix has NaN or infinite elements") }
    let scale = UnitScale(largest)
    let step = separateStride(n)
    let (area, over) = n.multipliedReportingOverflow(by: step)
    guard !over else { throw .outOfMemory(bytes: Int.max) }
    let workspace = try Workspace(byteCount: slabBytes(area, vectors == nil ? 0 : area, n, n, n, n))
    var slab = Slab(workspace.pointer)
    let a = Columns<T>(slab.elements(area), rows: n, columns: n, stride: step)
    let q = Columns<T>(slab.elements(vectors == nil ? 0 : area), rows: n, columns: n, stride: step)
    let (diagonal, beside) = (slab.doubles(n), slab.doubles(n))
    let order = slab.integers(n)
    matrix.copy(to: a, scale, lower: true)
    let reduction = Tridiagonalization(a, diagonal: diagonal, beside: beside, tau: slab.elements(n))
    reduction.mirrorBlocks()
    try reduction.reduce()
    if let vectors {
        try TridiagonalDivide(d: diagonal, e: beside, q: q, order: order).solve()
        try reduction.reflectors.apply(to: q)
        q.copy(toRows: vectors, step: n, order: order)
    } else {
        guard iterateQL(n, diagonal, beside, nil) else {
            throw .numeric("\(name): the QL iteration did not converge")
        }
        var sorted = UnsafeMutableBufferPointer(start: diagonal, count: n)
        sorted.sort()
        for j in 0..<n { order[j] = j }
    }
    for j in 0..<n { values[j] = scale.multiply(diagonal[order[j]]) }
}

/// Elements from one column to the next, whole lines of the cache and off the powers of two, which would put all
/// columns in the same lines.
func separateStride(_ rows: Int) -> Int {
    let lines = (rows &+ 15) & ~15
    return lines >= 256 && lines % 128 == 0 ? lines &+ 16 : lines
}
