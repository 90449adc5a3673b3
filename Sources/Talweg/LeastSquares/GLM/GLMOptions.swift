/// The distribution of y given x; the raw values are those of `tw_glm_family`.
public enum GLMFamily: Int32, Sendable {
    case gaussian = 0
    case binomial = 1
    case poisson = 2
    case gamma = 3
    case negativeBinomial = 4
    case multinomial = 5

    var name: String {
        switch self {
        case .gaussian: "gaussian"
        case .binomial: "binomial"
        case .poisson: "Poisson"
        case .gamma: "gamma"
        case .negativeBinomial: "negative binomial"
        case .multinomial: "multinomial"
        }
    }

    /// The link that is taken where none is named.
    var defaultLink: GLMLink {
        switch self {
        case .gaussian: .identity
        case .binomial, .multinomial: .logit
        case .poisson, .gamma, .negativeBinomial: .log
        }
    }

    func allows(_ link: GLMLink) -> Bool {
        switch self {
        case .gaussian: link == .identity || link == .log
        case .binomial: link == .logit || link == .probit || link == .cloglog
        case .multinomial: link == .logit
        case .poisson, .negativeBinomial: link == .log
        case .gamma: link == .log || link == .inverse
        }
    }
}

/// The function that takes the mean to the linear predictor; the raw values are those of `tw_glm_link`.
public enum GLMLink: Int32, Sendable {
    case automatic = 0
    case identity = 1
    case log = 2
    case logit = 3
    case probit = 4
    case cloglog = 5
    case inverse = 6

    var name: String {
        switch self {
        case .automatic: "default"
        case .identity: "identity"
        case .log: "log"
        case .logit: "logit"
        case .probit: "probit"
        case .cloglog: "complementary log-log"
        case .inverse: "inverse"
        }
    }
}

/// What a fit tells after an iteration. The pointers are valid during the call.
public struct GLMProgress {
    /// From 1.
    public let iteration: Int
    public let maxIterations: Int
    /// The deviance and the penalty, which the iteration minimises.
    public let objective: Double
    /// float64 [outputs][features], row-major, and [outputs]; outputs are 1, or the classes.
    public let coefficients: UnsafeBufferPointer<Double>
    public let intercept: UnsafeBufferPointer<Double>
    public let features: Int
    public let outputs: Int
}

/// What is fitted, and how.
public struct GLMOptions {
    public var family = GLMFamily.gaussian
    public var link = GLMLink.automatic
    /// Fit an intercept, which is never penalised.
    public var intercept = true
    /// Of the negative binomial's variance mu + alpha mu^2.
    public var alpha = 1.0
    /// The penalty: ridge / 2 |b|^2 is added to the negative log-likelihood (of dispersion 1).
    public var ridge = 0.0
    /// l1 |b|_1 is added, too.
    public var l1 = 0.0
    /// Row weights [n], 0 or more, by which the log-likelihood's terms are multiplied; nil: all 1.
    public var weights: Tensor?
    /// Added to the linear predictor, [n]; nil: nothing.
    public var offset: Tensor?
    /// Stop when half of what a step promises is below this share of the objective; negative: 1e-13, or 1e-10 where
    /// there are many rows.
    public var tolerance = -1.0
    public var maxIterations = 100
    /// Compute standard errors: a pass over the data more.
    public var standardErrors = true
    /// Called after each iteration; true stops.
    public var callback: ((GLMProgress) -> Bool)?

    public init() {}

    public init(family: GLMFamily, link: GLMLink = .automatic, intercept: Bool = true, ridge: Double = 0) {
        self.family = family
        self.link = link
        self.intercept = intercept
        self.ridge = ridge
    }

    /// Throws for what lies outside its range, and names the link.
    func checked() throws(TalwegError) -> GLMOptions {
        var options = self
        if link == .automatic { options.link = family.defaultLink }
        guard family.allows(options.link) else {
            throw .invalid("glm: the \(link.name) link is none of the \(family.name) family's")
        }
        guard ridge >= 0, ridge.isFinite else {
            throw .invalid("glm: ridge is \(ridge); it must be finite and not negative")
        }
        guard l1 >= 0, l1.isFinite else {
            throw .invalid("glm: l1 is \(l1); it must be finite and not negative")
        }
        guard family != .negativeBinomial || alpha > 0 && alpha.isFinite else {
            throw .invalid("glm: alpha is \(alpha); it must be finite and above 0")
        }
        guard !tolerance.isNaN else { throw .invalid("glm: tolerance is NaN") }
        guard maxIterations >= 0 else {
            throw .invalid("glm: max_iterations is \(maxIterations); it must not be negative")
        }
        return options
    }
}
