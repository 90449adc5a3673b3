import Testing

@testable import Talweg

struct CumulativeTests {
    @Test func sumsLoseNothing() throws {
        // 1 beside 2^53 is lost by a plain sum.
        let x = try Tensor([0x1p53, 1, 1, -0x1p53], dtype: .float64)
        #expect(try x.cumulativeSum(axis: 0).doubles() == [0x1p53, 0x1p53, 0x1p53 + 2, 2])
        let infinite = try Tensor([1, .infinity, 1, -.infinity], dtype: .float64).cumulativeSum(axis: 0).doubles()
        #expect(infinite[0] == 1 && infinite[1] == .infinity && infinite[2] == .infinity && infinite[3].isNaN)
        let integers = try Tensor([200, 100], dtype: .uint8).cumulativeSum(axis: 0)
        #expect(integers.dtype == .uint64)
        #expect(try integers.doubles() == [200, 300])
    }

    /// 1 beside 2^24 is lost in float32, and 1e-60 is none of its numbers.
    @Test func singlesAreCarriedInDouble() throws {
        let x = try Tensor([0x1p24, 1, 1], dtype: .float32)
        #expect(try x.cumulativeSum(axis: 0).doubles() == [0x1p24, 0x1p24, 0x1p24 + 2])
        let tiny = try Tensor([0x1p-100, 0x1p-100, 0x1p100, 0x1p100], dtype: .float32)
        #expect(try tiny.cumulativeProduct(axis: 0).doubles() == [0x1p-100, 0, 0x1p-100, 1])
    }
}
