/// Trains a module in place.
///
/// On failure the parameters are what they were at the start of the epoch that
/// failed. In the end gradients are cleared and the modules' modes put back.
/// - Parameters:
///   - inputs: [n, ..]
///   - targets: [n, ..] for the mean squared error, integer labels [n] for cross-entropy
///   - optimizer: holds the module's parameters
/// - Returns: the history. If the callback stopped the fit, or a forward pass
///   was cancelled, `stop` is `cancelled` and the module holds what was reached.
/// - Throws: diverged at a loss or parameter that is not finite, numeric if that
///   comes from the data, index for a label out of range.
@discardableResult
public func fit(
    _ module: Module, _ optimizer: Optimizer, _ inputs: Tensor, _ targets: Tensor,
    _ options: FitOptions = FitOptions()
) throws(TalwegError) -> History {
    let training = try FitRun(module, optimizer, inputs.detach(), targets.detach(), options)
    return try module.withTraining(true) { () throws(TalwegError) in
        defer {
            module.zeroGrad()
            optimizer.zeroGrad()
        }
        return try training.run()
    }
}

/// One call of `fit`.
private final class FitRun {
    private let module: Module
    private let optimizer: Optimizer
    private let options: FitOptions
    private let inputs: Tensor
    private let targets: Tensor
    private let loader: Loader
    private let validation: Loader?
    private let history = History()
    private let start = monotonicSeconds()
    private var epochStart = Snapshot()
    private var best = Snapshot()
    private var labelsChecked = false

    init(
        _ module: Module, _ optimizer: Optimizer, _ inputs: Tensor, _ targets: Tensor, _ options: FitOptions
    ) throws(TalwegError) {
        try options.check()
        guard ThreadState.current.recording else {
            throw .state("fit: recording is switched off on this thread, so there would be no gradients")
        }
        let parameters = module.namedParameters
        guard parameters.contains(where: { optimizer.holds($0.tensor) }) else {
            throw .state("fit: the optimizer holds none of the module's \(parameters.count) parameters")
        }
        let n = try Loader.rowCount(inputs, targets, for: "fit")
        try FitRun.checkTargets(targets, options.loss, "targets")
        var split: (held: View, kept: View)?
        if let (x, y) = options.validation {
            _ = try Loader.rowCount(x, y, for: "fit: validation")
            try FitRun.checkTargets(y, options.loss, "validation targets")
            validation = try Loader(x.detach(), y.detach(), batchSize: options.batchSize)
        } else if options.validationSplit > 0 {
            let (held, kept) = try FitRun.split(n, options.validationSplit, options.seed)
            split = (held, kept)
            validation = try Loader(
                inputs, targets, rows: held, batchSize: options.batchSize, shuffle: false, dropLast: false, seed: 0)
        } else {
            validation = nil
        }
        loader = try Loader(
            inputs, targets, rows: split?.kept, batchSize: options.batchSize, shuffle: options.shuffle,
            dropLast: options.dropLast, seed: options.seed)
        guard loader.batches > 0 else {
            throw .invalid("fit: drop_last leaves no batch: fewer training rows than batch_size \(options.batchSize)")
        }
        self.module = module
        self.optimizer = optimizer
        self.options = options
        self.inputs = inputs
        self.targets = targets
    }

    private static func checkTargets(_ targets: Tensor, _ loss: Loss, _ name: String) throws(TalwegError) {
        guard loss.takesLabels else { return }
        guard !targets.dtype.isFloating, targets.dtype != .bool else {
            throw .dtype("fit: \(name) of this loss are integer labels, not \(targets.dtype.name)")
        }
        guard targets.rank == 1 else {
            throw .shape("fit: \(name) of this loss have shape \(targets.shape); labels [n] are needed")
        }
    }

    /// Some of n rows drawn at random, and the others, each in ascending order.
    private static func split(_ n: Int, _ share: Double, _ seed: UInt64) throws(TalwegError) -> (View, View) {
        guard n >= 2 else { throw .invalid("fit: \(n) row cannot be split for validation") }
        let wanted = Int((Double(n) * share).rounded())
        let count = min(max(wanted, 1), n - 1)
        let order = try Loader.identity(n)
        let rows = UnsafeMutableBufferPointer(start: order.pointer(as: Int64.self), count: n)
        Generator(seed: seed.stream(.split)).shuffle(rows)
        var (held, kept) = (rows[..<count], rows[count...])
        held.sort()
        kept.sort()
        return (
            order.with(shape: try Shape([count]), strides: order.strides),
            order.with(shape: try Shape([n - count]), strides: order.strides, offset: count)
        )
    }

    func run() throws(TalwegError) -> History {
        // The least of all, which is restored, and the last that was better by more than minDelta.
        var least = Double.infinity
        var lowest = Double.infinity
        var waited = 0
        for epoch in 1...options.epochs {
            try epochStart.take(module.namedParameters.map(\.tensor))
            let progress: EpochProgress
            do {
                progress = try trainAndValidate(epoch)
            } catch {
                if error.status == .cancelled {
                    history.stop = .cancelled
                    return history
                }
                epochStart.restore()
                // Velocities and moments may be as far off as the parameters were.
                if error.status == .diverged || error.status == .numeric { optimizer.reset() }
                throw error
            }
            history.append(progress)
            if options.restoreBest, progress.monitored < least {
                least = progress.monitored
                try best.take(module.namedParameters.map(\.tensor))
            }
            if let onEpoch = options.onEpoch, !onEpoch(progress) {
                history.stop = .cancelled
                return history
            }
            if progress.monitored < lowest - options.minDelta {
                lowest = progress.monitored
                waited = 0
            } else {
                waited += 1
                if options.patience > 0, waited >= options.patience {
                    history.stop = .early
                    break
                }
            }
        }
        if options.restoreBest { best.restore() }
        return history
    }

    private func trainAndValidate(_ epoch: Int) throws(TalwegError) -> EpochProgress {
        var progress = EpochProgress()
        progress.epoch = epoch
        progress.epochs = options.epochs
        try train(epoch, &progress)
        try validate(epoch, &progress)
        progress.seconds = monotonicSeconds() - start
        return progress
    }

    private func train(_ epoch: Int, _ progress: inout EpochProgress) throws(TalwegError) {
        // The callback or a forward pass may have changed them since the last epoch.
        let parameters = module.namedParameters.map(\.tensor)
        let weights = options.l1 > 0 || options.l2 > 0 ? module.weights : []
        module.setTraining(true)
        try loader.setEpoch(epoch - 1)
        var sums = Sums()
        var batch = 0
        while let (x, target) = try loader.next() {
            guard let y = target else { throw .internal("fit: a batch without targets") }
            batch += 1
            for parameter in parameters { parameter.replaceGrad(nil) }
            optimizer.zeroGrad()
            let output = try module.forward(x)
            if !labelsChecked { try checkLabels(output) }
            var loss = try options.loss(output, y)
            if options.l1 > 0 { loss = try loss + Penalty.l1(weights) * options.l1 }
            if options.l2 > 0 { loss = try loss + Penalty.l2(weights) * options.l2 }
            let value = try loss.item()
            guard value.isFinite else { throw diverged("the loss is \(value)", "epoch \(epoch), batch \(batch)") }
            try sums.add(value, output, y, options.loss)
            try loss.backward()
            try optimizer.step()
        }
        for parameter in parameters where try parameter.isFinite().all().item() == 0 {
            throw diverged("a parameter \(parameter.shape) is not finite", "epoch \(epoch), after batch \(batch)")
        }
        (progress.loss, progress.accuracy) = (sums.loss, sums.accuracy(options.loss))
    }

    private func validate(_ epoch: Int, _ progress: inout EpochProgress) throws(TalwegError) {
        guard let validation else { return }
        module.setTraining(false)
        let sums = try withRecording(false) { () throws(TalwegError) in
            var sums = Sums()
            while let (x, target) = try validation.next() {
                guard let y = target else { throw .internal("fit: a batch without targets") }
                let output = try module.forward(x)
                let value = try options.loss(output, y).item()
                guard value.isFinite else { throw diverged("the validation loss is \(value)", "epoch \(epoch)") }
                try sums.add(value, output, y, options.loss)
            }
            return sums
        }
        (progress.validationLoss, progress.validationAccuracy) = (sums.loss, sums.accuracy(options.loss))
    }

    /// All labels, once the first output shows how many classes there are, so
    /// that a bad one is found before anything was changed.
    private func checkLabels(_ output: Tensor) throws(TalwegError) {
        labelsChecked = true
        guard options.loss.takesLabels, output.rank == 2 else { return }
        let classes = output.shape[1]
        for labels in [targets, options.validation?.targets] {
            guard let labels else { continue }
            for extreme in [try labels.min(), try labels.max()] {
                let label = try extreme.itemInt64()
                guard label >= 0, label < classes else {
                    throw .index("fit: label \(label) is outside the module's \(classes) classes, 0...\(classes - 1)")
                }
            }
        }
    }

    /// The error for a value that is not finite: the data's, if they hold one.
    private func diverged(_ what: String, _ place: String) -> TalwegError {
        for (name, data) in [
            ("inputs", inputs), ("targets", targets), ("validation inputs", options.validation?.inputs),
            ("validation targets", options.validation?.targets),
        ] {
            guard let data, data.dtype.isFloating else { continue }
            if let finite = try? data.isFinite().all().item(), finite == 0 {
                return .numeric("fit: \(place): \(what): the \(name) \(data.shape) hold NaN or infinity")
            }
        }
        return TalwegError(
            .diverged,
            "fit: \(place): \(what), with learning rate \(optimizer.learningRate); try a smaller one, or scale the "
                + "inputs to zero mean and unit variance. The module is as it was at the epoch's start")
    }
}

/// Sums over the rows of an epoch.
private struct Sums {
    private var rows = 0
    private var total = 0.0
    private var correct = 0

    /// Adds a batch with the mean loss of its rows.
    mutating func add(_ mean: Double, _ output: Tensor, _ y: Tensor, _ loss: Loss) throws(TalwegError) {
        let count = y.shape[0]
        rows += count
        total += mean * Double(count)
        if loss.takesLabels { correct += try Tensor.correctCount(output, y) }
    }

    var loss: Double { total / Double(rows) }

    func accuracy(_ loss: Loss) -> Double {
        loss.takesLabels ? Double(correct) / Double(rows) : .nan
    }
}
