import CIntrinsics
import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// LAMB (You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020). With
/// Adam's moments without their bias,
///
///     u  = m / (sqrt(s) + epsilon) + weightDecay p
///     p -= learningRate |p| / |u| u
///
/// with the norms of the whole parameter, whose quotient is 1 where one of them is 0.
public final class LAMB: Adam {
    override public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 1e-3, .weightDecay: 0, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.999, .epsilon: 1e-6,
        ])
    }

    /// By piece, and then by parameter: the sums of squares of u and of p.
    private var sums: Storage?

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init("lamb", options, states: ["exp_avg", "exp_avg_sq"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.setMoments(options, step: slot.steps + 1)
        numbers.scale1 = 1 / (1 - pow(options[.beta1], Double(slot.steps + 1)))
        numbers.rate = options[.learningRate]
        numbers.extra = options[.weightDecay]
        numbers.decay = 0
    }

    override func reserve() throws(TalwegError) {
        let needed = 2 * (updates.pieces.count + slots.count) * MemoryLayout<Double>.size
        if sums.map({ $0.byteCount < needed }) ?? true { sums = try Storage(byteCount: needed) }
    }

    override func update() {
        guard let memory = sums?.pointer.assumingMemoryBound(to: Double.self) else { return }
        updates.forEachPiece { index, piece, options in
            let kernel = piece.dtype == .float32 ? kernels.f32.updates.lambMoments : kernels.f64.updates.lambMoments
            kernel(
                piece.count, options, piece.parameter, piece.gradient, piece.first, piece.second, memory + 2 * index)
            memory[2 * index + 1] = sumOfSquares(piece.count, piece.parameter, piece.dtype)
        }
        // In the order of the pieces, whoever made them.
        let totals = memory + 2 * updates.pieces.count
        totals.initialize(repeating: 0, count: 2 * slots.count)
        for (index, piece) in updates.pieces.enumerated() {
            totals[2 * piece.slot] += memory[2 * index]
            totals[2 * piece.slot + 1] += memory[2 * index + 1]
        }
        updates.forEachPiece { _, piece, options in
            let (step, parameter) = (totals[2 * piece.slot].squareRoot(), totals[2 * piece.slot + 1].squareRoot())
            var options = options.pointee
            if step > 0, parameter > 0 { options.rate *= parameter / step }
            let kernel = piece.dtype == .float32 ? kernels.f32.updates.lamb : kernels.f64.updates.lamb
            kernel(piece.count, &options, piece.parameter, piece.gradient, piece.first, piece.second, nil)
        }
    }
}
