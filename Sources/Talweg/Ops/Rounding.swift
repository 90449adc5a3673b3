import TalwegKernels

/// floor, ceil, round (halves to even), trunc and sign: piecewise constant, so the gradient is 0.
struct Step: SymmetricOperation {
    static let name = "step"
    static let saves: Saves = []
    let kernel: UnaryOp
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(kernel, x, "\(kernel)") }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Step>) throws(TalwegError) -> Tensor {
        try .zeros(g.shape, g.dtype)
    }
}

/// |x|, with the derivative sign(x), which is 0 at 0
struct Absolute: SymmetricOperation {
    static let name = "absolute"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.absolute, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Absolute>) throws(TalwegError) -> Tensor { try g * r.x.sign() }
}

extension Tensor {
    public func absolute() throws(TalwegError) -> Tensor { try apply(Absolute(), self) }
    public func sign() throws(TalwegError) -> Tensor { try apply(Step(kernel: .sign), self) }
    public func floor() throws(TalwegError) -> Tensor { try apply(Step(kernel: .floor), self) }
    public func ceil() throws(TalwegError) -> Tensor { try apply(Step(kernel: .ceil), self) }
    /// To the nearest whole number, halves to the even one.
    public func round() throws(TalwegError) -> Tensor { try apply(Step(kernel: .round), self) }
    public func trunc() throws(TalwegError) -> Tensor { try apply(Step(kernel: .trunc), self) }

    public func isNaN() throws(TalwegError) -> Tensor { Tensor(try elementwise(.isnan, view, "isnan")) }
    public func isInfinite() throws(TalwegError) -> Tensor { Tensor(try elementwise(.isinf, view, "isinf")) }
    public func isFinite() throws(TalwegError) -> Tensor { Tensor(try elementwise(.isfinite, view, "isfinite")) }
}
