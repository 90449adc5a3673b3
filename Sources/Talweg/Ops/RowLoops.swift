import TalwegKernels

// How the operations on rows cut their work.

/// Calls `body` with the first row and the count of each group of rows, in parallel. The groups depend on the
/// sizes alone, and are whole fours, which the kernels take at once.
func forEachRowGroup(_ rows: Int, width: Int, _ body: (Int, Int) -> Void) {
    let perChunk = (max(1, elementsPerChunk / max(width, 1)) + 3) / 4 * 4
    if rows <= perChunk {
        if rows > 0 { body(0, rows) }
        return
    }
    ThreadPool.run(chunks: (rows + perChunk - 1) / perChunk) { chunk in
        let first = chunk * perChunk
        body(first, min(perChunk, rows - first))
    }
}

/// Calls `body` with the first element and the count of each chunk, in parallel.
func forEachChunk(_ n: Int, _ body: (Int, Int) -> Void) {
    if n <= elementsPerChunk {
        if n > 0 { body(0, n) }
        return
    }
    ThreadPool.run(chunks: (n + elementsPerChunk - 1) / elementsPerChunk) { chunk in
        let first = chunk * elementsPerChunk
        body(first, min(elementsPerChunk, n - first))
    }
}

/// A view's elements around an axis: `outer` blocks of `size` lines of `inner` neighbours.
struct AxisBlocks {
    let outer: Int
    let size: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        var outer = 1
        var inner = 1
        for i in 0..<axis { outer *= shape[i] }
        for i in (axis + 1)..<max(shape.rank, axis + 1) { inner *= shape[i] }
        self.outer = outer
        self.inner = inner
        size = axis < shape.rank ? shape[axis] : 1
    }

    /// Calls `body` with the first element and the count of neighbours of each group of columns, in parallel.
    func forEachColumnGroup(_ body: (Int, Int) -> Void) {
        if outer == 0 || inner == 0 { return }
        let width = min(inner, max(16, elementsPerChunk / max(size, 1) / 16 * 16))
        let groups = (inner + width - 1) / width
        ThreadPool.run(chunks: outer * groups) { chunk in
            let column = chunk % groups * width
            body(chunk / groups * size * inner + column, min(width, inner - column))
        }
    }
}

/// The float kernels of a dtype.
func floatKernels(_ dtype: DType, _ name: String) throws(TalwegError) -> FloatKernels {
    guard let table = kernels.float(dtype) else {
        throw .dtype("\(name): needs float32 or float64, not \(dtype.name)")
    }
    return table
}

extension View {
    /// The element at a place of a row-major view, as double.
    func double(at place: Int = 0) -> Double {
        var value = 0.0
        kernels.cast(from: dtype, to: .float64)(1, pointer + place * dtype.itemSize, 1, &value, 1)
        return value
    }

    /// A scalar of a value.
    static func scalar(_ value: Double, _ dtype: DType) throws(TalwegError) -> View {
        let y = try View(uninitialized: .scalar, dtype)
        var value = value
        kernels.cast(from: .float64, to: dtype)(1, &value, 1, y.pointer, 1)
        return y
    }
}
