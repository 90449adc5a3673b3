import Testing

@testable import Talweg

/// What a fit keeps of a module: buffers with the parameters, and what it looks up.
@Suite struct FitStateTests {
    /// Multiplies by a weight, and counts in a buffer how often it is called in training.
    private final class Counting: Module {
        override init() { super.init() }

        convenience init(_ start: Double) throws {
            self.init()
            try setParameter("weight", Tensor([start]))
            try setBuffer("calls", Tensor([0]))
        }

        override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
            guard let weight = parameter("weight"), let calls = buffer("calls") else { throw .state("lost") }
            if isTraining {
                let next = try calls.item() + 1
                try calls.assign(Tensor([next]))
            }
            return try x * weight
        }

        func calls() throws -> Double { try #require(buffer("calls")).item() }
    }

    private let x = try? Tensor([1, 2, 3, 4], shape: [4, 1])

    @Test func divergencePutsBuffersBack() throws {
        let x = try #require(x)
        let model = try Counting(1)
        #expect(
            status {
                try fit(model, SGD(model, learningRate: 1e200), x, x * 2, FitOptions(epochs: 3, batchSize: 1))
            } == .diverged)
        #expect(try model.calls() == 0 && model.parameter(at: "weight").doubles() == [1])
    }

    @Test func theBestEpochsBuffersAreRestored() throws {
        let x = try #require(x)
        let model = try Counting(0.25)
        var options = FitOptions(epochs: 4, batchSize: 4, restoreBest: true)
        options.validation = (x, try Tensor.zeros(Shape([4, 1]), .float64))
        let history = try fit(model, SGD(model, learningRate: 0.01), x, x, options)
        #expect(history.bestEpoch == 0)
        #expect(try model.calls() == 1)
    }

    @Test func aModuleInAModuleIsNamed() throws {
        let x = try #require(x)
        let failing = CallbackModule { x throws(TalwegError) in try (x * 0 - 1).log() }
        let model = try Sequential(Linear(1, 1, dtype: .float64), Sequential(Tanh(), failing))
        let text = message { try fit(model, SGD(model), x, x, FitOptions(batchSize: 4)) }
        #expect(text.contains("in \"1.1\", a CallbackModule, log made a NaN at [0, 0] of its result [4, 1]"), "\(text)")
        #expect(!anomalyMode)
    }
}
