/// Lowers the rates when a metric has not got better for a while.
public final class PlateauSchedule: Schedule {
    public struct Options: Sendable {
        /// Whether a higher metric is better.
        public var maximize = false
        /// What the rates are multiplied by; 0 or more and below 1.
        public var factor = 0.1
        /// How many steps without a better metric are let pass.
        public var patience = 10
        /// By how much a metric must be better to count: of the best, or as it is.
        public var threshold = 1e-4
        public var thresholdIsAbsolute = false
        /// Steps after a change in which none is counted.
        public var cooldown = 0
        /// The least rate.
        public var minimum = 0.0
        /// A change of less than this is not made.
        public var epsilon = 1e-8
        /// Steps before all that, in which the rates rise from a share of theirs.
        public var warmupSteps = 0
        public var warmupStart = 0.0

        public init() {}
    }

    private let options: Options
    private var best = Double.infinity
    private var waited = 0
    private var cooling = 0

    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: Options = Options()) throws(TalwegError) {
        guard options.factor >= 0, options.factor < 1 else {
            throw .invalid("schedule: plateau: factor is \(options.factor); it must be 0 or more and below 1")
        }
        for (name, value) in [
            ("threshold", options.threshold), ("minimum", options.minimum), ("epsilon", options.epsilon),
            ("warmup_start", options.warmupStart),
        ] {
            guard value >= 0, value.isFinite else {
                throw .invalid("schedule: plateau: \(name) is \(value); it must be finite and 0 or more")
            }
        }
        for (name, value) in [
            ("patience", options.patience), ("cooldown", options.cooldown), ("warmup_steps", options.warmupSteps),
        ] {
            guard value >= 0 else { throw .invalid("schedule: plateau: \(name) is \(value); it must be 0 or more") }
        }
        self.options = options
        super.init()
    }

    override var name: String { "plateau" }

    override func begin() {
        best = options.maximize ? -.infinity : .infinity
        waited = 0
        cooling = 0
        if options.warmupSteps > 0 { warm(0) }
    }

    private func warm(_ step: Int) {
        let share = min(1, Double(step) / Double(max(1, options.warmupSteps)))
        let factor = options.warmupStart + (1 - options.warmupStart) * share
        optimizer?.setLearningRates(base.map { $0 * factor })
    }

    private func isBetter(_ metric: Double) -> Bool {
        if options.thresholdIsAbsolute {
            return options.maximize ? metric > best + options.threshold : metric < best - options.threshold
        }
        return options.maximize ? metric > best * (1 + options.threshold) : metric < best * (1 - options.threshold)
    }

    /// - Throws: invalidArgument without a metric. A metric that is NaN is no better one.
    override public func step(metric: Double? = nil) throws(TalwegError) {
        let optimizer = try attached()
        let next = try following()
        if next <= options.warmupSteps {
            lastStep = next
            return warm(next)
        }
        guard let metric else { throw .invalid("schedule: plateau: a step needs the metric") }
        lastStep = next
        if isBetter(metric) {
            best = metric
            waited = 0
        } else {
            waited += 1
        }
        if cooling > 0 {
            cooling -= 1
            waited = 0
        }
        guard waited > options.patience else { return }
        optimizer.setLearningRates(
            optimizer.groups.map { group in
                let rate = group[.learningRate]
                let lower = max(rate * options.factor, options.minimum)
                return rate - lower > options.epsilon ? lower : rate
            })
        cooling = options.cooldown
        waited = 0
    }

    override func ownNumbers() -> [(name: String, value: Double)] {
        [("best", best), ("waited", Double(waited)), ("cooling", Double(cooling))]
    }

    override func setOwnNumbers(_ values: [Double]) {
        guard values.count == 3 else { return }
        best = values[0]
        waited = Int(exactly: values[1]) ?? 0
        cooling = Int(exactly: values[2]) ?? 0
    }
}
