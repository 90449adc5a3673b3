import TalwegKernels

/// X b + c of k targets for rows [m, p], or [m] with one column, in a dtype: [m], or [m, k] if there are many.
/// - Parameter b: [k][p], row-major
func predictLinear(
    _ X: Tensor, _ b: UnsafeMutablePointer<Double>, p: Int, _ constants: UnsafeMutablePointer<Double>, k: Int,
    manyTargets: Bool, dtype: DType
) throws(TalwegError) -> Tensor {
    guard X.rank == 2 && X.shape[1] == p || X.rank == 1 && p == 1 else {
        throw .shape("predict: X \(X.shape) does not fit the model's \(p) column\(p == 1 ? "" : "s")")
    }
    let m = X.shape[0]
    let source = X.view
    let (rowStride, columnStride) = (source.strides[0], X.rank == 2 ? source.strides[1] : 0)
    let out = try View(uninitialized: Shape([m, k], for: "predict"), .float64)
    // Some rows at a time are converted, by chunks of their own.
    let rows = 256
    let (area, overflow) = rows.multipliedReportingOverflow(by: p)
    guard !overflow else { throw .outOfMemory(bytes: Int.max) }
    let perChunk = try slabBytes(area)
    let chunks = min(16, (m + 4095) / 4096)
    let space = try Storage(byteCount: perChunk * chunks)
    defer { withExtendedLifetime(space) {} }
    let memory = space.pointer
    let convert = kernels.cast(from: source.dtype, to: .float64)
    ThreadPool.run(chunks: chunks) { chunk in
        let block = (memory + chunk * perChunk).assumingMemoryBound(to: Double.self)
        let share = (m + chunks - 1) / chunks
        let end = min(m, (chunk + 1) * share)
        var begin = chunk * share
        while begin < end {
            let count = min(rows, end - begin)
            for j in 0..<p {
                let first = begin * rowStride + j * columnStride
                convert(count, source.pointer + first * source.dtype.itemSize, rowStride, block + j * rows, 1)
            }
            for t in 0..<k {
                let target = out.pointer(as: Double.self) + (begin * k + t)
                for i in 0..<count { target[i * k] = constants[t] }
                kernels.f64.gemv(count, p, 1, block, 1, rows, b + t * p, 1, 1, target, k)
            }
            begin += count
        }
    }
    if manyTargets { return Tensor(try out.cast(to: dtype)) }
    var strides = PerAxis(repeating: 0)
    strides[0] = 1
    let shaped = try out.with(shape: Shape([m], for: "predict"), strides: strides)
    return Tensor(try shaped.cast(to: dtype))
}
