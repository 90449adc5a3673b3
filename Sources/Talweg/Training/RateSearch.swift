#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How `findLearningRate` searches.
public struct RateSearchOptions: Sendable {
    public var batchSize = 32
    /// A new random order of the rows every time that all were seen.
    public var shuffle = true
    public var seed: UInt64 = 0
    /// The rates go from start to end in `steps` equal factors.
    public var start = 1e-7
    public var end = 10.0
    public var steps = 100
    /// The losses are smoothed by an exponential average that keeps this share, without its bias.
    public var smoothing = 0.9
    /// Ends where the smoothed loss is above this many times the least, or not finite; 0: never for being high.
    public var divergence = 4.0

    public init() {}

    func check() throws(TalwegError) {
        guard start > 0, end > start, end.isFinite else {
            throw .invalid("find_learning_rate: start is \(start), end \(end); they must be above 0 and ascend")
        }
        guard steps >= 2, steps <= 1 << 24 else {
            throw .invalid("find_learning_rate: steps is \(steps); it must be 2 or more")
        }
        guard smoothing >= 0, smoothing < 1 else {
            throw .invalid("find_learning_rate: smoothing is \(smoothing); it must be 0 or more and below 1")
        }
        guard divergence >= 0, divergence.isFinite else {
            throw .invalid("find_learning_rate: divergence is \(divergence); it must be finite and 0 or more")
        }
    }
}

/// What `findLearningRate` saw.
public struct RateSearch: Sendable {
    /// The rates and the smoothed losses before a step with each.
    public internal(set) var points: [(rate: Double, loss: Double)] = []

    /// The rate where the smoothed loss falls the fastest over the rate's logarithm, before its least; NaN if it
    /// never falls.
    public var suggestion: Double {
        guard let least = points.indices.min(by: { points[$0].loss < points[$1].loss }), least > 0 else { return .nan }
        var (steepest, rate) = (0.0, Double.nan)
        for place in 0..<least {
            // The rates' factor is the same everywhere.
            let before = place > 0 ? points[place - 1].loss : points[place].loss
            let slope = (points[place + 1].loss - before) / (place > 0 ? 2 : 1)
            if slope < steepest { (steepest, rate) = (slope, points[place].rate) }
        }
        return rate
    }
}

/// Trains a module for a few steps at rising rates (Smith, "Cyclical learning rates for training neural
/// networks", 2017). Module and optimizer are afterwards as they were, bit for bit.
/// - Parameters:
///   - inputs: [n, ..]
///   - targets: [n, ..]
///   - optimizer: holds the module's parameters
///   - loss: of an output and a batch's targets
public func findLearningRate(
    _ module: Module, _ optimizer: Optimizer, _ inputs: Tensor, _ targets: Tensor,
    _ options: RateSearchOptions = RateSearchOptions(), loss: (Tensor, Tensor) throws(TalwegError) -> Tensor
) throws(TalwegError) -> RateSearch {
    try options.check()
    guard ThreadState.current.recording else {
        throw .state("find_learning_rate: recording is switched off on this thread, so there would be no gradients")
    }
    let loader = try Loader(
        inputs.detach(), targets.detach(), batchSize: options.batchSize, shuffle: options.shuffle, seed: options.seed)
    var tensors = module.namedState.map(\.tensor)
    for parameter in optimizer.parameters where !tensors.contains(where: { $0 === parameter }) {
        tensors.append(parameter)
    }
    var before = Snapshot()
    try before.take(tensors)
    let gradients = tensors.map { ($0, $0.grad) }
    defer {
        before.restore()
        for (tensor, gradient) in gradients { tensor.replaceGrad(gradient) }
    }
    return try module.withTraining(true) { () throws(TalwegError) in
        try optimizer.withOwnState { () throws(TalwegError) in
            try search(module, optimizer, loader, options, tensors, loss)
        }
    }
}

private func search(
    _ module: Module, _ optimizer: Optimizer, _ loader: Loader, _ options: RateSearchOptions, _ tensors: [Tensor],
    _ loss: (Tensor, Tensor) throws(TalwegError) -> Tensor
) throws(TalwegError) -> RateSearch {
    var found = RateSearch()
    let factor = log(options.end / options.start) / Double(options.steps - 1)
    let base = optimizer.groups.map { $0[.learningRate] }
    // Groups keep their ratios.
    let greatest = base.max() ?? 0
    var (average, least) = (0.0, Double.infinity)
    for step in 0..<options.steps {
        var batch = try loader.next()
        if batch == nil { batch = try loader.next() }
        guard let (x, target) = batch, let y = target else { throw .internal("find_learning_rate: no batch") }
        let rate = step == options.steps - 1 ? options.end : options.start * exp(factor * Double(step))
        optimizer.setLearningRates(base.map { greatest > 0 ? rate * $0 / greatest : rate })
        for tensor in tensors { tensor.replaceGrad(nil) }
        let value = try loss(module.forward(x), y)
        let number = try value.item()
        average = options.smoothing * average + (1 - options.smoothing) * number
        let smooth = average / (1 - pow(options.smoothing, Double(step + 1)))
        guard smooth.isFinite else { break }
        found.points.append((rate, smooth))
        least = min(least, smooth)
        // As the text says for a least above 0.
        let most = least + (options.divergence - 1) * least.magnitude
        if options.divergence > 0, step > 0, smooth > most { break }
        do throws(TalwegError) {
            try value.backward()
            try optimizer.step()
        } catch {
            // Gradients without a norm are the end of the search, as a loss that is not finite.
            guard error.status == .numeric else { throw error }
            break
        }
    }
    return found
}

extension Optimizer {
    /// Runs `body` on copies of the states and options, and puts back what there was.
    fileprivate func withOwnState<R>(_ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
        let (groups, pending, accumulation) = (groups, pending, accumulation)
        let kept = slots.map { ($0, $0.states, $0.steps, $0.product, $0.isReady, $0.isFresh) }
        defer {
            self.groups = groups
            for (slot, states, steps, product, isReady, isFresh) in kept {
                slot.states = states
                slot.steps = steps
                slot.product = product
                slot.isReady = isReady
                slot.isFresh = isFresh
            }
            resume(accumulation, pending)
        }
        for slot in slots {
            for state in slot.states.indices { slot.states[state] = try slot.states[state]?.copy() }
        }
        try accumulate(1)
        return try body()
    }
}
