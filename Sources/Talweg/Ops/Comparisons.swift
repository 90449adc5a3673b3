import TalwegKernels

// Comparisons and logic give bool, which has no gradient.

extension Tensor {
    func compared(_ op: CompareOp, _ other: Tensor) throws(TalwegError) -> Tensor {
        let dtype = promoted(self.dtype, other.dtype)
        let (a, b) = (try view.cast(to: dtype), try other.view.cast(to: dtype))
        let y = try View(uninitialized: Shape.broadcast(a.shape, b.shape, for: "\(op)"), .bool)
        mapBinary(kernels.compare(op, dtype), a, b, to: y)
        return Tensor(y)
    }

    func logical(_ op: BinaryOp, _ other: Tensor, _ name: String) throws(TalwegError) -> Tensor {
        Tensor(try elementwise(op, view.cast(to: .bool), other.view.cast(to: .bool), name))
    }

    public func isEqual(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.equal, other) }
    public func isNotEqual(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.notEqual, other) }
    public func isLess(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.less, other) }
    public func isLessOrEqual(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.lessEqual, other) }
    public func isGreater(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.greater, other) }
    public func isGreaterOrEqual(_ other: Tensor) throws(TalwegError) -> Tensor { try compared(.greaterEqual, other) }

    /// Both true, where an element is true if it is not 0.
    public func logicalAnd(_ other: Tensor) throws(TalwegError) -> Tensor {
        try logical(.logicalAnd, other, "logical_and")
    }
    public func logicalOr(_ other: Tensor) throws(TalwegError) -> Tensor {
        try logical(.logicalOr, other, "logical_or")
    }
    public func logicalXor(_ other: Tensor) throws(TalwegError) -> Tensor {
        try logical(.logicalXor, other, "logical_xor")
    }
    public func logicalNot() throws(TalwegError) -> Tensor {
        Tensor(try elementwise(.logicalNot, view, "logical_not"))
    }
}
