import CIntrinsics
import TalwegKernels

/// Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024). Of matrices, with g the
/// gradient:
///
///     v  = momentum v + (1 - momentum) g
///     u  = nesterov ? momentum v + (1 - momentum) g : v
///     p -= learningRate r orthogonal(u)
///
/// where orthogonal(u) is u with its singular values brought near 1 by `iterations` Newton-Schulz steps
/// X = a X + (b + c X X^T) X X^T X from u / |u|, and r, by `rateAdjustment`, is sqrt(max(1, rows / columns)) (0),
/// 0.2 sqrt(max(rows, columns)) (1, which makes steps as large as AdamW's: Liu et al., "Muon is scalable for LLM
/// training", 2025) or 1 (2). Other parameters, and all of a group without `orthogonal`, are AdamW's, with beta1,
/// beta2 and epsilon. A step takes memory for two more copies of the matrices.
public final class Muon: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 1e-3, .weightDecay: 0.1, .decoupled: 1, .l1: 0, .maximize: 0, .momentum: 0.95, .nesterov: 1,
        .beta1: 0.9, .beta2: 0.999, .epsilon: 1e-8, .epsilon1: 1e-7, .orthogonal: 1, .iterations: 5,
        .coefficientA: 3.4445, .coefficientB: -4.775, .coefficientC: 2.0315, .rateAdjustment: 0,
    ])

    /// Of the step under way: each matrix with its next velocity and its update.
    private var next: [(slot: ParameterSlot, velocity: View, update: View)] = []
    private var matrices = Updates()

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init(
            "muon", options, states: ["momentum_buffer", "exp_avg", "exp_avg_sq"], maxNorm: maxNorm,
            maxValue: maxValue)
    }

    private static func isMatrix(_ shape: Shape, _ options: OptimizerOptions) -> Bool {
        shape.rank == 2 && options.isOn(.orthogonal)
    }

    override func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) -> Shape? {
        (index == 0) == Muon.isMatrix(shape, options) ? shape : nil
    }

    override var numbersAreShared: Bool { false }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        let shape = slot.parameter.shape
        guard Muon.isMatrix(shape, options) else { return numbers.setMoments(options, step: slot.steps + 1) }
        let (rows, columns) = (Double(shape[0]), Double(shape[1]))
        switch options[.rateAdjustment] {
        case 0: numbers.rate *= max(1, rows / columns).squareRoot()
        case 1: numbers.rate *= 0.2 * max(rows, columns).squareRoot()
        default: break
        }
    }

    override func reserve() throws(TalwegError) {
        try updates.forEachSlot { (number, numbers) throws(TalwegError) in
            let slot = slots[number]
            let options = groups[slot.group]
            guard Muon.isMatrix(slot.parameter.shape, options), let gradient = slot.gradient,
                let velocity = try slot.states[0]?.copy()
            else { return }
            let update = try View(uninitialized: gradient.shape, gradient.dtype)
            numbers.penalise(slot, gradient, to: update.pointer)
            let momentum = options[.momentum]
            let kernel = gradient.dtype == .float32 ? kernels.f32.updates.blend : kernels.f64.updates.blend
            let (size, nesterov) = (gradient.dtype.itemSize, options.isOn(.nesterov))
            forEachChunk(update.count) { _, start, count in
                let (u, v) = (update.pointer + start * size, velocity.pointer + start * size)
                kernel(count, 1 - momentum, u, v)
                kernel(count, nesterov ? momentum : 1, v, u)
            }
            let orthogonal = try NewtonSchulz(options).orthogonal(update)
            next.append((slot, velocity, orthogonal))
            var step = tk_update.plain
            step.rate = numbers.rate
            step.shrink = numbers.shrink
            let first = matrices.pieces.count
            matrices.append(
                Update(
                    count: orthogonal.count, dtype: orthogonal.dtype, slot: number, parameter: slot.target,
                    gradient: UnsafeRawPointer(orthogonal.pointer)))
            for piece in first..<matrices.pieces.count {
                matrices.setOptions(piece == first ? step : nil, of: piece)
            }
        }
    }

    override func update() {
        for (slot, velocity, _) in next { slot.states[0] = velocity }
        matrices.run(kernels.f32.updates.sgd, kernels.f64.updates.sgd)
        updates.forEachPiece { _, piece, options in
            guard piece.first == nil, let mean = piece.second, let square = piece.third else { return }
            let kernel = piece.dtype == .float32 ? kernels.f32.updates.adam : kernels.f64.updates.adam
            kernel(piece.count, options, piece.parameter, piece.gradient, mean, square, nil)
        }
    }

    override func finish() {
        next.removeAll(keepingCapacity: true)
        matrices.removeAll()
    }
}
