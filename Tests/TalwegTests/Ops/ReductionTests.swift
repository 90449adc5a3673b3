import Glibc
import Testing

@testable import Talweg

/// Reductions over any axes of any views, against loops over single elements.
@Suite(.serialized) struct ReductionTests {
    private struct Statistic: Sendable {
        let name: String
        let apply: @Sendable (Tensor, [Int]?) throws -> Tensor
        let exact: @Sendable ([Double]) -> Double
    }

    private static let statistics: [Statistic] = [
        Statistic(name: "sum", apply: { try $0.sum(axes: $1) }) { $0.reduce(0, +) },
        Statistic(name: "mean", apply: { try $0.mean(axes: $1) }) { $0.reduce(0, +) / Double($0.count) },
        Statistic(name: "prod", apply: { try $0.product(axes: $1) }) { $0.reduce(1, *) },
        Statistic(name: "max", apply: { try $0.max(axes: $1) }) { $0.max() ?? .nan },
        Statistic(name: "min", apply: { try $0.min(axes: $1) }) { $0.min() ?? .nan },
        Statistic(name: "norm", apply: { try $0.norm(axes: $1) }) { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() },
        Statistic(name: "var", apply: { try $0.variance(axes: $1) }) { values in
            let mean = values.reduce(0, +) / Double(values.count)
            return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        },
        Statistic(name: "logsumexp", apply: { try $0.logSumExp(axes: $1) }) { log($0.reduce(0) { $0 + exp($1) }) },
    ]

    /// The values of each output, in row-major order.
    private func groups(_ x: Tensor, _ axes: [Int]) throws -> [[Double]] {
        let kept = (0..<x.rank).filter { !axes.contains($0) }
        let values = try x.doubles()
        var groups = [[Double]](repeating: [], count: kept.reduce(1) { $0 * x.shape[$1] })
        for (position, index) in indices(of: x.shape.dims).enumerated() {
            groups[kept.reduce(0) { $0 * x.shape[$1] + index[$1] }].append(values[position])
        }
        return groups
    }

    private func check(_ x: Tensor, _ axes: [Int]) throws {
        let groups = try groups(x, axes)
        for statistic in Self.statistics {
            let found = try statistic.apply(x, axes)
            #expect(found.shape.count == groups.count)
            for (value, group) in zip(try found.doubles(), groups) {
                let expected = statistic.exact(group)
                let tolerance = x.dtype == .float32 ? 1e-5 : 1e-12
                #expect(
                    abs(value - expected) <= tolerance * max(1, abs(expected)) || (value.isNaN && expected.isNaN),
                    "\(statistic.name) \(x.shape) \(x.view.strides) \(axes): \(value), not \(expected)")
            }
        }
        if let axis = axes.first, axes.count == 1 {
            let largest = try x.argmax(axis: axis).doubles(), smallest = try x.argmin(axis: axis).doubles()
            for (output, group) in groups.enumerated() {
                #expect(Int(largest[output]) == group.firstIndex(of: group.max() ?? 0))
                #expect(Int(smallest[output]) == group.firstIndex(of: group.min() ?? 0))
            }
        }
    }

    @Test func randomViews() throws {
        var random = SplitMix64(state: 5)
        for _ in 0..<150 {
            let x = try randomView(4, sizes: 1...5, &random)
            // The view's strides, with tame values.
            let storage = x.view.storage
            for i in 0..<(storage.byteCount / 8) {
                storage.pointer.assumingMemoryBound(to: Double.self)[i] = 0.3 + Double(i * 7919 % 101) / 60
            }
            let axes = (0..<x.rank).filter { _ in Bool.random(using: &random) }
            try check(x, axes)
            try check(x.cast(to: .float32), axes)
        }
    }

    /// More than a chunk: long runs, many columns, few columns (which are folded), runs inside and outside.
    @Test func chunks() throws {
        for (dims, axes) in [
            ([70_000], [0]), ([3, 40_000], [1]), ([40_000, 3], [0]), ([9000, 7], [0]), ([9000, 7], [1]),
            ([300, 257], [0]), ([257, 300], [1]), ([40, 3, 700], [0, 2]), ([40, 30, 70], [1]), ([5, 8000, 2], [1]),
            ([40, 30, 70], [0, 1, 2]), ([70_001, 2], [0]), ([2, 5000, 8], [0, 1]), ([33, 5000], [0]),
        ] {
            let x = try Tensor.wave(dims)
            for view in [x, try x.transpose(0, -1), try x.slice(axis: -1, step: -1)] {
                let turned = view.shape != x.shape && dims.count > 1
                let wanted = turned ? axes.map { $0 == 0 ? dims.count - 1 : $0 == dims.count - 1 ? 0 : $0 } : axes
                let groups = try groups(view, wanted)
                for statistic in Self.statistics where statistic.name != "prod" {
                    for (value, group) in zip(try statistic.apply(view, wanted).doubles(), groups) {
                        let expected = statistic.exact(group)
                        #expect(
                            abs(value - expected) <= 1e-11 * max(1, abs(expected)),
                            "\(statistic.name) \(dims) \(wanted): \(value), not \(expected)")
                    }
                }
                guard wanted.count == 1 else { continue }
                let largest = try view.argmax(axis: wanted[0]).doubles()
                for (output, group) in groups.enumerated() {
                    #expect(Int(largest[output]) == group.firstIndex(of: group.max() ?? 0))
                }
            }
        }
    }

    @Test func sameBitsOnAnyThreads() throws {
        let before = ThreadPool.threads
        defer { try? ThreadPool.setThreads(before) }
        for dtype in [DType.float32, .float64] {
            for (dims, axes) in [([200_000], [0]), ([600, 300], [0]), ([300, 600], [1]), ([50_000, 5], [0]), ([30, 40, 50], [0, 2])] {
                let x = try Tensor.wave(dims).cast(to: dtype)
                let runs = try [1, 2, 3].map { threads in
                    try ThreadPool.setThreads(threads)
                    var all = try Self.statistics.flatMap { try $0.apply(x, axes).doubles() }
                    all += try x.argmax(axis: axes[0]).doubles()
                    return all
                }
                #expect(runs[0] == runs[1] && runs[0] == runs[2], "\(dtype) \(dims)")
            }
        }
    }

    /// The worst case of a running sum: its error grows with n, that of a sum by blocks with log n.
    @Test func errorOfLongSums() throws {
        let n = 4_000_000
        let x = try Tensor.full(Shape([n]), 0.1, .float32)
        let term = Double(Float(0.1))
        #expect(abs(try x.sum().item() - term * Double(n)) <= 2 * Double(Float(n / 10).ulp))
        #expect(abs(try x.mean().item() - term) <= 2 * Double(Float(0.1).ulp))
        let columns = try x.reshape([n / 4, 4]).sum(axes: [0]).doubles()
        for column in columns { #expect(abs(column - term * Double(n / 4)) <= 4 * Double(Float(n / 40).ulp)) }
    }

    @Test func normsNeitherOverflowNorVanish() throws {
        #expect(abs(try Tensor([3e200, 4e200]).norm().item() - 5e200) <= 1e185)
        #expect(abs(try Tensor([3e-200, 4e-200]).norm().item() - 5e-200) <= 1e-215)
        #expect(try Tensor([3e30, 4e30]).cast(to: .float32).norm().item() == Double(Float(5e30)))
        let rows = try Tensor([3e200, 4e200, 3e-200, 4e-200, 0, 0, 3, 4], shape: [4, 2]).norm(axes: [1]).doubles()
        for (found, expected) in zip(rows, [5e200, 5e-200, 0, 5]) { #expect(abs(found - expected) <= 1e-15 * expected) }
        #expect(try Tensor([.infinity, 1e200]).norm().item() == .infinity)
        #expect(try Tensor([.nan, 1e200]).norm().item().isNaN)
    }

    @Test func specialValues() throws {
        let infinity = Double.infinity
        #expect(try Tensor([-infinity, -infinity]).logSumExp().item() == -infinity)
        #expect(try Tensor([infinity, 1]).logSumExp().item() == infinity)
        #expect(try Tensor([.nan, 1]).logSumExp().item().isNaN)
        #expect(try Tensor.zeros(Shape([0]), .float64).logSumExp().item() == -infinity)
        #expect(try Tensor.zeros(Shape([0, 3]), .float64).sum(axes: [0]).doubles() == [0, 0, 0])
        #expect(try Tensor.zeros(Shape([2, 0, 3]), .float64).product(axes: [0, 1]).doubles() == [1, 1, 1])
        #expect(try Tensor.zeros(Shape([0, 2]), .float64).variance(axes: [0]).doubles().allSatisfy(\.isNaN))
        #expect(try Tensor.zeros(Shape([0, 2]), .float64).variance(axes: [1]).count == 0)
        #expect(try Tensor.zeros(Shape([3, 0, 2]), .float64).variance(axes: [0, 1]).doubles().allSatisfy(\.isNaN))
        #expect(try Tensor([1, .nan, 9]).max().item().isNaN)
        let variance = try Tensor([1e8, 1e8 + 1, 1e8 + 2]).variance(correction: 1).item()
        #expect(abs(variance - 1) <= 1e-14)
        #expect(try Tensor([2, 4]).standardDeviation(correction: 1).item() == 2.0.squareRoot())
    }
}

extension Tensor {
    /// Uneven numbers in 0.7...1.45, float64.
    fileprivate static func wave(_ dims: [Int]) throws -> Tensor {
        let count: Int = dims.reduce(1, *)
        let values: [Double] = (0..<count).map { (i: Int) -> Double in 0.7 + 0.75 * Double(i * 7919 % 10_007) / 10_007 }
        return try Tensor(values, shape: dims)
    }
}
