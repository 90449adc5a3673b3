import Testing

@testable import Talweg

/// Against the standard library's sort of places by element, with places to settle ties.
struct SortingTests {
    private func expected(_ x: [Double], descending: Bool) -> [Double] {
        x.indices.sorted { a, b in
            if x[a].isNaN || x[b].isNaN {
                if x[a].isNaN && x[b].isNaN { return a < b }
                return x[a].isNaN == descending
            }
            if x[a] != x[b] { return descending ? x[a] > x[b] : x[a] < x[b] }
            return a < b
        }.map(Double.init)
    }

    @Test(arguments: DType.allCases, [0, 1, 2, 32, 33, 1000])
    func everyTypeAndLength(dtype: DType, n: Int) throws {
        let generator = Generator(seed: 11)
        let spread = dtype == .bool ? 1.0 : dtype == .uint8 ? 255 : dtype == .int8 ? 127 : 300
        let low = dtype.isUnsigned || dtype == .bool ? 0 : -spread
        // Rounded, so that there are ties.
        let drawn = try Tensor.uniform(Shape([n]), low: low, high: spread, .float64, generator).round().cast(to: dtype)
        for descending in [false, true] {
            let order = try drawn.argsort(descending: descending)
            #expect(order.dtype == .int64)
            #expect(try order.doubles() == expected(drawn.doubles(), descending: descending))
            let sorted = try drawn.sort(descending: descending)
            #expect(sorted.dtype == dtype)
            #expect(try sorted.doubles() == drawn.indexSelect(axis: 0, order).doubles())
        }
    }

    @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
    func specialValues(dtype: DType) throws {
        let values: [Double] = [.nan, 1, -0.0, .infinity, 0, -.infinity, -1, -Double.nan, 0x1p-24, -0x1p-24, -0.0]
        let x = try Tensor(values, dtype: dtype)
        for descending in [false, true] {
            #expect(try x.argsort(descending: descending).doubles() == expected(values, descending: descending))
        }
        // The long way, by digits.
        let many = try Tensor(Array(repeating: values, count: 8).flatMap { $0 }, dtype: dtype)
        #expect(try many.argsort().doubles() == expected(many.doubles(), descending: false))
    }

    @Test func extremeIntegers() throws {
        let values: [Int64] = [.max, 0, .min, -1, 1, .max - 1, .min + 1]
        let x = try Tensor(copying: values, Shape([7]), .int64)
        #expect(try x.argsort().doubles() == [2, 6, 3, 1, 4, 5, 0])
        // As unsigned numbers the negative ones are the greatest.
        let positive = try Tensor(copying: values, Shape([7]), .uint64)
        #expect(try positive.argsort().doubles() == [1, 4, 5, 0, 2, 6, 3])
    }

    @Test(arguments: [0, 1, 2])
    func everyAxisOfAView(axis: Int) throws {
        let x = try Tensor.uniform(Shape([4, 50, 3]), low: -1, .float64, Generator(seed: 3)).transpose(0, 2)
        let order = try x.argsort(axis: axis)
        let sorted = try x.sort(axis: axis)
        #expect(try sorted.doubles() == x.gather(axis: axis, order).doubles())
        let step = try sorted.difference(axis: axis)
        #expect(try step.isGreaterOrEqual(step.scalar(0)).all().item() == 1)
    }
}
