// The state of a fit in a checkpoint, and back: all that the updates to come depend on.

extension FitRun {
    /// Writes a checkpoint if checkpoints are wanted, and removes those beyond the newest.
    /// - Throws: io if it could not be written and is required.
    func writeCheckpoint() throws(TalwegError) {
        guard let found = checkpoints else { return }
        let path = found.folder.file(step: position.step)
        do {
            try CheckpointFile.write(state(), to: path)
            try found.folder.prune(keep: found.options.keep, upTo: position.step)
        } catch {
            if found.options.isRequired { throw error }
            history.failedCheckpoints += 1
            tell(checkpoint: path, failure: error)
            return
        }
        checkpoints?.noteWritten(step: position.step)
        tell(checkpoint: path, failure: nil)
    }

    private func state() throws(TalwegError) -> TrainingState {
        var state = TrainingState()
        for (key, value) in conditions { state.add("fit." + key, value) }
        for (path, tensor) in module.namedState { state.add("model/" + path, tensor) }
        try state.add(optimizer, options.schedule)
        try GeneratorStates.save(Generator.named(of: module, options.generators), to: &state)
        let paths = module.namedState
        for (path, tensor) in paths {
            guard let copy = best.elements(of: tensor) else { continue }
            state.add("best/" + path, Tensor(copy))
        }
        try state.add("fit/position", [
            Double(position.epoch), Double(position.batch), Double(position.step), Double(position.epochFirstStep),
            seconds, improvement.least, improvement.lowest, Double(improvement.waited),
        ])
        try state.add("fit/sums", sums.numbers)
        try state.add("fit/validated", validated?.numbers ?? [])
        try state.add("fit/epochs", history.epochNumbers)
        state.add("fit/steps", try history.stepTensor())
        return state
    }

    /// What must be the same for the updates to be the same; the last words of a run are not compared.
    private var conditions: [(key: String, value: String)] {
        [
            ("rows", "\(data.inputs.shape[0])"), ("batch_size", "\(options.batchSize)"),
            ("shuffle", "\(options.shuffle)"), ("drop_last", "\(options.dropLast)"), ("seed", "\(options.seed)"),
            ("validation_split", "\(options.validationSplit)"), ("accumulate", "\(options.accumulate)"),
            ("metrics", options.metrics.map(\.name).joined(separator: ",")),
        ]
    }

    /// Goes on where the checkpoint that the options name was written; nothing is changed if that fails.
    func resume() throws(TalwegError) {
        guard let path = options.resume else { return }
        try checkPath(path, "fit: resume")
        let file: CheckpointFile
        if CheckpointFolder.exists(path) {
            guard let newest = try CheckpointFolder(path, create: false).newest() else { return }
            file = newest
        } else if path == options.checkpoints?.folder {
            // The first run of a program that is to be run again.
            return
        } else {
            file = try CheckpointFile(path: path)
        }
        for (key, value) in conditions {
            let found = file.text("fit." + key) ?? "unknown"
            guard found == value else {
                throw .invalid("fit: \(file.path) is of a fit with \(key) \(found), this one has \(value)")
            }
        }
        let numbers = try file.numbers("fit/position", count: 8)
        var whole: [Int] = []
        for number in numbers[..<4] + [numbers[7]] {
            guard let value = Int(exactly: number), value >= 0 else {
                throw .format("checkpoint: \(file.path): \"fit/position\" holds \(number), no count")
            }
            whole.append(value)
        }
        guard whole[1] <= data.loader.batches else {
            throw .format("checkpoint: \(file.path): batch \(whole[1]) of \(data.loader.batches)")
        }
        let model = try LoadedTensors(
            file.tensors("model/"), for: module.namedState.map { ($0.path, $0.tensor) }, "model", in: file.path)
        let bestTensors = try file.tensors("best/")
        let bests = bestTensors.isEmpty
            ? nil
            : try LoadedTensors(
                bestTensors, for: module.namedState.map { ($0.path, $0.tensor) }, "model", in: file.path)
        let generators = try GeneratorStates(file, for: Generator.named(of: module, options.generators))
        let rows = (try file.numbers("fit/sums"), try file.numbers("fit/validated"))
        let (epochs, steps) = (try file.numbers("fit/epochs"), try file.numbers("fit/steps"))
        try history.check(epochs: epochs, steps: steps, in: file.path)
        try history.load(epochs: epochs, steps: steps)
        try load(optimizer, options.schedule, from: file)
        // What follows cannot fail.
        model.apply()
        generators.apply()
        if let bests { best = Snapshot(bests.copies) }
        position = FitPosition(
            epoch: whole[0], batch: whole[1], step: whole[2], epochFirstStep: whole[3], earlierSeconds: numbers[4])
        improvement = Improvement(least: numbers[5], lowest: numbers[6], waited: whole[4])
        sums.load(rows.0[...])
        if !rows.1.isEmpty {
            var found = means()
            found.load(rows.1[...])
            validated = found
        }
    }
}
