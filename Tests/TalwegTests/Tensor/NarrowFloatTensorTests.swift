import Testing

@testable import Talweg

/// The floating dtypes of 16 bits.
let narrowTypes: [DType] = [.float16, .bfloat16]

/// float16 and bfloat16 tensors: arithmetic as float32's, rounded once.
@Suite struct NarrowFloatTensorTests {
    /// Every pattern but NaN's, so that results can be compared.
    static func everything(_ dtype: DType) throws -> Tensor {
        let patterns = (UInt16.min...UInt16.max).filter { $0 & 0x7fff <= (dtype == .float16 ? 0x7c00 : 0x7f80) }
        return try patterns.withUnsafeBytes {
            try Tensor(copying: $0.baseAddress, Shape([patterns.count], for: "test"), dtype)
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

    @Test(arguments: narrowTypes) func elementwiseIsFloat32RoundedOnce(_ dtype: DType) throws {
        let x = try Self.everything(dtype)
        let wide = try x.cast(to: .float32)
        for (name, f) in [
            ("exp", { x throws(TalwegError) in try x.exp() }), ("abs", { x throws(TalwegError) in try x.absolute() }),
            ("square", { x throws(TalwegError) in try x.square() }),
            ("tanh", { x throws(TalwegError) in try x.tanh() }),
        ] as [(String, (Tensor) throws(TalwegError) -> Tensor)] {
            #expect(try Self.isSame(f(x), f(wide).cast(to: dtype)), "\(name)")
        }
        #expect(try Self.isSame(x.isInfinite(), wide.isInfinite()))
    }

    /// Every layout of the operands, past several chunks.
    @Test(arguments: narrowTypes) func binaryLayouts(_ dtype: DType) throws {
        let a = try Tensor.uniform(Shape([37, 301], for: "test"), low: -3, high: 3, dtype)
        let b = try Tensor.uniform(Shape([37, 301], for: "test"), low: 1, high: 3, dtype)
        let turned = try Tensor.uniform(Shape([301, 37], for: "test"), low: 1, high: 3, dtype).transpose()
        let (column, row) = (try b.slice(axis: 1, to: 1), try b.slice(axis: 0, to: 1))
        let scalar = try Tensor.full(.scalar, 0.7, dtype)
        let expanded = try scalar.broadcast(to: a.shape)
        for (x, y) in [(a, b), (a, turned), (turned, a), (a, column), (row, a), (a, scalar), (scalar, a), (expanded, expanded)] {
            let (wx, wy) = (try x.cast(to: .float32), try y.cast(to: .float32))
            #expect(try Self.isSame(x * y, (wx * wy).cast(to: dtype)))
            #expect(try Self.isSame(x / y, (wx / wy).cast(to: dtype)))
            #expect(try Self.isSame(x - y, (wx - wy).cast(to: dtype)))
            #expect(try Self.isSame(x.isLess(y), wx.isLess(wy)))
        }
    }

    /// A sum of many small numbers does not stop growing where its own dtype would.
    @Test(arguments: narrowTypes) func reductionsAreFloat32s(_ dtype: DType) throws {
        let ones = try Tensor.ones(Shape([100_000], for: "test"), dtype)
        // What is nearest to 100,000.
        #expect(try ones.sum().item() == (dtype == .float16 ? .infinity : 99_840))
        #expect(try ones.mean().item() == 1)
        // Each of these sums is one that its dtype has, but not all on the way to it.
        #expect(try Tensor.full(Shape([4096], for: "test"), 0.75, dtype).sum().item() == 3072)
        let x = try Tensor.uniform(Shape([50, 70, 3], for: "test"), low: -1, high: 1, dtype)
        let wide = try x.cast(to: .float32)
        for axes in [[0], [1], [2], [0, 2], [0, 1, 2]] {
            #expect(try Self.isSame(x.sum(axes: axes), wide.sum(axes: axes).cast(to: dtype)))
            #expect(try Self.isSame(x.mean(axes: axes), wide.mean(axes: axes).cast(to: dtype)))
            #expect(try Self.isSame(x.variance(axes: axes), wide.variance(axes: axes).cast(to: dtype)))
            #expect(try Self.isSame(x.max(axes: axes), wide.max(axes: axes).cast(to: dtype)))
        }
        #expect(try Self.values(x.argmax(axis: 1)) == Self.values(wide.argmax(axis: 1)))
    }

    @Test(arguments: narrowTypes) func promotion(_ dtype: DType) throws {
        let x = try Tensor.ones(Shape([2], for: "test"), dtype)
        for other in DType.allCases {
            let y = try Tensor.ones(Shape([2], for: "test"), other)
            let expected: DType = !other.isFloating || other == dtype ? dtype : other == .float64 ? .float64 : .float32
            #expect(try (x + y).dtype == expected && (y + x).dtype == expected)
        }
        #expect(try (x * 2.5).dtype == dtype)
    }

    /// d/dw of sum (w x)^2 through a narrow copy of w: 2 w x^2, exact for these values.
    @Test(arguments: narrowTypes) func gradientsPassCasts(_ dtype: DType) throws {
        let w = try Tensor([1, -2, 0.5], dtype: .float32)
        try w.setRequiresGrad(true)
        let x = try Tensor([2, 1, 4], dtype: dtype)
        let y = try (w.cast(to: dtype) * x).square().sum()
        #expect(y.dtype == dtype)
        try y.backward()
        let gradient = try #require(w.grad)
        #expect(gradient.dtype == .float32)
        #expect(try Self.values(gradient) == [8, -4, 16])
    }

    @Test(arguments: narrowTypes) func gradientsOfPicks(_ dtype: DType) throws {
        let w = try Tensor([1, 2, 3, 4], shape: [2, 2], dtype: dtype)
        try w.setRequiresGrad(true)
        let rows = try Tensor([1, 1, 0], dtype: .int64)
        try w.indexSelect(axis: 0, rows).sum().backward()
        #expect(try Self.values(#require(w.grad)) == [1, 1, 2, 2])
    }

    @Test(arguments: narrowTypes) func uniformStaysBelowHigh(_ dtype: DType) throws {
        for (low, high) in [(0.0, 1.0), (-2, -1), (-1, 0), (0.3, 0.301)] {
            let x = try Self.values(.uniform(Shape([20_000], for: "test"), low: low, high: high, dtype))
            // The ends are rounded like any other number.
            #expect(x.allSatisfy { $0 < high && $0 >= low - 0.002 }, "\(low) to \(high)")
        }
    }

    @Test func printsTheValues() throws {
        #expect(try Tensor([0.5, -3, 0.1], dtype: .bfloat16).text() == "[ 0.5        -3.          0.10009766]")
        #expect(try Tensor.full(.scalar, 1.5, .bfloat16).text() == "1.5")
        #expect(try Tensor([0.5, -3, 0.1], dtype: .float16).text() == "[ 0.5 -3.   0.1]")
    }

    @Test(arguments: narrowTypes) func refusals(_ dtype: DType) throws {
        let w = try Tensor.ones(Shape([2], for: "test"), dtype)
        try w.setRequiresGrad(true)
        let optimizer = try SGD(learningRate: 0.1)
        #expect(throws: TalwegError.self) { try optimizer.add(w) }
    }
}
