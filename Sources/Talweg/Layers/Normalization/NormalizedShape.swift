/// The last axes of a tensor, over which layer norm and RMS norm go: as one axis for the operations, which know one.
struct NormalizedShape: Sendable {
    let shape: Shape
    private let name: String

    /// - Throws: invalidArgument for no axes, shape for sizes below 1
    init(_ dims: [Int], _ name: String) throws(TalwegError) {
        guard !dims.isEmpty else { throw .invalid("\(name): normalized_shape is empty") }
        for size in dims where size < 1 {
            throw .shape("\(name): normalized_shape \(dims) has a size below 1")
        }
        shape = try Shape(dims, for: name)
        self.name = name
    }

    /// What `body` makes of x and the tensors of this shape, all with one axis in the place of these.
    func folded(
        _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?,
        _ body: (Tensor, Tensor?, Tensor?) throws(TalwegError) -> Tensor
    ) throws(TalwegError) -> Tensor {
        let first = x.rank - shape.rank
        var fits = first >= 0
        for axis in 0..<shape.rank where fits { fits = x.shape[first + axis] == shape[axis] }
        guard fits else {
            throw .shape("\(name): the input has shape \(x.shape); its last axes must be \(shape)")
        }
        if shape.rank == 1 { return try body(x, weight, bias) }
        let one = try Shape([shape.count], for: name)
        let rows = try Shape(Array(x.shape.dims[..<first]) + [shape.count], for: name)
        let y = try body(
            x.reshape(rows), weight.map { w throws(TalwegError) in try w.reshape(one) },
            bias.map { b throws(TalwegError) in try b.reshape(one) })
        return try y.reshape(x.shape)
    }
}
