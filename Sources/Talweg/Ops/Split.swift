import TalwegKernels

/// A tensor in pieces along an axis, which share its elements; the gradients are joined in one pass.
struct SplitAxis: MultiOperation {
    static let name = "split"
    let axis: Int
    /// Of the pieces along the axis; they add up to the tensor's.
    let sizes: [Int]
    let shape: Shape
    let dtype: DType
    func saves(input: Int) -> Bool { false }

    func forward(_ x: View) throws(TalwegError) -> [View] {
        var pieces: [View] = []
        var start = 0
        for size in sizes {
            pieces.append(try Slice(axis: axis, start: start, step: 1, count: size).forward(x))
            start += size
        }
        return pieces
    }

    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SplitAxis>) throws(TalwegError) -> [Tensor?] {
        var pieces: [Tensor] = []
        for (size, gradient) in zip(sizes, g) {
            pieces.append(try gradient.orZeros(shape.replacing(axis: axis, by: size, for: Self.name), dtype))
        }
        return [try apply(Concatenate(axis: axis), pieces)]
    }
}

extension Tensor {
    /// Pieces of the given sizes along an axis, over the same elements.
    /// - Throws: invalidArgument unless the sizes are 0 or more and add up to the axis' size.
    public func split(axis: Int, sizes: [Int]) throws(TalwegError) -> [Tensor] {
        let axis = try shape.axis(axis, for: "split")
        var left = shape[axis]
        for size in sizes {
            guard size >= 0, size <= left else {
                throw .invalid("split: the sizes \(sizes) do not add up to \(shape[axis]), axis \(axis) of \(shape)")
            }
            left -= size
        }
        guard left == 0 else {
            throw .invalid("split: the sizes \(sizes) do not add up to \(shape[axis]), axis \(axis) of \(shape)")
        }
        let operation = SplitAxis(axis: axis, sizes: sizes, shape: shape, dtype: dtype)
        return try recorded(operation, [self], operation.forward(view))
    }
}
