import TalwegKernels

// Bits of integers and bools, which have no gradient, and of floating numbers.

/// The number next to a towards b: so near a that its derivative is taken as a's.
struct NextAfter: BinaryOperation {
    static let name = "nextafter"
    static let saves: Saves = []
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        guard a.dtype == b.dtype, let kernel = kernels.binary(.nextafter, a.dtype) else {
            throw .dtype("nextafter: not defined for \(a.dtype.name) and \(b.dtype.name)")
        }
        let y = try View(uninitialized: Shape.broadcast(a.shape, b.shape, for: Self.name), a.dtype)
        mapBinary(kernel, a, b, to: y)
        return y
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<NextAfter>) throws(TalwegError) -> Tensor { g }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<NextAfter>) throws(TalwegError) -> Tensor {
        try .zeros(g.shape, g.dtype)
    }
}

extension Tensor {
    public func bitwiseAnd(_ other: Tensor) throws(TalwegError) -> Tensor { try bits(.bitAnd, other, "bitwise_and") }
    public func bitwiseOr(_ other: Tensor) throws(TalwegError) -> Tensor { try bits(.bitOr, other, "bitwise_or") }
    public func bitwiseXor(_ other: Tensor) throws(TalwegError) -> Tensor { try bits(.bitXor, other, "bitwise_xor") }

    /// Every bit the other way; of bool: not.
    public func bitwiseInvert() throws(TalwegError) -> Tensor {
        if dtype == .bool { return try logicalNot() }
        guard !dtype.isFloating else { throw .dtype("bitwise_invert: needs integers or bool, not \(dtype.name)") }
        // All bits of an integer are those of -1, which converts by its bits.
        let ones = try View.full(.scalar, -1, .int64).cast(to: dtype)
        return Tensor(try elementwise(.bitXor, view, ones, "bitwise_invert"))
    }

    /// Bits moved up: times 2^other, without what leaves the type. A number of bits that is negative, or is the type's
    /// or more, leaves 0.
    public func bitwiseLeftShift(_ other: Tensor) throws(TalwegError) -> Tensor {
        try bits(.leftShift, other, "bitwise_left_shift")
    }
    /// Bits moved down, the sign's after them: floor(self / 2^other). A number of bits that is negative, or is the
    /// type's or more, leaves 0, of negative numbers -1.
    public func bitwiseRightShift(_ other: Tensor) throws(TalwegError) -> Tensor {
        try bits(.rightShift, other, "bitwise_right_shift")
    }

    private func bits(_ op: BinaryOp, _ other: Tensor, _ name: String) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return Tensor(try elementwise(op, a.view, b.view, name))
    }

    /// Whether the sign is negative, of zeros and NaN too.
    public func signBit() throws(TalwegError) -> Tensor { Tensor(try elementwise(.signbit, view, "signbit")) }

    /// The number of this dtype next to each element towards the other; the other where they are equal.
    public func nextAfter(_ other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(NextAfter(), a.floating(), b.floating())
    }
}
