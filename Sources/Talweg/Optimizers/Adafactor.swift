import CIntrinsics
import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Adafactor (Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018). The
/// second moments of a matrix (of the last two axes) are kept as those of its rows and of its columns; a vector
/// keeps each. At a parameter's step t, with k = t^beta2Decay:
///
///     row = row + k (mean over columns of g^2 - row), col alike;  s = row col / max(mean(row), epsilon1)
///     u  = g / sqrt(max(s, epsilon1^2))
///     p -= max(epsilon2, rms(p)) min(learningRate, 1 / sqrt(t)) u / max(1, rms(u) / clippingThreshold)
///
/// An epsilon1 of 0 is that of the dtype. Weight decay is apart from the gradient, as AdamW's.
public final class Adafactor: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 1e-2, .weightDecay: 0, .decoupled: 1, .l1: 0, .maximize: 0, .beta2Decay: -0.8, .epsilon1: 0,
        .epsilon2: 1e-3, .clippingThreshold: 1,
    ])

    private var scratch: Storage?

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init(
            "adafactor", options, states: ["row_var", "col_var", "variance"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) throws(TalwegError) -> Shape? {
        guard shape.rank > 1 else { return index == 2 ? shape : nil }
        switch index {
        case 0: return try shape.replacing(axis: shape.rank - 1, by: 1, for: "adafactor")
        case 1: return try shape.replacing(axis: shape.rank - 2, by: 1, for: "adafactor")
        default: return nil
        }
    }

    override var numbersAreShared: Bool { false }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        let step = Double(slot.steps + 1)
        let epsilon = options[.epsilon1]
        let least = epsilon > 0 ? epsilon : slot.parameter.dtype == .float32 ? Double(Float.ulpOfOne) : .ulpOfOne
        numbers.rate = min(options[.learningRate], 1 / step.squareRoot())
        numbers.beta2 = pow(step, options[.beta2Decay])
        numbers.beta1 = 1 - numbers.beta2
        numbers.epsilon = least
        numbers.scale1 = 1
    }

    override func reserve() throws(TalwegError) {
        var bytes = 0
        try updates.forEachSlot { (number, numbers) throws(TalwegError) in
            let parameter = slots[number].parameter
            let needed = AdafactorLayout(parameter.shape).scratchBytes(parameter.dtype, copied: !numbers.isPlain)
            bytes = max(bytes, needed)
        }
        if scratch.map({ $0.byteCount < bytes }) ?? true { scratch = try Storage(byteCount: bytes) }
    }

    override func update() {
        guard let scratch else { return }
        // Nothing in it throws.
        try? updates.forEachSlot { number, numbers in
            let slot = slots[number]
            let options = groups[slot.group]
            let (floor, threshold) = (options[.epsilon2], options[.clippingThreshold])
            if slot.parameter.dtype == .float32 {
                AdafactorStep<Float>(slot, numbers, scratch.pointer, kernels.f32).run(floor, threshold)
            } else {
                AdafactorStep<Double>(slot, numbers, scratch.pointer, kernels.f64).run(floor, threshold)
            }
        }
    }

    override func finish() {
        // The copy of a large gradient is not kept.
        if let scratch, scratch.byteCount > 1 << 20 { self.scratch = nil }
    }
}
