import Testing

@testable import Talweg

@Suite struct ProductTests {
    @Test func integerMatrices() throws {
        for dtype in DType.allCases where dtype.isInteger {
            for (m, k, n) in [(1, 1, 1), (3, 5, 4), (2, 0, 3), (17, 9, 1), (1, 33, 7), (40, 30, 1030)] {
                let a = try Tensor((0..<(m * k)).map { Double($0 * 7 % 113) }, shape: [m, k], dtype: dtype)
                let b = try Tensor((0..<(k * n)).map { Double($0 * 11 % 127) }, shape: [k, n], dtype: dtype)
                let exact = try a.cast(to: .float64).matmul(b.cast(to: .float64))
                // Conversions of integers wrap around.
                let expected = try exact.cast(to: .int64).cast(to: dtype).doubles()
                #expect(try a.matmul(b).doubles() == expected)
                let turned = try b.transpose().contiguous().transpose()
                #expect(try a.transpose().contiguous().transpose().matmul(turned).doubles() == expected)
            }
        }
        let stack = try Tensor((0..<24).map(Double.init), shape: [4, 2, 3], dtype: .int32)
        let wide = try stack.cast(to: .float64)
        let column = try Tensor([1, 2, 3], dtype: .int32)
        #expect(try stack.matmul(column).doubles() == wide.matmul(column.cast(to: .float64)).doubles())
        #expect(try stack.matmul(stack.transpose()).doubles() == wide.matmul(wide.transpose()).doubles())
        #expect(throws: TalwegError.self) { try Tensor.ones(Shape([2, 2]), .bool).matmul(.ones(Shape([2, 2]), .bool)) }
    }

    @Test func shapesAreChecked() throws {
        let (a, b) = (try Tensor.ones(Shape([2, 3]), .float64), try Tensor.ones(Shape([4]), .float64))
        #expect(throws: TalwegError.self) { try a.vecdot(b) }
        #expect(throws: TalwegError.self) { try a.outer(b) }
        #expect(throws: TalwegError.self) { try a.cross(b) }
        #expect(throws: TalwegError.self) { try a.tensordot(b, axes: 1) }
        #expect(throws: TalwegError.self) { try a.tensordot(b, axes: 3) }
        #expect(throws: TalwegError.self) { try a.tensordot(a, [0, 0], [0, 1]) }
        #expect(throws: TalwegError.self) { try a.tensordot(a, [0], [2]) }
        #expect(throws: TalwegError.self) { try b.diagonal() }
        #expect(throws: TalwegError.self) { try a.diagonal(axis0: 1, axis1: -1) }
        #expect(throws: TalwegError.self) { try b.diagonalMatrix(offset: .max) }
        #expect(throws: TalwegError.self) { try b.diagonalMatrix(offset: .min) }
        #expect(try a.diagonal(offset: .max).shape == Shape([0]))
        #expect(try a.diagonal(offset: .min).shape == Shape([0]))
        #expect(try a.trace(offset: .min).item() == 0)
    }

    @Test func padding() throws {
        let x = try Tensor([1, 2, 3])
        func padded(_ mode: PadMode) throws -> [Double] { try x.pad([(3, 3)], mode: mode).doubles() }
        #expect(try padded(.constant) == [0, 0, 0, 1, 2, 3, 0, 0, 0])
        #expect(try padded(.edge) == [1, 1, 1, 1, 2, 3, 3, 3, 3])
        #expect(try padded(.reflect) == [2, 3, 2, 1, 2, 3, 2, 1, 2])
        #expect(try padded(.symmetric) == [3, 2, 1, 1, 2, 3, 3, 2, 1])
        #expect(try padded(.wrap) == [1, 2, 3, 1, 2, 3, 1, 2, 3])
        #expect(throws: TalwegError.self) { try x.pad([(-1, 0)]) }
        #expect(throws: TalwegError.self) { try x.pad([(.max, .max)]) }
        #expect(throws: TalwegError.self) { try x.pad([(1, 1), (1, 1)]) }
        #expect(throws: TalwegError.self) { try Tensor.ones(Shape([0]), .float64).pad([(1, 0)], mode: .edge) }
        #expect(throws: TalwegError.self) { try x.cast(to: .int32).pad([(1, 1)], value: 0.5) }
        #expect(try Tensor.ones(Shape([0]), .int32).pad([(1, 1)], value: 7).doubles() == [7, 7])
    }

    /// Where the gradient of clip goes, bounds that are the wrong way round and NaN among them.
    @Test func clipGradients() throws {
        let x = try leaf(Tensor([-1, 0, 0.5, 1, 2, .nan, 0.5, 3]))
        let low = try leaf(Tensor([0, 0, 0, 0, 0, 0, 2, 3]))
        let high = try leaf(Tensor([1, 1, 1, 1, 1, 1, 1, 1]))
        let y = try x.clip(low, high)
        let found = try y.doubles()
        #expect(found[..<5] == [0, 0, 0.5, 1, 1] && found[5].isNaN && found[6...] == [1, 1])
        try y.sum().backward()
        #expect(try x.grad?.doubles() == [0, 1, 1, 1, 0, 0, 0, 0])
        #expect(try low.grad?.doubles() == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(try high.grad?.doubles() == [0, 0, 0, 0, 1, 0, 1, 1])
    }

    @Test func clipTypes() throws {
        let bytes = try Tensor([0, 7, 255], dtype: .uint8)
        #expect(try bytes.clip(-3.5, 6.5).doubles() == [0, 6, 6])
        #expect(try bytes.clip(6.5, .infinity).doubles() == [7, 7, 255])
        #expect(try bytes.clip(6.5, .infinity).dtype == .uint8)
        #expect(throws: TalwegError.self) { try bytes.clip(.nan, 1) }
        #expect(throws: TalwegError.self) { try bytes.cast(to: .bool).clip(0, 1) }
        let halves = try Tensor([-1, 0.25, 9], dtype: .bfloat16).clip(0, 1)
        #expect(halves.dtype == .bfloat16)
        #expect(try halves.doubles() == [0, 0.25, 1])
        let nan = try Tensor([1]).clip(nil, Tensor([.nan])).item()
        #expect(nan.isNaN)
    }
}
