/// One measurement.
struct Benchmark: Sendable {
    let name: String
    let run: @Sendable (Options, inout Record) throws -> Void
}

enum Suite: String, CaseIterable {
    case peak, gemm, conv, ops, overhead, train, fit, lstsq, linalg

    var benchmarks: [Benchmark] {
        switch self {
        case .peak: peakBenchmarks
        case .gemm: productBenchmarks
        case .conv: convolutionBenchmarks
        case .ops: operationBenchmarks
        case .overhead: overheadBenchmarks
        case .train: trainingBenchmarks
        case .fit: fitBenchmarks
        case .lstsq: leastSquaresBenchmarks
        case .linalg: linearAlgebraBenchmarks
        }
    }

    /// Those of the names, in the suite's order; all if there are no names.
    func chosen(_ names: [String]) throws -> [Benchmark] {
        let all = benchmarks
        if names.isEmpty { return all }
        func fits(_ pattern: String, _ name: String) -> Bool {
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
        for pattern in names where !all.contains(where: { fits(pattern, $0.name) }) {
            let known = all.map(\.name).joined(separator: ", ")
            throw UsageError("the suite \(rawValue) has no \(pattern); it has \(known)")
        }
        return all.filter { benchmark in names.contains { fits($0, benchmark.name) } }
    }
}
