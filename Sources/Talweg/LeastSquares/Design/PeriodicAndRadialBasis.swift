import CIntrinsics

/// A function of the distance r to a centre over the scale. The raw values are those of `tw_radial_kind`.
public enum RadialKind: Int32, Sendable {
    /// exp(-r^2 / 2)
    case gaussian = 0
    /// (1 + r^2)^1/2
    case multiquadric = 1
    /// (1 + r^2)^-1/2
    case inverseMultiquadric = 2
    /// r^2 ln r
    case thinPlate = 3
    /// r^3
    case cubic = 4

    /// Of the distance's square.
    func value(_ square: Double) -> Double {
        switch self {
        case .gaussian: tk_libm_exp(-square / 2)
        case .multiquadric: (1 + square).squareRoot()
        case .inverseMultiquadric: 1 / (1 + square).squareRoot()
        case .thinPlate: square > 0 ? square * tk_libm_log(square) / 2 : 0
        case .cubic: square * square.squareRoot()
        }
    }
}

extension DesignBasis {
    /// sin(2 pi k x / period) and cos(2 pi k x / period), k from 1, side by side.
    /// - Parameter constant: with the column of ones, the first
    public static func fourier(period: Double, harmonics: Int, constant: Bool = false) throws(TalwegError)
        -> DesignBasis
    {
        guard period > 0, period.isFinite else {
            throw .invalid("fourier: period is \(period); it must be finite and above 0")
        }
        guard harmonics >= 1, harmonics <= 1 << 20 else {
            throw .invalid("fourier: harmonics is \(harmonics); it must be from 1 to \(1 << 20)")
        }
        let skipped = constant ? 1 : 0
        return DesignBasis(inputs: 1, columns: 2 * harmonics + skipped) { x, out, _ in
            if constant { out[0] = 1 }
            // Less whole periods, which rounds nothing.
            let part = x[0].remainder(dividingBy: period) / period
            for k in 1...harmonics {
                let turns = Double(k) * part
                let angle = 2 * Double.pi * (turns - turns.rounded())
                out[skipped + 2 * k - 2] = tk_libm_sin(angle)
                out[skipped + 2 * k - 1] = tk_libm_cos(angle)
            }
        }
    }

    /// A function of the distance to each of the centres [m, d], or [m] in one dimension.
    public static func radial(centers: Tensor, kind: RadialKind = .gaussian, scale: Double = 1) throws(TalwegError)
        -> DesignBasis
    {
        guard scale > 0, scale.isFinite else {
            throw .invalid("radial: scale is \(scale); it must be finite and above 0")
        }
        let d = try columnRanges(centers, "radial").low.count
        let view = try LinearProblem.matrix(centers, "radial").cast(to: .float64).copy()
        let count = view.shape[0]
        return DesignBasis(inputs: d, columns: count) { x, out, _ in
            let places = view.pointer(as: Double.self)
            for c in 0..<count {
                var square = 0.0
                for j in 0..<d {
                    let way = (x[j] - places[c * d + j]) / scale
                    square += way * way
                }
                out[c] = kind.value(square)
            }
        }
    }
}
