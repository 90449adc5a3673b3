import TalwegKernels

struct Add: ElementwiseOperation {
    static let name = "add"
    static let saves: Saves = []
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.add, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Add>) throws(TalwegError) -> Tensor { g }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Add>) throws(TalwegError) -> Tensor { g }
}

struct Subtract: ElementwiseOperation {
    static let name = "subtract"
    static let saves: Saves = []
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.subtract, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Subtract>) throws(TalwegError) -> Tensor { g }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Subtract>) throws(TalwegError) -> Tensor { try -g }
}

struct Multiply: ElementwiseOperation {
    static let name = "multiply"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.multiply, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Multiply>) throws(TalwegError) -> Tensor { try g * r.b }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Multiply>) throws(TalwegError) -> Tensor { try g * r.a }
}

struct Divide: ElementwiseOperation {
    static let name = "divide"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.divide, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Divide>) throws(TalwegError) -> Tensor { try g / r.b }
    /// Divided twice: the square of b would overflow long before.
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Divide>) throws(TalwegError) -> Tensor {
        try -(g * (r.a / r.b / r.b))
    }
}

struct Negative: SymmetricOperation {
    static let name = "negative"
    static let saves: Saves = []
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.negative, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Negative>) throws(TalwegError) -> Tensor { try -g }
}

/// floor(a / b). Piecewise constant: no gradient.
struct FloorDivide: ElementwiseOperation {
    static let name = "floor_divide"
    static let saves: Saves = []
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.floorDivide, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<FloorDivide>) throws(TalwegError) -> Tensor {
        try .zeros(g.shape, g.dtype)
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<FloorDivide>) throws(TalwegError) -> Tensor {
        try .zeros(g.shape, g.dtype)
    }
}

/// a - floor(a / b) b
struct Remainder: ElementwiseOperation {
    static let name = "remainder"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.remainder, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Remainder>) throws(TalwegError) -> Tensor { g }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Remainder>) throws(TalwegError) -> Tensor {
        try -(g * r.a.floorDivide(r.b))
    }
}

extension Tensor {
    public static func + (a: Tensor, b: Tensor) throws(TalwegError) -> Tensor {
        try applyPromoted(Add(), a, b)
    }
    public static func - (a: Tensor, b: Tensor) throws(TalwegError) -> Tensor {
        try applyPromoted(Subtract(), a, b)
    }
    public static func * (a: Tensor, b: Tensor) throws(TalwegError) -> Tensor {
        try applyPromoted(Multiply(), a, b)
    }
    public static func / (a: Tensor, b: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(a, b)
        return try apply(Divide(), a.floating(), b.floating())
    }
    public static prefix func - (x: Tensor) throws(TalwegError) -> Tensor { try apply(Negative(), x) }

    /// floor(a / b); integers: by 0 gives 0. No gradient.
    public func floorDivide(_ other: Tensor) throws(TalwegError) -> Tensor {
        try applyPromoted(FloorDivide(), self, other)
    }
    /// a - floor(a / b) b, with the sign of b; integers: by 0 gives 0.
    public func remainder(_ other: Tensor) throws(TalwegError) -> Tensor {
        try applyPromoted(Remainder(), self, other)
    }

    public static func + (a: Tensor, b: Double) throws(TalwegError) -> Tensor { try a + a.scalar(b) }
    public static func - (a: Tensor, b: Double) throws(TalwegError) -> Tensor { try a - a.scalar(b) }
    public static func * (a: Tensor, b: Double) throws(TalwegError) -> Tensor { try a * a.scalar(b) }
    public static func / (a: Tensor, b: Double) throws(TalwegError) -> Tensor { try a / a.scalar(b) }
    public static func + (a: Double, b: Tensor) throws(TalwegError) -> Tensor { try b.scalar(a) + b }
    public static func - (a: Double, b: Tensor) throws(TalwegError) -> Tensor { try b.scalar(a) - b }
    public static func * (a: Double, b: Tensor) throws(TalwegError) -> Tensor { try b.scalar(a) * b }
    public static func / (a: Double, b: Tensor) throws(TalwegError) -> Tensor { try b.scalar(a) / b }
}
