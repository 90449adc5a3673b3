import Testing

@testable import Talweg

@Suite struct FitTests {
    /// ((i a + b) mod m - m / 2) / s, as in Fixtures/fit_losses.py.
    private func grid(_ shape: [Int], _ a: Int, _ b: Int, _ m: Int, _ s: Double) throws -> Tensor {
        let count = shape.reduce(1, *)
        return try Tensor((0..<count).map { Double(($0 * a + b) % m - m / 2) / s }, shape: shape)
    }

    /// The mean losses of five epochs and the last bias.
    struct Peer: Sendable {
        let kind: Int
        let losses: [Double]
        let bias: [Double]

        static let all = [
            Peer(
                kind: 0,
                losses: [
                    0.6085142595006855, 0.4625209305482807, 0.4571245046950626, 0.44829373183540644, 0.4249496980027416,
                ], bias: [-0.23165979052306104, -0.03932357691836891]),
            Peer(
                kind: 1,
                losses: [
                    0.8926620429495937, 0.7566046398600798, 0.7259277983097429, 0.7005082812940082, 0.7157137363760463,
                ], bias: [-0.05964729101584362, -0.06424088120493102]),
            Peer(
                kind: 2,
                losses: [
                    0.8863012399026233, 0.7267790143277283, 0.678589111168938, 0.662446800499224, 0.6514842656511063,
                ], bias: [-0.21570408677691888, 0.03019029301325321]),
            Peer(
                kind: 3,
                losses: [
                    0.6315883459988917, 0.46291092006878787, 0.4422296879034894, 0.427716158091669, 0.4169644772665203,
                ], bias: [-0.11307703149185218, -0.08343539253496043]),
        ]
    }

    /// Whole fits against PyTorch's: the numbers are what Fixtures/fit_losses.py printed.
    @Test(arguments: Peer.all)
    func agreesWithPyTorch(_ peer: Peer) throws {
        let kind = peer.kind
        let model = try Sequential(Linear(3, 4, dtype: .float64), Tanh(), Linear(4, 2, dtype: .float64))
        for (k, (_, parameter)) in model.namedParameters.enumerated() {
            try parameter.assign(grid(parameter.shape.dims, 7, 3 + k, 11, 10))
        }
        let optimizer: Optimizer =
            switch kind {
            case 0: try Adam(model, learningRate: 0.1)
            case 1: try SGD(model, learningRate: 0.5, momentum: 0.9, nesterov: true, weightDecay: 0.01)
            case 2: try AdamW(model, learningRate: 0.05, weightDecay: 0.1)
            default: try RMSProp(model, learningRate: 0.02, alpha: 0.9, momentum: 0.5)
            }
        let labels = kind == 1 || kind == 2
        let targets = labels
            ? try Tensor((0..<10).map { Double($0 * $0 % 3 % 2) }, dtype: .int64) : try grid([10, 2], 3, 1, 7, 3)
        let history = try fit(
            model, optimizer, grid([10, 3], 5, 2, 13, 6), targets,
            FitOptions(
                loss: labels ? .crossEntropy : .meanSquaredError, epochs: 5, batchSize: 4, shuffle: false, l1: 0.01,
                l2: 0.02))
        for (found, wanted) in zip(history.epochs.map(\.loss), peer.losses) { #expect(abs(found - wanted) < 1e-7) }
        for (found, wanted) in zip(try model.parameter(at: "2.bias").doubles(), peer.bias) {
            #expect(abs(found - wanted) < 1e-7)
        }
    }

    /// y = 2 a - 3 b + 0.5 without noise: the least-squares solution is exact.
    @Test func findsTheLine() throws {
        let x = try wave(Shape([60, 2]), 0.31)
        let y = try x.matmul(Tensor([2, -3], shape: [2, 1])) + 0.5
        let model = try Linear(2, 1, dtype: .float64, generator: Generator(seed: 1))
        let history = try fit(model, SGD(model, learningRate: 0.3), x, y, FitOptions(epochs: 200, batchSize: 8))
        let weight = try model.parameter(at: "weight").doubles()
        #expect(abs(weight[0] - 2) < 1e-8 && abs(weight[1] + 3) < 1e-8)
        #expect(abs(try model.parameter(at: "bias").doubles()[0] - 0.5) < 1e-8)
        #expect(history.epochs.count == 200 && history.stop == .epochs)
        #expect(history.epochs.map(\.epoch) == Array(1...200))
        #expect(history.epochs.allSatisfy { $0.accuracy.isNaN && $0.validationLoss.isNaN && $0.epochs == 200 })
        #expect(zip(history.epochs, history.epochs.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
        #expect(model.namedParameters.allSatisfy { $0.tensor.grad == nil })
    }

    @Test func learnsExclusiveOr() throws {
        let x = try Tensor([0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 2], dtype: .float32)
        let labels = try Tensor([0, 1, 1, 0], dtype: .int64)
        let g = Generator(seed: 4)
        let model = try Sequential(Linear(2, 8, generator: g), Tanh(), Linear(8, 2, generator: g))
        let history = try fit(
            model, Adam(model, learningRate: 0.05), x, labels,
            FitOptions(loss: .crossEntropy, epochs: 300, batchSize: 4))
        #expect(history.epochs.last?.accuracy == 1)
        #expect(try Tensor.accuracy(predict(model, x), labels) == 1)
        #expect(try #require(history.epochs.last).loss < 0.05)
    }

    /// w x to a target of x with a validation target of 0: training drives w from 0 to 1 and the
    /// validation loss up.
    private func worsening() throws -> (Linear, Tensor, Tensor, FitOptions) {
        let model = try Linear(1, 1, bias: false, dtype: .float64, initializer: .zeros)
        try model.parameter(at: "weight").assign(Tensor([0.25]))
        let x = try Tensor([1, 2, 3, 4], shape: [4, 1])
        var options = FitOptions(epochs: 10, batchSize: 4)
        options.validation = (x, try Tensor.zeros(Shape([4, 1]), .float64))
        return (model, x, x, options)
    }

    @Test func stopsEarlyAndRestoresTheBest() throws {
        var (model, x, y, options) = try worsening()
        options.epochs = 1
        try fit(model, SGD(model, learningRate: 0.01), x, y, options)
        let afterOne = try model.parameter(at: "weight").doubles()

        (model, x, y, options) = try worsening()
        options.patience = 3
        options.restoreBest = true
        let history = try fit(model, SGD(model, learningRate: 0.01), x, y, options)
        #expect(history.stop == .early)
        #expect(history.epochs.count == 4)
        #expect(history.bestEpoch == 0)
        #expect(try model.parameter(at: "weight").doubles() == afterOne)

        (model, x, y, options) = try worsening()
        options.patience = 3
        try fit(model, SGD(model, learningRate: 0.01), x, y, options)
        #expect(try model.parameter(at: "weight").doubles()[0] > afterOne[0])
    }

    @Test func patienceCountsFromTheLastBetterLoss() throws {
        // A rate of 0: the first epoch is better than none, then nothing changes.
        var (model, x, y, options) = try worsening()
        options.validation = nil
        options.patience = 2
        #expect(try fit(model, SGD(model, learningRate: 0), x, y, options).epochs.count == 3)
        // Improvements smaller than min_delta do not count.
        (model, x, y, options) = try worsening()
        options.validation = nil
        options.patience = 2
        options.minDelta = 100
        let history = try fit(model, SGD(model, learningRate: 0.01), x, y, options)
        #expect(history.epochs.count == 3 && history.stop == .early)
        #expect(history.bestEpoch == 2)
    }

    @Test func callbackCancels() throws {
        let (model, x, y, plain) = try worsening()
        var options = plain
        var seen: [EpochProgress] = []
        options.restoreBest = true
        options.onEpoch = { progress in
            seen.append(progress)
            return progress.epoch < 3
        }
        model.setTraining(false)
        let history = try fit(model, SGD(model, learningRate: 0.01), x, y, options)
        #expect(history.stop == .cancelled && history.epochs.count == 3)
        #expect(seen.map(\.loss) == history.epochs.map(\.loss))
        // What was reached, not what was best; and the mode that was set before.
        // A step takes 2 * 0.01 * mean(x^2) = 0.15 of the error away, which is 0.75 at the start.
        let weight = try model.parameter(at: "weight").doubles()[0]
        #expect(abs(weight - (1 - 0.75 * 0.85 * 0.85 * 0.85)) < 1e-12)
        #expect(!model.isTraining)
        #expect(model.namedParameters.allSatisfy { $0.tensor.grad == nil })
    }

    @Test func forwardCancels() throws {
        let linear = try Linear(1, 1, dtype: .float64)
        var calls = 0
        let model = CallbackModule { x throws(TalwegError) in
            calls += 1
            if calls == 6 { throw TalwegError(.cancelled, "enough") }
            return try linear(x)
        }
        try model.setChild("linear", linear)
        let x = try Tensor([1, 2, 3, 4], shape: [4, 1])
        let history = try fit(model, SGD(model), x, x, FitOptions(batchSize: 2))
        #expect(history.stop == .cancelled && history.epochs.count == 2)
    }

    @Test func divergencePutsTheEpochBack() throws {
        let x = try Tensor((1...64).map { Double($0) }, shape: [64, 1])
        let model = try Linear(1, 1, dtype: .float64, generator: Generator(seed: 2))
        let before = try model.namedParameters.map { try $0.tensor.doubles() }
        // Each step multiplies the error by about -2 lr sum x^2 / n: overflow within the first epoch.
        let optimizer = try SGD(model, learningRate: 1e30, momentum: 0.9)
        var found = ""
        #expect(
            status {
                do {
                    try fit(model, optimizer, x, x, FitOptions(batchSize: 1, shuffle: false))
                } catch {
                    found = "\(error)"
                    throw error
                }
            } == .diverged)
        for part in ["epoch 1", "batch", "1e+30", "smaller"] { #expect(found.contains(part), "\(found)") }
        #expect(try model.namedParameters.map { try $0.tensor.doubles() } == before)
        #expect(model.namedParameters.allSatisfy { $0.tensor.grad == nil })
        // The optimizer has forgotten the velocity too, so a smaller rate works at once.
        try optimizer.setLearningRate(1e-5)
        let history = try fit(model, optimizer, x, x, FitOptions(epochs: 3))
        #expect(try #require(history.epochs.last).loss.isFinite)
    }

    /// The loss is still finite at the last batch, but its step overflows the parameters.
    @Test func divergenceOfTheLastStepIsFound() throws {
        let x = try Tensor([1e10], shape: [1, 1], dtype: .float32)
        let y = try Tensor([1e19], shape: [1, 1], dtype: .float32)
        let model = try Linear(1, 1, initializer: .zeros)
        #expect(
            status { try fit(model, SGD(model, learningRate: 1e10), x, y, FitOptions(epochs: 1)) } == .diverged)
        #expect(try model.parameter(at: "weight").doubles() == [0])
    }

    @Test func dataThatAreNotFiniteAreNamed() throws {
        let good = try Tensor([1, 2, 3, 4], shape: [4, 1])
        let bad = try Tensor([1, 2, .nan, 4], shape: [4, 1])
        let model = try Linear(1, 1, dtype: .float64)
        let before = try model.parameter(at: "weight").doubles()
        #expect(message { try fit(model, SGD(model), bad, good) }.contains("the inputs [4, 1] hold NaN"))
        #expect(message { try fit(model, SGD(model), good, bad) }.contains("the targets [4, 1] hold NaN"))
        #expect(status { try fit(model, SGD(model), good, bad, FitOptions(batchSize: 1)) } == .numeric)
        #expect(status { try fit(model, SGD(model), good, good, FitOptions(validation: (bad, good))) } == .numeric)
        #expect(try model.parameter(at: "weight").doubles() == before)
    }

    @Test func labelsAreCheckedBeforeTheFirstStep() throws {
        let x = try wave(Shape([40, 3]), 0.2)
        let model = try Linear(3, 4, dtype: .float64)
        let before = try model.parameter(at: "weight").doubles()
        var labels = (0..<40).map { Double($0 % 4) }
        for bad in [4, -1, 1000] as [Double] {
            labels[39] = bad
            let y = try Tensor(labels, dtype: .int64)
            let options = FitOptions(loss: .crossEntropy, batchSize: 2, shuffle: false)
            #expect(status { try fit(model, SGD(model), x, y, options) } == .index)
            var held = options
            held.validation = (x, y)
            let fine = try Tensor(labels.map { _ in 1 }, dtype: .int64)
            #expect(status { try fit(model, SGD(model), x, fine, held) } == .index)
        }
        #expect(try model.parameter(at: "weight").doubles() == before)
        let options = FitOptions(loss: .crossEntropy)
        #expect(status { try fit(model, SGD(model), x, Tensor(labels), options) } == .dtype)
        #expect(
            status { try fit(model, SGD(model), x, Tensor(labels, shape: [40, 1], dtype: .int64), options) } == .shape)
    }

    @Test func validationSplitHoldsRowsOut() throws {
        // A model that says which rows it saw in which mode.
        var (trained, held) = (Set<Double>(), Set<Double>())
        let linear = try Linear(1, 1, dtype: .float64, initializer: .zeros)
        let model = CallbackModule { x throws(TalwegError) in
            let rows = try x.doubles()
            if linear.isTraining { trained.formUnion(rows) } else { held.formUnion(rows) }
            return try linear(x)
        }
        try model.setChild("linear", linear)
        let x = try Tensor((0..<20).map { Double($0) / 100 }, shape: [20, 1])
        let history = try fit(
            model, SGD(model), x, x, FitOptions(epochs: 3, batchSize: 4, seed: 5, validationSplit: 0.25))
        #expect(held.count == 5 && trained.count == 15 && held.isDisjoint(with: trained))
        #expect(history.epochs.allSatisfy { $0.validationLoss.isFinite })
        #expect(linear.isTraining)
        // Drawn from the seed: the same once more, others from another.
        let first = held
        held = []
        try fit(model, SGD(model), x, x, FitOptions(epochs: 1, seed: 5, validationSplit: 0.25))
        #expect(held == first)
        held = []
        try fit(model, SGD(model), x, x, FitOptions(epochs: 1, seed: 6, validationSplit: 0.25))
        #expect(held != first)
        #expect(first != Set((0..<5).map { Double($0) / 100 }))
    }

    @Test func accuracyIsReported() throws {
        let x = try Tensor([-2, -1, 1, 2], shape: [4, 1])
        let labels = try Tensor([0, 0, 1, 1], dtype: .int64)
        let model = try Linear(1, 2, dtype: .float64, initializer: .zeros)
        try model.parameter(at: "weight").assign(Tensor([-1, 1], shape: [2, 1]))
        let options = FitOptions(
            loss: .crossEntropy, epochs: 1, validation: (x, try Tensor([0, 1, 1, 0], dtype: .int64)))
        let history = try fit(model, SGD(model, learningRate: 0), x, labels, options)
        #expect(history.epochs[0].accuracy == 1 && history.epochs[0].validationAccuracy == 0.5)
    }

    /// 300 x 128 weights and batches of 64 are several chunks of the pool.
    @Test func sameBitsOnAnyNumberOfThreads() throws {
        func train(_ threads: Int) throws -> [[UInt32]] {
            let outer = ThreadPool.threads
            try ThreadPool.setThreads(threads)
            defer { try? ThreadPool.setThreads(outer) }
            let g = Generator(seed: 8)
            let x = try Tensor.normal(Shape([256, 300]), .float32, g)
            let labels = try Tensor((0..<256).map { Double($0 * 7 % 10) }, dtype: .int64)
            let model = try Sequential(
                Linear(300, 128, generator: g), GELU(), Dropout(0.2, seed: 3), Linear(128, 10, generator: g))
            try fit(
                model, AdamW(model), x, labels,
                FitOptions(loss: .crossEntropy, epochs: 3, batchSize: 64, seed: 2, validationSplit: 0.1, l1: 1e-5))
            return try model.namedParameters.map { try $0.tensor.doubles().map { Float($0).bitPattern } }
        }
        let one = try train(1)
        for threads in [2, 3] { #expect(try train(threads) == one) }
    }

    @Test func refusesWhatDoesNotFit() throws {
        let x = try wave(Shape([6, 2]), 0.4)
        let y = try wave(Shape([6, 1]), 0.4)
        let model = try Linear(2, 1, dtype: .float64)
        func refused(_ options: FitOptions) -> Status { status { try fit(model, SGD(model), x, y, options) } }
        #expect(refused(FitOptions(epochs: 0)) == .invalidArgument)
        #expect(refused(FitOptions(batchSize: 0)) == .invalidArgument)
        #expect(refused(FitOptions(batchSize: 7, dropLast: true)) == .invalidArgument)
        #expect(refused(FitOptions(patience: -1)) == .invalidArgument)
        for bad in [-0.1, .nan, .infinity] as [Double] {
            #expect(refused(FitOptions(validationSplit: bad)) == .invalidArgument)
            #expect(refused(FitOptions(minDelta: bad)) == .invalidArgument)
            #expect(refused(FitOptions(l1: bad)) == .invalidArgument)
            #expect(refused(FitOptions(l2: bad)) == .invalidArgument)
        }
        #expect(refused(FitOptions(validationSplit: 1)) == .invalidArgument)
        #expect(refused(FitOptions(validationSplit: 0.5, validation: (x, y))) == .invalidArgument)
        #expect(refused(FitOptions(validation: (x, try Tensor([1])))) == .shape)
        #expect(status { try fit(model, SGD(), x, y) } == .state)
        #expect(status { try fit(Sequential(), SGD(), x, y) } == .state)
        #expect(status { try fit(model, SGD(model), x, Tensor([1, 2])) } == .shape)
        #expect(status { try fit(model, SGD(model), x, wave(Shape([6, 2]), 0.1)) } == .shape)
        #expect(status { try fit(model, SGD(model), y, y) } == .shape)
        #expect(
            status {
                try withRecording(false) { () throws(TalwegError) in _ = try fit(model, SGD(model), x, y) }
            } == .state)
        let one = try wave(Shape([1, 2]), 0.4)
        #expect(
            status {
                try fit(model, SGD(model), one, wave(Shape([1, 1]), 0.2), FitOptions(validationSplit: 0.5))
            } == .invalidArgument)
    }

    @Test func trainsOnOneRow() throws {
        let model = try Linear(1, 1, dtype: .float64, initializer: .zeros)
        let x = try Tensor([1], shape: [1, 1])
        try fit(model, SGD(model, learningRate: 0.25), x, Tensor([2], shape: [1, 1]), FitOptions(epochs: 50))
        #expect(abs(try predict(model, x).item() - 2) < 1e-12)
    }
}
