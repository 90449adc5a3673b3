import Talweg

/// Each with `objective`, what the fit makes least, as it is at the end: a quick fit that is not as good is none.
/// The data are those that Tests/bench/least_squares.py makes for the peers, by the same generator.
let leastSquaresBenchmarks = [
    Benchmark(name: "ols-200000x100") { options, record in
        try linear(1, rows: options.quick ? 2_000 : 200_000, columns: 100, options, &record)
    },
    // The same, beside normal equations that know no standard errors and square the condition number.
    Benchmark(name: "ols-200000x100-normal") { options, record in
        try linear(1, rows: options.quick ? 2_000 : 200_000, columns: 100, options, &record)
    },
    // Small fits: what a call costs.
    Benchmark(name: "ols-1000x100x5") { options, record in
        try linear(options.quick ? 10 : 1_000, rows: 100, columns: 5, options, &record)
    },
    Benchmark(name: "logistic-200000x100", run: logistic),
    Benchmark(name: "lasso-200000x100", run: lasso),
    Benchmark(name: "curve-100") { options, record in try curve(100, options, &record) },
    Benchmark(name: "curve-100000") { options, record in try curve(options.quick ? 1_000 : 100_000, options, &record) },
    Benchmark(name: "lsqr-750000x250000", run: smoothing),
    Benchmark(name: "nnls-2000x200", run: nonNegative),
]

private func normal(_ dims: [Int], _ generator: Generator) throws -> Tensor {
    try Tensor.normal(Shape(dims), .float64, generator)
}

/// Residual sums of squares.
private func linear(_ count: Int, rows: Int, columns: Int, _ options: Options, _ record: inout Record) throws {
    let generator = Generator(seed: 0)
    var problems: [(Tensor, Tensor)] = []
    for _ in 0..<count {
        let x = try normal([rows, columns], generator)
        problems.append((x, try x.sum(axes: [1]) + normal([rows], generator) * 0.1))
    }
    record.set("s", try bestTime(options) { for (x, y) in problems { _ = try LeastSquares.fit(x, y) } })
    record.set("fits", count)
    var objective = 0.0
    for (x, y) in problems { objective += try LeastSquares.fit(x, y).residualSumOfSquares.item() }
    record.setWhole("objective", objective)
}

/// Half the deviance and half the squared coefficients: scikit-learn's objective for C = 1.
private func logistic(_ options: Options, _ record: inout Record) throws {
    let generator = Generator(seed: 0), rows = options.quick ? 2_000 : 200_000
    let x = try normal([rows, 100], generator)
    let y = try (x.sum(axes: [1]) * 0.2 + normal([rows], generator) * 1.7).isGreater(Tensor([0])).cast(to: .float64)
    var fitting = GLMOptions(family: .binomial, ridge: 1)
    fitting.standardErrors = false
    var objective = 0.0
    record.set(
        "s",
        try bestTime(options) {
            let fit = try GLM.fit(x, y, fitting)
            objective = try fit.deviance / 2 + fit.coefficientTensor().square().sum().item() / 2
        })
    record.setWhole("objective", objective)
}

/// Half the mean square and 0.1 of the coefficients' magnitudes.
private func lasso(_ options: Options, _ record: inout Record) throws {
    let generator = Generator(seed: 0), rows = options.quick ? 2_000 : 200_000, penalty = 0.1
    let x = try normal([rows, 100], generator)
    let y = try x.slice(axis: 1, from: 0, to: 10).sum(axes: [1]) + normal([rows], generator)
    let fitting = ElasticNetOptions(penalties: [penalty])
    var found: ElasticNetResult?
    record.set("s", try bestTime(options) { found = try ElasticNet.fit(x, y, fitting) })
    guard let fit = found else { return }
    let residual = try (y - fit.predict(x, at: 0)).square().mean().item()
    record.setWhole("objective", try residual / 2 + penalty * fit.coefficientTensor().absolute().sum().item())
}

/// a exp(b x) + c, whose start is found. Residual sum of squares.
private func curve(_ count: Int, _ options: Options, _ record: inout Record) throws {
    let x = try Tensor.linspace(0, 4, count, .float64)
    let y = try (x * -1.3).exp() * 2.5 + 0.5 + normal([count], Generator(seed: 0)) * 0.05
    let model = try CurveModel(.exponential)
    var cost = 0.0
    record.set("s", try bestTime(options) { cost = try NonlinearLeastSquares.fit(model, x, y).cost })
    record.setWhole("objective", 2 * cost)
}

/// Without negative coefficients, of which half would be. Residual sum of squares.
private func nonNegative(_ options: Options, _ record: inout Record) throws {
    let generator = Generator(seed: 0), columns = options.quick ? 20 : 200
    let x = try normal([10 * columns, columns], generator)
    let y = try x.matmul(normal([columns], generator)) + normal([10 * columns], generator)
    var fitting = ConstrainedOptions()
    fitting.intercept = false
    fitting.lower = try Tensor([0], shape: [])
    var fit: ConstrainedResult?
    record.set("s", try bestTime(options) { fit = try Constrained.fit(x, y, fitting) })
    if let fit { record.setWhole("objective", try fit.residualSumOfSquares().item()) }
}

/// A picture of noise and 3 times the differences of its neighbours: [I; D] with two or less elements a row.
private func smoothing(_ options: Options, _ record: inout Record) throws {
    let side = options.quick ? 50 : 500, n = side * side
    var offsets: [Int64] = [0], places: [Int64] = [], values: [Double] = []
    func row(_ elements: (Int, Double)...) {
        for (place, value) in elements {
            places.append(Int64(place))
            values.append(value)
        }
        offsets.append(Int64(places.count))
    }
    for i in 0..<n { row((i, 1)) }
    for step in [1, side] {
        for i in 0..<n {
            if step == 1 ? (i + 1) % side > 0 : i + side < n { row((i, -3), (i + step, 3)) } else { row() }
        }
    }
    let right = try Tensor.concatenate(
        [normal([n], Generator(seed: 0)), Tensor([Double](repeating: 0, count: 2 * n))], axis: 0)
    var solving = IterativeOptions()
    (solving.matrixTolerance, solving.rightTolerance) = (1e-8, 1e-8)
    var norm = 0.0
    record.set(
        "s",
        try bestTime(options) {
            let matrix = try SparseMatrix(rows: 3 * n, columns: n, offsets: offsets, places: places, values: values)
            norm = try IterativeLeastSquares.solve(matrix, right, solving).residualNorm
        })
    record.setWhole("objective", norm)
}
