import CTalweg
import Talweg

extension History: HandleObject { static var handleKind: HandleKind { .history } }

extension Loss {
    init(_ loss: tw_loss) throws(TalwegError) {
        guard let found = Loss(rawValue: Int32(bitPattern: loss.rawValue)) else {
            throw TalwegError(.invalidArgument, "loss: \(Int32(bitPattern: loss.rawValue)) is no tw_loss")
        }
        self = found
    }
}

@_cdecl("tw_fit") @implementation
public func tw_fit(
    _ module: OpaquePointer?, _ optimizer: OpaquePointer?, _ inputs: OpaquePointer?, _ targets: OpaquePointer?,
    _ given: UnsafePointer<tw_fit_options>?, _ history: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    history?.pointee = nil
    return call { () throws(TalwegError) in
        let size = MemoryLayout<tw_fit_options>.size
        let options = try options(
            given,
            default: tw_fit_options(
                struct_size: size, loss: TW_LOSS_MSE, epochs: 10, batch_size: 32, shuffle: true, drop_last: false,
                seed: 0, validation_split: 0, validation_inputs: nil, validation_targets: nil, patience: 0,
                min_delta: 0, restore_best: false, l1: 0, l2: 0, callback: nil, context: nil, destroy: nil),
            minimum: size)
        defer { options.destroy?(options.context) }
        let made = try fit(
            resolve(module, "module"), resolve(optimizer, "optimizer"), resolve(inputs, "inputs"),
            resolve(targets, "targets"), FitOptions(options))
        if history != nil { try give(made, to: history, "history") }
        if made.stop == .cancelled {
            throw TalwegError(.cancelled, "fit: cancelled after \(made.epochs.count) epochs")
        }
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
        guard let callback = options.callback else { return }
        let context = options.context
        onEpoch = { epoch in
            var progress = tw_epoch_progress(
                struct_size: MemoryLayout<tw_epoch_progress>.size, epoch: Int64(epoch.epoch),
                epochs: Int64(epoch.epochs), loss: epoch.loss, validation_loss: epoch.validationLoss,
                accuracy: epoch.accuracy, validation_accuracy: epoch.validationAccuracy, seconds: epoch.seconds)
            return callback(context, &progress) == 0
        }
    }
}

@_cdecl("tw_predict") @implementation
public func tw_predict(_ scope: OpaquePointer?, _ module: OpaquePointer?, _ inputs: OpaquePointer?, _ batchSize: Int64)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        try predict(resolve(module, "module"), resolve(inputs, "inputs"), batchSize: Int(batchSize))
    }
}

// MARK: History

/// Runs the body of a function that reads a history into a result pointer.
private func look<T>(
    _ history: OpaquePointer?, _ out: UnsafeMutablePointer<T>?, _ what: StaticString,
    _ value: (History) throws(TalwegError) -> T
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, what)
        out.pointee = try value(resolve(history, "history"))
    }
}

@_cdecl("tw_history_free") @implementation
public func tw_history_free(_ history: OpaquePointer?) { free(history, as: History.self) }

@_cdecl("tw_history_epochs") @implementation
public func tw_history_epochs(_ history: OpaquePointer?, _ epochs: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(history, epochs, "epochs") { Int64($0.epochs.count) }
}

@_cdecl("tw_history_value") @implementation
public func tw_history_value(
    _ history: OpaquePointer?, _ metric: tw_metric, _ epoch: Int64, _ value: UnsafeMutablePointer<Double>?
) -> tw_status {
    look(history, value, "value") { history throws(TalwegError) in
        guard epoch >= 0, epoch < history.epochs.count else {
            throw TalwegError(.index, "history: epoch \(epoch) is out of range; there are \(history.epochs.count)")
        }
        let found = history.epochs[Int(epoch)]
        switch metric {
        case TW_METRIC_LOSS: return found.loss
        case TW_METRIC_VALIDATION_LOSS: return found.validationLoss
        case TW_METRIC_ACCURACY: return found.accuracy
        case TW_METRIC_VALIDATION_ACCURACY: return found.validationAccuracy
        case TW_METRIC_SECONDS: return found.seconds
        default: throw TalwegError(.invalidArgument, "history: \(Int32(bitPattern: metric.rawValue)) is no tw_metric")
        }
    }
}

@_cdecl("tw_history_best_epoch") @implementation
public func tw_history_best_epoch(_ history: OpaquePointer?, _ epoch: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(history, epoch, "epoch") { history throws(TalwegError) in
        guard let best = history.bestEpoch else { throw TalwegError(.index, "history: it holds no epoch") }
        return Int64(best)
    }
}

@_cdecl("tw_history_stop") @implementation
public func tw_history_stop(_ history: OpaquePointer?, _ stop: UnsafeMutablePointer<tw_fit_stop>?) -> tw_status {
    look(history, stop, "stop") { tw_fit_stop(rawValue: UInt32($0.stop.rawValue)) }
}
