import TalwegKernels

/// The root of the sum of squares, without overflow. The derivative at the origin is taken as 0.
struct Hypotenuse: ElementwiseOperation {
    static let name = "hypot"
    static let saves: Saves = [.first, .second, .output]
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.hypot, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Hypotenuse>) throws(TalwegError) -> Tensor {
        try g * (r.a / divisor(r.y))
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Hypotenuse>) throws(TalwegError) -> Tensor {
        try g * (r.b / divisor(r.y))
    }
    private func divisor(_ y: Tensor) throws(TalwegError) -> Tensor {
        try .select(y.detach().isEqual(y.scalar(0)), y.scalar(1), y)
    }
}

/// log(exp a + exp b), without overflow.
struct LogAddExp: ElementwiseOperation {
    static let name = "logaddexp"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.logaddexp, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<LogAddExp>) throws(TalwegError) -> Tensor {
        try g * (r.a - r.b).sigmoid()
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<LogAddExp>) throws(TalwegError) -> Tensor {
        try g * (r.b - r.a).sigmoid()
    }
}

/// The size of a with the sign of b, whose gradient is 0.
struct CopySign: ElementwiseOperation {
    static let name = "copysign"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.copysign, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<CopySign>) throws(TalwegError) -> Tensor {
        // |a| with b's sign: the product of both signs, 0 at a = 0.
        let a = try r.a.detach()
        return try g * (a.sign() * apply(CopySign(), a.scalar(1), r.b.detach()))
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<CopySign>) throws(TalwegError) -> Tensor {
        try .zeros(g.shape, g.dtype)
    }
}

extension Tensor {
    /// The root of the sum of squares, without overflow.
    public func hypot(_ other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(Hypotenuse(), a.floating(), b.floating())
    }

    /// log(exp(self) + exp(other)), without overflow.
    public func logAddExp(_ other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(LogAddExp(), a.floating(), b.floating())
    }

    /// The size of this with the sign of the other, of zeros and NaN too.
    public func copySign(of other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(CopySign(), a.floating(), b.floating())
    }
}
