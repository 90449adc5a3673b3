import Testing

@testable import Talweg

/// Products of float16 and bfloat16 tensors, by whichever kernels this CPU has.
@Suite(.serialized) struct NarrowFloatMultiplyTests {
    static func random(_ dtype: DType, _ dims: [Int], _ seed: UInt64) throws -> Tensor {
        try Tensor.normal(Shape(dims, for: "test"), dtype, Generator(seed: seed))
    }

    /// The most that rounding changes a number by, as a share of it.
    static func unit(_ dtype: DType) -> Double { dtype == .float16 ? 0x1p-11 : 0x1p-8 }

    /// float32's error of the k sums, then one rounding.
    static func check(_ a: Tensor, _ b: Tensor, _ found: Tensor) throws {
        let (wideA, wideB) = (try a.cast(to: .float64), try b.cast(to: .float64))
        let expected = try wideA.matmul(wideB).doubles()
        let size = try wideA.absolute().matmul(wideB.absolute()).doubles()
        #expect(found.dtype == a.dtype)
        let values = try found.doubles()
        #expect(values.count == expected.count)
        let k = Double(a.shape[a.rank - 1])
        for (i, value) in values.enumerated() {
            let bound = (k + 1) * 0x1p-23 * size[i] + unit(a.dtype) * expected[i].magnitude * 1.0001 + 0x1p-25
            try #require((value - expected[i]).magnitude <= bound, "\(a.shape) \(b.shape): \(i)")
        }
    }

    @Test(arguments: narrowTypes) func shapes(_ dtype: DType) throws {
        for (m, k, n) in [
            (1, 1, 1), (3, 5, 7), (17, 33, 9), (64, 64, 64), (130, 71, 95), (1, 300, 40), (40, 300, 1), (200, 1100, 300),
            (13, 513, 33), (3, 2000, 2),
        ] {
            let (a, b) = (try Self.random(dtype, [m, k], 1), try Self.random(dtype, [k, n], 2))
            try Self.check(a, b, a.matmul(b))
            let turned = try Self.random(dtype, [n, k], 3).transpose()
            try Self.check(a, turned, a.matmul(turned))
            let upright = try Self.random(dtype, [k, m], 4).transpose()
            try Self.check(upright, b, upright.matmul(b))
        }
        let ofNothing = try Self.random(dtype, [3, 0], 1).matmul(Self.random(dtype, [0, 2], 1))
        #expect(try ofNothing.doubles() == [0, 0, 0, 0, 0, 0])
        #expect(try Self.random(dtype, [0, 3], 1).matmul(Self.random(dtype, [3, 2], 1)).shape.dims == [0, 2])
        #expect(throws: TalwegError(.shape, "matmul: [3, 4] x [5, 2]: inner sizes 4 and 5 differ")) {
            try Self.random(dtype, [3, 4], 1).matmul(Self.random(dtype, [5, 2], 1))
        }
    }

    @Test(arguments: narrowTypes) func batches(_ dtype: DType) throws {
        let a = try Self.random(dtype, [2, 3, 10, 20], 1)
        for dims in [[20, 7], [3, 20, 7], [2, 1, 20, 7], [2, 3, 20, 7]] {
            let b = try Self.random(dtype, dims, 2)
            try Self.check(a, b, a.matmul(b))
        }
    }

    /// The product is rounded, then its sum with the bias.
    @Test(arguments: narrowTypes) func linear(_ dtype: DType) throws {
        let x = try Self.random(dtype, [5, 4, 65], 1)
        let weight = try Self.random(dtype, [33, 65], 2), bias = try Self.random(dtype, [33], 3)
        let product = try x.cast(to: .float64).matmul(weight.cast(to: .float64).transpose())
        let wide = try product + bias.cast(to: .float64)
        let found = try x.linear(weight, bias)
        #expect(found.dtype == dtype && found.shape == wide.shape)
        let products = try product.doubles()
        for (i, (value, expected)) in zip(try found.doubles(), try wide.doubles()).enumerated() {
            let size = products[i].magnitude + expected.magnitude
            #expect((value - expected).magnitude <= Self.unit(dtype) * size * 1.001 + 1e-4)
        }
    }

    @Test(arguments: narrowTypes) func sameBitsOnAnyNumberOfThreads(_ dtype: DType) throws {
        let (a, b) = (try Self.random(dtype, [301, 1257], 1), try Self.random(dtype, [1257, 403], 2))
        let before = threads
        defer { try? setThreads(before) }
        try setThreads(1)
        let one = try (a.matmul(b).doubles(), b.transpose().matmul(a.transpose()).doubles())
        for count in [2, 3] {
            try setThreads(count)
            #expect(try a.matmul(b).doubles() == one.0)
            #expect(try b.transpose().matmul(a.transpose()).doubles() == one.1)
        }
    }

    /// Of sum(a b): b's row sums and a's column sums, in numbers that both hold.
    @Test(arguments: narrowTypes) func gradients(_ dtype: DType) throws {
        let a = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], dtype: dtype)
        let b = try Tensor([1, 0, 2, 1, 0, 3], shape: [3, 2], dtype: dtype)
        try a.setRequiresGrad(true)
        try b.setRequiresGrad(true)
        try a.matmul(b).sum().backward()
        #expect(try #require(a.grad).doubles() == [1, 3, 3, 1, 3, 3])
        #expect(try #require(b.grad).doubles() == [5, 5, 7, 7, 9, 9])
        #expect(a.grad?.dtype == dtype)
    }

    /// A float32 operand makes a float32 product.
    @Test(arguments: narrowTypes) func besideFloat32(_ dtype: DType) throws {
        let a = try Self.random(dtype, [4, 5], 1)
        #expect(try a.matmul(Self.random(dtype, [5, 3], 2).cast(to: .float32)).dtype == .float32)
    }
}
