// A line in closed form, then a small network that learns a circle, with `import Talweg`.
//     swift run -c release --package-path examples/swift
//
// Output:
//     line: y = 0.6 x + 2.2, R^2 0.6
//     epoch 50: loss 0.16, accuracy 0.97
//     epoch 100: loss 0.1, accuracy 0.98
//     epoch 150: loss 0.08, accuracy 0.98
import Talweg

func rounded(_ value: Double, _ places: Double) -> Double { (value * places).rounded() / places }

do {
    let x = try Tensor([1, 2, 3, 4, 5], shape: [5, 1])
    let y = try Tensor([2, 4, 5, 4, 5])
    let line = try LeastSquares.fit(x, y)
    print("line: y = \(rounded(try line.coefficients.item(), 1e6)) x + \(rounded(try line.intercept.item(), 1e6)),",
          "R^2 \(rounded(try line.rSquared.item(), 1e6))")

    // Points in a square; label 1 inside the circle of half its area.
    let generator = Generator(seed: 1)
    let points = try Tensor.uniform(Shape([400, 2], for: "example"), low: -1, high: 1, .float32, generator)
    let radius = try Tensor([2 / Double.pi], dtype: .float32)
    let inside = try points.square().sum(axes: [1]).isLess(radius).cast(to: .int64)
    let network = try Sequential(
        Linear(2, 16, generator: generator), Tanh(), Linear(16, 2, generator: generator))
    let history = try fit(
        network, Adam(network, learningRate: 0.01), points, inside,
        FitOptions(loss: .crossEntropy, epochs: 150))
    for epoch in history.epochs where epoch.epoch % 50 == 0 {
        print("epoch \(epoch.epoch): loss \(rounded(epoch.loss, 100)), accuracy \(rounded(epoch.accuracy, 100))")
    }
} catch {
    print("failed: \(error)")
}
