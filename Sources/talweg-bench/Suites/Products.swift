import Talweg

/// Matrix products [m, k] x [k, n], named dtype-MxKxN, and nt or tn or tt where an input is a transposed view.
let productBenchmarks: [Benchmark] = {
    var shapes: [(m: Int, k: Int, n: Int)] = [512, 1024, 2048].map { ($0, $0, $0) }
    shapes += [(512, 384, 1536), (512, 1536, 384), (2048, 768, 3072)]
    shapes += [(64, 64, 64), (128, 784, 512)]
    shapes += [8, 16, 32].map { ($0, $0, $0) }
    // A matrix and a vector, a few columns, a long sum.
    shapes += [(2048, 2048, 1), (1, 2048, 2048), (8192, 512, 8), (100, 100_000, 100)]
    var benchmarks: [Benchmark] = []
    let kinds = [
        ("f32", DType.float32, Machine.Arithmetic.f32), ("f64", .float64, .f64), ("bf16", .bfloat16, .bf16),
    ]
    for (label, dtype, arithmetic) in kinds {
        for (m, k, n) in shapes {
            benchmarks.append(product("\(label)-\(m)x\(k)x\(n)", [], m, k, n, dtype, arithmetic))
        }
        for (variant, transposed) in [("tn", (true, false)), ("nt", (false, true)), ("tt", (true, true))] {
            benchmarks.append(
                product("\(label)-\(variant)-512x512x512", [], 512, 512, 512, dtype, arithmetic, transposed))
        }
        benchmarks.append(product("\(label)-32x64x64x64", [32], 64, 64, 64, dtype, arithmetic))
        benchmarks.append(product("\(label)-192x128x32x128", [192], 128, 32, 128, dtype, arithmetic))
    }
    return benchmarks
}()

private func product(
    _ name: String, _ batch: [Int], _ m: Int, _ k: Int, _ n: Int, _ dtype: DType,
    _ arithmetic: Machine.Arithmetic, _ transposed: (Bool, Bool) = (false, false)
) -> Benchmark {
    Benchmark(name: name) { options, record in
        func matrix(_ rows: Int, _ columns: Int, _ transposed: Bool) throws -> Tensor {
            let stored = batch + (transposed ? [columns, rows] : [rows, columns])
            let made = try Tensor.uniform(Shape(stored), low: -1, high: 1, .float32).cast(to: dtype)
            return transposed ? try made.transpose() : made
        }
        let a = try matrix(m, k, transposed.0)
        let b = try matrix(k, n, transposed.1)
        let seconds = try bestTime(options) { _ = try a.matmul(b) }
        let operations = 2.0 * Double(batch.reduce(1, *)) * Double(m) * Double(k) * Double(n)
        record.set("s", seconds)
        record.set("gflops", operations / seconds / 1e9)
        record.set("peak_share", operations / seconds / Machine.here.peak(arithmetic, threads: options.threads))
    }
}
