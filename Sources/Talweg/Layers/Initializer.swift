import TalwegKernels

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
    /// U(-a, a), a = sqrt(3 / fan in) (LeCun, Bottou, Orr and Müller, "Efficient backprop", 1998)
    case lecunUniform
    /// N(0, 1 / fan in), of the same paper
    case lecunNormal
    /// Mean 0 and variance gain^2 / fan, uniform or normal: what the five above are of.
    case varianceScaling(gain: Double, fan: Fan, normal: Bool)
    /// gain times a matrix [rows, columns] with orthonormal rows or columns, whichever are fewer, the first axis being
    /// the rows (Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
    /// neural networks", 2014)
    case orthogonal(gain: Double)
    /// N(mean, scale^2) between low and high
    case truncatedNormal(mean: Double, scale: Double, low: Double, high: Double)
    case constant(Double)
    case ones
    /// gain times the identity: a matrix with `gain` on the main diagonal, and 0 beside it
    case eye(gain: Double)
    /// Of a convolution's weight [outputs, inputs, ..]: each channel goes through unchanged, in `groups` groups of
    /// outputs, as far as there are as many.
    case dirac(groups: Int)

    /// Which size of a layer a variance is of.
    public enum Fan: Int32, Sendable {
        /// of the input: keeps the variance of what goes forward
        case input = 0
        /// of the output: keeps the variance of gradients
        case output = 1
        /// the mean of both
        case average = 2
    }

    /// A weight for a layer with `fanIn` inputs and `fanOut` outputs, each 1 or more.
    func weight(_ shape: Shape, fanIn: Int, fanOut: Int, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        let root = 2.0.squareRoot()
        return switch self {
        case .standard: try uniform(shape, 1 / Double(fanIn).squareRoot(), dtype, generator)
        case .heUniform: try scaled(shape, root, fanIn, false, dtype, generator)
        case .heNormal: try scaled(shape, root, fanIn, true, dtype, generator)
        case .xavierUniform: try scaled(shape, 1, mean(fanIn, fanOut), false, dtype, generator)
        case .xavierNormal: try scaled(shape, 1, mean(fanIn, fanOut), true, dtype, generator)
        case .lecunUniform: try scaled(shape, 1, fanIn, false, dtype, generator)
        case .lecunNormal: try scaled(shape, 1, fanIn, true, dtype, generator)
        case .varianceScaling(let gain, .input, let normal): try scaled(shape, gain, fanIn, normal, dtype, generator)
        case .varianceScaling(let gain, .output, let normal): try scaled(shape, gain, fanOut, normal, dtype, generator)
        case .varianceScaling(let gain, .average, let normal):
            try scaled(shape, gain, mean(fanIn, fanOut), normal, dtype, generator)
        case .uniform(let scale): try uniform(shape, scale, dtype, generator)
        case .normal(let scale): try normal(shape, scale, dtype, generator)
        case .zeros: try .zeros(shape, dtype)
        case .orthogonal(let gain): try orthogonal(shape, gain, dtype, generator)
        case .truncatedNormal(let mean, let scale, let low, let high):
            try truncatedNormal(shape, mean, scale, low, high, dtype, generator)
        case .constant(let value): try .full(shape, value, dtype)
        case .ones: try .ones(shape, dtype)
        case .eye(let gain): try eye(shape, gain, dtype)
        case .dirac(let groups): try dirac(shape, groups, dtype)
        }
    }

    func bias(_ shape: Shape, fanIn: Int, _ dtype: DType, _ generator: Generator) throws(TalwegError) -> Tensor {
        guard self == .standard else { return try .zeros(shape, dtype) }
        return try uniform(shape, 1 / Double(fanIn).squareRoot(), dtype, generator)
    }

    private func mean(_ fanIn: Int, _ fanOut: Int) -> Double { (Double(fanIn) + Double(fanOut)) / 2 }

    private func scaled(
        _ shape: Shape, _ gain: Double, _ fan: Int, _ isNormal: Bool, _ dtype: DType, _ generator: Generator
    ) throws(TalwegError) -> Tensor {
        try scaled(shape, gain, Double(fan), isNormal, dtype, generator)
    }

    private func scaled(
        _ shape: Shape, _ gain: Double, _ fan: Double, _ isNormal: Bool, _ dtype: DType, _ generator: Generator
    ) throws(TalwegError) -> Tensor {
        try check(gain, "gain")
        // The root of 3 makes a uniform interval's half of a standard deviation.
        return isNormal
            ? try normal(shape, gain / fan.squareRoot(), dtype, generator)
            : try uniform(shape, gain * (3 / fan).squareRoot(), dtype, generator)
    }

    private func uniform(_ shape: Shape, _ scale: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        try check(scale, "scale")
        return try .uniform(shape, low: -scale, high: scale, dtype, generator)
    }

    private func normal(_ shape: Shape, _ scale: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        try check(scale, "scale")
        return try .normal(shape, standardDeviation: scale, dtype, generator)
    }

    func check(_ value: Double, _ what: String) throws(TalwegError) {
        guard value >= 0, value.isFinite else {
            throw .invalid("initializer: the \(what) is \(value); it must be finite and 0 or more")
        }
    }
}
