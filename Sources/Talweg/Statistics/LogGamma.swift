import CIntrinsics

/// ln Gamma(x) for x > 0, to a few units of the last place also beside its zeros at 1 and 2; NaN for other x.
///
/// Between 1/2 and 5/2 by the series about 2 (DLMF 5.7.3 with 5.5.1), below and up to 10 by Gamma(x + 1) =
/// x Gamma(x), above by Stirling's series (DLMF 5.11.1).
func logGamma(_ x: Double) -> Double {
    guard x > 0 else { return .nan }
    if x >= 10 {
        if x == .infinity { return x }
        return (x - 0.5) * (tk_libm_log(x) - 1) + (halfLogTau - 0.5) + stirlingCorrection(x)
    }
    if x < 0.5 { return logGammaOfOnePlus(x) - tk_libm_log(x) }
    if x < 1.5 { return logGammaOfOnePlus(x - 1) }
    var z = x
    var product = 1.0
    while z > 2.5 {
        z -= 1
        product *= z
    }
    return tk_libm_log(product) + logGammaSeries(z - 2)
}

/// ln Gamma(1 + z) for |z| <= 1/2, relative to z.
func logGammaOfOnePlus(_ z: Double) -> Double { logGammaSeries(z) - tk_libm_log1p(z) }

/// ln(2 pi) / 2
let halfLogTau = 0.918_938_533_204_672_741_78

/// ln Gamma(2 + z) for |z| <= 1/2: (1 - gamma) z + sum (-1)^n (zeta(n) - 1) z^n / n.
private func logGammaSeries(_ z: Double) -> Double {
    var sum = 0.0
    for term in zetaTerms.reversed() { sum = term - z * sum }
    return z * (0.422_784_335_098_467_139_39 + z * sum)
}

/// (zeta(n) - 1) / n from n = 2 on.
private let zetaTerms: [Double] = [
    0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986, 0.0028905103307415234,
    0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939, 9.945751278180853e-05, 4.492623673813314e-05,
    2.050721277567069e-05, 9.439488275268397e-06, 4.374866789907488e-06, 2.039215753801366e-06, 9.55141213040742e-07,
    4.492469198764566e-07, 2.1207184805554665e-07, 1.0043224823968099e-07, 4.7698101693639804e-08,
    2.2711094608943164e-08, 1.0838659214896955e-08, 5.183475041970047e-09, 2.4836745438024785e-09,
    1.1921401405860912e-09, 5.731367241678862e-10, 2.7595228851242334e-10, 1.330476437424449e-10,
]

/// What Stirling's formula leaves over: ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi) / 2, for x > 0.
func stirlingCorrection(_ x: Double) -> Double {
    var z = x
    var sum = 0.0
    // From the series' own range down; each step is small where z is large.
    while z < 10 {
        sum += (z + 0.5) * tk_libm_log1p(1 / z) - 1
        z += 1
    }
    let square = 1 / (z * z)
    var series = 1 / 156.0
    for term in [-691 / 360360.0, 1 / 1188.0, -1 / 1680.0, 1 / 1260.0, -1 / 360.0, 1 / 12.0] {
        series = term + square * series
    }
    return sum + series / z
}

/// x ln(x / m) + m - x, for x, m > 0, given x - m apart since it may be known to more digits: the deviance of a
/// Poisson variable (Loader, "Fast and accurate computation of binomial probabilities", 2000).
func deviance(_ x: Double, _ m: Double, difference: Double) -> Double {
    guard difference.magnitude < 0.1 * (x + m) else { return max(0, x * tk_libm_log(x / m) - difference) }
    let v = difference / (x + m)
    var sum = difference * v
    var term = 2 * x * v
    var n = 1.0
    while true {
        term *= v * v
        n += 2
        let next = sum + term / n
        if next == sum { return sum }
        sum = next
    }
}
