import TalwegKernels

/// Tensors side by side along an axis.
struct Concatenate: VariadicOperation {
    static let name = "concatenate"
    static let savesOutput = false
    let axis: Int
    func saves(input: Int) -> Bool { false }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        guard let first = inputs.first else { throw .invalid("concatenate: no tensors") }
        var length = 0
        for input in inputs {
            let fitting = try input.shape.replacing(axis: axis, by: first.shape[axis], for: Self.name)
            guard fitting == first.shape else {
                throw .shape("concatenate: \(first.shape) and \(input.shape) differ besides axis \(axis)")
            }
            let (sum, overflow) = length.addingReportingOverflow(input.shape[axis])
            guard !overflow else { throw .shape("concatenate: the sizes along axis \(axis) overflow") }
            length = sum
        }
        let y = try View(
            uninitialized: first.shape.replacing(axis: axis, by: length, for: Self.name), first.dtype)
        var start = 0
        for input in inputs {
            let size = input.shape[axis]
            try Slice(axis: axis, start: start, step: 1, count: size).forward(y).assign(input)
            start += size
        }
        return y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<Concatenate>) throws(TalwegError) -> [Tensor?] {
        var gradients: [Tensor?] = []
        var start = 0
        for (position, shape) in r.shapes.enumerated() {
            let size = shape[axis]
            gradients.append(
                wanted[position] ? try apply(Slice(axis: axis, start: start, step: 1, count: size), g) : nil)
            start += size
        }
        return gradients
    }

    /// What does not move has a tangent of zeros.
    func tangent(_ tangents: [Tensor?], _ r: VariadicRecord<Concatenate>) throws(TalwegError) -> Tensor {
        guard let dtype = tangents.lazy.compactMap({ $0 }).first?.dtype else { return try r.transposed(tangents) }
        var parts: [Tensor] = []
        for (position, shape) in r.shapes.enumerated() {
            parts.append(try tangents[position].orZeros(shape, dtype))
        }
        return try apply(self, parts)
    }
}

extension Tensor {
    /// Tensors (at least one) joined along an axis; the other sizes must agree.
    public static func concatenate(_ tensors: [Tensor], axis: Int = 0) throws(TalwegError) -> Tensor {
        guard let first = tensors.first else { throw .invalid("concatenate: no tensors") }
        var dtype = first.dtype
        for tensor in tensors {
            dtype = promoted(dtype, tensor.dtype)
            guard tensor.rank == first.rank else {
                throw .shape("concatenate: \(first.shape) and \(tensor.shape) have different numbers of axes")
            }
        }
        let axis = try first.shape.axis(axis, for: "concatenate")
        var same: [Tensor] = []
        for tensor in tensors { same.append(try tensor.cast(to: dtype)) }
        return try apply(Concatenate(axis: axis), same)
    }

    /// Tensors of one shape joined along a new axis.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) throws(TalwegError) -> Tensor {
        guard let first = tensors.first else { throw .invalid("stack: no tensors") }
        var raised: [Tensor] = []
        for tensor in tensors {
            guard tensor.shape == first.shape else {
                throw .shape("stack: the shapes \(first.shape) and \(tensor.shape) differ")
            }
            raised.append(try tensor.expandDims(axis))
        }
        return try concatenate(raised, axis: axis < 0 ? axis + first.rank + 1 : axis)
    }
}
