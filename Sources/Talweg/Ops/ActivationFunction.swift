/// A function that a network applies between its products: of each element, or, where an axis is named, along it.
public enum ActivationFunction: Sendable, Equatable {
    case identity
    /// max(x, 0)
    case relu
    /// x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel, 2016)
    case gelu
    /// Its approximation by tanh, of the same paper
    case geluTanh
    case tanh
    /// 1 / (1 + exp(-x))
    case sigmoid
    /// x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, 2018)
    case silu
    /// x where it is positive, else slope x (Maas, Hannun and Ng, 2013)
    case leakyReLU(slope: Double)
    /// x where it is positive, else alpha (exp(x) - 1) (Clevert, Unterthiner and Hochreiter, 2016)
    case elu(alpha: Double)
    /// 1.0507 elu(x) with alpha 1.6733: keeps mean 0 and variance 1 (Klambauer, Unterthiner, Mayr and Hochreiter, 2017)
    case selu
    /// x where it is positive, else alpha (exp(x / alpha) - 1), alpha > 0 (Barron, 2017)
    case celu(alpha: Double)
    /// x tanh(softplus(x)) (Misra, 2020)
    case mish
    /// log(1 + exp(beta x)) / beta, beta > 0; x itself where beta x is above the threshold
    case softplus(beta: Double, threshold: Double)
    /// x / (1 + |x|)
    case softsign
    /// min(max(x, low), high), low < high; the gradient at both is 0.
    case hardtanh(low: Double, high: Double)
    /// min(max(x, 0), 6)
    case relu6
    /// min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", 2019)
    case hardsigmoid
    /// x hardsigmoid(x), of the same paper
    case hardswish
    /// log(sigmoid(x))
    case logSigmoid
    /// x - tanh(x)
    case tanhshrink
    /// x moved towards 0 by `by` >= 0, and 0 where it is not further away
    case softshrink(by: Double)
    /// 0 where |x| <= by, else x
    case hardshrink(by: Double)
    /// x where it is above a threshold, else a value
    case threshold(Double, value: Double)
    case softmax(axis: Int)
    case logSoftmax(axis: Int)
    /// softmax(-x)
    case softmin(axis: Int)
    /// a sigmoid(b) of the two halves a, b of an axis (Dauphin, Fan, Auli and Grangier, 2017)
    case glu(axis: Int)
    /// silu(a) b of the halves (Shazeer, "GLU variants improve transformer", 2020), as are the next two
    case swiglu(axis: Int)
    /// gelu(a) b of the halves
    case geglu(axis: Int)
    /// max(a, 0) b of the halves
    case reglu(axis: Int)

    /// As layers are called by it.
    public var name: String {
        switch self {
        case .identity: "Identity"
        case .relu: "ReLU"
        case .gelu, .geluTanh: "GELU"
        case .tanh: "Tanh"
        case .sigmoid: "Sigmoid"
        case .silu: "SiLU"
        case .leakyReLU: "LeakyReLU"
        case .elu: "ELU"
        case .selu: "SELU"
        case .celu: "CELU"
        case .mish: "Mish"
        case .softplus: "Softplus"
        case .softsign: "Softsign"
        case .hardtanh: "Hardtanh"
        case .relu6: "ReLU6"
        case .hardsigmoid: "Hardsigmoid"
        case .hardswish: "Hardswish"
        case .logSigmoid: "LogSigmoid"
        case .tanhshrink: "Tanhshrink"
        case .softshrink: "Softshrink"
        case .hardshrink: "Hardshrink"
        case .threshold: "Threshold"
        case .softmax: "Softmax"
        case .logSoftmax: "LogSoftmax"
        case .softmin: "Softmin"
        case .glu: "GLU"
        case .swiglu: "SwiGLU"
        case .geglu: "GEGLU"
        case .reglu: "ReGLU"
        }
    }

    /// - Throws: invalidArgument for a parameter that the function is not defined for.
    public func check() throws(TalwegError) {
        switch self {
        case .leakyReLU(let slope): try need(slope.isFinite, "slope", slope, "finite")
        case .elu(let alpha): try need(alpha.isFinite, "alpha", alpha, "finite")
        case .celu(let alpha): try need(alpha > 0 && alpha.isFinite, "alpha", alpha, "finite and above 0")
        case .softplus(let beta, let threshold):
            try need(beta > 0 && beta.isFinite, "beta", beta, "finite and above 0")
            try need(!threshold.isNaN, "threshold", threshold, "a number")
        case .hardtanh(let low, let high):
            guard low < high else { throw .invalid("hardtanh: low is \(low) and high \(high); low must be less") }
        case .softshrink(let by), .hardshrink(let by):
            try need(by >= 0 && by.isFinite, "lambda", by, "finite and 0 or more")
        case .threshold(let threshold, let value):
            try need(threshold.isFinite, "threshold", threshold, "finite")
            try need(!value.isNaN, "value", value, "a number")
        default: break
        }
    }

    private func need(_ holds: Bool, _ parameter: String, _ value: Double, _ what: String) throws(TalwegError) {
        guard holds else { throw .invalid("\(name.lowercased()): \(parameter) is \(value); it must be \(what)") }
    }
}

extension Tensor {
    /// f(x) of this x. Integers become floating, 16-bit elements are rounded once.
    public func activated(_ function: ActivationFunction) throws(TalwegError) -> Tensor {
        switch function {
        case .identity: return try alias()
        case .relu: return try relu()
        case .gelu: return try gelu()
        case .tanh: return try tanh()
        case .sigmoid: return try sigmoid()
        case .softmax(let axis): return try softmax(axis: axis)
        case .logSoftmax(let axis): return try logSoftmax(axis: axis)
        default:
            try function.check()
            return try floating().widened { x throws(TalwegError) in try x.composed(function) }
        }
    }
}
