import TalwegKernels

/// exp(x) / sum(exp(x)) along the last axis.
struct SoftmaxOp: UnaryOperation {
    static let name = "softmax"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try alongRows(x, Self.name) { $0.softmaxRow } }
    /// y (g - sum(g y))
    func pullback(_ g: Tensor, _ r: UnaryRecord<SoftmaxOp>) throws(TalwegError) -> Tensor {
        let y = try r.y
        let weighted = try g * y
        return try weighted - y * weighted.sum(axes: [-1], keepdims: true)
    }
}

/// x - log(sum(exp(x))) along the last axis.
struct LogSoftmaxOp: UnaryOperation {
    static let name = "log_softmax"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try alongRows(x, Self.name) { $0.logSoftmaxRow } }
    /// g - exp(y) sum(g)
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogSoftmaxOp>) throws(TalwegError) -> Tensor {
        try g - r.y.exp() * g.sum(axes: [-1], keepdims: true)
    }
}

/// A row kernel on each row of a tensor.
func alongRows(_ x: View, _ name: String, _ kernel: (FloatKernels) -> RowFunction) throws(TalwegError) -> View {
    guard let table = kernels.float(x.dtype) else {
        throw .dtype("\(name): needs a floating type, not \(x.dtype.name)")
    }
    let row = kernel(table)
    let source = try x.contiguous()
    let y = try View(uninitialized: x.shape, x.dtype)
    let width = x.rank == 0 ? 1 : x.shape[x.rank - 1]
    if y.count == 0 { return y }
    let rows = y.count / width
    let bytes = width * x.dtype.itemSize
    let perChunk = max(1, elementsPerChunk / width)
    let (from, to) = (source.pointer, y.pointer)
    ThreadPool.run(chunks: (rows + perChunk - 1) / perChunk) { chunk in
        var i = chunk * perChunk
        let end = min(rows, i + perChunk)
        while i < end {
            row(width, from + i * bytes, to + i * bytes)
            i += 1
        }
    }
    return y
}

extension Tensor {
    /// exp(x) / sum(exp(x)) along an axis, without overflow.
    public func softmax(axis: Int = -1) throws(TalwegError) -> Tensor { try alongAxis(axis, "softmax", SoftmaxOp()) }

    /// x - logsumexp(x) along an axis.
    public func logSoftmax(axis: Int = -1) throws(TalwegError) -> Tensor {
        try alongAxis(axis, "log_softmax", LogSoftmaxOp())
    }

    /// An operation on the last axis, with another put there for its time.
    private func alongAxis(_ axis: Int, _ name: String, _ operation: some UnaryOperation)
        throws(TalwegError) -> Tensor
    {
        let axis = try shape.axis(axis, for: name)
        let x = try floating()
        if axis == rank - 1 { return try apply(operation, x) }
        return try apply(operation, x.transpose(axis, -1)).transpose(axis, -1)
    }
}
