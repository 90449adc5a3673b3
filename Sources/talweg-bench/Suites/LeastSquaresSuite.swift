import Talweg

let leastSquaresBenchmarks = [
    Benchmark(name: "ols-200000x100") { options, record in
        try fits(1, rows: options.quick ? 2_000 : 200_000, columns: 100, options, &record)
    },
    // Small fits: what a call costs.
    Benchmark(name: "ols-1000x100x5") { options, record in
        try fits(options.quick ? 10 : 1_000, rows: 100, columns: 5, options, &record)
    },
]

private func fits(_ count: Int, rows: Int, columns: Int, _ options: Options, _ record: inout Record) throws {
    var problems: [(Tensor, Tensor)] = []
    for _ in 0..<count {
        let x = try Tensor.normal(Shape([rows, columns]), .float64)
        let noise = try Tensor.normal(Shape([rows]), standardDeviation: 0.1, .float64)
        problems.append((x, try x.sum(axes: [1]) + noise))
    }
    record.set(
        "s",
        try bestTime(options) {
            for (x, y) in problems { _ = try LeastSquares.fit(x, y) }
        })
    record.set("fits", count)
}
