import Testing

@testable import Talweg

@Suite struct IterationTests {
    @Test func unaryWalks() throws {
        var random = SplitMix64(state: 2)
        for _ in 0..<1500 {
            let tensor = try randomView(5, sizes: 0...4, &random)
            let expected = naive(tensor)
            #expect(try tensor.copy().doubles() == expected, "\(tensor.shape) \(tensor.strides)")
            #expect(try (-tensor).doubles() == expected.map { -$0 }, "\(tensor.shape) \(tensor.strides)")
        }
    }

    @Test func binaryWalks() throws {
        var random = SplitMix64(state: 3)
        for _ in 0..<800 {
            let a = try randomView(4, sizes: 1...4, &random)
            // The same shape in other strides, or with some axes left out or of size 1.
            let dims = a.shape.dims
            let from = Int.random(in: 0...dims.count, using: &random)
            let own = dims[from...].map { Bool.random(using: &random) ? $0 : 1 }
            let b = try counting(own.reversed()).permute(Array((0..<own.count).reversed())) + 0.5
            let spread = try naive(b.broadcast(to: a.shape))
            let expected = zip(naive(a), spread).map { $0 - $1 }
            #expect(try (a - b).doubles() == expected)
            #expect(try (b - a).doubles() == expected.map { -$0 })
            let chosen = try Tensor.select(a.cast(to: .bool), b, a).doubles()
            #expect(chosen == zip(naive(a), spread).map { $0 == 0 ? $0 : $1 })
        }
    }

    /// More than a chunk of elements: long runs in pieces, short ones in groups.
    @Test func chunks() throws {
        for dims in [
            [elementsPerChunk], [elementsPerChunk + 1], [3 * elementsPerChunk - 1], [2, elementsPerChunk + 5],
            [5000, 7], [7, 5000], [300, 2, 100], [40, 41, 42], [1, 70_000, 1], [70_000, 1],
        ] {
            let plain = try counting(dims)
            let order = Array((0..<dims.count).reversed())
            let last = dims.count - 1
            for view in [
                plain, try plain.permute(order), try plain.slice(axis: last, step: -1),
                try plain.slice(axis: 0, from: 1, step: 2), try plain.slice(axis: last, from: 0, to: -1),
            ] {
                let expected = naive(view)
                #expect(try view.copy().doubles() == expected, "\(dims) \(view.strides)")
                #expect(try (view + view).doubles() == expected.map { $0 * 2 }, "\(dims) \(view.strides)")
                #expect(try view.cast(to: .int32).doubles() == expected, "\(dims) \(view.strides)")
                let target = try Tensor.zeros(view.shape, .float64)
                let transposed = try target.permute(order).contiguous().permute(order)
                try transposed.assign(view)
                #expect(naive(transposed) == expected, "\(dims) \(view.strides)")
            }
        }
    }

    /// Axes merge only where every operand allows, which the stride tells.
    @Test func mergedAxes() throws {
        func ranks(_ shape: [Int], _ views: [View]) throws -> [Int] {
            let walk = Iteration(try Shape(shape), views.map { ($0.strides, 8) })
            return (0..<walk.rank).map { walk.sizes[$0] }
        }
        let plain = try counting([2, 3, 4])
        #expect(try ranks([2, 3, 4], [plain.view]) == [24])
        #expect(try ranks([4, 3, 2], [plain.permute([2, 1, 0]).view]) == [4, 3, 2])
        #expect(try ranks([3, 2, 4], [plain.permute([1, 0, 2]).view]) == [3, 2, 4])
        let part = try plain.slice(axis: 1, from: 0, to: 2)
        #expect(try ranks([2, 2, 4], [part.view]) == [2, 8])
        #expect(try ranks([2, 2, 4], [part.view, counting([2, 2, 4]).permute([0, 1, 2]).view]) == [2, 8])
        let ones = try counting([1, 2, 1, 3, 1])
        #expect(try ranks([1, 2, 1, 3, 1], [ones.view]) == [6])
        #expect(try ranks([], [counting([]).view]) == [1])
        let repeated = try counting([1]).broadcast(to: Shape([5, 6]))
        #expect(try ranks([5, 6], [repeated.view]) == [30])
    }
}
