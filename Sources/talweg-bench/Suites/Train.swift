import Talweg

/// A model with its data, ready to take steps.
struct Training {
    let model: Module
    let optimizer: Optimizer
    /// Multiply-adds of a forward pass over the batch: of matrix products, convolutions and attention; what
    /// the rest computes is not counted.
    let forward: Double
    /// Those of the first layer: a pass backward has two products for each forward one, but needs no
    /// gradient of the data.
    let first: Double
    /// Forward, to the loss.
    let loss: () throws -> Tensor

    var operations: Double { 2 * (3 * forward - first) }

    func step() throws -> Tensor {
        optimizer.zeroGrad()
        let value = try loss()
        try value.backward()
        try optimizer.step()
        return value
    }

    /// The same with products of bfloat16 factors.
    func inMixedPrecision() -> Training {
        let loss = loss
        return Training(model: model, optimizer: optimizer, forward: forward, first: first) {
            let before = setMixedPrecision(true)
            defer { _ = setMixedPrecision(before) }
            return try loss()
        }
    }
}

/// The training workloads. Tests/bench has the same models in PyTorch and JAX.
let trainingBenchmarks = [
    training("linreg", parameters: 2, linearRegression),
    training("tabular", parameters: 5_121, tabular),
    training("mlp", parameters: 535_818, digitPerceptron),
    training("cnn", parameters: 87_850, digitConvolutions),
    training("resnet18", parameters: 11_173_962, large: true, residualNetwork),
    training("lstm", parameters: 433_764, characterLSTM),
    training("nanogpt", parameters: 809_856) { try gpt(.nano, batch: 12) },
    training("gpt10m", parameters: 10_770_816, large: true) { try gpt(.tenMillion, batch: 16) },
    training("bertner", parameters: 22_568_841, large: true) { try bertTagger(batch: 16) },
    training("bertner-bf16", parameters: 22_568_841, large: true) {
        try bertTagger(batch: 16).inMixedPrecision()
    },
]

private func training(
    _ name: String, parameters: Int, large: Bool = false, _ make: @escaping @Sendable () throws -> Training
) -> Benchmark {
    Benchmark(name: name) { options, record in
        let made = options.quick && large ? nil : try make()
        guard let training = made else {
            record.set("skipped", "large")
            return
        }
        guard training.model.parameterSize == parameters else {
            throw BenchmarkError("\(name) has \(training.model.parameterSize) parameters, not \(parameters)")
        }
        record.set("n_params", training.model.parameterSize)
        let first = try training.step().item()
        // The second step holds the optimizer's state and the gradients of the first beside its own.
        _ = try training.step()
        let before = currentMemory()
        var last = first
        let seconds = try bestTime(options) { last = try training.step().item() }
        record.set("step_s", seconds)
        record.set("gflops", training.operations / seconds / 1e9)
        record.set("peak_rss_mb", Double(peakMemory()) / 0x1p20)
        record.set("rss_growth_mb", Double(currentMemory() - before) / 0x1p20)
        // Measured after the memory, which it takes a little of.
        record.set("peak_share", training.operations / seconds / Machine.here.peak(.f32, threads: options.threads))
        record.set("first_loss", first)
        record.set("last_loss", last)
    }
}
