import TalwegKernels

/// x where it is positive, else times a slope that is learned: parameter "weight" [slopes]; one slope for all, or one
/// for each channel, position of axis 1 (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015).
public final class PReLU: Module {
    /// - Parameter initial: what each slope starts at
    /// - Throws: invalidArgument for fewer than one slope, dtype for one that is not floating.
    public init(slopes: Int = 1, initial: Double = 0.25, dtype: DType = .float32) throws(TalwegError) {
        super.init()
        guard slopes >= 1 else { throw .invalid("prelu: \(slopes) slopes; there must be 1 or more") }
        guard initial.isFinite else { throw .invalid("prelu: the slopes start at \(initial); it must be finite") }
        guard dtype.isFloating else { throw .dtype("prelu: needs a floating type, not \(dtype.name)") }
        try setParameter("weight", .full(Shape([slopes], for: "prelu"), initial, dtype))
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("prelu: its weight was removed") }
        return try x.prelu(weight)
    }
}
