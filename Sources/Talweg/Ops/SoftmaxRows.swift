import TalwegKernels

/// exp(x) / sum(exp(x)) along an axis.
struct SoftmaxOp: SymmetricOperation {
    static let name = "softmax"
    static let saves: Saves = .output
    let axis: Int

    func forward(_ x: View) throws(TalwegError) -> View {
        let table = try floatKernels(x.dtype, Self.name)
        return try alongAxis(x, axis, table.softmaxRow, table.losses.softmaxColumns)
    }

    /// y (g - sum(g y))
    func pullback(_ g: Tensor, _ r: UnaryRecord<SoftmaxOp>) throws(TalwegError) -> Tensor {
        let y = try r.y
        if ThreadState.current.recording {
            let weighted = try g * y
            return try weighted - y * weighted.sum(axes: [axis], keepdims: true)
        }
        let table = try floatKernels(y.dtype, Self.name).losses
        return try backwardAlongAxis(y.view, g.view, axis, table.softmaxBackward, table.softmaxColumnsBackward)
    }
}

/// x - log(sum(exp(x))) along an axis.
struct LogSoftmaxOp: UnaryOperation {
    static let name = "log_softmax"
    static let saves: Saves = .output
    let axis: Int

    func forward(_ x: View) throws(TalwegError) -> View {
        let table = try floatKernels(x.dtype, Self.name)
        return try alongAxis(x, axis, table.logSoftmaxRow, table.losses.logSoftmaxColumns)
    }

    /// g - exp(y) sum(g)
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogSoftmaxOp>) throws(TalwegError) -> Tensor {
        let y = try r.y
        if ThreadState.current.recording { return try g - y.exp() * g.sum(axes: [axis], keepdims: true) }
        let table = try floatKernels(y.dtype, Self.name).losses
        return try backwardAlongAxis(y.view, g.view, axis, table.logSoftmaxBackward, table.logSoftmaxColumnsBackward)
    }
}

/// A kernel along the last axis, or along another with its neighbours side by side.
private func alongAxis(_ x: View, _ axis: Int, _ row: RowFunction, _ columns: ColumnsFunction)
    throws(TalwegError) -> View
{
    let source = try x.contiguous()
    let y = try View(uninitialized: x.shape, x.dtype)
    if y.count == 0 { return y }
    let blocks = AxisBlocks(x.shape, axis: axis)
    let size = x.dtype.itemSize
    let (from, to) = (source.pointer, y.pointer)
    if blocks.inner == 1 {
        forEachRowGroup(blocks.outer, width: blocks.size) { first, count in
            for i in first..<(first + count) {
                row(blocks.size, from + i * blocks.size * size, to + i * blocks.size * size)
            }
        }
    } else {
        blocks.forEachColumnGroup { first, count in
            columns(blocks.size, count, blocks.inner, from + first * size, to + first * size)
        }
    }
    return y
}

private func backwardAlongAxis(
    _ y: View, _ g: View, _ axis: Int, _ rows: RowsBackwardFunction, _ columns: ColumnsBackwardFunction
) throws(TalwegError) -> Tensor {
    let gradient = try g.contiguous()
    let dx = try View(uninitialized: y.shape, y.dtype)
    if dx.count == 0 { return Tensor(dx) }
    let blocks = AxisBlocks(y.shape, axis: axis)
    let size = y.dtype.itemSize
    let (py, pg, to) = (y.pointer, gradient.pointer, dx.pointer)
    if blocks.inner == 1 {
        forEachRowGroup(blocks.outer, width: blocks.size) { first, count in
            let at = first * blocks.size * size
            rows(count, blocks.size, py + at, pg + at, to + at)
        }
    } else {
        blocks.forEachColumnGroup { first, count in
            let at = first * size
            columns(blocks.size, count, blocks.inner, py + at, pg + at, to + at)
        }
    }
    return Tensor(dx)
}

extension Tensor {
    /// exp(x) / sum(exp(x)) along an axis, without overflow.
    public func softmax(axis: Int = -1) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: SoftmaxOp.name)
        return try floating().widened { x throws(TalwegError) in try apply(SoftmaxOp(axis: axis), x) }
    }

    /// x - logsumexp(x) along an axis.
    public func logSoftmax(axis: Int = -1) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: LogSoftmaxOp.name)
        return try floating().widened { x throws(TalwegError) in try apply(LogSoftmaxOp(axis: axis), x) }
    }
}
