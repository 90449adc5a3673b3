import Talweg

/// Element-wise operations and reductions of float32: on 10 million elements, where memory is the limit, and
/// on 65,536, which lie in the second-level cache; and operations on rows.
let operationBenchmarks: [Benchmark] = {
    var benchmarks: [Benchmark] = []
    for (label, count, quick) in [("10m", 10_000_000, 100_000), ("64k", 65_536, 65_536)] {
        for (name, operation) in unaries {
            benchmarks.append(
                Benchmark(name: "\(name)-\(label)") { options, record in
                    let x = try positive([options.quick ? quick : count])
                    try measure(x.count, label == "10m" ? .copy : nil, 8, options, &record) { _ = try operation(x) }
                })
        }
        for (name, operation) in binaries {
            benchmarks.append(
                Benchmark(name: "\(name)-\(label)") { options, record in
                    let count = options.quick ? quick : count
                    let (x, y) = try (positive([count]), positive([count]))
                    try measure(count, label == "10m" ? .triad : nil, 12, options, &record) {
                        _ = try operation(x, y)
                    }
                })
        }
        for (name, operation) in reductions {
            benchmarks.append(
                Benchmark(name: "\(name)-\(label)") { options, record in
                    let x = try positive([options.quick ? quick : count])
                    try measure(x.count, label == "10m" ? .read : nil, 4, options, &record) { _ = try operation(x) }
                })
        }
        let rows = label == "10m" ? [10_000, 1_000] : [256, 256]
        for (axis, axisName) in ["columns", "rows"].enumerated() {
            benchmarks.append(
                Benchmark(name: "sum-\(axisName)-\(label)") { options, record in
                    let x = try positive(options.quick ? [256, 256] : rows)
                    try measure(x.count, label == "10m" ? .read : nil, 4, options, &record) {
                        _ = try x.sum(axes: [axis])
                    }
                })
        }
    }
    for (name, operation) in rowOperations {
        benchmarks.append(
            Benchmark(name: "\(name)-4096x1024") { options, record in
                let x = try positive(options.quick ? [64, 1024] : [4096, 1024])
                try measure(x.count, .copy, 8, options, &record) { _ = try operation(x) }
            })
    }
    return benchmarks
}()

private let unaries: [(String, @Sendable (Tensor) throws -> Tensor)] = [
    ("negative", { try -$0 }), ("absolute", { try $0.absolute() }), ("square", { try $0.square() }),
    ("sqrt", { try $0.sqrt() }), ("reciprocal", { try $0.reciprocal() }), ("relu", { try $0.relu() }),
    ("exp", { try $0.exp() }), ("expm1", { try $0.expm1() }), ("log", { try $0.log() }),
    ("log1p", { try $0.log1p() }), ("sin", { try $0.sin() }), ("cos", { try $0.cos() }),
    ("tanh", { try $0.tanh() }), ("sigmoid", { try $0.sigmoid() }), ("erf", { try $0.erf() }),
    ("gelu", { try $0.gelu() }), ("add-scalar", { try $0 + 1.5 }),
]

private let binaries: [(String, @Sendable (Tensor, Tensor) throws -> Tensor)] = [
    ("add", { try $0 + $1 }), ("subtract", { try $0 - $1 }), ("multiply", { try $0 * $1 }),
    ("divide", { try $0 / $1 }), ("maximum", { try $0.maximum($1) }), ("power", { try $0.power($1) }),
]

private let reductions: [(String, @Sendable (Tensor) throws -> Tensor)] = [
    ("sum", { try $0.sum() }), ("mean", { try $0.mean() }), ("max", { try $0.max() }), ("min", { try $0.min() }),
    ("argmax", { try $0.argmax(axis: 0) }), ("norm", { try $0.norm() }), ("variance", { try $0.variance() }),
    ("logsumexp", { try $0.logSumExp() }),
]

private let rowOperations: [(String, @Sendable (Tensor) throws -> Tensor)] = [
    ("softmax", { try $0.softmax() }), ("log-softmax", { try $0.logSoftmax() }),
    ("layer-norm", { try $0.layerNorm() }),
]

/// In (0, 4): every operation is defined there.
private func positive(_ shape: [Int]) throws -> Tensor { try .uniform(Shape(shape), low: 1e-3, high: 4, .float32) }

/// - Parameters:
///   - traffic: what the operation asks of memory; nil where its arrays lie in a cache.
///   - bytes: that it must move, an element.
private func measure(
    _ count: Int, _ traffic: Machine.Traffic?, _ bytes: Int, _ options: Options, _ record: inout Record,
    _ work: () throws -> Void
) throws {
    let seconds = try bestTime(options, work)
    let rate = Double(count * bytes) / seconds
    record.set("s", seconds)
    record.set("gb_s", rate / 1e9)
    guard let traffic else { return }
    let bandwidth = Machine.here.bandwidth(traffic, threads: options.threads, quick: options.quick)
    record.set("bandwidth_share", rate / bandwidth)
}
