import TalwegKernels

/// An n-dimensional array of one element type: a strided view of shared storage
/// and, if a gradient may be wanted, its place on the tape.
public final class Tensor: @unchecked Sendable {
    /// The elements.
    let view: View
    /// What made it, or its leaf; nil off the tape.
    private(set) var node: Node?
    /// Of what is or was a leaf.
    private var gradientSlot: GradientSlot?
    /// Which of the node's outputs it is.
    let outputIndex: Int

    init(_ view: View) {
        self.view = view
        node = nil
        outputIndex = 0
    }

    init(_ view: View, node: Node?, outputIndex: Int = 0) {
        self.view = view
        self.node = node
        self.outputIndex = outputIndex
    }

    deinit {
        Node.release(&node)
        // Gradients may have gradients: a long chain of them would overflow the stack.
        var next = gradientSlot?.close()
        while isKnownUniquelyReferenced(&next) { next = next?.gradientSlot?.close() }
    }

    public var dtype: DType { view.dtype }
    public var shape: Shape { view.shape }
    public var rank: Int { view.rank }
    public var count: Int { view.count }
    public var strides: [Int] { (0..<rank).map { view.strides[$0] } }

    /// Whether operations on it are recorded.
    public var requiresGrad: Bool { node != nil }

    /// Whether it is no result of a recorded operation.
    public var isLeaf: Bool { node == nil || node?.leaf != nil }

    /// Makes it a leaf whose gradient is wanted, or no longer.
    public func setRequiresGrad(_ required: Bool) throws(TalwegError) {
        guard isLeaf else {
            throw .state("requires_grad: the tensor is the result of a recorded operation; detach it first")
        }
        if required && !dtype.isFloating {
            throw .dtype("requires_grad: gradients are for floating types, not \(dtype.name)")
        }
        if required {
            if node == nil {
                let slot = gradientSlot ?? GradientSlot()
                gradientSlot = slot
                node = Leaf(slot)
            }
        } else {
            node = nil
        }
    }

    /// The gradient that a leaf has gathered.
    public var grad: Tensor? { gradientSlot?.gradient }

    /// Sets or clears a leaf's gradient.
    public func setGrad(_ gradient: Tensor?) throws(TalwegError) {
        if let gradient {
            guard node?.leaf != nil else {
                throw .state("set_grad: the tensor is no leaf that requires a gradient")
            }
            guard gradient.dtype == dtype else {
                throw .dtype("set_grad: the gradient is \(gradient.dtype.name), the tensor \(dtype.name)")
            }
            guard gradient.shape == shape else {
                throw .shape("set_grad: the gradient has shape \(gradient.shape), the tensor \(shape)")
            }
        }
        // Without its own gradient, which could be this tensor.
        replaceGrad(gradient.map { Tensor($0.view, node: $0.node, outputIndex: $0.outputIndex) })
    }

    /// `setGrad` with a gradient that fits, or none.
    func replaceGrad(_ gradient: Tensor?) { gradientSlot?.replace(gradient) }

    /// Takes a tensor for elements that nothing else has: its own, where nothing does and
    /// they are row-major, else a copy.
    static func owned(_ given: inout Tensor?) throws(TalwegError) -> Tensor? {
        let (node, index) = (given?.node, given?.outputIndex ?? 0)
        guard let view = takeElements(&given) else {
            let shared = given.take()
            return try shared?.copy()
        }
        return Tensor(view, node: node, outputIndex: index)
    }

    /// Takes a tensor for its sum with another of its shape and dtype, off the tape: in
    /// its own elements, where nothing else has them.
    static func sum(_ given: inout Tensor?, _ other: Tensor) throws(TalwegError) -> Tensor {
        guard let held = takeElements(&given) else {
            guard let held = given else { return other }
            return try held + other
        }
        let same = held.shape == other.shape && held.dtype == other.dtype
        guard same, let kernel = kernels.binary(.add, held.dtype) else { return try Tensor(held) + other }
        mapBinary(kernel, held, other.view, to: held)
        return Tensor(held)
    }

    /// The elements of a tensor, if nothing else has it or them and they are row-major;
    /// else the tensor stays.
    private static func takeElements(_ given: inout Tensor?) -> View? {
        guard isKnownUniquelyReferenced(&given), var view = given?.view else { return nil }
        let (node, index) = (given?.node, given?.outputIndex ?? 0)
        given = nil
        if view.hasStorageAlone { return view }
        given = Tensor(view, node: node, outputIndex: index)
        return nil
    }

    /// The same elements without the tape.
    public func detach() -> Tensor { Tensor(view) }

    /// The address of the first element, for writing in place.
    public func mutableData() -> UnsafeMutableRawPointer {
        view.storage.version &+= 1
        return view.pointer
    }

    /// The address of the first element.
    public var data: UnsafeRawPointer { UnsafeRawPointer(view.pointer) }

    /// Overwrites the elements with those of another tensor, broadcast and
    /// converted, in place and without a gradient.
    public func assign(_ source: Tensor) throws(TalwegError) {
        let target = try Shape.broadcast(shape, source.shape, for: "assign")
        guard target == shape else {
            throw .shape("assign: \(source.shape) does not broadcast to \(shape)")
        }
        guard isLeaf || !ThreadState.current.recording else { throw .resultWritten("assign") }
        try view.checkDistinctElements("assign")
        var from = try source.view.cast(to: dtype)
        // What was written must not be read.
        if from.mayOverlap(view) { from = try from.copy() }
        view.storage.version &+= 1
        view.assign(from)
    }

    /// The only element.
    public func item() throws(TalwegError) -> Double {
        guard count == 1 else { throw .shape("item: the tensor \(shape) has \(count) elements, not one") }
        var value = 0.0
        kernels.cast(from: dtype, to: .float64)(1, view.pointer, 1, &value, 1)
        return value
    }

    /// The only element of an integer or bool tensor.
    public func itemInt64() throws(TalwegError) -> Int64 {
        guard count == 1 else { throw .shape("item: the tensor \(shape) has \(count) elements, not one") }
        guard !dtype.isFloating else { throw .dtype("item: \(dtype.name) is no integer type") }
        var value: Int64 = 0
        kernels.cast(from: dtype, to: .int64)(1, view.pointer, 1, &value, 1)
        if dtype == .uint64, value < 0 {
            throw .invalid("item: \(UInt64(bitPattern: value)) is beyond int64's range")
        }
        return value
    }

    /// The only element of an integer or bool tensor.
    public func itemUInt64() throws(TalwegError) -> UInt64 {
        guard count == 1 else { throw .shape("item: the tensor \(shape) has \(count) elements, not one") }
        guard !dtype.isFloating else { throw .dtype("item: \(dtype.name) is no integer type") }
        var value: UInt64 = 0
        kernels.cast(from: dtype, to: .uint64)(1, view.pointer, 1, &value, 1)
        if !dtype.isUnsigned, Int64(bitPattern: value) < 0 {
            throw .invalid("item: \(Int64(bitPattern: value)) is negative")
        }
        return value
    }

    /// The elements in row-major order, as doubles.
    public func doubles() throws(TalwegError) -> [Double] {
        let source = try view.cast(to: .float64).contiguous()
        return Array(UnsafeBufferPointer(start: source.pointer(as: Double.self), count: count))
    }
}

extension Tensor {
    /// Writes the elements, row-major and converted, to memory that has room for them.
    public func write(as dtype: DType, to data: UnsafeMutableRawPointer) throws(TalwegError) {
        guard UInt(bitPattern: data) % UInt(dtype.itemSize) == 0 else {
            let source = try view.cast(to: dtype).contiguous()
            data.copyMemory(from: source.pointer, byteCount: count * dtype.itemSize)
            return
        }
        let target = try Tensor(borrowing: data, shape, dtype, release: {})
        mapUnary(kernels.cast(from: self.dtype, to: dtype), view, to: target.view)
    }
}
