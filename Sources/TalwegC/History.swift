import CTalweg
import Talweg

extension History: HandleObject { static var handleKind: HandleKind { .history } }

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
        case TW_METRIC_LEARNING_RATE: return found.learningRate
        case TW_METRIC_STEP_SECONDS: return found.stepSeconds
        case TW_METRIC_BYTES: return Double(found.peakBytes)
        case TW_METRIC_STEPS: return Double(found.steps)
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

@_cdecl("tw_history_steps") @implementation
public func tw_history_steps(_ history: OpaquePointer?, _ steps: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(history, steps, "steps") { Int64($0.stepCount) }
}

@_cdecl("tw_history_step_value") @implementation
public func tw_history_step_value(
    _ history: OpaquePointer?, _ metric: tw_metric, _ index: Int64, _ value: UnsafeMutablePointer<Double>?
) -> tw_status {
    look(history, value, "value") { history throws(TalwegError) in
        let found = try history.step(at: Int(index))
        switch metric {
        case TW_METRIC_LOSS: return found.loss
        case TW_METRIC_LEARNING_RATE: return found.learningRate
        case TW_METRIC_STEP_SECONDS: return found.seconds
        case TW_METRIC_BYTES: return Double(found.bytes)
        case TW_METRIC_STEPS: return Double(found.step)
        case TW_METRIC_VALIDATION_LOSS, TW_METRIC_ACCURACY, TW_METRIC_VALIDATION_ACCURACY, TW_METRIC_SECONDS:
            return .nan
        default: throw TalwegError(.invalidArgument, "history: \(Int32(bitPattern: metric.rawValue)) is no tw_metric")
        }
    }
}

@_cdecl("tw_history_metric_count") @implementation
public func tw_history_metric_count(_ history: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(history, count, "count") { Int64($0.metricNames.count) }
}

/// The place of a metric of the caller's.
private func place(_ index: Int64, in history: History) throws(TalwegError) -> Int {
    guard index >= 0, index < history.metricNames.count else {
        throw TalwegError(.index, "history: metric \(index) is out of range; there are \(history.metricNames.count)")
    }
    return Int(index)
}

@_cdecl("tw_history_metric_name") @implementation
public func tw_history_metric_name(
    _ history: OpaquePointer?, _ index: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: History = try resolve(history, "history")
        try write(found.metricNames[place(index, in: found)], text, capacity, needed)
    }
}

@_cdecl("tw_history_metric") @implementation
public func tw_history_metric(
    _ history: OpaquePointer?, _ index: Int64, _ validation: Bool, _ epoch: Int64,
    _ value: UnsafeMutablePointer<Double>?
) -> tw_status {
    look(history, value, "value") { history throws(TalwegError) in
        let place = try place(index, in: history)
        guard epoch >= 0, epoch < history.epochs.count else {
            throw TalwegError(.index, "history: epoch \(epoch) is out of range; there are \(history.epochs.count)")
        }
        let found = history.epochs[Int(epoch)]
        let values = validation ? found.validationMetrics : found.metrics
        return place < values.count ? values[place] : .nan
    }
}

@_cdecl("tw_history_failed_checkpoints") @implementation
public func tw_history_failed_checkpoints(_ history: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    look(history, count, "count") { Int64($0.failedCheckpoints) }
}

@_cdecl("tw_history_save") @implementation
public func tw_history_save(_ history: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: History = try resolve(history, "history")
        try found.save(to: string(path, "path"))
    }
}

@_cdecl("tw_history_save_steps") @implementation
public func tw_history_save_steps(_ history: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: History = try resolve(history, "history")
        try found.saveSteps(to: string(path, "path"))
    }
}
