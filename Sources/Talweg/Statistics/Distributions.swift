import CIntrinsics

// The distributions of test statistics, by the incomplete gamma and beta functions. Degrees of freedom are above 0
// and need not be whole; beyond 1e12 the limit that they approach stands for them. Each probability is computed as it
// is asked for, never as 1 less another, so that small ones keep their digits.

/// Student's t distribution (DLMF 8.17.4's relatives; Abramowitz and Stegun 26.7).
struct StudentT {
    let degreesOfFreedom: Double

    init(_ degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    private var isNormal: Bool { degreesOfFreedom > 1e12 }

    /// P(|T| > |t|)
    func twoSided(_ t: Double) -> Double {
        if isNormal { return tk_libm_erfc(t.magnitude * 0.5.squareRoot()) }
        if t.isInfinite { return degreesOfFreedom > 0 ? 0 : .nan }
        let (x, y) = place(t)
        return IncompleteBeta.both(degreesOfFreedom / 2, 0.5, x: x, y: y).lower
    }

    /// P(T <= t)
    func cdf(_ t: Double) -> Double { t < 0 ? 0.5 * twoSided(t) : 1 - 0.5 * twoSided(t) }

    /// P(T > t)
    func survival(_ t: Double) -> Double { cdf(-t) }

    /// The t with P(T > t) = q.
    func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1, degreesOfFreedom > 0 else { return .nan }
        if q > 0.5 { return -quantileAbove(1 - q) }
        return quantileAbove(q)
    }

    /// The t with P(T <= t) = p.
    func quantile(_ p: Double) -> Double { -upperQuantile(p) }

    private func quantileAbove(_ q: Double) -> Double {
        if isNormal { return Normal.upperQuantile(q) }
        if q == 0 { return .infinity }
        let (x, y) = IncompleteBeta.inverse(degreesOfFreedom / 2, 0.5, lower: 2 * q, upper: 1 - 2 * q)
        return (degreesOfFreedom * (y / x)).squareRoot()
    }

    /// n / (n + t^2) and t^2 / (n + t^2), where the square may overflow.
    private func place(_ t: Double) -> (Double, Double) {
        let n = degreesOfFreedom, square = t * t
        if square == .infinity { return (n / t / t, 1) }
        return (n / (n + square), square / (n + square))
    }
}

/// Fisher's F distribution (Abramowitz and Stegun 26.6).
struct FisherF {
    let numerator: Double
    let denominator: Double

    init(_ numerator: Double, _ denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    private func both(_ f: Double) -> (lower: Double, upper: Double) {
        if f.isNaN { return (.nan, .nan) }
        if f <= 0 { return (0, 1) }
        if denominator > 1e12 { return IncompleteGamma.both(numerator / 2, numerator / 2 * f) }
        if numerator > 1e12 {
            let (lower, upper) = IncompleteGamma.both(denominator / 2, denominator / 2 / f)
            return (upper, lower)
        }
        let ratio = numerator / denominator * f
        if ratio == .infinity { return (1, 0) }
        return IncompleteBeta.both(numerator / 2, denominator / 2, x: ratio / (1 + ratio), y: 1 / (1 + ratio))
    }

    /// P(F <= f)
    func cdf(_ f: Double) -> Double { both(f).lower }

    /// P(F > f)
    func survival(_ f: Double) -> Double { both(f).upper }

    /// The f with P(F <= f) = p.
    func quantile(_ p: Double) -> Double { quantile(p, 1 - p) }

    /// The f with P(F > f) = q.
    func upperQuantile(_ q: Double) -> Double { quantile(1 - q, q) }

    private func quantile(_ p: Double, _ q: Double) -> Double {
        guard p >= 0, q >= 0 else { return .nan }
        if denominator > 1e12 { return IncompleteGamma.inverse(numerator / 2, lower: p, upper: q) * 2 / numerator }
        if numerator > 1e12 { return denominator / 2 / IncompleteGamma.inverse(denominator / 2, lower: q, upper: p) }
        let (x, y) = IncompleteBeta.inverse(numerator / 2, denominator / 2, lower: p, upper: q)
        return denominator / numerator * (x / y)
    }
}

/// The chi-squared distribution (Abramowitz and Stegun 26.4).
struct ChiSquared {
    let degreesOfFreedom: Double

    init(_ degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    /// P(X <= x)
    func cdf(_ x: Double) -> Double { IncompleteGamma.lower(degreesOfFreedom / 2, max(x, 0) / 2) }

    /// P(X > x)
    func survival(_ x: Double) -> Double { IncompleteGamma.upper(degreesOfFreedom / 2, max(x, 0) / 2) }

    /// The x with P(X <= x) = p.
    func quantile(_ p: Double) -> Double { 2 * IncompleteGamma.inverse(degreesOfFreedom / 2, lower: p, upper: 1 - p) }

    /// The x with P(X > x) = q.
    func upperQuantile(_ q: Double) -> Double {
        2 * IncompleteGamma.inverse(degreesOfFreedom / 2, lower: 1 - q, upper: q)
    }
}
