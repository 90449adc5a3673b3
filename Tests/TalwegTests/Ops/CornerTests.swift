import Testing

@testable import Talweg

/// Single inputs where the general tests of `OperationTests` do not look.
@Suite struct CornerTests {
    /// d/da a^b = b a^(b - 1); of that by b: a^(b - 1) (1 + b log a).
    @Test func powersAtExponentZero() throws {
        let (a, b) = (try leaf(Tensor([2])), try leaf(Tensor([0])))
        let slope = try #require(try a.power(b).sum().gradients(wrt: [a], createGraph: true)[0])
        #expect(try slope.doubles() == [0])
        #expect(try slope.sum().gradients(wrt: [b])[0]?.doubles() == [0.5])
    }

    /// x^0 is 1 everywhere: all its derivatives are 0, at 0 too.
    @Test func theConstantPower() throws {
        let x = try leaf(Tensor([0, 400 * .leastNonzeroMagnitude, -3]))
        let slope = try #require(try x.power(0).sum().gradients(wrt: [x], createGraph: true)[0])
        #expect(try slope.doubles() == [0, 0, 0])
        #expect(try slope.sum().gradients(wrt: [x])[0]?.doubles() == [0, 0, 0])
    }

    /// Integers and bool with a number that is no whole one become float64, whichever the number.
    @Test func dtypesOfScalarPowers() throws {
        for exponent in [0.5, -0.5, 0.3] {
            for dtype in [DType.int32, .int64, .uint8, .bool] {
                #expect(try Tensor([1], dtype: dtype).power(exponent).dtype == .float64)
            }
        }
        for exponent in [1.0, 2, 3, -1] {
            #expect(try Tensor([1], dtype: .bool).power(exponent).dtype == .float64)
        }
        #expect(try Tensor([3], dtype: .int32).power(2).dtype == .int32)
        #expect(try Tensor([3], dtype: .float32).power(0.5).dtype == .float32)
    }

    /// -a / b^2 is 1e-30 and -1e30 in float32, b^2 is neither.
    @Test func quotientsWhoseDivisorHasNoSquare() throws {
        for (a, b, expected) in [(1e10, 1e20, -1e-30), (1e-20, 1e-25, -1e30)] {
            let divisor = try leaf(Tensor([b], dtype: .float32))
            try (Tensor([a], dtype: .float32) / divisor).backward()
            let found = try #require(try divisor.grad?.item())
            #expect(abs(found / expected - 1) < 1e-6)
        }
    }

    /// Shapes without elements whose other sizes are more than a loop could count to.
    @Test func nothingOfManyRows() throws {
        let huge = 1 << 50
        let (none, indices) = (try leaf(Tensor.zeros(Shape([huge, 3, 0]), .float64)), try Tensor([0, 2], dtype: .int64))
        let picked = try none.indexSelect(axis: 1, indices)
        #expect(picked.shape.dims == [huge, 2, 0])
        try picked.sum().backward()
        #expect(none.grad?.shape == none.shape)
        let matrix = try Tensor.ones(Shape([3, 4]), .float64)
        #expect(try Tensor.zeros(Shape([huge, 0, 3]), .float64).matmul(matrix).shape.dims == [huge, 0, 4])
        let column = try Tensor.zeros(Shape([3, 0]), .float64)
        #expect(try Tensor.zeros(Shape([huge, 0, 3]), .float64).matmul(column).shape.dims == [huge, 0, 0])
    }

    /// No float32 lies in the interval but its lower end, as float32 has it.
    @Test func uniformInANarrowInterval() throws {
        let drawn = try Tensor.uniform(Shape([100]), low: 1, high: 1 + 1e-12, .float32, Generator(seed: 1)).doubles()
        #expect(drawn.allSatisfy { $0 == 1 })
    }

    @Test func linspaceAcrossAllNumbers() throws {
        #expect(try Tensor.linspace(-1e308, 1e308, 3, .float64).doubles() == [-1e308, 0, 1e308])
        #expect(try Tensor.linspace(-1e308, 1e308, 1, .float64).doubles() == [-1e308])
    }

    @Test func writingToAnOddAddress() throws {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 16)
        defer { bytes.deallocate() }
        try Tensor([1, 2, 3], dtype: .float32).slice(axis: 0, step: -1).write(as: .float64, to: bytes + 1)
        #expect((0..<3).map { (bytes + 1).loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) } == [3, 2, 1])
    }

    @Test func aBiasOfAnotherDtype() throws {
        let (x, weight) = (try Tensor([1, 2], shape: [1, 2]), try Tensor([1, 2], shape: [1, 2]))
        #expect(status { _ = try x.linear(weight, Tensor([1], dtype: .float32)) } == .dtype)
        #expect(status { _ = try x.linear(weight, Tensor([1, 2])) } == .shape)
    }

    /// Where there is nothing to do the result is still a tensor of its own.
    @Test func resultsAreTensorsOfTheirOwn() throws {
        let x = try Tensor([1, 2])
        for same in [
            try x.reshape([2]), try x.broadcast(to: x.shape), try x.cast(to: .float64), try x.power(1), try x.dropout(0),
        ] {
            try same.setRequiresGrad(true)
            #expect(!x.requiresGrad && same.data == x.data)
        }
        let w = try leaf(x)
        let y = try w.reshape([2])
        #expect(!y.isLeaf)
        try (y * y).sum().backward()
        #expect(try w.grad?.doubles() == [2, 4])
    }
}
