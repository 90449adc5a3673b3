import CTalweg
import Talweg

extension StochasticResult: HandleObject {
    static var handleKind: HandleKind { .stochasticResult }
}

/// As TW_STOCHASTIC_OPTIONS_INIT.
private func defaultOptions() -> tw_stochastic_options {
    let values = StochasticOptions()
    var options = tw_stochastic_options()
    options.struct_size = MemoryLayout<tw_stochastic_options>.size
    options.loss = TW_STOCHASTIC_SQUARED
    options.epsilon = values.width
    options.alpha = values.penalty
    options.l1_ratio = values.l1Ratio
    options.intercept = values.intercept
    options.intercept_rate = values.interceptRate
    options.schedule = TW_STOCHASTIC_INVERSE_SCALING
    options.rate = values.rate
    options.power = values.power
    options.max_epochs = Int64(values.maxEpochs)
    options.tolerance = values.tolerance
    options.patience = Int64(values.patience)
    options.shuffle = values.shuffle
    options.positive_weight = values.positiveWeight
    options.negative_weight = values.negativeWeight
    options.step = values.step
    return options
}

/// The caller's options.
private func stochasticOptions(_ given: tw_stochastic_options) throws(TalwegError) -> StochasticOptions {
    let lossNumber = Int32(bitPattern: given.loss.rawValue)
    let scheduleNumber = Int32(bitPattern: given.schedule.rawValue)
    let scoreNumber = Int32(bitPattern: given.score.rawValue)
    guard let loss = StochasticLoss(rawValue: lossNumber) else {
        throw TalwegError(.invalidArgument, "stochastic: loss is \(lossNumber), which is none of tw_stochastic_loss")
    }
    guard let schedule = StochasticSchedule(rawValue: scheduleNumber) else {
        throw TalwegError(
            .invalidArgument, "stochastic: schedule is \(scheduleNumber), which is none of tw_stochastic_schedule")
    }
    guard let score = StochasticScore(rawValue: scoreNumber) else {
        throw TalwegError(
            .invalidArgument, "stochastic: score is \(scoreNumber), which is none of tw_stochastic_score")
    }
    var options = StochasticOptions()
    options.loss = loss
    options.width = given.epsilon
    options.penalty = given.alpha
    options.l1Ratio = given.l1_ratio
    options.intercept = given.intercept
    options.interceptRate = given.intercept_rate
    options.schedule = schedule
    options.rate = given.rate
    options.power = given.power
    options.maxEpochs = Int(given.max_epochs)
    options.tolerance = given.tolerance
    options.patience = Int(given.patience)
    options.shuffle = given.shuffle
    options.seed = given.seed
    options.averageFrom = Int(given.average_from)
    options.positiveWeight = given.positive_weight
    options.negativeWeight = given.negative_weight
    options.weights = try resolveIfPresent(given.weights, "weights")
    options.heldBack = try resolveIfPresent(given.held_back, "held_back")
    options.score = score
    options.coefficients = try resolveIfPresent(given.coefficients, "coefficients")
    options.startIntercept = given.start_intercept
    options.average = try resolveIfPresent(given.average, "average")
    options.averageIntercept = given.average_intercept
    options.step = given.step
    guard let callback = given.callback else { return options }
    options.callback = { progress in
        var told = tw_stochastic_progress()
        told.struct_size = MemoryLayout<tw_stochastic_progress>.size
        told.epoch = Int64(progress.epoch)
        told.max_epochs = Int64(progress.maxEpochs)
        told.objective = progress.objective
        told.score = progress.score
        return callback(given.context, &told) != 0
    }
    return options
}

/// Calls `body` with the caller's options; the context is let go of in any case.
private func descend(
    _ pointer: UnsafePointer<tw_stochastic_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?,
    _ body: (StochasticOptions) throws(TalwegError) -> StochasticResult
) -> tw_status {
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var context: UnsafeMutableRawPointer?
    defer { destroy?(context) }
    return call { () throws(TalwegError) in
        let given = try options(
            pointer, default: defaultOptions(), minimum: MemoryLayout<tw_stochastic_options>.size)
        destroy = given.destroy
        context = given.context
        _ = try required(result, "result")
        try give(body(stochasticOptions(given)), to: result, "result")
    }
}

@_cdecl("tw_stochastic") @implementation
public func tw_stochastic(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_stochastic_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    descend(options, result) { options throws(TalwegError) in
        try StochasticDescent.fit(resolve(X, "X"), resolve(y, "y"), options)
    }
}

@_cdecl("tw_stochastic_sparse") @implementation
public func tw_stochastic_sparse(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_stochastic_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    descend(options, result) { options throws(TalwegError) in
        let held: OperatorHandle = try resolve(X, "X")
        guard let matrix = held.map as? SparseMatrix else {
            throw TalwegError(.invalidArgument, "stochastic: X is an operator by functions; one of rows is needed")
        }
        return try StochasticDescent.fit(matrix, resolve(y, "y"), options)
    }
}

@_cdecl("tw_stochastic_result_free") @implementation
public func tw_stochastic_result_free(_ result: OpaquePointer?) { free(result, as: StochasticResult.self) }

@_cdecl("tw_stochastic_result_coefficients") @implementation
public func tw_stochastic_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, StochasticResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_stochastic_result_average") @implementation
public func tw_stochastic_result_average(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, StochasticResult.self) { fit throws(TalwegError) in try fit.averageTensor() }
}

@_cdecl("tw_stochastic_result_intercept") @implementation
public func tw_stochastic_result_intercept(_ result: OpaquePointer?, _ intercept: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, intercept, "intercept", StochasticResult.self) { $0.intercept }
}

@_cdecl("tw_stochastic_result_average_intercept") @implementation
public func tw_stochastic_result_average_intercept(
    _ result: OpaquePointer?, _ intercept: UnsafeMutablePointer<Double>?
) -> tw_status {
    resultValue(result, intercept, "intercept", StochasticResult.self) { $0.averageIntercept }
}

@_cdecl("tw_stochastic_result_step") @implementation
public func tw_stochastic_result_step(_ result: OpaquePointer?, _ step: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, step, "step", StochasticResult.self) { $0.step }
}

@_cdecl("tw_stochastic_result_epochs") @implementation
public func tw_stochastic_result_epochs(_ result: OpaquePointer?, _ epochs: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, epochs, "epochs", StochasticResult.self) { Int64($0.epochs) }
}

@_cdecl("tw_stochastic_result_objective") @implementation
public func tw_stochastic_result_objective(_ result: OpaquePointer?, _ objective: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, objective, "objective", StochasticResult.self) { $0.objective }
}

@_cdecl("tw_stochastic_result_score") @implementation
public func tw_stochastic_result_score(_ result: OpaquePointer?, _ score: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, score, "score", StochasticResult.self) { $0.score }
}

@_cdecl("tw_stochastic_result_stop_reason") @implementation
public func tw_stochastic_result_stop_reason(_ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?)
    -> tw_status
{
    resultValue(result, reason, "reason", StochasticResult.self) {
        tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue))
    }
}
