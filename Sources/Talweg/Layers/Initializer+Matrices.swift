import TalwegKernels

// Initialisers of more than single numbers.

extension Initializer {
    /// Q of a matrix of normal numbers, each column with the sign that R's diagonal would have positive: so it is
    /// uniform among all orthogonal matrices (Mezzadri, "How to generate random matrices from the classical compact
    /// groups", 2007). In float64, and rounded.
    func orthogonal(_ shape: Shape, _ gain: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        guard gain.isFinite else { throw .invalid("orthogonal: the gain is \(gain); it must be finite") }
        guard shape.rank >= 2 else {
            throw .shape("orthogonal: the shape is \(shape); two axes or more are needed")
        }
        if shape.count == 0 { return try .zeros(shape, dtype) }
        let (rows, columns) = (shape[0], shape.count / shape[0])
        let sizes = try Shape([max(rows, columns), min(rows, columns)], for: "orthogonal")
        return try withRecording(false) { () throws(TalwegError) in
            let (q, r) = try Tensor.normal(sizes, .float64, generator).qr()
            let diagonal = try r.diagonal()
            let signs = try Tensor.ones(diagonal.shape, .float64).copySign(of: diagonal)
            let matrix = try q * (signs * gain)
            return try (rows < columns ? matrix.transpose() : matrix).reshape(shape).cast(to: dtype)
        }
    }

    /// By the quantiles of uniform numbers between those of the bounds, in the tail where they are small numbers.
    func truncatedNormal(
        _ shape: Shape, _ mean: Double, _ scale: Double, _ low: Double, _ high: Double, _ dtype: DType,
        _ generator: Generator
    ) throws(TalwegError) -> Tensor {
        guard mean.isFinite, scale > 0, scale.isFinite, low < high else {
            throw .invalid(
                "truncated_normal: mean \(mean), standard deviation \(scale), between \(low) and \(high); the "
                    + "deviation must be above 0 and the bounds in order")
        }
        guard dtype.isFloating else { throw .dtype("truncated_normal: needs a floating type, not \(dtype.name)") }
        var (from, to) = ((low - mean) / scale, (high - mean) / scale)
        let isMirrored = from > 0
        if isMirrored { (from, to) = (-to, -from) }
        let (least, most) = (Normal.cdf(from), Normal.cdf(to))
        guard least < most else {
            throw .invalid(
                "truncated_normal: from \(low) to \(high) there is next to nothing of N(\(mean), \(scale)^2)")
        }
        let y = try Tensor.uniform(shape, .float64, generator)
        let values = y.view.pointer(as: Double.self)
        forEachChunk(y.count) { first, count in
            for i in first..<(first + count) {
                let p = least + (most - least) * values[i]
                // Rounding may leave the interval by little; p = 0 is minus infinity.
                let z = min(max(Normal.quantile(p), from), to)
                values[i] = min(max(mean + scale * (isMirrored ? -z : z), low), high)
            }
        }
        return try y.cast(to: dtype)
    }

    func eye(_ shape: Shape, _ gain: Double, _ dtype: DType) throws(TalwegError) -> Tensor {
        guard gain.isFinite else { throw .invalid("eye: the gain is \(gain); it must be finite") }
        guard shape.rank == 2 else { throw .shape("eye: the shape is \(shape); two axes are needed") }
        return try Tensor.eye(shape[0], shape[1], dtype) * gain
    }

    func dirac(_ shape: Shape, _ groups: Int, _ dtype: DType) throws(TalwegError) -> Tensor {
        guard (3...5).contains(shape.rank) else {
            throw .shape("dirac: the shape is \(shape); [outputs, inputs, ..] with one to three axes more is needed")
        }
        guard groups >= 1, shape[0] % groups == 0 else {
            throw .invalid("dirac: \(shape[0]) outputs do not make \(groups) groups")
        }
        let y = try Tensor.zeros(shape, dtype)
        if shape.count == 0 { return y }
        let outputs = shape[0] / groups
        let taps = shape.count / (shape[0] * shape[1])
        var middle = 0
        for axis in 2..<shape.rank { middle = middle * shape[axis] + shape[axis] / 2 }
        let one = try View.full(.scalar, 1, dtype)
        for output in 0..<shape[0] where output % outputs < shape[1] {
            let place = (output * shape[1] + output % outputs) * taps + middle
            kernels.copy(itemSize: dtype.itemSize)(1, one.pointer, 1, y.view.pointer + place * dtype.itemSize, 1)
        }
        return y
    }
}

extension Initializer {
    /// What a nonlinearity asks of a weight before it, so that the variance stays: sqrt(2) for ReLU, 5 / 3 for tanh,
    /// sqrt(2 / (1 + slope^2)) for leaky ReLU, 3 / 4 for SELU, 1 for the identity and the sigmoid.
    /// - Throws: invalidArgument for others.
    public static func gain(of function: ActivationFunction) throws(TalwegError) -> Double {
        try function.check()
        return switch function {
        case .identity, .sigmoid: 1
        case .relu: 2.0.squareRoot()
        case .tanh: 5.0 / 3
        case .leakyReLU(let slope): (2 / (1 + slope * slope)).squareRoot()
        case .selu: 0.75
        default: throw .invalid("gain: none is known of \(function.name)")
        }
    }

    /// Overwrites a tensor's elements, in place and without a gradient. Of a shape [outputs, inputs, ..] the fans are
    /// the sizes of the first two axes, times those behind.
    /// - Throws: shape for fewer axes, where a fan is needed.
    public func initialize(_ tensor: Tensor, _ generator: Generator = .shared) throws(TalwegError) {
        guard tensor.dtype.isFloating else {
            throw .dtype("initialize: needs a floating tensor, not \(tensor.dtype.name)")
        }
        let shape = tensor.shape
        var (fanIn, fanOut) = (1, 1)
        if needsFan {
            guard shape.rank >= 2 else {
                throw .shape("initialize: the tensor has shape \(shape); fans are of [outputs, inputs, ..]")
            }
            if shape.count > 0 {
                fanIn = shape.count / shape[0]
                fanOut = shape.count / shape[1]
            }
        }
        let made = try weight(shape, fanIn: fanIn, fanOut: fanOut, tensor.dtype, generator)
        try withRecording(false) { () throws(TalwegError) in try tensor.assign(made) }
    }

    private var needsFan: Bool {
        switch self {
        case .standard, .heUniform, .heNormal, .xavierUniform, .xavierNormal, .lecunUniform, .lecunNormal,
            .varianceScaling:
            true
        default: false
        }
    }
}
