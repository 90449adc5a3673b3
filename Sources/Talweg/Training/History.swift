/// What a fit went through, epoch by epoch, and update by update as far as that was asked for.
public final class History {
    /// Why a fit ended; the raw values are those of `tw_fit_stop`.
    public enum Stop: Int32, Sendable {
        case epochs = 0
        case early = 1
        case cancelled = 2
        /// The most updates were made.
        case steps = 3
    }

    /// The names of `FitOptions.metrics`.
    public let metricNames: [String]
    public private(set) var epochs: [EpochProgress] = []
    public internal(set) var stop = Stop.epochs
    /// How many checkpoints could not be written.
    public internal(set) var failedCheckpoints = 0

    private var records = GrowingBuffer<StepRecord>()

    init(metrics: [String] = []) { metricNames = metrics }

    /// The position in `epochs` with the lowest validation loss (training loss, where nothing was held out), the first
    /// of equal ones; nil if there is no epoch. Epochs before the first validation do not count if there was one.
    public var bestEpoch: Int? {
        let validates = epochs.contains { !$0.validationLoss.isNaN }
        var best: (place: Int, loss: Double)?
        for (place, epoch) in epochs.enumerated() {
            let loss = validates ? epoch.validationLoss : epoch.loss
            if loss.isNaN { continue }
            if best.map({ loss < $0.loss }) ?? true { best = (place, loss) }
        }
        return best?.place ?? (epochs.isEmpty ? nil : 0)
    }

    /// How many updates were noted.
    public var stepCount: Int { records.count }

    /// A noted update, by its place.
    public func step(at index: Int) throws(TalwegError) -> StepRecord {
        guard index >= 0, index < records.count else {
            throw .index("history: step \(index) is out of range; \(records.count) were noted")
        }
        return records.elements[index]
    }

    func append(_ epoch: EpochProgress) { epochs.append(epoch) }

    func append(_ step: StepRecord) throws(TalwegError) { try records.append(step) }
}

// In checkpoints: rows of numbers, which float64 holds exactly.
extension History {
    private var epochWidth: Int { 11 + 2 * metricNames.count }
    private static let stepWidth = 6

    var epochNumbers: [Double] {
        var numbers: [Double] = []
        for epoch in epochs {
            numbers += [
                Double(epoch.epoch), Double(epoch.epochs), epoch.loss, epoch.validationLoss, epoch.accuracy,
                epoch.validationAccuracy, epoch.seconds, Double(epoch.steps), epoch.learningRate, epoch.stepSeconds,
                Double(epoch.peakBytes),
            ]
            for metrics in [epoch.metrics, epoch.validationMetrics] {
                for place in metricNames.indices { numbers.append(place < metrics.count ? metrics[place] : .nan) }
            }
        }
        return numbers
    }

    /// The updates as a tensor [updates, numbers].
    func stepTensor() throws(TalwegError) -> Tensor {
        let view = try View(
            uninitialized: Shape([records.count, History.stepWidth], for: "history"), .float64)
        let out = view.pointer(as: Double.self)
        for (row, record) in records.elements.enumerated() {
            let numbers = [
                Double(record.step), Double(record.epoch), record.loss, record.learningRate, record.seconds,
                Double(record.bytes),
            ]
            for (column, number) in numbers.enumerated() { out[row * History.stepWidth + column] = number }
        }
        return Tensor(view)
    }

    /// Refuses numbers that are no history of this fit's.
    func check(epochs numbers: [Double], steps: [Double], in path: String) throws(TalwegError) {
        guard numbers.count % epochWidth == 0, steps.count % History.stepWidth == 0 else {
            throw .format("checkpoint: \(path): its history has \(numbers.count) and \(steps.count) numbers")
        }
        for row in stride(from: 0, to: numbers.count, by: epochWidth) {
            for column in [0, 1, 7, 10] { try History.checkCount(numbers[row + column], path) }
        }
        for row in stride(from: 0, to: steps.count, by: History.stepWidth) {
            for column in [0, 1, 5] { try History.checkCount(steps[row + column], path) }
        }
    }

    private static func checkCount(_ number: Double, _ path: String) throws(TalwegError) {
        guard Int(exactly: number) != nil else {
            throw .format("checkpoint: \(path): its history holds \(number) where a count is wanted")
        }
    }

    /// Takes over what `check` has let pass.
    func load(epochs numbers: [Double], steps: [Double]) throws(TalwegError) {
        for row in stride(from: 0, to: numbers.count, by: epochWidth) {
            var epoch = EpochProgress()
            epoch.epoch = Int(exactly: numbers[row]) ?? 0
            epoch.epochs = Int(exactly: numbers[row + 1]) ?? 0
            (epoch.loss, epoch.validationLoss) = (numbers[row + 2], numbers[row + 3])
            (epoch.accuracy, epoch.validationAccuracy) = (numbers[row + 4], numbers[row + 5])
            epoch.seconds = numbers[row + 6]
            epoch.steps = Int(exactly: numbers[row + 7]) ?? 0
            (epoch.learningRate, epoch.stepSeconds) = (numbers[row + 8], numbers[row + 9])
            epoch.peakBytes = Int(exactly: numbers[row + 10]) ?? 0
            let first = row + 11
            epoch.metrics = Array(numbers[first..<first + metricNames.count])
            epoch.validationMetrics = Array(numbers[first + metricNames.count..<first + 2 * metricNames.count])
            append(epoch)
        }
        for row in stride(from: 0, to: steps.count, by: History.stepWidth) {
            try append(
                StepRecord(
                    step: Int(exactly: steps[row]) ?? 0, epoch: Int(exactly: steps[row + 1]) ?? 0, loss: steps[row + 2],
                    learningRate: steps[row + 3], seconds: steps[row + 4], bytes: Int(exactly: steps[row + 5]) ?? 0))
        }
    }
}
