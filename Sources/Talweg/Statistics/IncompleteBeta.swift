import CIntrinsics

/// The regularised incomplete beta function I_x(a, b), a, b > 0 (DLMF 8.17.2), to about 1e-14 of itself, given x and
/// y = 1 - x, of which the smaller may be known to more digits than the difference has.
///
/// x^a y^b / B(a, b) is taken by the saddle point (Loader 2000), the rest by the continued fraction of Didonato and
/// Morris (ACM TOMS 18, 1992, algorithm 708), on the side of the mean a / (a + b) where it converges well; its terms
/// do not cancel where a or b is large. Where x is small by the power series (DLMF 8.17.8 with the factor taken out).
enum IncompleteBeta {
    /// I_x(a, b) and 1 - I_x(a, b) = I_y(b, a).
    static func both(_ a: Double, _ b: Double, x: Double, y: Double) -> (lower: Double, upper: Double) {
        guard a > 0, b > 0, a < .infinity, b < .infinity, x >= 0, y >= 0 else { return (.nan, .nan) }
        if x == 0 { return (0, 1) }
        if y == 0 { return (1, 0) }
        let lambda = offset(a, b, x, y)
        if lambda >= 0 {
            let lower = min(1, tail(a, b, x, y, lambda))
            return (lower, 1 - lower)
        }
        let upper = min(1, tail(b, a, y, x, -lambda))
        return (1 - upper, upper)
    }

    /// x^a y^b / B(a, b)
    static func power(_ a: Double, _ b: Double, x: Double, y: Double) -> Double {
        let n = a + b
        let difference = offset(a, b, x, y)
        let exponent =
            stirlingCorrection(n) - stirlingCorrection(a) - stirlingCorrection(b)
            - deviance(a, n * x, difference: difference) - deviance(b, n * y, difference: -difference)
        return tk_libm_exp(exponent) * (a / n).squareRoot() * (b / (2 * Double.pi)).squareRoot()
    }

    /// The x where I_x(a, b) = p, with q = 1 - p, and 1 - x: by Newton's method on the logarithm of the smaller of p
    /// and q, in ln(x / y).
    static func inverse(_ a: Double, _ b: Double, lower p: Double, upper q: Double) -> (x: Double, y: Double) {
        guard a > 0, b > 0, a < .infinity, b < .infinity, p >= 0, q >= 0 else { return (.nan, .nan) }
        if p == 0 { return (0, 1) }
        if q == 0 { return (1, 0) }
        if p > q {
            let (y, x) = inverse(b, a, lower: q, upper: p)
            return (x, y)
        }
        let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
        // The power series' first term, or the mean, whichever is less.
        let series = (tk_libm_log(p) + tk_libm_log(a) + logBeta) / a
        let start = min(series, tk_libm_log(a / b))
        func place(_ u: Double) -> (Double, Double) {
            (1 / (1 + tk_libm_exp(-u)), 1 / (1 + tk_libm_exp(u)))
        }
        let (u, step) = monotoneRoot(start: start) { u in
            let (x, y) = place(u)
            if x == 0 { return (-.infinity, a) }
            let lower = both(a, b, x: x, y: y).lower
            return (tk_libm_log(lower / p), power(a, b, x: x, y: y) / lower)
        }
        let (x, y) = place(u)
        return (x + x * y * step, y - x * y * step)
    }

    /// a y - b x, what a exceeds (a + b) x by, from the exact products.
    private static func offset(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        let first = a * y, second = b * x
        return (first - second) + ((-first).addingProduct(a, y) - (-second).addingProduct(b, x))
    }

    /// Below the mean.
    private static func tail(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ lambda: Double) -> Double {
        let power = power(a, b, x: x, y: y)
        if power == 0 { return 0 }
        if b * x <= 0.7, x < 0.7 { return power / a * series(a, b, x, y) }
        return power * fraction(a, b, x, y, lambda)
    }

    /// 1 + (a + b) x / (a + 1) + (a + b) (a + b + 1) x^2 / ((a + 1) (a + 2)) + ...: all terms have one sign.
    private static func series(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        var sum = 1.0, term = 1.0, n = 0.0
        while true {
            let ratio = (a + b + n) / (a + 1 + n) * x
            n += 1
            term *= ratio
            sum += term
            if ratio < 1, term <= sum * 0x1p-54 * (1 - max(ratio, x)) { return sum }
            if n > 1e7 { return sum }
        }
    }

    private static func fraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double, _ lambda: Double) -> Double {
        let c = 1 + lambda, c0 = b / a, c1 = 1 + 1 / a
        var n = 0.0, p = 1.0, s = a + 1
        var an = 0.0, bn = 1.0, anext = 1.0, bnext = c / c1
        var value = c1 / c
        while true {
            n += 1
            let t = n / a
            let w = n * (b - n) * x
            var e = a / s
            let alpha = p * (p + c0) * e * e * (w * x)
            e = (1 + t) / (c1 + t + t)
            let beta = n + w / s + e * (c + n * (1 + y))
            p = 1 + t
            s += 2
            (an, anext) = (anext, alpha * an + beta * anext)
            (bn, bnext) = (bnext, alpha * bn + beta * bnext)
            let last = value
            value = anext / bnext
            if (value - last).magnitude <= 0x1p-53 * value || n > 1e7 { return value }
            an /= bnext
            bn /= bnext
            anext = value
            bnext = 1
        }
    }
}
