import Talweg

/// The cost of the modules and the fit loop: the same updates by a loop of one's own and by `fit`, both on the engine's
/// own layers, beside the step of the suite `train`.
let fitBenchmarks = [
    fitting("linreg", batch: 4, linearRegression) {
        (
            try Linear(1, 1), { try SGD($0, learningRate: 0.01) }, { try (normal($0, 1), normal($0, 1)) },
            .meanSquaredError
        )
    },
    fitting("tabular", batch: 32, tabular) {
        (
            try Sequential(Linear(13, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 1)), { try Adam($0) },
            { try (normal($0, 13), normal($0, 1)) }, .meanSquaredError
        )
    },
    fitting("mlp", batch: 128, digitPerceptron) {
        (
            try Sequential(Linear(784, 512), ReLU(), Linear(512, 256), ReLU(), Linear(256, 10)), { try Adam($0) },
            { try (normal($0, 784), integers(below: 10, $0)) }, .crossEntropy
        )
    },
]

private typealias Task = (Module, (Module) throws -> Optimizer, (Int) throws -> (Tensor, Tensor), Loss)

private func fitting(
    _ name: String, batch: Int, _ raw: @escaping @Sendable () throws -> Training,
    _ make: @escaping @Sendable () throws -> Task
) -> Benchmark {
    Benchmark(name: name) { options, record in
        let training = try raw()
        let rawSeconds = try bestTime(options) { _ = try training.step().item() }

        let (model, makeOptimizer, makeRows, loss) = try make()
        let optimizer = try makeOptimizer(model)
        let (x, y) = try makeRows(batch)
        let moduleSeconds = try bestTime(options) {
            optimizer.zeroGrad()
            let value = try loss(model(x), y)
            try value.backward()
            try optimizer.step()
            _ = try value.item()
        }
        record.set("step_s", rawSeconds)
        record.set("module_step_s", moduleSeconds)
        // Epochs of as many batches as make what an epoch costs by itself small, as it is with real data.
        let batches = options.quick ? 4 : 250
        let (rows, targets) = try makeRows(batch * batches)
        for (field, shuffle) in [("fit_step_s", false), ("shuffled_fit_step_s", true)] {
            let seconds = try bestTime(options) {
                try fit(
                    model, optimizer, rows, targets,
                    FitOptions(loss: loss, epochs: 1, batchSize: batch, shuffle: shuffle))
            }
            record.set(field, seconds / Double(batches))
        }
    }
}
