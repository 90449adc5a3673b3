import TalwegKernels

/// a [.., m, k] times b [.., k, n] of integers, leading axes broadcast, as a new row-major view.
func multipliedIntegers(_ a: View, _ b: View) throws(TalwegError) -> View {
    guard let kernel = kernels.integerProduct(a.dtype), a.dtype == b.dtype else {
        throw .dtype("matmul: not defined for \(a.dtype.name) and \(b.dtype.name)")
    }
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    // The kernel reads rows of B.
    let b = n == 1 || b.strides[b.rank - 1] == 1 ? b : try b.copy()
    let batch = try MatrixBatch(a, b, "matmul")
    var sizes = batch.sizes
    (sizes[batch.rank], sizes[batch.rank + 1]) = (m, n)
    let y = try View(uninitialized: Shape(sizes: sizes, rank: batch.rank + 2, for: "matmul"), a.dtype)
    if y.count == 0 { return y }
    defer { withExtendedLifetime((a, b)) {} }
    let size = a.dtype.itemSize
    let (rowStride, columnStride, depthStride) = (a.strides[a.rank - 2], a.strides[a.rank - 1], b.strides[b.rank - 2])
    let (pa, pb, py) = (a.pointer, b.pointer, y.pointer)
    let height = min(m, max(1, workPerChunk / max(n, 1) / max(k, 1)))
    let strips = (m - 1) / height + 1
    ThreadPool.run(chunks: batch.count * strips) { chunk in
        let (index, row) = (chunk / strips, chunk % strips * height)
        let (first, second) = batch.offsets(index)
        kernel(
            min(height, m - row), n, k, pa + (first + row * rowStride) * size, rowStride, columnStride,
            pb + second * size, depthStride, py + (index * m + row) * n * size)
    }
    return y
}

/// Multiply-adds that one chunk does.
private let workPerChunk = 1 << 18
