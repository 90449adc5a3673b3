import CIntrinsics

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), a > 0, x >= 0 (DLMF 8.2.4), each to
/// about 1e-14 of itself where a and x are given exactly and their own rounding does not count for more.
///
/// The power x^a e^-x / Gamma(a + 1) is taken by the saddle point (Loader 2000), P by its series (DLMF 8.7.1) and Q by
/// the continued fraction (DLMF 8.9.2, by Lentz's method); for small a by the difference of P's series from 1
/// (Didonato and Morris, ACM TOMS 12, 1986), for vast a by the leading terms of Temme's expansion (DLMF 8.12.3).
enum IncompleteGamma {
    static func lower(_ a: Double, _ x: Double) -> Double { both(a, x).lower }
    static func upper(_ a: Double, _ x: Double) -> Double { both(a, x).upper }

    /// P and Q at once.
    static func both(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        guard a > 0, x >= 0, a < .infinity else { return (.nan, .nan) }
        if x == 0 { return (0, 1) }
        if x == .infinity { return (1, 0) }
        if a > 1e12 { return uniform(a, x) }
        if a < 1, x < 1.1 { return small(a, x) }
        if x < a + 1 {
            let p = min(1, power(a, x) * series(a, x))
            return (p, 1 - p)
        }
        let q = min(1, power(a, x) * a * fraction(a, x))
        return (1 - q, q)
    }

    /// x^a e^-x / Gamma(a + 1)
    static func power(_ a: Double, _ x: Double) -> Double {
        let exponent = -stirlingCorrection(a) - deviance(a, x, difference: a - x)
        return tk_libm_exp(exponent) / (2 * Double.pi * a).squareRoot()
    }

    /// The x where P(a, x) = p, with q = 1 - p: by Newton's method on the logarithm of the smaller of the two.
    static func inverse(_ a: Double, lower p: Double, upper q: Double) -> Double {
        guard a > 0, a < .infinity, p >= 0, q >= 0 else { return .nan }
        if p == 0 { return 0 }
        if q == 0 { return .infinity }
        // Wilson and Hilferty's cube, or the first term of the series.
        let z = p < q ? Normal.quantile(p) : -Normal.quantile(q)
        let root = 1 - 1 / (9 * a) + z / (3 * a.squareRoot())
        let series = (tk_libm_log(p) + logGamma(a + 1)) / a
        let start = a > 0.5 && root > 0.3 ? tk_libm_log(a * root * root * root) : min(series, tk_libm_log(a + 1))
        let (u, step) = monotoneRoot(start: start) { u in
            let x = tk_libm_exp(u)
            let (lower, upper) = both(a, x)
            let slope = a * power(a, x)
            return p <= q
                ? (tk_libm_log(lower / p), slope / lower) : (-tk_libm_log(upper / q), slope / upper)
        }
        let x = tk_libm_exp(u)
        return x + x * step
    }

    /// 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...
    private static func series(_ a: Double, _ x: Double) -> Double {
        var sum = 1.0, term = 1.0, n = a
        while true {
            n += 1
            term *= x / n
            sum += term
            // What follows is at most a geometric series.
            if term <= sum * 0x1p-54 * (1 - x / (n + 1)) || term == 0 { return sum }
        }
    }

    /// Gamma(a, x) / (x^a e^-x)
    private static func fraction(_ a: Double, _ x: Double) -> Double {
        var b = x + 1 - a
        var c = 1e300, d = 1 / b
        var value = d
        var i = 1.0
        while true {
            let coefficient = -i * (i - a)
            b += 2
            d = 1 / (coefficient * d + b)
            c = b + coefficient / c
            let factor = c * d
            value *= factor
            if (factor - 1).magnitude < 0x1p-52 || i > 1e7 { return value }
            i += 1
        }
    }

    private static func small(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        var term = 1.0, sum = 0.0, n = 0.0
        repeat {
            n += 1
            term *= -x / n
            sum += term / (a + n)
        } while term.magnitude > 0x1p-56 * x
        let gamma = a <= 0.5 ? logGammaOfOnePlus(a) : logGamma(1 + a)
        let logarithm = a * tk_libm_log(x) - gamma
        let factor = tk_libm_exp(logarithm)
        return (factor * (1 + a * sum), -tk_libm_expm1(logarithm) - factor * a * sum)
    }

    private static func uniform(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        let square = deviance(a, x, difference: a - x)
        let s = x < a ? -square.squareRoot() : square.squareRoot()
        let eta = s * (2 / a).squareRoot()
        let rest = tk_libm_exp(-square) / (2 * Double.pi * a).squareRoot() * (-1 / 3.0 + eta / 12)
        return (0.5 * tk_libm_erfc(-s) - rest, 0.5 * tk_libm_erfc(s) + rest)
    }
}
