import TalwegKernels

// Each pullback is an operation of its own, in one pass over memory, with its
// own derivative for second order.

struct HyperbolicTangent: SymmetricOperation {
    static let name = "tanh"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.tanh, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<HyperbolicTangent>) throws(TalwegError) -> Tensor {
        try apply(TanhGradient(), r.y, g)
    }
}

/// (y, g): g (1 - y^2)
struct TanhGradient: ElementwiseOperation {
    static let name = "tanh_gradient"
    static let saves: Saves = .inputs
    func forward(_ y: View, _ g: View) throws(TalwegError) -> View { try elementwise(.tanhGrad, y, g, Self.name) }
    func pullbackFirst(_ h: Tensor, _ r: BinaryRecord<TanhGradient>) throws(TalwegError) -> Tensor {
        try h * r.b * r.a * -2
    }
    func pullbackSecond(_ h: Tensor, _ r: BinaryRecord<TanhGradient>) throws(TalwegError) -> Tensor {
        try apply(TanhGradient(), r.a, h)
    }
}

/// 1 / (1 + exp(-x))
struct SigmoidOperation: SymmetricOperation {
    static let name = "sigmoid"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.sigmoid, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<SigmoidOperation>) throws(TalwegError) -> Tensor {
        try apply(SigmoidGradient(), r.y, g)
    }
}

/// (y, g): g y (1 - y)
struct SigmoidGradient: ElementwiseOperation {
    static let name = "sigmoid_gradient"
    static let saves: Saves = .inputs
    func forward(_ y: View, _ g: View) throws(TalwegError) -> View { try elementwise(.sigmoidGrad, y, g, Self.name) }
    func pullbackFirst(_ h: Tensor, _ r: BinaryRecord<SigmoidGradient>) throws(TalwegError) -> Tensor {
        try h * r.b * (1 - r.a * 2)
    }
    func pullbackSecond(_ h: Tensor, _ r: BinaryRecord<SigmoidGradient>) throws(TalwegError) -> Tensor {
        try apply(SigmoidGradient(), r.a, h)
    }
}

/// log(1 + exp(x)), with the derivative sigmoid(x)
struct SoftplusOp: SymmetricOperation {
    static let name = "softplus"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.softplus, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<SoftplusOp>) throws(TalwegError) -> Tensor { try g * r.x.sigmoid() }
}

/// max(x, 0); the output tells where x was positive, so the input need not be kept.
struct ReLUOperation: SymmetricOperation {
    static let name = "relu"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.relu, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ReLUOperation>) throws(TalwegError) -> Tensor {
        try apply(ReLUGradient(), r.y.detach(), g)
    }
}

/// (x, g): x > 0 ? g : 0
struct ReLUGradient: ElementwiseOperation {
    static let name = "relu_gradient"
    static let saves: Saves = .first
    func forward(_ x: View, _ g: View) throws(TalwegError) -> View { try elementwise(.reluGrad, x, g, Self.name) }
    func pullbackFirst(_ h: Tensor, _ r: BinaryRecord<ReLUGradient>) throws(TalwegError) -> Tensor {
        try .zeros(h.shape, h.dtype)
    }
    func pullbackSecond(_ h: Tensor, _ r: BinaryRecord<ReLUGradient>) throws(TalwegError) -> Tensor {
        try apply(ReLUGradient(), r.a, h)
    }
}

/// x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel,
/// "Gaussian error linear units", 2016)
struct GELUOperation: SymmetricOperation {
    static let name = "gelu"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.gelu, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<GELUOperation>) throws(TalwegError) -> Tensor {
        try apply(GELUGradient(), r.x, g)
    }
}

/// (x, g): g (Phi(x) + x phi(x)), with the derivative g (2 - x^2) phi(x) by x
struct GELUGradient: ElementwiseOperation {
    static let name = "gelu_gradient"
    static let saves: Saves = .inputs
    func forward(_ x: View, _ g: View) throws(TalwegError) -> View { try elementwise(.geluGrad, x, g, Self.name) }
    func pullbackFirst(_ h: Tensor, _ r: BinaryRecord<GELUGradient>) throws(TalwegError) -> Tensor {
        let squared = try r.a.square()
        let density = try (squared * -0.5).exp() * 0.398942280401432677940
        return try h * r.b * (2 - squared) * density
    }
    func pullbackSecond(_ h: Tensor, _ r: BinaryRecord<GELUGradient>) throws(TalwegError) -> Tensor {
        try apply(GELUGradient(), r.a, h)
    }
}

extension Tensor {
    public func tanh() throws(TalwegError) -> Tensor { try apply(HyperbolicTangent(), floating()) }
    /// 1 / (1 + exp(-x))
    public func sigmoid() throws(TalwegError) -> Tensor { try apply(SigmoidOperation(), floating()) }
    /// log(1 + exp(x))
    public func softplus() throws(TalwegError) -> Tensor { try apply(SoftplusOp(), floating()) }
    /// max(x, 0); the gradient at 0 is 0.
    public func relu() throws(TalwegError) -> Tensor { try apply(ReLUOperation(), self) }
    /// x Phi(x)
    public func gelu() throws(TalwegError) -> Tensor { try apply(GELUOperation(), floating()) }
}
