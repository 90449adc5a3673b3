// The batches of an epoch.

extension FitRun {
    /// The parts of the module that a step needs, read anew: a callback or a forward pass may have changed the tree.
    func lookUpParts() {
        parts.parameters = module.namedParameters.map(\.tensor)
        parts.unheld = parts.parameters.filter { !optimizer.holds($0) }
        parts.weights = options.l1 > 0 || options.l2 > 0 ? module.weights : []
        parts.generators = [Generator.shared] + module.namedGenerators.map(\.generator) + options.generators
        parts.states = parts.generators.map(\.state)
    }

    /// Trains on the batches of the epoch that are left.
    /// - Returns: false if a callback stopped it.
    func train() throws(TalwegError) -> Bool {
        lookUpParts()
        module.setTraining(true)
        let loader = data.loader
        try loader.setEpoch(position.epoch, batch: position.batch)
        let batches = loader.batches
        let watchesBegin = watches(.batchBegin)
        let watchesEnd = watches(.batchEnd)
        let accumulate = options.accumulate
        // Of the update under way: batches, their rows, and the sum of the losses of rows.
        var pending = 0
        var pendingRows = 0
        var pendingLoss = 0.0
        while reason == nil, let batch = try loader.nextWide() {
            position.isWhole = false
            if watchesBegin, !tell(.batchBegin, number: position.batch + 1) {
                position.isWhole = pending == 0
                return false
            }
            if pending == 0 {
                clearGradients()
                if accumulate > 1 { pendingRows = loader.rows(ofBatches: position.batch, count: accumulate) }
                pendingLoss = 0
            }
            let (loss, value) = try forward(batch)
            if accumulate > 1 {
                let share = Double(batch.x.shape[0]) / Double(pendingRows)
                pendingLoss += value * share
                try loss.backward(gradient: share == 1 ? nil : Tensor(View.full(loss.shape, share, loss.dtype)))
            } else {
                pendingLoss = value
                try loss.backward()
            }
            position.batch += 1
            pending += 1
            if pending == accumulate || position.batch == batches {
                pending = 0
                try update(batch, pendingLoss)
                try validateIfDue()
                position.isWhole = true
            }
            // What is written when this stops the fit is what comes after the update, its validation among it.
            if watchesEnd, !tell(.batchEnd, number: position.batch, loss: value) { return false }
            if pending == 0 {
                try writeCheckpointIfDue()
                if stopsAtUpdate { return false }
            }
        }
        try checkParameters()
        return true
    }

    private func clearGradients() {
        for parameter in parts.unheld { parameter.replaceGrad(nil) }
        optimizer.zeroGrad()
    }

    /// The loss of a batch with the penalties, and its value.
    private func forward(_ batch: Loader.WideBatch) throws(TalwegError) -> (Tensor, Double) {
        guard let y = batch.y else { throw .internal("fit: a batch without targets") }
        for index in parts.states.indices { parts.states[index] = parts.generators[index].state }
        let output = try output(batch)
        if !labelsChecked { try checkLabels(output) }
        let loss = try penalised(self.loss(output, y))
        let value = try loss.item()
        guard value.isFinite else { throw notFinite("the loss is \(value.plainDescription)", batch) }
        let rows = batch.x.shape[0]
        try sums.add(value, rows: rows, output, y)
        if !options.metrics.isEmpty { try addMetrics(to: &sums, rows, output, y) }
        return (loss, value)
    }

    /// The module's output, the first if it has several.
    func output(_ batch: Loader.WideBatch) throws(TalwegError) -> Tensor {
        if batch.others.isEmpty { return try module(batch.x) }
        guard let first = try module([batch.x] + batch.others).first else {
            throw .state("fit: the module gave no output")
        }
        return first
    }

    /// The loss without penalties, one element.
    func loss(_ output: Tensor, _ y: Tensor) throws(TalwegError) -> Tensor {
        guard let function = options.lossFunction else { return try options.loss(output, y) }
        let loss = try function(output, y)
        guard loss.count == 1 else {
            throw .shape(
                "fit: the loss has shape \(loss.shape), \(loss.count) elements for a batch; a loss is one number: "
                    + "take the mean over the rows")
        }
        guard loss.dtype.isFloating else { throw .dtype("fit: the loss is \(loss.dtype.name), not a floating type") }
        return loss
    }

    func penalised(_ loss: Tensor) throws(TalwegError) -> Tensor {
        var loss = loss
        if options.l1 > 0 { loss = try loss + Penalty.l1(parts.weights) * options.l1 }
        if options.l2 > 0 { loss = try loss + Penalty.l2(parts.weights) * options.l2 }
        return loss
    }

    /// Metrics are of values alone.
    func addMetrics(to sums: inout RunningMeans, _ rows: Int, _ output: Tensor, _ y: Tensor) throws(TalwegError) {
        let outer = setRecording(false)
        defer { _ = setRecording(outer) }
        try sums.add(options.metrics, rows: rows, output.detach(), y)
    }

    /// One change of the parameters.
    private func update(_ batch: Loader.WideBatch, _ loss: Double) throws(TalwegError) {
        if options.checksGradients { try checkGradients(batch) }
        if options.maxValue > 0 { try clipGradientValue(parts.parameters, to: options.maxValue) }
        if options.maxNorm > 0 { _ = try clipGradientNorm(parts.parameters, to: options.maxNorm) }
        let rate = optimizer.learningRate
        try optimizer.step()
        position.step += 1
        if !options.schedulesEpochs, options.schedule != nil { try schedule(loss) }
        guard options.recordSteps > 0 else { return }
        let now = monotonicSeconds()
        if position.step % options.recordSteps == 0 {
            try history.append(
                StepRecord(
                    step: position.step, epoch: position.epoch + 1, loss: loss, learningRate: rate,
                    seconds: now - lastUpdate, bytes: memoryStatistics.bytesInUse))
        }
        lastUpdate = now
    }

    private func validateIfDue() throws(TalwegError) {
        guard options.validationSteps > 0, position.step % options.validationSteps == 0 else { return }
        try aside { () throws(TalwegError) in
            try checkParameters()
            try validate()
            module.setTraining(true)
            if let validated { try judge(validated.loss) }
        }
    }

    private func writeCheckpointIfDue() throws(TalwegError) {
        guard let found = checkpoints, found.isDue(afterStep: position.step) else { return }
        try aside { () throws(TalwegError) in
            try checkParameters()
            try writeCheckpoint()
        }
    }

    /// Does what is no part of the updates' time.
    private func aside(_ body: () throws(TalwegError) -> Void) throws(TalwegError) {
        let begin = monotonicSeconds()
        try body()
        let seconds = monotonicSeconds() - begin
        asideSeconds += seconds
        lastUpdate += seconds
    }

    /// All labels, once the first output shows how many classes there are, so
    /// that a bad one is found before anything was changed.
    private func checkLabels(_ output: Tensor) throws(TalwegError) {
        labelsChecked = true
        guard options.loss.takesLabels, options.lossFunction == nil, output.rank == 2 else { return }
        let classes = output.shape[1]
        for labels in [data.targets, data.validationTargets] {
            guard let labels else { continue }
            for extreme in [try labels.min(), try labels.max()] {
                let label = try extreme.itemInt64()
                guard label >= 0, label < classes else {
                    throw .index("fit: label \(label) is outside the module's \(classes) classes, 0...\(classes - 1)")
                }
            }
        }
    }
}
