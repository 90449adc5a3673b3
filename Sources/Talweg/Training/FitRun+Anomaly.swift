// Values that are not finite: where they come from.

extension FitRun {
    /// - Throws: diverged if a parameter is not finite.
    func checkParameters() throws(TalwegError) {
        for (path, parameter) in module.namedParameters where try parameter.isFinite().all().item() == 0 {
            throw failure(
                "a parameter \(parameter.shape), \"\(path)\", is not finite",
                "epoch \(position.epoch + 1), after batch \(position.batch)", nil)
        }
    }

    /// - Throws: diverged if a gradient is not finite.
    func checkGradients(_ batch: Loader.WideBatch) throws(TalwegError) {
        for parameter in parts.parameters {
            guard let gradient = parameter.grad, try gradient.isFinite().all().item() == 0 else { continue }
            let path = module.namedParameters.first { $0.tensor === parameter }?.path ?? ""
            throw notFinite("the gradient \(gradient.shape) of \"\(path)\" is not finite", batch, backward: true)
        }
    }

    /// The error for a value that is not finite: the data's, if they hold one; else it names the operation that made
    /// it, which the batch shows when it is gone over again.
    func notFinite(_ what: String, _ batch: Loader.WideBatch?, backward: Bool = false) -> TalwegError {
        var place = "epoch \(position.epoch + 1)"
        // An update's last batch is counted by the time its gradients are looked at.
        if batch != nil { place += ", batch \(position.batch + (backward ? 0 : 1))" }
        return failure(what, place, data.notFinite == nil ? batch.flatMap { origin($0, backward) } : nil)
    }

    private func failure(_ what: String, _ place: String, _ origin: String?) -> TalwegError {
        if let cause = data.notFinite { return .numeric("fit: \(place): \(what): \(cause)") }
        let found = origin.map { ": " + $0 } ?? ""
        return TalwegError(
            .diverged,
            "fit: \(place): \(what), with learning rate \(optimizer.learningRate)\(found); try a smaller one, or scale "
                + "the inputs to zero mean and unit variance. The module is as it was at the epoch's start")
    }

    /// Goes over a batch again, with the same random numbers, looking at what every operation makes: first for a NaN,
    /// then for an infinity. nil if none makes one of numbers that are finite.
    private func origin(_ batch: Loader.WideBatch, _ backward: Bool) -> String? {
        for (path, parameter) in module.namedParameters {
            if let finite = try? parameter.isFinite().all().item(), finite == 0 {
                return "the parameter \"\(path)\" \(parameter.shape) was not finite before this batch: an update "
                    + "went too far, or a gradient was not finite (check_gradients tells which)"
            }
        }
        for seeksInfinity in [false, true] {
            for (generator, state) in zip(parts.generators, parts.states) {
                generator.set(seed: state.seed, position: state.position)
            }
            if let found = watched(batch, backward, seeksInfinity) { return found }
        }
        return nil
    }

    private func watched(_ batch: Loader.WideBatch, _ backward: Bool, _ seeksInfinity: Bool) -> String? {
        let state = ThreadState.current
        let outer = (state.anomaly, state.anomalySeeksInfinity, state.recording)
        (state.anomaly, state.anomalySeeksInfinity, state.recording) = (true, seeksInfinity, true)
        state.anomalyModule = nil
        state.lastStatus = .ok
        defer {
            (state.anomaly, state.anomalySeeksInfinity, state.recording) = outer
            state.anomalyModule = nil
        }
        guard let y = batch.y else { return nil }
        do {
            let loss = try penalised(self.loss(output(batch), y))
            if backward { try loss.backward() }
            return nil
        } catch {
            guard let text = anomaly(error) else { return nil }
            guard let found = state.anomalyModule,
                let (path, module) = module.modules.first(where: {
                    Unmanaged.passUnretained($0.module).toOpaque() == found
                })
            else { return text }
            return "in \(path.isEmpty ? "the module" : "\"\(path)\""), a \(module.typeName), \(text)"
        }
    }

    /// What an error of anomaly mode says, nil for another. A forward pass of the caller's may have made it a
    /// cancellation, but the thread still knows.
    private func anomaly(_ error: TalwegError) -> String? {
        var (status, message) = (error.status, error.message)
        let state = ThreadState.current
        if status == .cancelled, let last = state.lastMessage {
            (status, message) = (state.lastStatus, String(cString: last))
        }
        guard status == .numeric, message.hasPrefix(anomalyPrefix) else { return nil }
        return String(message.dropFirst(anomalyPrefix.count))
    }
}

extension Double {
    /// Without the sign of a NaN, which says nothing.
    var plainDescription: String { isNaN ? "nan" : description }
}
