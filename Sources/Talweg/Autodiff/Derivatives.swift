import TalwegKernels

// Whole derivatives, made of walks along the tape. All keep what was recorded, so that more can follow.

/// Which way the tape is walked.
public enum DifferentiationMode: Int32, Sendable {
    /// Forward if the inputs have fewer elements than the outputs, else reverse.
    case automatic = 0
    /// One walk from the outputs for each of their elements.
    case reverse = 1
    /// One walk from the inputs for each of their elements.
    case forward = 2
}

extension Tensor {
    /// The gradients of `inputs` that some gradients of several `outputs` make together: the product of the cotangents
    /// with the Jacobian (reverse mode).
    /// - Parameter cotangents: one for each output, of its shape.
    /// - Returns: nil for an input that no output depends on.
    public static func cotangents(
        of outputs: [Tensor], wrt inputs: [Tensor], given cotangents: [Tensor], retainGraph: Bool = false,
        createGraph: Bool = false
    ) throws(TalwegError) -> [Tensor?] {
        guard outputs.count == cotangents.count else {
            throw .invalid("vjp: \(outputs.count) outputs and \(cotangents.count) cotangents")
        }
        for (position, output) in outputs.enumerated() {
            try output.requireDirection(cotangents[position], "vjp: cotangent", position, "output")
        }
        var sums = [Tensor?](repeating: nil, count: inputs.count)
        let lastRecorded = outputs.lastIndex { $0.requiresGrad }
        for (position, output) in outputs.enumerated() where output.requiresGrad {
            // The outputs may share a part of the tape.
            let last = position == lastRecorded
            let parts = try output.gradients(
                wrt: inputs, gradient: cotangents[position], retainGraph: retainGraph || !last, createGraph: createGraph)
            try withRecording(createGraph) { () throws(TalwegError) in
                for (index, part) in parts.enumerated() {
                    guard let part else { continue }
                    sums[index] = try sums[index].map { held throws(TalwegError) in try held + part } ?? part
                }
            }
        }
        return sums
    }

    /// Refuses a tangent or cotangent that is not of this tensor's shape and dtype.
    func requireDirection(_ given: Tensor, _ name: String, _ position: Int, _ of: String) throws(TalwegError) {
        let message =
            "\(name) \(position) is \(given.dtype.name) \(given.shape), its \(of) \(dtype.name) \(shape)"
        guard given.shape == shape else { throw .shape(message) }
        guard given.dtype == dtype else { throw .dtype(message) }
    }

    /// The derivatives of this tensor's elements by those of each input: shape [this shape, input's shape].
    /// - Parameter createGraph: record their own computation, for further derivatives.
    public func jacobian(
        wrt inputs: [Tensor], mode: DifferentiationMode = .automatic, createGraph: Bool = false
    ) throws(TalwegError) -> [Tensor] {
        for (position, input) in inputs.enumerated() where !input.requiresGrad {
            throw .state("jacobian: input \(position) does not require a gradient")
        }
        let shapes = try inputs.map { input throws(TalwegError) in
            try Shape(shape.dims + input.shape.dims, for: "jacobian")
        }
        guard requiresGrad else {
            var zeros: [Tensor] = []
            for shape in shapes { zeros.append(try .zeros(shape, dtype)) }
            return zeros
        }
        var columns = 0
        for input in inputs { columns += input.count }
        let forward = mode == .forward || (mode == .automatic && columns < count)
        return try forward
            ? columnByColumn(inputs, shapes, createGraph) : rowByRow(inputs, shapes, createGraph)
    }

    private func rowByRow(_ inputs: [Tensor], _ shapes: [Shape], _ createGraph: Bool) throws(TalwegError) -> [Tensor] {
        var parts: [Parts] = []
        for (input, shape) in zip(inputs, shapes) {
            parts.append(try Parts(count, input.count, along: 0, shape, input.dtype, createGraph))
        }
        for element in 0..<count {
            let found = try gradients(
                wrt: inputs, gradient: Tensor.unit(shape, element, dtype), retainGraph: true, createGraph: createGraph)
            for (position, gradient) in found.enumerated() { try parts[position].add(gradient, at: element) }
        }
        return try parts.map { parts throws(TalwegError) in try parts.joined() }
    }

    private func columnByColumn(_ inputs: [Tensor], _ shapes: [Shape], _ createGraph: Bool) throws(TalwegError)
        -> [Tensor]
    {
        var whole: [Tensor] = []
        for (position, input) in inputs.enumerated() {
            var parts = try Parts(count, input.count, along: 1, shapes[position], dtype, createGraph)
            for element in 0..<input.count {
                let moved = try Tensor.tangents(
                    of: [self], wrt: [input], along: [Tensor.unit(input.shape, element, input.dtype)],
                    createGraph: createGraph)
                try parts.add(moved[0], at: element)
            }
            whole.append(try parts.joined())
        }
        return whole
    }

    /// The second derivatives of this tensor, of one element, by the elements of each pair of inputs: block [i][j]
    /// has shape [input i's shape, input j's shape].
    public func hessian(wrt inputs: [Tensor], createGraph: Bool = false) throws(TalwegError) -> [[Tensor]] {
        guard count == 1 else { throw .shape("hessian: the output has shape \(shape); one element is needed") }
        let first = try gradients(wrt: inputs, createGraph: true)
        var blocks: [[Tensor]] = []
        for (position, gradient) in first.enumerated() {
            let gradient = try gradient.orZeros(inputs[position].shape, inputs[position].dtype)
            blocks.append(try gradient.jacobian(wrt: inputs, createGraph: createGraph))
        }
        return blocks
    }

    /// The Hessian of this tensor, of one element, times vectors, without the Hessian: the tangent of the gradient
    /// (forward over reverse; Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994).
    /// - Parameter vectors: one for each input, of its shape.
    public func hessianVectorProduct(wrt inputs: [Tensor], _ vectors: [Tensor], createGraph: Bool = false)
        throws(TalwegError) -> [Tensor]
    {
        guard count == 1 else { throw .shape("hvp: the output has shape \(shape); one element is needed") }
        let first = try gradients(wrt: inputs, createGraph: true)
        let moved = try Tensor.tangents(
            of: first.compactMap { $0 }, wrt: inputs, along: vectors, createGraph: createGraph)
        var products: [Tensor] = []
        var next = 0
        for (position, gradient) in first.enumerated() {
            var product: Tensor?
            if gradient != nil {
                product = moved[next]
                next += 1
            }
            products.append(try product.orZeros(inputs[position].shape, inputs[position].dtype))
        }
        return products
    }

    /// Zeros with a one.
    private static func unit(_ shape: Shape, _ element: Int, _ dtype: DType) throws(TalwegError) -> Tensor {
        let flat = try Tensor.zeros(Shape([shape.count]), dtype)
        try flat.slice(axis: 0, from: element, to: element + 1).assign(Tensor.full(.scalar, 1, dtype))
        return Tensor(flat.view.with(shape: shape, strides: shape.rowMajorStrides))
    }
}

/// The rows or columns of a matrix that come one by one.
private struct Parts {
    /// Row-major, from zeros.
    private let matrix: Tensor
    private let axis: Int
    private let shape: Shape
    private let recorded: Bool
    private var kept: [Tensor] = []

    /// - Parameter recorded: whether the parts stay on the tape; else they are written into the matrix as they come.
    init(_ rows: Int, _ columns: Int, along axis: Int, _ shape: Shape, _ dtype: DType, _ recorded: Bool)
        throws(TalwegError)
    {
        matrix = try .zeros(Shape([rows, columns]), dtype)
        self.axis = axis
        self.shape = shape
        self.recorded = recorded
    }

    /// Adds the part at an index; nil is zeros.
    mutating func add(_ part: Tensor?, at index: Int) throws(TalwegError) {
        let size = try Shape([matrix.shape[1 - axis]])
        if recorded {
            kept.append(try part.orZeros(size, matrix.dtype).reshape(size))
        } else if let part {
            let place = try matrix.slice(axis: axis, from: index, to: index + 1)
            try place.assign(part.reshape(size).expandDims(axis))
        }
    }

    func joined() throws(TalwegError) -> Tensor {
        try withRecording(recorded) { () throws(TalwegError) in
            try (kept.isEmpty ? matrix : Tensor.stack(kept, axis: axis)).reshape(shape)
        }
    }
}
