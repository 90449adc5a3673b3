import Testing

@testable import Talweg

/// The fused operations: the same bits on any number of threads, and what they refuse.
@Suite(.serialized) struct FusedTests {
    private func numbers(_ shape: [Int], _ frequency: Double, _ dtype: DType = .float32) throws -> Tensor {
        try leaf(wave(Shape(shape), frequency).cast(to: dtype))
    }

    /// Results and gradients on 1, 2 and 3 threads.
    private func checkThreads(_ name: String, _ inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor) throws {
        let before = threads
        defer { try? setThreads(before) }
        var first: [[Double]]?
        for count in 1...3 {
            try setThreads(count)
            let y = try function(inputs)
            let weights = try wave(y.shape, 0.3).cast(to: y.dtype)
            let gradients = try (y * weights).sum().gradients(wrt: inputs)
            let found = try [y.doubles()] + gradients.map { try $0?.doubles() ?? [] }
            if let first { #expect(first == found, "\(name) on \(count) threads") } else { first = found }
        }
    }

    @Test func sameBitsOnAnyThreads() throws {
        for dtype in [DType.float32, .float64] {
            let x = try numbers([301, 157], 0.21, dtype)
            let r = try numbers([301, 157], 0.47, dtype)
            let (w, b) = (try numbers([157], 0.7, dtype), try numbers([157], 0.9, dtype))
            try checkThreads("layer_norm", [x, r, w, b]) {
                try $0[0].layerNorm(weight: $0[2], bias: $0[3], residual: $0[1])
            }
            try checkThreads("softmax", [x]) { try $0[0].softmax() }
            try checkThreads("softmax of columns", [x]) { try $0[0].softmax(axis: 0) }
            try checkThreads("mse_loss", [x, r]) { try .meanSquaredError($0[0], $0[1]) }
            let labels = try Tensor((0..<301).map { Double($0 * 7 % 157) }, dtype: .int64)
            try checkThreads("cross_entropy_loss", [x]) { try .crossEntropy($0[0], labels) }
            try checkThreads("dropout", [x]) { try $0[0].dropout(0.3, Generator(seed: 4)) }
            try checkThreads("embedding", [x]) { try $0[0].embedding(labels) }
            try checkThreads("gelu_tanh", [x]) { try $0[0].geluTanh() }
            let image = try numbers([4, 12, 31, 33], 0.33, dtype)
            let (cw, cb) = (try numbers([12], 0.7, dtype), try numbers([12], 0.9, dtype))
            try checkThreads("batch_norm", [image, cw, cb]) {
                try $0[0].batchNorm(weight: $0[1], bias: $0[2], BatchNormOptions(relu: true))
            }
        }
    }

    /// The gradient of few rows, each picked often, and of many, is the sum over what was picked.
    @Test func embeddingGradient() throws {
        for (rows, width, n) in [(3, 70, 50), (700, 40, 90), (2000, 33, 4000)] {
            let table = try numbers([rows, width], 0.21, .float64)
            let ids = (0..<n).map { $0 * $0 % rows }
            let g = try wave(Shape([n, width]), 0.5)
            let y = try table.embedding(Tensor(ids.map(Double.init), dtype: .int32))
            let gradient = try #require(try (y * g).sum().gradients(wrt: [table])[0]).doubles()
            var expected = [Double](repeating: 0, count: rows * width)
            let values = try g.doubles()
            for i in 0..<n { for j in 0..<width { expected[ids[i] * width + j] += values[i * width + j] } }
            #expect(gradient == expected)
        }
    }

    @Test func runningStatistics() throws {
        let x = try Tensor([1, 2, 3, 4, 5, 9], shape: [3, 2])
        let (mean, variance) = (try Tensor([0, 1]), try Tensor([1, 1]))
        _ = try x.batchNorm(runningMean: mean, runningVariance: variance, BatchNormOptions(momentum: 0.5))
        // Channels 1, 3, 5 and 2, 4, 9: means 3 and 5, variances over n - 1 4 and 13.
        #expect(try mean.doubles() == [1.5, 3])
        #expect(try variance.doubles() == [2.5, 7])
    }

    @Test func refusals() throws {
        let x = try numbers([3, 4], 0.3)
        func status(_ body: () throws -> Tensor) -> Status? {
            do { _ = try body() } catch { return (error as? TalwegError)?.status }
            return nil
        }
        #expect(status { try x.layerNorm(weight: numbers([3], 0.1)) } == .shape)
        #expect(status { try x.layerNorm(weight: numbers([4], 0.1, .float64)) } == .dtype)
        #expect(status { try x.layerNorm(residual: numbers([4], 0.1)) } == .shape)
        #expect(status { try x.layerNorm(epsilon: -1) } == .invalidArgument)
        #expect(status { try Tensor([1, 2], shape: [2, 1]).select(axis: 1, index: 0).batchNorm() } == .shape)
        #expect(status { try numbers([1, 4], 0.3).batchNorm() } == .shape)
        #expect(status { try x.batchNorm(BatchNormOptions(training: false)) } == .invalidArgument)
        #expect(status { try x.batchNorm(runningMean: numbers([4], 0.1)) } == .invalidArgument)
        #expect(status { try x.batchNorm(BatchNormOptions(momentum: 2)) } == .invalidArgument)
        #expect(status { try x.embedding(Tensor([0, 3], dtype: .int64)) } == .index)
        #expect(status { try x.embedding(Tensor([-1], dtype: .int64)) } == .index)
        #expect(status { try x.embedding(Tensor([1.0])) } == .dtype)
        let labels = try Tensor([0, -100, 1], dtype: .int64)
        #expect(status { try .crossEntropy(x, labels) } == .index)
        #expect(status { try .crossEntropy(x, labels, CrossEntropyOptions(ignoreIndex: -100)) } == nil)
        #expect(status { try .crossEntropy(x, labels, CrossEntropyOptions(ignoreIndex: -1)) } == .index)
        #expect(status { try .crossEntropy(x, labels, CrossEntropyOptions(labelSmoothing: 2)) } == .invalidArgument)
        let ignored = try Tensor([7, 7, 7], dtype: .int64)
        #expect(try Tensor.crossEntropy(x, ignored, CrossEntropyOptions(ignoreIndex: 7)).item().isNaN)
    }

    /// Norms of 3 and 4 make 5: clipped to 1, a fifth of the step.
    @Test func clipping() throws {
        for dtype in [DType.float32, .float64] {
            func made() throws -> [Tensor] {
                let (a, b) = (try leaf(Tensor([0, 0], dtype: dtype)), try leaf(Tensor([0], dtype: dtype)))
                try a.setGrad(Tensor([3, 0], dtype: dtype))
                try b.setGrad(Tensor([4], dtype: dtype))
                return [a, b]
            }
            let plain = try made()
            #expect(try clipGradientNorm(plain, to: 10) == 5)
            #expect(try plain[1].grad?.doubles() == [4])
            #expect(try clipGradientNorm(plain, to: 1) == 5)
            let clipped = try #require(try plain[1].grad?.doubles())
            #expect(abs(clipped[0] - 0.8) < 1e-6)

            let parameters = try made()
            let optimizer = try SGD(learningRate: 1, maxNorm: 1)
            for parameter in parameters { try optimizer.add(parameter) }
            try optimizer.step()
            #expect(abs(try parameters[0].doubles()[0] + 0.6) < 1e-6)
            #expect(abs(try parameters[1].doubles()[0] + 0.8) < 1e-6)
            #expect(try parameters[1].grad?.doubles() == [4])

            try parameters[0].setGrad(Tensor([.infinity, 0], dtype: dtype))
            #expect(throws: TalwegError.self) { try optimizer.step() }
            #expect(abs(try parameters[1].doubles()[0] + 0.8) < 1e-6)
        }
    }

    /// Large parameters, small ones and one that is not row-major, in one step and one by one.
    @Test func oneDispatchOfMany() throws {
        func made() throws -> [Tensor] {
            var parameters: [Tensor] = []
            for (place, shape) in [[3], [40_000], [5, 7], [1], [130, 130], [0]].enumerated() {
                parameters.append(try numbers(shape, 0.1 * Double(place + 1)))
            }
            parameters.append(try leaf(wave(Shape([6, 4]), 0.4).cast(to: .float32).transpose()))
            for parameter in parameters { try parameter.setGrad(wave(parameter.shape, 0.77).cast(to: .float32)) }
            return parameters
        }
        let together = try made()
        let alone = try made()
        let all = try AdamW(learningRate: 0.1)
        for parameter in together { try all.add(parameter) }
        for _ in 0..<3 { try all.step() }
        for parameter in alone {
            let one = try AdamW(learningRate: 0.1)
            try one.add(parameter)
            for _ in 0..<3 { try one.step() }
        }
        for (a, b) in zip(together, alone) { #expect(try a.doubles() == b.doubles()) }
    }
}
