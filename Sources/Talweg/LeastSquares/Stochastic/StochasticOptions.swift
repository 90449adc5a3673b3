/// How long the steps of a stochastic descent are; the raw values are those of `tw_stochastic_schedule`.
public enum StochasticSchedule: Int32, Sendable {
    case constant = 0
    /// 1 / (penalty (t0 + t)) (Bottou, Neural Networks: Tricks of the Trade, 2012).
    case optimal = 1
    /// rate / t^power
    case inverseScaling = 2
    /// The rate, a fifth of it whenever the patience is at its end.
    case adaptive = 3
    /// min(rate, loss / |x|^2) (Crammer and others, JMLR 7, 2006, PA-I).
    case passiveAggressive1 = 4
    /// loss / (|x|^2 + 1 / (2 rate)), PA-II.
    case passiveAggressive2 = 5

    var isPassiveAggressive: Bool { self == .passiveAggressive1 || self == .passiveAggressive2 }
}

/// What is measured of rows held back; the raw values are those of `tw_stochastic_score`.
public enum StochasticScore: Int32, Sendable {
    case rSquared = 0
    /// The share of rows whose prediction has its target's sign.
    case accuracy = 1
}

/// What a stochastic descent tells after an epoch.
public struct StochasticProgress: Sendable {
    /// From 1.
    public let epoch: Int
    public let maxEpochs: Int
    /// Mean loss of the rows as they were met, and the penalty; NaN with rows held back.
    public let objective: Double
    /// Of the rows held back; NaN without any.
    public let score: Double
}

/// What is fitted, and how.
public struct StochasticOptions {
    public var loss = StochasticLoss.squared
    /// Of Huber's and the insensitive losses.
    public var width = 0.1
    /// penalty ((1 - l1Ratio) / 2 |b|^2 + l1Ratio |b|_1) is added to each row's loss.
    public var penalty = 1e-4
    public var l1Ratio = 0.0
    public var intercept = true
    /// The intercept's steps by those of the coefficients.
    public var interceptRate = 1.0
    public var schedule = StochasticSchedule.inverseScaling
    public var rate = 0.01
    public var power = 0.25
    public var maxEpochs = 1000
    /// Stop after `patience` epochs in turn without a gain of this; negative: never.
    public var tolerance = 1e-3
    public var patience = 5
    /// Take the rows of each epoch in a random order.
    public var shuffle = true
    public var seed: UInt64 = 0
    /// The step from which on coefficients are averaged (Ruppert 1988; Polyak and Juditsky 1992); 0: none.
    public var averageFrom = 0
    /// By which rows' steps are multiplied: of targets above 0, and of others.
    public var positiveWeight = 1.0
    public var negativeWeight = 1.0
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// [n]: rows where this is not 0 are held back, and their score takes the objective's place.
    public var heldBack: Tensor?
    public var score = StochasticScore.rSquared
    /// Where to start: coefficients and their average [p], intercepts, and the number of the next step.
    public var coefficients: Tensor?
    public var startIntercept = 0.0
    public var average: Tensor?
    public var averageIntercept = 0.0
    public var step = 1.0
    public var callback: ((StochasticProgress) -> Bool)?

    public init() {}

    func check() throws(TalwegError) {
        func require(_ holds: Bool, _ what: String, _ value: Double, _ range: String) throws(TalwegError) {
            guard holds else { throw .invalid("stochastic: \(what) is \(value); it must be \(range)") }
        }
        try require(width >= 0 && width.isFinite, "epsilon", width, "finite and not negative")
        try require(penalty >= 0 && penalty.isFinite, "alpha", penalty, "finite and not negative")
        try require(l1Ratio >= 0 && l1Ratio <= 1, "l1_ratio", l1Ratio, "from 0 to 1")
        try require(rate > 0 && rate.isFinite, "rate", rate, "finite and above 0")
        try require(power.isFinite, "power", power, "finite")
        try require(interceptRate >= 0 && interceptRate.isFinite, "intercept_rate", interceptRate, "not negative")
        try require(positiveWeight >= 0 && positiveWeight.isFinite, "positive_weight", positiveWeight, "not negative")
        try require(negativeWeight >= 0 && negativeWeight.isFinite, "negative_weight", negativeWeight, "not negative")
        try require(!tolerance.isNaN, "tolerance", tolerance, "a number")
        try require(startIntercept.isFinite, "start_intercept", startIntercept, "finite")
        try require(averageIntercept.isFinite, "average_intercept", averageIntercept, "finite")
        try require(step >= 1 && step < 0x1p53, "step", step, "1 or more")
        if schedule == .optimal { try require(penalty > 0, "alpha", penalty, "above 0 for the optimal schedule") }
        guard maxEpochs >= 0 else { throw .invalid("stochastic: max_epochs is \(maxEpochs); it must not be negative") }
        guard patience >= 1 else { throw .invalid("stochastic: patience is \(patience); it must be 1 or more") }
        guard averageFrom >= 0 else {
            throw .invalid("stochastic: average_from is \(averageFrom); it must not be negative")
        }
    }
}
