import TalwegKernels

/// RMS norm (Zhang and Sennrich, "Root mean square layer normalization", 2019) over the last axes: x / sqrt(mean(x^2) +
/// epsilon) weight; parameter "weight" of the axes' sizes, of ones at first.
public final class RMSNorm: Module {
    private let normalized: NormalizedShape
    private let epsilon: Double?

    /// - Parameters:
    ///   - shape: the sizes of the last axes
    ///   - epsilon: nil: the gap between 1 and the next number of the input's dtype, as PyTorch has it
    ///   - affine: whether there is a weight
    /// - Throws: invalidArgument for no axes or an epsilon below 0, shape for sizes below 1, dtype
    public init(_ shape: [Int], epsilon: Double? = nil, affine: Bool = true, dtype: DType = .float32)
        throws(TalwegError)
    {
        normalized = try NormalizedShape(shape, "rms_norm")
        if let epsilon {
            guard epsilon >= 0, epsilon.isFinite else {
                throw .invalid("rms_norm: epsilon is \(epsilon); it must be finite and 0 or more")
            }
        }
        guard dtype == .float32 || dtype == .float64 else {
            throw .dtype("rms_norm: needs float32 or float64, not \(dtype.name)")
        }
        self.epsilon = epsilon
        super.init()
        if affine { try setParameter("weight", .ones(normalized.shape, dtype)) }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try normalized.folded(x, parameter("weight"), nil) { x, weight, _ throws(TalwegError) in
            try x.rmsNorm(weight: weight, epsilon: epsilon ?? x.dtype.epsilon)
        }
    }
}

extension DType {
    /// The gap between 1 and the next number; of whole numbers that of the floating type they become.
    fileprivate var epsilon: Double {
        switch self {
        case .float16: 0x1p-10
        case .bfloat16: 0x1p-7
        case .float64, .int64, .uint64: 0x1p-52
        default: 0x1p-23
        }
    }
}
