import CIntrinsics

/// How residuals count; Hampel's three parts have their corners at c, 2 c and 4 c. The raw values are those of
/// `tw_robust_loss`.
public enum RobustLoss: Int32, Sendable {
    case huber = 0
    case softL1 = 1
    case cauchy = 2
    case tukey = 3
    case welsch = 4
    case andrews = 5
    case hampel = 6

    /// The constants of 95 % efficiency for normal errors (Holland and Welsch, Comm. Stat. A6, 1977; Huber, Robust
    /// Statistics, 1981). Of soft L1 the same was found by integrating its influence function.
    var tuning: Double {
        switch self {
        case .huber: 1.345
        case .softL1: 1.2871
        case .cauchy: 2.3849
        case .tukey: 4.685
        case .welsch: 2.9846
        case .andrews: 1.339
        case .hampel: 2
        }
    }

    /// Whether a far residual counts no more than a near one.
    var redescends: Bool { self != .huber && self != .softL1 }

    /// rho(u) for residuals over the scale, with rho(u) near u^2 / 2 at 0.
    func rho(_ u: Double, _ c: Double) -> Double {
        let a = u.magnitude, t = u / c
        switch self {
        case .huber: return a <= c ? u * u / 2 : c * (a - c / 2)
        case .softL1: return c * c * ((1 + t * t).squareRoot() - 1)
        case .cauchy: return c * c / 2 * tk_libm_log1p(t * t)
        case .tukey:
            if a >= c { return c * c / 6 }
            let rest = 1 - t * t
            return c * c / 6 * (1 - rest * rest * rest)
        case .welsch: return -c * c / 2 * tk_libm_expm1(-t * t)
        case .andrews: return a >= c * .pi ? 2 * c * c : c * c * (1 - tk_libm_cos(t))
        case .hampel:
            if a <= c { return u * u / 2 }
            if a <= 2 * c { return c * (a - c / 2) }
            let rest = min(a, 4 * c)
            return 1.5 * c * c + (4 * c * (rest - 2 * c) - (rest * rest - 4 * c * c) / 2) / 2
        }
    }

    /// rho'(u) / u, the weight.
    func weight(_ u: Double, _ c: Double) -> Double {
        let a = u.magnitude, t = u / c
        switch self {
        case .huber: return a <= c ? 1 : c / a
        case .softL1: return 1 / (1 + t * t).squareRoot()
        case .cauchy: return 1 / (1 + t * t)
        case .tukey:
            if a >= c { return 0 }
            let rest = 1 - t * t
            return rest * rest
        case .welsch: return tk_libm_exp(-t * t)
        case .andrews:
            if a >= c * .pi { return 0 }
            return t == 0 ? 1 : tk_libm_sin(t) / t
        case .hampel: return a <= c ? 1 : a <= 2 * c ? c / a : a < 4 * c ? (4 * c - a) / (2 * a) : 0
        }
    }

    /// rho''(u)
    func curvature(_ u: Double, _ c: Double) -> Double {
        let a = u.magnitude, t = u / c, s = t * t
        switch self {
        case .huber: return a <= c ? 1 : 0
        case .softL1: return 1 / ((1 + s) * (1 + s).squareRoot())
        case .cauchy: return (1 - s) / ((1 + s) * (1 + s))
        case .tukey: return a >= c ? 0 : (1 - s) * (1 - 5 * s)
        case .welsch: return tk_libm_exp(-s) * (1 - 2 * s)
        case .andrews: return a >= c * .pi ? 0 : tk_libm_cos(t)
        case .hampel: return a <= c ? 1 : a <= 2 * c ? 0 : a < 4 * c ? -0.5 : 0
        }
    }
}

/// How the scale of the residuals is estimated, again in each iteration.
public enum RobustScale: Int32, Sendable {
    /// The median magnitude over that of the standard normal distribution.
    case mad = 0
    /// Huber's proposal 2.
    case proposal2 = 1
    /// `RobustOptions.scale`, as it is.
    case given = 2
}

/// What an M-estimate tells after an iteration. The pointer is valid during the call.
public struct RobustProgress {
    /// From 1.
    public let iteration: Int
    public let maxIterations: Int
    public let scale: Double
    /// float64 [features]
    public let coefficients: UnsafeBufferPointer<Double>
    public let intercept: Double
}

/// What is fitted, and how.
public struct RobustOptions {
    public var loss = RobustLoss.huber
    /// In units of the scale; nil: the loss's constant of 95 % efficiency.
    public var tuning: Double?
    public var scaleEstimate = RobustScale.mad
    /// Of proposal 2, in units of the scale.
    public var proposalConstant = 2.5
    /// Of `given`, above 0.
    public var scale = 1.0
    public var intercept = true
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// Stop when no fitted value moves by more than this share of the scale.
    public var tolerance = 1e-9
    public var maxIterations = 200
    public var callback: ((RobustProgress) -> Bool)?

    public init() {}

    func check() throws(TalwegError) {
        if let tuning, !(tuning > 0 && tuning.isFinite) {
            throw .invalid("robust: tuning is \(tuning); it must be finite and above 0")
        }
        guard scaleEstimate != .given || scale > 0 && scale.isFinite else {
            throw .invalid("robust: scale is \(scale); it must be finite and above 0")
        }
        guard proposalConstant > 0, proposalConstant.isFinite else {
            throw .invalid("robust: proposal_constant is \(proposalConstant); it must be finite and above 0")
        }
        guard tolerance >= 0 else { throw .invalid("robust: tolerance is \(tolerance); it must not be negative") }
        guard maxIterations >= 0 else {
            throw .invalid("robust: max_iterations is \(maxIterations); it must not be negative")
        }
    }
}
