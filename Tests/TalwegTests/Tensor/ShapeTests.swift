import Testing

@testable import Talweg

@Suite struct ShapeTests {
    @Test func sizes() throws {
        let shape = try Shape([2, 3, 4])
        #expect(shape.rank == 3 && shape.count == 24 && shape.dims == [2, 3, 4] && shape.description == "[2, 3, 4]")
        #expect(Shape.scalar.rank == 0 && Shape.scalar.count == 1 && Shape.scalar.description == "[]")
        #expect(try Shape([]) == Shape.scalar)
        #expect(try Shape([0, 5]).count == 0)
        #expect(try Shape([2, 3]) != Shape([3, 2]))
        #expect(try Shape([2, 3]) != Shape([2, 3, 1]))
        #expect(try Shape([0, 3]) != Shape([0, 4]))
        #expect((0..<3).map { shape.rowMajorStrides[$0] } == [12, 4, 1])
        #expect(try Shape([1, 1, 1, 1, 1, 1, 1, 1]).rank == 8)
    }

    @Test func refused() {
        for dims in [
            [-1], [2, -3], [Int.min], [1 << 62, 1 << 62], [1 << 31, 1 << 31, 4], [Int.max], [0, 1 << 62, 1 << 62],
            [Int.max, 0], Array(repeating: 1, count: 9), Array(repeating: 1, count: 10_000),
        ] { #expect(failure { try Shape(dims, for: "test") }.status == .shape, "\(dims.prefix(9))") }
        #expect(failure { try Shape([2, -3], for: "zeros") }.message == "zeros: size -3 of axis 1 is negative")
    }

    @Test func axes() throws {
        let shape = try Shape([2, 3, 4])
        #expect(try (-3..<3).map { try shape.axis($0, for: "test") } == [0, 1, 2, 0, 1, 2])
        for axis in [3, -4, Int.max, Int.min] {
            #expect(failure { try shape.axis(axis, for: "test") }.status == .index)
            #expect(failure { try shape.axes([axis], for: "test") }.status == .index)
        }
        #expect(failure { try Shape.scalar.axis(0, for: "test") }.status == .index)
        #expect(failure { try shape.axes([1, -2], for: "test") }.status == .invalidArgument)
        #expect(try shape.axes(nil, for: "test").rawValue == 0b111)
        #expect(try shape.axes([], for: "test").isEmpty)
        let set = try shape.axes([0, -1], for: "test")
        #expect(try shape.reduced(set, keepdims: false).dims == [3])
        #expect(try shape.reduced(set, keepdims: true).dims == [1, 3, 1])
        #expect(shape.count(of: set) == 8)
        #expect(try shape.removing(axis: 1).dims == [2, 4])
        #expect(try shape.replacing(axis: 1, by: 7, for: "test").dims == [2, 7, 4])
        #expect(failure { try shape.replacing(axis: 1, by: -1, for: "test") }.status == .shape)
    }

    /// NumPy's rule, over all pairs of small shapes.
    @Test func broadcasting() throws {
        let shapes = (0...3).flatMap { rank in indices(of: Array(repeating: 4, count: rank)) }
        for a in shapes {
            for b in shapes {
                let rank = max(a.count, b.count)
                let x = Array(repeating: 1, count: rank - a.count) + a
                let y = Array(repeating: 1, count: rank - b.count) + b
                let fits = zip(x, y).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
                let found = try? Shape.broadcast(Shape(a), Shape(b), for: "test")
                #expect(found?.dims == (fits ? zip(x, y).map { $0 == 1 ? $1 : $0 } : nil), "\(a) \(b)")
            }
        }
        let (a, b) = (try Shape([1 << 40, 1]), try Shape([1, 1 << 40]))
        #expect(failure { try Shape.broadcast(a, b, for: "add") }.status == .shape)
        let error = failure { try Shape.broadcast(Shape([2, 3]), Shape([4]), for: "add") }
        #expect(error.message == "add: [2, 3] and [4] do not broadcast: sizes 3 and 4 differ")
    }
}
