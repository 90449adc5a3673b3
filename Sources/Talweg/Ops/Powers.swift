import TalwegKernels

struct Power: ElementwiseOperation {
    static let name = "power"
    static let saves: Saves = [.first, .second, .output]
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.power, a, b, Self.name) }
    /// b a^(b - 1), and 0 where b is 0 and 1 / a infinite. There alone the base is
    /// replaced: elsewhere the slope by b, at b = 0 too, is part of the second derivative.
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Power>) throws(TalwegError) -> Tensor {
        let (a, b) = (try r.a, try r.b)
        let zero = try b.isEqual(b.scalar(0))
        guard try zero.any().item() != 0 else { return try g * (b * a.power(b - 1)) }
        let pole = try zero.logicalAnd(a.detach().reciprocal().isFinite().logicalNot())
        return try g * (b * Tensor.select(pole, a.scalar(1), a).power(b - 1))
    }
    /// a^b log a, and 0 where a is 0: the limit for b > 0.
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Power>) throws(TalwegError) -> Tensor {
        let a = try r.a
        let zero = try a.isEqual(a.scalar(0))
        let safe = try Tensor.select(zero, a.scalar(1), a)
        return try g * r.y * safe.log()
    }
}

struct Square: SymmetricOperation {
    static let name = "square"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.square, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Square>) throws(TalwegError) -> Tensor { try g * (r.x * 2) }
}

struct SquareRoot: SymmetricOperation {
    static let name = "sqrt"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.sqrt, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<SquareRoot>) throws(TalwegError) -> Tensor { try g / (r.y * 2) }
}

/// x^(-1/2), with the derivative -y^3 / 2
struct ReciprocalSquareRoot: SymmetricOperation {
    static let name = "rsqrt"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.rsqrt, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ReciprocalSquareRoot>) throws(TalwegError) -> Tensor {
        try g * (r.y.square() * r.y * -0.5)
    }
}

/// 1 / x, with the derivative -y^2
struct Reciprocal: SymmetricOperation {
    static let name = "reciprocal"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.reciprocal, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Reciprocal>) throws(TalwegError) -> Tensor {
        try -(g * r.y.square())
    }
}

extension Tensor {
    public func power(_ exponent: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, exponent)
        return try apply(Power(), a, b)
    }
    /// Squares, square roots and their reciprocals take their own kernels, where the dtype stays.
    public func power(_ exponent: Double) throws(TalwegError) -> Tensor {
        switch exponent {
        case 1 where dtype != .bool: try alias()
        case 2 where dtype != .bool: try square()
        case 0.5 where dtype.isFloating: try sqrt()
        case -0.5 where dtype.isFloating: try rsqrt()
        case -1 where dtype.isFloating: try reciprocal()
        default: try power(scalar(exponent))
        }
    }
    public func square() throws(TalwegError) -> Tensor { try apply(Square(), self) }
    public func sqrt() throws(TalwegError) -> Tensor { try apply(SquareRoot(), floating()) }
    public func rsqrt() throws(TalwegError) -> Tensor { try apply(ReciprocalSquareRoot(), floating()) }
    public func reciprocal() throws(TalwegError) -> Tensor { try apply(Reciprocal(), floating()) }
}
