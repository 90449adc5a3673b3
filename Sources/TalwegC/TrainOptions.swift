import CTalweg
import Talweg

extension tw_fit_options {
    /// TW_FIT_OPTIONS_INIT
    static var initial: tw_fit_options {
        var options = tw_fit_options()
        options.struct_size = MemoryLayout<tw_fit_options>.size
        options.loss = TW_LOSS_MSE
        options.epochs = 10
        options.batch_size = 32
        options.shuffle = true
        options.accumulate = 1
        options.checkpoint_keep = 3
        options.watched = FitEvents.all.rawValue
        return options
    }
}

extension FitOptions {
    init(_ options: tw_fit_options) throws(TalwegError) {
        let x: Tensor? = try resolveIfPresent(options.validation_inputs, "validation_inputs")
        let y: Tensor? = try resolveIfPresent(options.validation_targets, "validation_targets")
        var validation: (inputs: Tensor, targets: Tensor)?
        if let x, let y { validation = (x, y) }
        guard (x == nil) == (y == nil) else {
            throw TalwegError(.null, "fit: validation_inputs and validation_targets: one is NULL, the other is not")
        }
        try self.init(
            loss: Loss(options.loss), epochs: Int(options.epochs), batchSize: Int(options.batch_size),
            shuffle: options.shuffle, dropLast: options.drop_last, seed: options.seed,
            validationSplit: options.validation_split, validation: validation, patience: Int(options.patience),
            minDelta: options.min_delta, restoreBest: options.restore_best, l1: options.l1, l2: options.l2)
        maxSteps = Int(options.max_steps)
        accumulate = Int(options.accumulate)
        validationSteps = Int(options.validation_steps)
        schedulesEpochs = options.schedule_epochs
        maxNorm = options.max_norm
        maxValue = options.max_value
        recordSteps = Int(options.record_steps)
        checksGradients = options.check_gradients
        if options.resume != nil { resume = try string(options.resume, "resume") }
        try readCheckpoints(options)
        schedule = try resolveIfPresent(options.schedule, "schedule")
        generators = try list(options.generators, options.generator_count, "generators", "fit")
        furtherInputs = try list(options.further_inputs, options.further_count, "further_inputs", "fit")
        if validation != nil {
            furtherValidationInputs = try list(
                options.further_validation_inputs, options.further_count, "further_validation_inputs", "fit")
        }
        try readMetrics(options)
        readCallbacks(options)
    }

    private mutating func readCheckpoints(_ options: tw_fit_options) throws(TalwegError) {
        guard options.checkpoint_folder != nil else { return }
        var found = CheckpointOptions(folder: try string(options.checkpoint_folder, "checkpoint_folder"))
        found.steps = Int(options.checkpoint_steps)
        found.epochs = Int(options.checkpoint_epochs)
        found.seconds = options.checkpoint_seconds
        found.keep = Int(options.checkpoint_keep)
        found.isRequired = options.checkpoint_required
        checkpoints = found
    }

    private mutating func readMetrics(_ options: tw_fit_options) throws(TalwegError) {
        let count = try Int(checked(options.metric_count, options.metrics, "metrics", "fit"))
        for place in 0..<count {
            guard let given = options.metrics?[place] else { break }
            let name = try string(given.name, "the name of a metric")
            guard let callback = given.callback else {
                throw TalwegError(.null, "fit: the metric \"\(name)\" has no callback")
            }
            let context = given.context
            metrics.append(FitMetric(name) { output, target throws(TalwegError) in
                var value = Double.nan
                return try callBack(name) { scope, handle throws(TalwegError) in
                    try callback(context, handle, own(output, by: scope), own(target, by: scope), &value)
                } results: { value }
            })
        }
    }

    private mutating func readCallbacks(_ options: tw_fit_options) {
        let context = options.context
        if let loss = options.loss_callback {
            lossFunction = { output, target throws(TalwegError) in
                var made: OpaquePointer?
                return try callBack("loss") { scope, handle throws(TalwegError) in
                    try loss(context, handle, own(output, by: scope), own(target, by: scope), &made)
                } results: { () throws(TalwegError) -> Tensor in
                    try resolve(made, "the loss of the callback")
                }
            }
        }
        if let callback = options.callback {
            onEpoch = { epoch in
                withProgress(epoch) { progress in callback(context, progress) == 0 }
            }
        }
        if let callback = options.on_event {
            watched = FitEvents(rawValue: options.watched)
            onEvent = { event in withEvent(event) { callback(context, $0) == 0 } }
        }
    }
}

private func withProgress<R>(_ epoch: EpochProgress, _ body: (UnsafePointer<tw_epoch_progress>) -> R) -> R {
    // As many of each, also where nothing was validated.
    let missing = Array(repeating: Double.nan, count: max(0, epoch.metrics.count - epoch.validationMetrics.count))
    return epoch.metrics.withUnsafeBufferPointer { metrics in
        (epoch.validationMetrics + missing).withUnsafeBufferPointer { validation in
            var progress = tw_epoch_progress(
                struct_size: MemoryLayout<tw_epoch_progress>.size, epoch: Int64(epoch.epoch),
                epochs: Int64(epoch.epochs), loss: epoch.loss, validation_loss: epoch.validationLoss,
                accuracy: epoch.accuracy, validation_accuracy: epoch.validationAccuracy, seconds: epoch.seconds,
                steps: Int64(epoch.steps), learning_rate: epoch.learningRate, step_seconds: epoch.stepSeconds,
                peak_bytes: Int64(epoch.peakBytes), metrics: metrics.baseAddress,
                validation_metrics: validation.baseAddress, metric_count: Int64(metrics.count))
            return body(&progress)
        }
    }
}

private func withEvent<R>(_ event: FitEvent, _ body: (UnsafePointer<tw_fit_event>) -> R) -> R {
    event.metrics.withUnsafeBufferPointer { metrics in
        event.validationMetrics.withUnsafeBufferPointer { validation in
            event.path.withCString { path in
                event.message.withCString { message in
                    var made = tw_fit_event(
                        struct_size: MemoryLayout<tw_fit_event>.size,
                        kind: tw_fit_event_kind(rawValue: UInt32(event.kind.rawValue)), epoch: Int64(event.epoch),
                        epochs: Int64(event.epochs), batch: Int64(event.batch), batches: Int64(event.batches),
                        step: Int64(event.step), steps: Int64(event.steps), loss: event.loss,
                        validation_loss: event.validationLoss, accuracy: event.accuracy,
                        validation_accuracy: event.validationAccuracy, learning_rate: event.learningRate,
                        seconds: event.seconds, steps_per_second: event.stepsPerSecond,
                        peak_bytes: Int64(event.peakBytes), metrics: metrics.baseAddress,
                        metric_count: Int64(metrics.count), validation_metrics: validation.baseAddress,
                        validation_metric_count: Int64(validation.count), path: path, message: message)
                    return body(&made)
                }
            }
        }
    }
}
