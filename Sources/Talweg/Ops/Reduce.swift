import TalwegKernels

/// Reduces some axes of `x` with `op` to a new row-major view.
///
/// Sums go by blocks whose bounds depend on the shape alone, so the result is
/// the same on any number of threads, with the rounding error of pairwise
/// summation (Higham, "Accuracy and Stability of Numerical Algorithms", 4.2).
func reduce(_ op: ReduceOp, _ x: View, _ axes: AxisSet, keepdims: Bool, _ name: String) throws(TalwegError) -> View {
    if x.dtype == .bfloat16 {
        return try reduce(op, x.cast(to: .float32), axes, keepdims: keepdims, name).cast(to: .bfloat16)
    }
    guard let kernel = kernels.reduce(op, x.dtype) else {
        throw .dtype("\(name): not defined for \(x.dtype.name)")
    }
    let y = try View(uninitialized: x.shape.reduced(axes, keepdims: keepdims), x.dtype)
    if y.count == 0 { return y }
    let kept = Runs(x, where: { !axes.contains($0) })
    var reduced = Runs(x, where: { axes.contains($0) })
    var source = x
    var outer = kept
    if reduced.rank > 1 {
        // No single stride walks the reduced axes: lay them out side by side.
        source = try gathered(x, axes)
        outer = Runs(sizes: y.count, stride: max(reduced.count, 1))
        reduced = Runs(sizes: reduced.count, stride: 1)
    }
    if let inner = outer.last, inner.stride == 1, inner.size > 1, reduced.count > 1, reduced.lastStride != 1,
        let combine = kernels.binary(op.combining, x.dtype)
    {
        try reduceColumns(combine, source, outer, reduced, y)
    } else {
        try reduceRows(kernel, source, outer, reduced, y)
    }
    return y
}

extension ReduceOp {
    /// The operation of two elements that this one repeats.
    fileprivate var combining: BinaryOp {
        switch self {
        case .sum: .add
        case .product: .multiply
        case .max: .maximum
        case .min: .minimum
        case .any: .logicalOr
        case .all: .logicalAnd
        }
    }
}

/// Some axes of a view, neighbours merged where one stride walks both.
struct Runs {
    private(set) var rank = 0
    private(set) var sizes = PerAxis(repeating: 1)
    private(set) var strides = PerAxis(repeating: 0)
    private(set) var count = 1

    init(_ x: View, where chosen: (Int) -> Bool) {
        for axis in 0..<x.rank where chosen(axis) {
            let (size, stride) = (x.shape[axis], x.strides[axis])
            count *= size
            if size == 1 { continue }
            if rank > 0, strides[rank - 1] == stride * size {
                sizes[rank - 1] *= size
                strides[rank - 1] = stride
            } else {
                sizes[rank] = size
                strides[rank] = stride
                rank += 1
            }
        }
    }

    init(sizes size: Int, stride: Int) {
        sizes[0] = size
        strides[0] = stride
        rank = 1
        count = size
    }

    var last: (size: Int, stride: Int)? { rank == 0 ? nil : (sizes[rank - 1], strides[rank - 1]) }
    var lastStride: Int { rank == 0 ? 0 : strides[rank - 1] }

    /// The offset, in elements, of position `index` in row-major order.
    func offset(_ index: Int) -> Int {
        var rest = index
        var offset = 0
        var axis = rank - 1
        while axis >= 0 {
            offset += rest % sizes[axis] * strides[axis]
            rest /= sizes[axis]
            axis -= 1
        }
        return offset
    }

    /// Without the last axis.
    var outer: Runs {
        var runs = self
        guard rank > 0 else { return runs }
        runs.rank -= 1
        runs.count /= max(sizes[rank - 1], 1)
        return runs
    }
}

/// A copy with the axes of the set last.
private func gathered(_ x: View, _ axes: AxisSet) throws(TalwegError) -> View {
    var order: [Int] = []
    for axis in 0..<x.rank where !axes.contains(axis) { order.append(axis) }
    for axis in 0..<x.rank where axes.contains(axis) { order.append(axis) }
    return try x.permuted(order).contiguous()
}

/// Each output from one run along the reduced axis.
private func reduceRows(_ kernel: ReduceFunction, _ x: View, _ outer: Runs, _ reduced: Runs, _ y: View)
    throws(TalwegError)
{
    let size = x.dtype.itemSize
    let (n, stride) = (reduced.count, reduced.lastStride)
    let (px, py) = (x.pointer, y.pointer)
    let blocks = (n + elementsPerChunk - 1) / elementsPerChunk
    if blocks > 1 {
        // A long run: its blocks first, in parallel, then their results.
        let partial = try Workspace(byteCount: blocks * size)
        for output in 0..<y.count {
            let row = px + outer.offset(output) * size
            ThreadPool.run(chunks: blocks) { block in
                let start = block * elementsPerChunk
                kernel(min(elementsPerChunk, n - start), row + start * stride * size, stride,
                    partial.pointer + block * size)
            }
            kernel(blocks, partial.pointer, 1, py + output * size)
        }
        return
    }
    let outputsPerChunk = max(1, elementsPerChunk / max(n, 1))
    ThreadPool.run(chunks: (y.count + outputsPerChunk - 1) / outputsPerChunk) { chunk in
        var output = chunk * outputsPerChunk
        let end = min(y.count, output + outputsPerChunk)
        while output < end {
            kernel(n, px + outer.offset(output) * size, stride, py + output * size)
            output += 1
        }
    }
}

/// Rows of outputs side by side: whole rows are combined, by halves.
private func reduceColumns(_ combine: BinaryFunction, _ x: View, _ kept: Runs, _ reduced: Runs, _ y: View)
    throws(TalwegError)
{
    let size = x.dtype.itemSize
    let width = kept.last?.size ?? 1
    let outer = kept.outer
    let step = reduced.lastStride * size
    let rows = reduced.count
    let levels = Int.bitWidth - rows.leadingZeroBitCount
    let columnsPerChunk = min(width, 1024)
    let pieces = (width + columnsPerChunk - 1) / columnsPerChunk
    let chunks = outer.count * pieces
    let scratch = try Workspace(byteCount: chunks * levels * columnsPerChunk * size)
    let (px, py) = (x.pointer, y.pointer)
    ThreadPool.run(chunks: chunks) { chunk in
        let column = (chunk % pieces) * columnsPerChunk
        let n = min(columnsPerChunk, width - column)
        let source = px + (outer.offset(chunk / pieces) + column) * size
        let spare = scratch.pointer + chunk * levels * columnsPerChunk * size

        func halves(_ first: Int, _ last: Int, _ target: UnsafeMutableRawPointer, _ spare: UnsafeMutableRawPointer) {
            if last - first <= 16 {
                combine(n, source + first * step, 1, source + (first + 1) * step, 1, target, 1)
                var row = first + 2
                while row < last {
                    combine(n, target, 1, source + row * step, 1, target, 1)
                    row += 1
                }
                return
            }
            let middle = first + (last - first) / 2
            let next = spare + columnsPerChunk * size
            halves(first, middle, target, next)
            halves(middle, last, spare, next)
            combine(n, target, 1, spare, 1, target, 1)
        }
        halves(0, rows, py + (chunk / pieces * width + column) * size, spare)
    }
}
