import TalwegKernels
import Testing

@testable import Talweg

/// bfloat16 tensors: arithmetic as float32's, rounded once.
@Suite struct BFloat16TensorTests {
    /// Every pattern but NaN's, so that results can be compared.
    static func everything() throws -> Tensor {
        let patterns = (UInt16.min...UInt16.max).filter { $0 & 0x7fff <= 0x7f80 }
        return try patterns.withUnsafeBytes {
            try Tensor(copying: $0.baseAddress, Shape([patterns.count], for: "test"), .bfloat16)
        }
    }

    static func values(_ x: Tensor) throws -> [Double] {
        var out = [Double](repeating: 0, count: x.count)
        try out.withUnsafeMutableBytes { bytes in
            if let address = bytes.baseAddress { try x.write(as: .float64, to: address) }
        }
        return out
    }

    static func isSame(_ a: Tensor, _ b: Tensor) throws -> Bool {
        guard a.dtype == b.dtype, a.shape == b.shape else { return false }
        return zip(try values(a), try values(b)).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
    }

    @Test func elementwiseIsFloat32RoundedOnce() throws {
        let x = try Self.everything()
        let wide = try x.cast(to: .float32)
        for (name, f) in [
            ("exp", { x throws(TalwegError) in try x.exp() }), ("abs", { x throws(TalwegError) in try x.absolute() }),
            ("square", { x throws(TalwegError) in try x.square() }),
            ("tanh", { x throws(TalwegError) in try x.tanh() }),
        ] as [(String, (Tensor) throws(TalwegError) -> Tensor)] {
            #expect(try Self.isSame(f(x), f(wide).cast(to: .bfloat16)), "\(name)")
        }
        #expect(try Self.isSame(x.isInfinite(), wide.isInfinite()))
    }

    /// Every layout of the operands, past several chunks.
    @Test func binaryLayouts() throws {
        let a = try Tensor.uniform(Shape([37, 301], for: "test"), low: -3, high: 3, .bfloat16)
        let b = try Tensor.uniform(Shape([37, 301], for: "test"), low: 1, high: 3, .bfloat16)
        let turned = try Tensor.uniform(Shape([301, 37], for: "test"), low: 1, high: 3, .bfloat16).transpose()
        let (column, row) = (try b.slice(axis: 1, to: 1), try b.slice(axis: 0, to: 1))
        let scalar = try Tensor.full(.scalar, 0.7, .bfloat16)
        let expanded = try scalar.broadcast(to: a.shape)
        for (x, y) in [(a, b), (a, turned), (turned, a), (a, column), (row, a), (a, scalar), (scalar, a), (expanded, expanded)] {
            let (wx, wy) = (try x.cast(to: .float32), try y.cast(to: .float32))
            #expect(try Self.isSame(x * y, (wx * wy).cast(to: .bfloat16)))
            #expect(try Self.isSame(x / y, (wx / wy).cast(to: .bfloat16)))
            #expect(try Self.isSame(x - y, (wx - wy).cast(to: .bfloat16)))
            #expect(try Self.isSame(x.isLess(y), wx.isLess(wy)))
        }
    }

    /// A sum of many small numbers does not stop growing where bfloat16 would.
    @Test func reductionsAreFloat32s() throws {
        let ones = try Tensor.ones(Shape([100_000], for: "test"), .bfloat16)
        #expect(try ones.sum().item() == 99_840)  // the bfloat16 nearest to 100,000
        #expect(try ones.mean().item() == 1)
        let x = try Tensor.uniform(Shape([50, 70, 3], for: "test"), low: -1, high: 1, .bfloat16)
        let wide = try x.cast(to: .float32)
        for axes in [[0], [1], [2], [0, 2], [0, 1, 2]] {
            #expect(try Self.isSame(x.sum(axes: axes), wide.sum(axes: axes).cast(to: .bfloat16)))
            #expect(try Self.isSame(x.mean(axes: axes), wide.mean(axes: axes).cast(to: .bfloat16)))
            #expect(try Self.isSame(x.variance(axes: axes), wide.variance(axes: axes).cast(to: .bfloat16)))
            #expect(try Self.isSame(x.max(axes: axes), wide.max(axes: axes).cast(to: .bfloat16)))
        }
        #expect(try Self.values(x.argmax(axis: 1)) == Self.values(wide.argmax(axis: 1)))
    }

    @Test func promotion() throws {
        let x = try Tensor.ones(Shape([2], for: "test"), .bfloat16)
        for (other, expected) in [
            (DType.bool, DType.bfloat16), (.uint8, .bfloat16), (.int32, .bfloat16), (.int64, .bfloat16),
            (.bfloat16, .bfloat16), (.float32, .float32), (.float64, .float64),
        ] {
            let y = try Tensor.ones(Shape([2], for: "test"), other)
            #expect(try (x + y).dtype == expected && (y + x).dtype == expected)
        }
        #expect(try (x * 2.5).dtype == .bfloat16)
    }

    /// d/dw of sum (w x)^2 through a bfloat16 copy of w: 2 w x^2, exact for these values.
    @Test func gradientsPassCasts() throws {
        let w = try Tensor([1, -2, 0.5], dtype: .float32)
        try w.setRequiresGrad(true)
        let x = try Tensor([2, 1, 4], dtype: .bfloat16)
        let y = try (w.cast(to: .bfloat16) * x).square().sum()
        #expect(y.dtype == .bfloat16)
        try y.backward()
        let gradient = try #require(w.grad)
        #expect(gradient.dtype == .float32)
        #expect(try Self.values(gradient) == [8, -4, 16])
    }

    @Test func gradientsOfPicks() throws {
        let w = try Tensor([1, 2, 3, 4], shape: [2, 2], dtype: .bfloat16)
        try w.setRequiresGrad(true)
        let rows = try Tensor([1, 1, 0], dtype: .int64)
        try w.indexSelect(axis: 0, rows).sum().backward()
        #expect(try Self.values(#require(w.grad)) == [1, 1, 2, 2])
    }

    @Test func uniformStaysBelowHigh() throws {
        for (low, high) in [(0.0, 1.0), (-2, -1), (-1, 0), (0.3, 0.301)] {
            let x = try Self.values(.uniform(Shape([20_000], for: "test"), low: low, high: high, .bfloat16))
            // The ends are rounded like any other number.
            #expect(x.allSatisfy { $0 < high && $0 >= low - 0.002 }, "\(low) to \(high)")
        }
    }

    @Test func printsTheValues() throws {
        #expect(try Tensor([0.5, -3, 0.1], dtype: .bfloat16).text() == "[ 0.5        -3.          0.10009766]")
        #expect(try Tensor.full(.scalar, 1.5, .bfloat16).text() == "1.5")
    }

    @Test func refusals() throws {
        let w = try Tensor.ones(Shape([2], for: "test"), .bfloat16)
        try w.setRequiresGrad(true)
        let optimizer = try SGD(learningRate: 0.1)
        #expect(throws: TalwegError.self) { try optimizer.add(w) }
    }
}
