/// What coordinate descent works on.
public enum ElasticNetMode: Int32, Sendable {
    /// `gram` where there are enough rows for it to pay, else `naive`.
    case automatic = 0
    /// The matrix of all columns' products, made once.
    case gram = 1
    /// The columns themselves, with the products of those that are in use.
    case naive = 2
}

/// What a path tells after a penalty.
public struct ElasticNetProgress {
    /// Of the penalty, from 0.
    public let index: Int
    public let count: Int
    public let penalty: Double
    /// Coefficients that are not zero.
    public let nonzeros: Int
    public let gap: Double
}

/// What is fitted, and how.
public struct ElasticNetOptions {
    /// The L1 norm's share of the penalty, 0 to 1: 1 is the lasso.
    public var l1Ratio = 1.0
    /// Penalties of the path; they are taken in descending order. nil: `count` of them from the least that leaves no
    /// coefficient down to `ratio` times that, evenly by their logarithms.
    public var penalties: [Double]?
    public var count = 100
    public var ratio = 1e-3
    /// Fit an intercept, which is never penalised.
    public var intercept = true
    /// Penalise coefficients of columns divided by their standard deviations; they are told in the data's units.
    public var standardize = false
    /// No coefficient may be negative.
    public var positive = false
    public var mode = ElasticNetMode.automatic
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// Stop when the duality gap is below this share of the sum of squares of y.
    public var tolerance = 1e-7
    /// Sweeps over the coefficients in use, of each penalty.
    public var maxIterations = 10_000
    /// Choose the penalty by so many folds, 0 for none.
    public var folds = 0
    /// Of the order in which rows are dealt to folds.
    public var seed: UInt64 = 0
    /// The fold of each row [n], whole numbers from 0; in place of `folds`.
    public var foldOfRow: Tensor?
    /// Called after each penalty of the path on all rows; true stops.
    public var callback: ((ElasticNetProgress) -> Bool)?

    public init() {}

    public init(l1Ratio: Double = 1, penalties: [Double]? = nil) {
        self.l1Ratio = l1Ratio
        self.penalties = penalties
    }

    /// Throws for what lies outside its range.
    func check() throws(TalwegError) {
        guard l1Ratio >= 0, l1Ratio <= 1 else {
            throw .invalid("elastic_net: l1_ratio is \(l1Ratio); it must be from 0 to 1")
        }
        if let penalties {
            guard !penalties.isEmpty else { throw .invalid("elastic_net: there are no penalties") }
            for value in penalties {
                guard value >= 0, value.isFinite else {
                    throw .invalid("elastic_net: a penalty is \(value); none may be negative, and all must be finite")
                }
            }
        } else {
            guard count >= 1, count <= 100_000 else {
                throw .invalid("elastic_net: penalty_count is \(count); it must be from 1 to 100000")
            }
            guard ratio > 0, ratio < 1 else {
                throw .invalid("elastic_net: penalty_ratio is \(ratio); it must be above 0 and below 1")
            }
            guard l1Ratio > 0 else {
                throw .invalid("elastic_net: l1_ratio is 0, and no penalty leaves no coefficient: give the penalties")
            }
        }
        guard tolerance >= 0 else { throw .invalid("elastic_net: tolerance is \(tolerance); it must not be negative") }
        guard maxIterations >= 0 else {
            throw .invalid("elastic_net: max_iterations is \(maxIterations); it must not be negative")
        }
        guard folds == 0 || folds >= 2 else {
            throw .invalid("elastic_net: \(folds) folds; 0 or at least 2 are wanted")
        }
    }
}
