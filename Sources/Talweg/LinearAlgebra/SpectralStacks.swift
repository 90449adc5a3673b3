// Stacks of matrices, each decomposed by itself.

extension StridedMatrix {
    /// Matrix number `index` of a row-major stack of them.
    init(_ stack: View, _ index: Int) {
        let (rows, columns) = (stack.matrixRows, stack.matrixColumns)
        self.init(
            pointer: stack.pointer(as: T.self) + index * rows * columns, rows: rows, columns: columns,
            rowStride: columns, columnStride: 1)
    }
}

/// Of each matrix of a stack [.., n, n]: the eigenvalues [.., n] and, if they are wanted, the eigenvectors [.., n, n].
func eigenSymmetric(_ a: View, wantsVectors: Bool, _ name: String)
    throws(TalwegError) -> (values: View, vectors: View?)
{
    _ = try a.requireMatrices(name, square: true)
    let n = a.matrixRows
    let values = try View(uninitialized: a.stackShape([n], for: name), a.dtype)
    let vectors = wantsVectors ? try View(uninitialized: a.shape, a.dtype) : nil
    if values.count == 0 { return (values, vectors) }
    let source = try a.contiguous()
    func run<T: MatrixScalar>(_: T.Type) throws(TalwegError) {
        let first = values.pointer(as: T.self), firstVectors = vectors?.pointer(as: T.self)
        try forEachMatrix(source.matrixCount, work: saturatingCube(n)) { index throws(TalwegError) in
            try eigenSymmetric(
                StridedMatrix<T>(source, index), values: first + index * n,
                vectors: firstVectors.map { $0 + index * n * n }, name)
        }
    }
    if a.dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    withExtendedLifetime((source, vectors)) {}
    return (values, vectors)
}

/// n^3, or what is certainly much.
func saturatingCube(_ n: Int) -> Int { n < 1 << 20 ? n * n * n : Int.max }

/// Of each matrix of a stack [.., m, n]: the singular values [.., min(m, n)] and, if they are wanted, the vectors
/// U [.., m, k] and V' [.., k, n], with k of min(m, n) or, if `full`, m and n.
func singularValues(_ a: View, wantsVectors: Bool, full: Bool, _ name: String)
    throws(TalwegError) -> (values: View, vectors: (u: View, vh: View)?)
{
    _ = try a.requireMatrices(name, square: false)
    let (m, n) = (a.matrixRows, a.matrixColumns)
    let k = min(m, n)
    let source = try a.contiguous()
    if 6 * max(m, n) >= 11 * k, k > 0, !(full && wantsVectors), source.hasFiniteNorms {
        return try singularValuesOfFactor(source, wantsVectors: wantsVectors, name)
    }
    let values = try View(uninitialized: a.stackShape([k], for: name), a.dtype)
    var vectors: (u: View, vh: View)?
    if wantsVectors {
        vectors = (
            try View(uninitialized: a.stackShape([m, full ? m : k], for: name), a.dtype),
            try View(uninitialized: a.stackShape([full ? n : k, n], for: name), a.dtype)
        )
    }
    if values.count == 0, vectors.map({ $0.u.count == 0 && $0.vh.count == 0 }) ?? true { return (values, vectors) }
    func run<T: MatrixScalar>(_: T.Type) throws(TalwegError) {
        let first = values.pointer(as: T.self)
        let firstU = vectors?.u.pointer(as: T.self), firstVh = vectors?.vh.pointer(as: T.self)
        try forEachMatrix(source.matrixCount, work: saturatingCube(max(m, n))) { index throws(TalwegError) in
            try SingularValues<T>(
                values: first + index * k, u: firstU.map { $0 + index * m * (full ? m : k) },
                vh: firstVh.map { $0 + index * (full ? n : k) * n }, isFull: full
            ).compute(StridedMatrix<T>(source, index), name)
        }
    }
    if a.dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    withExtendedLifetime((source, values)) {}
    return (values, vectors)
}

/// The same for matrices that are much longer than wide, or wider than long: of the small factor R of Q R, where
/// reflectors go by blocks (Chan, ACM TOMS 8, 1982).
private func singularValuesOfFactor(_ a: View, wantsVectors: Bool, _ name: String)
    throws(TalwegError) -> (values: View, vectors: (u: View, vh: View)?)
{
    let isWide = a.matrixRows < a.matrixColumns
    let (q, r) = try qrFactors(isWide ? a.transposedMatrices() : a, complete: false)
    let (values, vectors) = try singularValues(r, wantsVectors: wantsVectors, full: false, name)
    guard let (u, vh) = vectors else { return (values, nil) }
    if !isWide { return (values, (try multiplied(q, u), vh)) }
    return (
        values,
        (
            try vh.transposedMatrices().contiguous(),
            try multiplied(u.transposedMatrices(), q.transposedMatrices())
        )
    )
}

extension View {
    /// Whether no norm of a column or row is beyond the dtype's numbers, of contiguous matrices.
    fileprivate var hasFiniteNorms: Bool {
        let most = dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
        return MatrixScale.largest(pointer, count, dtype) <= most / Double(max(matrixRows, matrixColumns))
    }

    /// With the last two axes swapped.
    fileprivate func transposedMatrices() throws(TalwegError) -> View {
        var order = Array(0..<rank)
        order.swapAt(rank - 2, rank - 1)
        return try permuted(order)
    }
}
