/// One call of `fit`: the epochs. What a step is, how it is validated, what is written and how a failure is explained
/// is in the extensions.
final class FitRun {
    let module: Module
    let optimizer: Optimizer
    let options: FitOptions
    let data: FitData
    let history: History
    let start = monotonicSeconds()

    var position = FitPosition()
    /// Of the epoch under way.
    var sums: RunningMeans
    /// The last that was measured.
    var validated: RunningMeans?
    var improvement = Improvement()
    var best = Snapshot()
    private var epochStart = Snapshot()
    var parts = ModuleParts()
    var labelsChecked = false
    /// A callback that is not asked at a batch's end wants the fit to stop at the next.
    var stopsAtUpdate = false

    /// When the epoch's training began, and how many updates had been made.
    var epochClock = (seconds: 0.0, step: 0)
    /// How long validations of the epoch took, which is no part of its steps.
    var asideSeconds = 0.0
    var lastUpdate = 0.0
    var checkpoints: CheckpointSchedule?

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
        data = try FitData(inputs, targets, options)
        if let schedule = options.schedule {
            if let other = schedule.optimizer {
                guard other === optimizer else { throw .state("fit: the schedule is attached to another optimizer") }
            } else {
                try schedule.attach(optimizer)
            }
        }
        self.module = module
        self.optimizer = optimizer
        self.options = options
        history = History(metrics: options.metrics.map(\.name))
        sums = RunningMeans(counts: false, metrics: 0)
    }

    /// A new sum over batches.
    func means() -> RunningMeans {
        RunningMeans(counts: options.loss.takesLabels && options.lossFunction == nil, metrics: options.metrics.count)
    }

    /// Since the fit began, with the runs that it was resumed from.
    var seconds: Double { position.earlierSeconds + monotonicSeconds() - start }

    func run() throws(TalwegError) -> History {
        sums = means()
        try resume()
        if let found = options.checkpoints { checkpoints = try CheckpointSchedule(found, from: position.step) }
        history.stop = tell(.trainBegin) ? try epochs() : .cancelled
        if history.stop == .cancelled {
            // Between two updates nothing is half done: what was reached is kept.
            if position.isWhole, position.step > 0 { try writeCheckpoint() }
        } else {
            if checkpoints?.lastStep != position.step { try writeCheckpoint() }
            if options.restoreBest { best.restore() }
        }
        _ = tell(.trainEnd)
        return history
    }

    /// Why no further step is to be made, if so.
    var reason: History.Stop? {
        if options.patience > 0, improvement.waited >= options.patience { return .early }
        return options.maxSteps > 0 && position.step >= options.maxSteps ? .steps : nil
    }

    private func epochs() throws(TalwegError) -> History.Stop {
        while options.epochs == 0 || position.epoch < options.epochs {
            if position.batch == 0, let reason { return reason }
            do {
                try epochStart.take(module.stateTensors)
                if let stop = try epoch() { return stop }
            } catch {
                if error.status == .cancelled {
                    position.isWhole = false
                    return .cancelled
                }
                epochStart.restore()
                // Velocities and moments may be as far off as the parameters were.
                if error.status == .diverged || error.status == .numeric { optimizer.reset() }
                throw error
            }
        }
        return .epochs
    }

    /// One epoch, or what is left of it; why the fit ends with it, if so.
    private func epoch() throws(TalwegError) -> History.Stop? {
        (epochClock, asideSeconds) = ((monotonicSeconds(), position.step), 0)
        lastUpdate = epochClock.seconds
        if !tell(.epochBegin) { return .cancelled }
        if !(try train()) { return .cancelled }
        let stop = reason
        // Of an epoch that is not over the state is kept before the epoch is told of, as it goes on from there.
        if stop != nil, position.batch < data.loader.batches { try writeCheckpoint() }

        var progress = EpochProgress()
        let spent = monotonicSeconds() - epochClock.seconds - asideSeconds
        progress.epoch = position.epoch + 1
        progress.epochs = options.epochs
        progress.steps = position.step - position.epochFirstStep
        let made = position.step - epochClock.step
        progress.stepSeconds = made > 0 ? spent / Double(made) : .nan
        progress.learningRate = optimizer.learningRate
        (progress.loss, progress.accuracy, progress.metrics) = (sums.loss, sums.accuracy, sums.metrics)
        if data.validation != nil, options.validationSteps == 0 { try validate() }
        if let validated {
            (progress.validationLoss, progress.validationAccuracy) = (validated.loss, validated.accuracy)
            progress.validationMetrics = validated.metrics
        }
        progress.peakBytes = memoryStatistics.peakBytes
        progress.seconds = seconds
        history.append(progress)
        if options.validationSteps == 0 { try judge(progress.monitored) }
        if options.schedulesEpochs { try schedule(progress.monitored) }
        position.nextEpoch()
        sums = means()
        if let onEpoch = options.onEpoch, !onEpoch(progress) { return .cancelled }
        if !tell(.epochEnd, progress) { return .cancelled }
        if stopsAtUpdate { return .cancelled }
        if stop != nil { return stop }
        if checkpoints?.isDue(afterEpoch: position.epoch) == true { try writeCheckpoint() }
        return stopsAtUpdate ? .cancelled : nil
    }

    /// Compares a loss with those before.
    func judge(_ loss: Double) throws(TalwegError) {
        let isLeast = improvement.judge(loss, minDelta: options.minDelta)
        if options.restoreBest, isLeast { try best.take(module.stateTensors) }
    }

    /// Has the schedule change the learning rate.
    func schedule(_ monitored: Double) throws(TalwegError) {
        try options.schedule?.step(metric: monitored)
    }
}
