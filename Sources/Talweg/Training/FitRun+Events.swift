// What the fit tells the function that watches it.

extension FitRun {
    func watches(_ kind: FitEvent.Kind) -> Bool { options.onEvent != nil && options.watched.contains(FitEvents(kind)) }

    /// - Returns: false if the fit is to stop.
    func tell(_ kind: FitEvent.Kind, number batch: Int = 0, loss: Double = .nan) -> Bool {
        guard watches(kind), let onEvent = options.onEvent else { return true }
        return onEvent(event(kind, batch, loss))
    }

    func tell(_ kind: FitEvent.Kind, _ progress: EpochProgress) -> Bool {
        guard watches(kind), let onEvent = options.onEvent else { return true }
        var event = event(kind, data.loader.batches, progress.loss)
        event.epoch = progress.epoch
        (event.accuracy, event.metrics) = (progress.accuracy, progress.metrics)
        event.seconds = progress.seconds
        event.stepsPerSecond = 1 / progress.stepSeconds
        return onEvent(event)
    }

    /// Of a checkpoint, which cannot stop the fit at once.
    func tell(checkpoint path: String, failure: TalwegError?) {
        let kind: FitEvent.Kind = failure == nil ? .checkpointWritten : .checkpointFailed
        guard watches(kind), let onEvent = options.onEvent else { return }
        var event = event(kind, position.batch, .nan)
        event.path = path
        event.message = failure?.message ?? ""
        if !onEvent(event) { stopsAtUpdate = true }
    }

    private func event(_ kind: FitEvent.Kind, _ batch: Int, _ loss: Double) -> FitEvent {
        var event = FitEvent(kind)
        // Outside the epochs it is the last one's number.
        event.epoch = kind == .trainBegin || kind == .trainEnd ? position.epoch : position.epoch + 1
        event.epochs = options.epochs
        event.batch = batch
        event.batches = data.loader.batches
        event.step = position.step
        event.steps = plannedSteps
        event.loss = loss
        if let validated {
            (event.validationLoss, event.validationAccuracy) = (validated.loss, validated.accuracy)
            event.validationMetrics = validated.metrics
        }
        event.learningRate = optimizer.learningRate
        let now = monotonicSeconds()
        event.seconds = position.earlierSeconds + now - start
        let made = position.step - epochClock.step
        if made > 0 { event.stepsPerSecond = Double(made) / (now - epochClock.seconds - asideSeconds) }
        let isBatch = kind == .batchBegin || kind == .batchEnd
        if !isBatch { event.peakBytes = memoryStatistics.peakBytes }
        return event
    }

    /// How many updates there are to be at most; 0: that cannot be said.
    private var plannedSteps: Int {
        let each = data.loader.batches / options.accumulate
        let inEpoch = data.loader.batches % options.accumulate == 0 ? each : each + 1
        let (all, overflow) = inEpoch.multipliedReportingOverflow(by: options.epochs)
        if overflow || options.epochs == 0 { return options.maxSteps }
        return options.maxSteps > 0 ? min(options.maxSteps, all) : all
    }
}
