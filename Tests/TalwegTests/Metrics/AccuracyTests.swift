import Testing

@testable import Talweg

@Suite struct AccuracyTests {
    @Test(arguments: [DType.int64, .int32, .uint8])
    func countsRowsWithTheLargestLogitAtTheLabel(_ dtype: DType) throws {
        let logits = try Tensor([1, 2, 0, 5, 4, 3, 0, 0, 0, -1, -2, -0.5], shape: [4, 3], dtype: .float32)
        // Largest at 1, 0, 0 (the first of equal ones) and 2.
        #expect(try Tensor.accuracy(logits, Tensor([1, 0, 0, 2], dtype: dtype)) == 1)
        #expect(try Tensor.accuracy(logits, Tensor([1, 1, 2, 2], dtype: dtype)) == 0.5)
        let turned = try logits.transpose().contiguous().transpose()
        let every = try Tensor([1, 9, 0, 9, 0, 9, 1, 9], dtype: dtype).slice(axis: 0, step: 2)
        #expect(try Tensor.accuracy(turned, every) == 0.75)
    }

    @Test func refusesWhatDoesNotFit() throws {
        let logits = try Tensor.zeros(Shape([2, 3]), .float32)
        #expect(status { _ = try Tensor.accuracy(logits, Tensor([1], dtype: .int64)) } == .shape)
        #expect(status { _ = try Tensor.accuracy(logits, Tensor([1, 2])) } == .dtype)
        #expect(status { _ = try Tensor.accuracy(Tensor([1, 2]), Tensor([1, 2], dtype: .int64)) } == .shape)
        let none = try Tensor.zeros(Shape([2, 0]), .float32)
        #expect(status { _ = try Tensor.accuracy(none, Tensor([1, 2], dtype: .int64)) } == .shape)
    }
}
