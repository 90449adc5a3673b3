import CIntrinsics

/// What a squared residual z, in units of the loss' scale, counts: rho(z), with rho(z) near z for small ones.
public enum ResidualLoss: Int32, Sendable {
    /// z
    case linear = 0
    /// z up to 1, then 2 sqrt(z) - 1 (Huber 1964)
    case huber = 1
    /// 2 (sqrt(1 + z) - 1)
    case softL1 = 2
    /// log(1 + z)
    case cauchy = 3
    /// atan(z)
    case arctan = 4
    /// 1 - (1 - z)^3 up to 1, then 1, over 3 (Beaton and Tukey 1974)
    case tukey = 5
    /// 1 - exp(-z) (Dennis and Welsch 1978)
    case welsch = 6

    /// rho and its first two derivatives.
    @inline(__always)
    func values(_ z: Double) -> (rho: Double, first: Double, second: Double) {
        switch self {
        case .linear: return (z, 1, 0)
        case .huber:
            if z <= 1 { return (z, 1, 0) }
            let root = z.squareRoot()
            return (2 * root - 1, 1 / root, -0.5 / (z * root))
        case .softL1:
            let t = 1 + z, root = t.squareRoot()
            return (2 * (root - 1), 1 / root, -0.5 / (t * root))
        case .cauchy:
            let t = 1 + z
            return (tk_libm_log1p(z), 1 / t, -1 / (t * t))
        case .arctan:
            let t = 1 + z * z
            return (tk_libm_atan(z), 1 / t, -2 * z / (t * t))
        case .tukey:
            if z >= 1 { return (1.0 / 3, 0, 0) }
            let u = 1 - z
            return ((1 - u * u * u) / 3, u * u, -2 * u)
        case .welsch:
            let e = tk_libm_exp(-z)
            return (-tk_libm_expm1(-z), e, -e)
        }
    }

    /// Half the sum of losses; infinite where a residual is not finite.
    func cost(_ r: UnsafePointer<Double>, _ count: Int, scale: Double) -> Double {
        var sum = 0.0
        if self == .linear {
            sum = Talweg.kernels.f64.dot(count, r, 1, r, 1)
        } else {
            let inverse = 1 / scale
            for i in 0..<count {
                let u = r[i] * inverse
                // An infinite residual has a finite loss, and no derivative.
                sum += values(u * u).rho + u * 0
            }
            sum *= scale * scale
        }
        return sum.isFinite ? sum / 2 : .infinity
    }

    /// Scales residuals and the Jacobian's rows so that their Gauss-Newton model is the cost's (Triggs et al., "Bundle
    /// adjustment - a modern synthesis", 2000, section 4.3), curvature not below that of a thousandth of a residual.
    func weigh(
        _ r: UnsafeMutablePointer<Double>, _ count: Int, scale: Double, _ columns: UnsafeMutablePointer<Double>,
        _ p: Int
    ) {
        if self == .linear { return }
        for i in 0..<count {
            let u = r[i] / scale
            let (_, first, second) = values(u * u)
            // A row of weight 0 tells nothing.
            let curvature = max(first + 2 * second * u * u, first * 1e-3)
            let factor = curvature.squareRoot()
            r[i] *= factor > 0 ? first / factor : 0
            for j in 0..<p { columns[j * count + i] *= factor }
        }
    }
}
