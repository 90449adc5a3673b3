import Talweg

/// Factorisations and what is made of them, named kind-dtype-N for a matrix N x N and kind-dtype-BxN for a stack of B.
/// Operations are those of the textbook's algorithm (Golub and Van Loan, Matrix Computations, 4th ed.).
let linearAlgebraBenchmarks: [Benchmark] = {
    let kinds: [(String, Double, @Sendable (Tensor, Tensor) throws -> Void)] = [
        ("cholesky", 1.0 / 3, { a, _ in _ = try a.cholesky() }),
        ("qr", 8.0 / 3, { a, _ in _ = try a.qr() }),
        ("lu", 2.0 / 3, { a, _ in _ = try a.luFactors() }),
        ("solve", 2.0 / 3, { a, b in _ = try a.solve(b) }),
        ("inv", 2, { a, _ in _ = try a.inverse() }),
        // Reduction, divide and conquer without deflation, and the vectors' way back.
        ("eigh", 4.0 / 3 + 4.0 / 3 + 2, { a, _ in _ = try a.eigh() }),
        ("eigvalsh", 4.0 / 3, { a, _ in _ = try a.eigvalsh() }),
        ("svd", 8.0 / 3 + 8.0 / 3 + 4, { a, _ in _ = try a.svd() }),
        ("svdvals", 8.0 / 3, { a, _ in _ = try a.svdvals() }),
    ]
    var benchmarks: [Benchmark] = []
    for (label, dtype, arithmetic) in [("f64", DType.float64, Machine.Arithmetic.f64), ("f32", .float32, .f32)] {
        for (kind, operations, work) in kinds {
            for dims in [[100], [300], [1000], [2000], [1000, 16]] {
                let name = "\(kind)-\(label)-" + dims.map(String.init).joined(separator: "x")
                benchmarks.append(
                    Benchmark(name: name) { options, record in
                        let n = dims[dims.count - 1]
                        let size = options.quick ? min(n, 100) : n
                        let batch = Array(dims.dropLast())
                        let random = try Tensor.uniform(Shape(batch + [size, size]), low: -1, high: 1, .float64)
                        var a = random
                        if kind == "cholesky" {
                            a = try a.matmul(a.transpose()) + Tensor.eye(size, size, .float64) * Double(size)
                        }
                        a = try a.cast(to: dtype)
                        let b = try Tensor.uniform(Shape([size, 1]), low: -1, high: 1, .float64).cast(to: dtype)
                        let seconds = try bestTime(options) { try work(a, b) }
                        let count = Double(batch.reduce(1, *)) * operations * Double(size * size * size)
                        record.set("s", seconds)
                        record.set("gflops", count / seconds / 1e9)
                        record.set("peak_share", count / seconds / Machine.here.peak(arithmetic, threads: options.threads))
                    })
            }
        }
    }
    return benchmarks
}()
