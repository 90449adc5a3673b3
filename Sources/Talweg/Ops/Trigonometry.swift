import TalwegKernels

struct Sine: SymmetricOperation {
    static let name = "sin"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.sin, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Sine>) throws(TalwegError) -> Tensor { try g * r.x.cos() }
}

struct Cosine: SymmetricOperation {
    static let name = "cos"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.cos, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Cosine>) throws(TalwegError) -> Tensor { try -(g * r.x.sin()) }
}

struct Tangent: SymmetricOperation {
    static let name = "tan"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.tan, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Tangent>) throws(TalwegError) -> Tensor { try g * (r.y.square() + 1) }
}

struct ArcSine: SymmetricOperation {
    static let name = "asin"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.asin, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ArcSine>) throws(TalwegError) -> Tensor { try g * (1 - r.x.square()).rsqrt() }
}

struct ArcCosine: SymmetricOperation {
    static let name = "acos"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.acos, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ArcCosine>) throws(TalwegError) -> Tensor { try -(g * (1 - r.x.square()).rsqrt()) }
}

struct ArcTangent: SymmetricOperation {
    static let name = "atan"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.atan, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ArcTangent>) throws(TalwegError) -> Tensor { try g / (r.x.square() + 1) }
}

struct HyperbolicSine: SymmetricOperation {
    static let name = "sinh"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.sinh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<HyperbolicSine>) throws(TalwegError) -> Tensor { try g * r.x.cosh() }
}

struct HyperbolicCosine: SymmetricOperation {
    static let name = "cosh"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.cosh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<HyperbolicCosine>) throws(TalwegError) -> Tensor { try g * r.x.sinh() }
}

struct AreaHyperbolicSine: SymmetricOperation {
    static let name = "asinh"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.asinh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<AreaHyperbolicSine>) throws(TalwegError) -> Tensor {
        let x = try r.x
        return try g / x.hypot(x.scalar(1))
    }
}

struct AreaHyperbolicCosine: SymmetricOperation {
    static let name = "acosh"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.acosh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<AreaHyperbolicCosine>) throws(TalwegError) -> Tensor {
        let x = try r.x
        return try g / ((x - 1).sqrt() * (x + 1).sqrt())
    }
}

struct AreaHyperbolicTangent: SymmetricOperation {
    static let name = "atanh"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.atanh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<AreaHyperbolicTangent>) throws(TalwegError) -> Tensor {
        let x = try r.x
        return try g / ((1 - x) * (x + 1))
    }
}

/// The angle of the point (b, a).
struct ArcTangent2: ElementwiseOperation {
    static let name = "atan2"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.atan2, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<ArcTangent2>) throws(TalwegError) -> Tensor {
        let (a, b) = (try r.a, try r.b)
        return try g * b / (a.square() + b.square())
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<ArcTangent2>) throws(TalwegError) -> Tensor {
        let (a, b) = (try r.a, try r.b)
        return try -(g * a / (a.square() + b.square()))
    }
}

extension Tensor {
    public func sin() throws(TalwegError) -> Tensor { try apply(Sine(), floating()) }
    public func cos() throws(TalwegError) -> Tensor { try apply(Cosine(), floating()) }
    public func tan() throws(TalwegError) -> Tensor { try apply(Tangent(), floating()) }
    public func asin() throws(TalwegError) -> Tensor { try apply(ArcSine(), floating()) }
    public func acos() throws(TalwegError) -> Tensor { try apply(ArcCosine(), floating()) }
    public func atan() throws(TalwegError) -> Tensor { try apply(ArcTangent(), floating()) }
    /// The inverse of sinh.
    public func asinh() throws(TalwegError) -> Tensor { try apply(AreaHyperbolicSine(), floating()) }
    /// The inverse of cosh on [0, inf); NaN below 1.
    public func acosh() throws(TalwegError) -> Tensor { try apply(AreaHyperbolicCosine(), floating()) }
    /// The inverse of tanh; infinite at -1 and 1, NaN beyond.
    public func atanh() throws(TalwegError) -> Tensor { try apply(AreaHyperbolicTangent(), floating()) }
    public func sinh() throws(TalwegError) -> Tensor { try apply(HyperbolicSine(), floating()) }
    public func cosh() throws(TalwegError) -> Tensor { try apply(HyperbolicCosine(), floating()) }

    /// The angle of the point (x, self), in (-pi, pi].
    public func atan2(_ x: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, x)
        return try apply(ArcTangent2(), a.floating(), b.floating())
    }
}
