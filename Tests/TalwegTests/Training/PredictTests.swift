import Testing

@testable import Talweg

@Suite struct PredictTests {
    @Test func batchesGiveTheWhole() throws {
        let model = try Sequential(Linear(3, 4, dtype: .float64), Dropout(0.5), ReLU(), Linear(4, 2, dtype: .float64))
        let x = try wave(Shape([11, 3]), 0.7)
        let whole = try predict(model, x)
        #expect(whole.shape.dims == [11, 2] && !whole.requiresGrad)
        #expect(model.isTraining)
        for size in [1, 2, 4, 11, 100, Int.max] {
            let found = try predict(model, x, batchSize: size)
            #expect(found.shape == whole.shape)
            for (a, b) in zip(try found.doubles(), try whole.doubles()) { #expect(abs(a - b) < 1e-14) }
        }
    }

    @Test func putsModesBackAfterAFailure() throws {
        let model = CallbackModule { _ throws(TalwegError) in throw TalwegError(.numeric, "no") }
        #expect(status { _ = try predict(model, Tensor([1, 2, 3]), batchSize: 2) } == .numeric)
        #expect(model.isTraining && ThreadState.current.recording)
    }

    @Test func refusesWhatDoesNotFit() throws {
        let sum = CallbackModule { x throws(TalwegError) in try x.sum() }
        let x = try Tensor([1, 2, 3])
        #expect(try predict(sum, x).item() == 6)
        #expect(status { _ = try predict(sum, x, batchSize: 2) } == .shape)
        #expect(status { _ = try predict(sum, x, batchSize: -1) } == .invalidArgument)
        // A width that follows the batch's rows cannot be joined.
        let square = CallbackModule { x throws(TalwegError) in try x.expandDims(1) * x.expandDims(0) }
        #expect(status { _ = try predict(square, x, batchSize: 2) } == .shape)
    }

    @Test func ofNoRows() throws {
        let none = try predict(Linear(2, 3), Tensor.zeros(Shape([0, 2]), .float32), batchSize: 4)
        #expect(none.shape.dims == [0, 3])
    }
}
