import CIntrinsics
import TalwegKernels

/// What is fitted to a stream of rows.
public struct StreamOptions {
    /// Fit an intercept, which is never penalised.
    public var intercept = true
    /// The ridge penalty, 0 or more, in the units of the sum of squares.
    public var ridge = 0.0
    /// As `LeastSquaresOptions.rankTolerance`.
    public var rankTolerance = -1.0
    /// Each row multiplies the weights of all before it by this: above 0, at most 1.
    public var forgetting = 1.0

    public init() {}

    func check() throws(TalwegError) {
        guard ridge >= 0, ridge.isFinite else {
            throw .invalid("lstsq_stream: ridge is \(ridge); it must be finite and not negative")
        }
        guard !rankTolerance.isNaN, rankTolerance < 1 else {
            throw .invalid(
                "lstsq_stream: rank_tolerance is \(rankTolerance); it must be below 1 (negative: the default)")
        }
        guard forgetting > 0, forgetting <= 1 else {
            throw .invalid("lstsq_stream: forgetting is \(forgetting); it must be above 0 and at most 1")
        }
    }
}

/// Linear least squares of rows that come in blocks and are not kept: `LeastSquares.fit` of all of them at any time,
/// in memory for about (p + k) (p + 1) numbers.
///
/// The rows are taken into a triangular factor by Householder reflectors (`StackedQR`), which is backward stable as QR
/// of the whole is; only the refinement is missing, which `fit` makes of ill-conditioned problems with the rows. With
/// a forgetting factor it is recursive least squares, without the inverse whose rounding makes that method diverge.
public final class LeastSquaresStream {
    public let features: Int
    public let targets: Int
    /// Whether y is [m, k], and results have an axis of targets.
    public let manyTargets: Bool
    public let options: StreamOptions
    let state: StreamState

    /// - Parameter targets: columns of y [m, k]; 0: y is [m]
    public init(features: Int, targets: Int = 0, _ options: StreamOptions = StreamOptions()) throws(TalwegError) {
        try options.check()
        self.features = features
        self.targets = max(targets, 1)
        manyTargets = targets != 0
        self.options = options
        state = try StreamState(features: features, targets: targets == 0 ? 1 : targets, intercept: options.intercept)
    }

    init(_ state: StreamState, manyTargets: Bool, _ options: StreamOptions) {
        (self.state, self.manyTargets, self.options) = (state, manyTargets, options)
        (features, targets) = (state.p, state.k)
    }

    /// Rows that were pushed and not dropped again.
    public var rows: Int { state.totals.rows }

    /// Takes rows in; on an error none.
    /// - Parameters:
    ///   - X: [m, p], finite; [m] counts as one column
    ///   - y: [m] or [m, k], finite
    ///   - weights: [m], 0 or more
    public func push(_ X: Tensor, _ y: Tensor, weights: Tensor? = nil) throws(TalwegError) {
        try push(block(X, y, weights, "lstsq_stream_push"), "lstsq_stream_push")
    }

    func block(_ X: Tensor, _ y: Tensor, _ weights: Tensor?, _ name: String) throws(TalwegError) -> StreamBlock {
        try StreamBlock(
            X, y, weights: weights, features: features, targets: targets, many: manyTargets, name)
    }

    func push(_ block: StreamBlock, _ name: String, from row: Int = 0) throws(TalwegError) {
        let (p, k) = (features, targets)
        if block.count == 0 { return }
        let space = try Workspace(
            byteCount: slabBytes(state.blockRows, state.blockRows, p + k, StackedQR.stride(rows: state.blockRows)))
        var slab = Slab(space.pointer)
        let values = slab.doubles(state.blockRows), roots = slab.doubles(state.blockRows)
        let sizes = slab.doubles(p + k)
        let heaviest = try check(block, name, row, values, sizes)
        fitUnits(block, sizes, heaviest, values)

        let own = state.stack.block
        for begin in stride(from: 0, to: block.count, by: state.blockRows) {
            let some = min(state.blockRows, block.count - begin)
            if options.forgetting < 1 { age(some) }
            weigh(block, begin, some, roots)
            if state.hasIntercept { own.column(0).update(from: roots, count: some) }
            for j in 0..<(p + k) {
                let column = own.column(state.place(j))
                read(block, j, begin, some, into: column)
                prepare(j, column, some, roots)
            }
            state.absorb(some)
        }
    }

    /// Column j of X's, or from p on of y's.
    func read(_ block: StreamBlock, _ j: Int, _ begin: Int, _ some: Int, into out: UnsafeMutablePointer<Double>) {
        if j < features {
            block.features.read(j, begin, some, into: out)
        } else {
            block.targets.read(j - features, begin, some, into: out)
        }
    }

    /// sqrt(w) (x scale - shift)
    func prepare(_ j: Int, _ column: UnsafeMutablePointer<Double>, _ some: Int, _ roots: UnsafePointer<Double>) {
        let (scale, shift) = (state.scale[j], state.shift[j])
        for i in 0..<some { column[i] = (column[i] * scale - shift) * roots[i] }
    }

    /// Throws for what is not finite or no weight; else the columns' greatest magnitudes, and the greatest weight.
    private func check(
        _ block: StreamBlock, _ name: String, _ row: Int, _ values: UnsafeMutablePointer<Double>,
        _ sizes: UnsafeMutablePointer<Double>
    ) throws(TalwegError) -> Double {
        sizes.update(repeating: 0, count: features + targets)
        var heaviest = block.weights == nil ? 1.0 : 0
        for begin in stride(from: 0, to: block.count, by: state.blockRows) {
            let some = min(state.blockRows, block.count - begin)
            for j in 0..<(features + targets) {
                read(block, j, begin, some, into: values)
                let size = greatest(values, some)
                guard size.isFinite else { throw bad(block, name, row + begin, begin, j, values, some) }
                sizes[j] = max(sizes[j], size)
            }
            guard let weights = block.weights else { continue }
            weights.read(0, begin, some, into: values)
            for i in 0..<some {
                guard values[i].isFinite else {
                    throw .numeric("\(name): weights has \(values[i]) in row \(row + begin + i)")
                }
                guard values[i] >= 0 else {
                    throw .invalid("\(name): weights has \(values[i]) in row \(row + begin + i); none may be negative")
                }
                heaviest = max(heaviest, values[i])
            }
        }
        return heaviest
    }

    private func greatest(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
        let kernels = Talweg.kernels
        guard let greatest = kernels.reduce(.max, .float64), let least = kernels.reduce(.min, .float64) else {
            return .nan
        }
        var (high, low) = (0.0, 0.0)
        greatest(count, values, 1, &high)
        least(count, values, 1, &low)
        return high.isNaN || low.isNaN ? .nan : max(high.magnitude, low.magnitude)
    }

    private func bad(
        _ block: StreamBlock, _ name: String, _ row: Int, _ begin: Int, _ j: Int,
        _ values: UnsafeMutablePointer<Double>, _ some: Int
    ) -> TalwegError {
        for i in 0..<some where !values[i].isFinite {
            if j < features { return .numeric("\(name): X has \(values[i]) in row \(row + i), column \(j)") }
            return targets == 1
                ? .numeric("\(name): y has \(values[i]) in row \(row + i)")
                : .numeric("\(name): y has \(values[i]) in row \(row + i), column \(j - features)")
        }
        return .numeric("\(name): X or y is not finite")
    }

    /// Scales, shifts and the weights' unit that suit what came before and the block.
    private func fitUnits(
        _ block: StreamBlock, _ sizes: UnsafePointer<Double>, _ heaviest: Double, _ values: UnsafeMutablePointer<Double>
    ) {
        let isFirst = state.totals.rowsInUse == 0
        if heaviest > 0 {
            let exponent = heaviest.exponent >> 1
            if isFirst || exponent > state.totals.exponent + 50 { state.reweigh(to: exponent) }
        }
        for j in 0..<(features + targets) {
            let isFresh = state.scale[j] == 0
            if sizes[j] > 0 {
                let fitting = LinearSystem.power(min(max(-sizes[j].exponent, -1000), 1000))
                if isFresh || fitting * 0x1p100 < state.scale[j] { state.rescale(j, to: fitting) }
            }
            if !isFresh {
                state.recentre(j)
            } else if state.hasIntercept, state.scale[j] != 0 {
                // Near the first block's mean; the factor's first row has the rest, and the zeros that came before.
                let some = min(state.blockRows, block.count)
                read(block, j, 0, some, into: values)
                var sum = 0.0
                for i in 0..<some { sum += values[i] * state.scale[j] }
                state.shift[j] = sum / Double(some)
                state.stack.r.column(state.place(j))[0] = -state.shift[j] * state.stack.r[0, 0]
            }
        }
    }

    /// Old rows count less by so many more.
    private func age(_ count: Int) {
        let factor = tk_libm_pow(options.forgetting, Double(count) / 2)
        state.totals.logarithms += Double(state.totals.rowsInUse) * Double(count) * tk_libm_log(options.forgetting)
        state.multiply(factor)
    }

    /// The roots of the rows' weights in the state's unit; they are added to its sums.
    private func weigh(_ block: StreamBlock, _ begin: Int, _ some: Int, _ roots: UnsafeMutablePointer<Double>) {
        state.totals.rows += some
        let forgetting = options.forgetting
        guard block.weights != nil || forgetting < 1 || state.totals.exponent != 0 else {
            roots.update(repeating: 1, count: some)
            state.totals.rowsInUse += some
            state.totals.sum.add(Double(some))
            return
        }
        roots.update(repeating: 1, count: some)
        if let weights = block.weights {
            weights.read(0, begin, some, into: roots)
            state.totals.isWeighted = true
        }
        if forgetting < 1 {
            state.totals.isWeighted = true
            for i in 0..<some { roots[i] *= tk_libm_pow(forgetting, Double(some - 1 - i)) }
        }
        state.totals.logarithms += sumOfLogarithms(roots, some)
        for i in 0..<some {
            if roots[i] > 0 { state.totals.rowsInUse += 1 }
            let weight = LinearSystem.shift(roots[i], by: -2 * state.totals.exponent)
            state.totals.sum.add(weight)
            roots[i] = weight.squareRoot()
        }
    }
}
