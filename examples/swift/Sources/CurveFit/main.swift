// A power law through DanWood's six points (NIST StRD, nonlinear regression): as a curve of the library's, which finds
// its start by itself; then as code on tensors, which is differentiated by itself; and with a point that is wrong,
// without and with a loss that outliers do not sway.
//     swift run -c release --package-path examples/swift CurveFit
//
// Output:
//     certified: 0.768862 x^3.860406, standard deviations 0.018282 and 0.051727
//     curve:     0.768862 x^3.860406, standard deviations 0.018282 and 0.051727
//     tensors:   0.768862 x^3.860406, standard deviations 0.018282 and 0.051727
//     outlier:   1.252364 x^2.829630, standard deviations 0.269987 and 0.477139
//     Cauchy:    0.795588 x^3.785551, standard deviations 0.037179 and 0.102138
import Talweg

func fixed(_ value: Double) -> String {
    let digits = String(Int((value * 1e6).rounded()))
    let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    return padded.dropLast(6) + "." + padded.suffix(6)
}

func tell(_ name: String, _ fit: NonlinearResult) throws {
    let b = try fit.parameters.doubles(), errors = try fit.standardErrors().doubles()
    print("\(name) \(fixed(b[0])) x^\(fixed(b[1])), standard deviations \(fixed(errors[0])) and \(fixed(errors[1]))")
}

do {
    let x = try Tensor([1.309, 1.471, 1.490, 1.565, 1.611, 1.680])
    let y = try Tensor([2.138, 3.421, 3.597, 4.340, 4.882, 5.660])
    print("certified: 0.768862 x^3.860406, standard deviations 0.018282 and 0.051727")

    let power = try CurveModel(.power)
    let fit = try NonlinearLeastSquares.fit(power, x, y)
    try tell("curve:    ", fit)

    let start = try Tensor([1, 5])
    let code = try TensorResiduals(at: start) { b throws(TalwegError) in
        try b.select(axis: 0, index: 0) * x.power(b.select(axis: 0, index: 1)) - y
    }
    try tell("tensors:  ", NonlinearLeastSquares.fit(code, start: start))

    let spoiled = try Tensor([3.138, 3.421, 3.597, 4.340, 4.882, 5.660])
    try tell("outlier:  ", NonlinearLeastSquares.fit(power, x, spoiled))
    var options = NonlinearOptions()
    (options.loss, options.lossScale) = (.cauchy, 0.03)
    try tell("Cauchy:   ", NonlinearLeastSquares.fit(power, x, spoiled, start: fit.parameters, options))
} catch {
    print("failed: \(error)")
}
