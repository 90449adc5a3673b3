import CIntrinsics

/// How a row counts in a stochastic descent, by its prediction and its target; the raw values are those of
/// `tw_stochastic_loss`. Of the losses of classes a target above 0 is the one class, any other target the other.
public enum StochasticLoss: Int32, Sendable {
    case squared = 0
    case huber = 1
    case insensitive = 2
    case squaredInsensitive = 3
    case hinge = 4
    case perceptron = 5
    case squaredHinge = 6
    case logistic = 7
    case modifiedHuber = 8

    /// Of a prediction p; `width` is Huber's corner, and how far off the insensitive losses forgive.
    @inline(__always)
    func value(_ p: Double, _ y: Double, _ width: Double) -> Double {
        let apart = (p - y).magnitude, margin = y > 0 ? p : -p
        switch self {
        case .squared: return apart * apart / 2
        case .huber: return apart <= width ? apart * apart / 2 : width * (apart - width / 2)
        case .insensitive: return max(0, apart - width)
        case .squaredInsensitive:
            let over = max(0, apart - width)
            return over * over
        case .hinge: return max(0, 1 - margin)
        case .perceptron: return max(0, -margin)
        case .squaredHinge:
            let short = max(0, 1 - margin)
            return short * short
        case .logistic: return max(0, -margin) + tk_libm_log1p(tk_libm_exp(-margin.magnitude))
        case .modifiedHuber:
            if margin < -1 { return -4 * margin }
            let short = max(0, 1 - margin)
            return short * short
        }
    }

    /// The derivative by the prediction.
    @inline(__always)
    func slope(_ p: Double, _ y: Double, _ width: Double) -> Double {
        let over = p - y, sign = y > 0 ? 1.0 : -1.0, margin = y > 0 ? p : -p
        switch self {
        case .squared: return over
        case .huber: return max(-width, min(width, over))
        case .insensitive: return over > width ? 1 : over < -width ? -1 : 0
        case .squaredInsensitive: return over > width ? 2 * (over - width) : over < -width ? 2 * (over + width) : 0
        case .hinge: return margin <= 1 ? -sign : 0
        case .perceptron: return margin <= 0 ? -sign : 0
        case .squaredHinge: return margin < 1 ? -2 * sign * (1 - margin) : 0
        case .logistic:
            // -sign / (1 + e^margin), of a power that does not overflow.
            let power = tk_libm_exp(-margin.magnitude)
            return -sign * (margin > 0 ? power : 1) / (1 + power)
        case .modifiedHuber: return margin >= 1 ? 0 : margin >= -1 ? -2 * sign * (1 - margin) : -4 * sign
        }
    }

    var isOfClasses: Bool { rawValue >= StochasticLoss.hinge.rawValue }
}
