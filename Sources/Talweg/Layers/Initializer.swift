/// How the weights of a layer start. Biases start at 0, but for `standard`.
public enum Initializer: Sendable, Equatable {
    /// U(-1/sqrt(fan in), 1/sqrt(fan in)) for weight and bias: what PyTorch's Linear does.
    case standard
    /// U(-a, a), a = sqrt(6 / fan in) (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015)
    case heUniform
    /// N(0, 2 / fan in), of the same paper
    case heNormal
    /// U(-a, a), a = sqrt(6 / (fan in + fan out)) (Glorot and Bengio, "Understanding the difficulty of
    /// training deep feedforward neural networks", 2010)
    case xavierUniform
    /// N(0, 2 / (fan in + fan out)), of the same paper
    case xavierNormal
    /// U(-scale, scale)
    case uniform(scale: Double)
    /// N(0, scale^2)
    case normal(scale: Double)
    case zeros

    /// A weight for a layer with `fanIn` inputs and `fanOut` outputs, each 1 or more.
    func weight(_ shape: Shape, fanIn: Int, fanOut: Int, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        let (fanIn, fanOut) = (Double(fanIn), Double(fanOut))
        return switch self {
        case .standard: try uniform(shape, 1 / fanIn.squareRoot(), dtype, generator)
        case .heUniform: try uniform(shape, (6 / fanIn).squareRoot(), dtype, generator)
        case .heNormal: try normal(shape, (2 / fanIn).squareRoot(), dtype, generator)
        case .xavierUniform: try uniform(shape, (6 / (fanIn + fanOut)).squareRoot(), dtype, generator)
        case .xavierNormal: try normal(shape, (2 / (fanIn + fanOut)).squareRoot(), dtype, generator)
        case .uniform(let scale): try uniform(shape, scale, dtype, generator)
        case .normal(let scale): try normal(shape, scale, dtype, generator)
        case .zeros: try .zeros(shape, dtype)
        }
    }

    func bias(_ shape: Shape, fanIn: Int, _ dtype: DType, _ generator: Generator) throws(TalwegError) -> Tensor {
        guard self == .standard else { return try .zeros(shape, dtype) }
        return try uniform(shape, 1 / Double(fanIn).squareRoot(), dtype, generator)
    }

    private func uniform(_ shape: Shape, _ scale: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        try check(scale)
        return try .uniform(shape, low: -scale, high: scale, dtype, generator)
    }

    private func normal(_ shape: Shape, _ scale: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        try check(scale)
        return try .normal(shape, standardDeviation: scale, dtype, generator)
    }

    private func check(_ scale: Double) throws(TalwegError) {
        guard scale >= 0, scale.isFinite else {
            throw .invalid("initializer: the scale is \(scale); it must be finite and 0 or more")
        }
    }
}
