import CTalweg
import Talweg

extension RobustResult: HandleObject {
    static var handleKind: HandleKind { .robustResult }
}

/// The caller's options.
private func robustOptions(_ given: tw_robust_options) throws(TalwegError) -> RobustOptions {
    let lossNumber = Int32(bitPattern: given.loss.rawValue)
    let scaleNumber = Int32(bitPattern: given.scale_estimate.rawValue)
    guard let loss = RobustLoss(rawValue: lossNumber) else {
        throw TalwegError(.invalidArgument, "robust: loss is \(lossNumber), which is none of tw_robust_loss")
    }
    guard let scale = RobustScale(rawValue: scaleNumber) else {
        throw TalwegError(
            .invalidArgument, "robust: scale_estimate is \(scaleNumber), which is none of tw_robust_scale")
    }
    var options = RobustOptions()
    options.loss = loss
    options.scaleEstimate = scale
    options.tuning = given.tuning == 0 ? nil : given.tuning
    options.proposalConstant = given.proposal_constant
    options.scale = given.scale
    options.intercept = given.intercept
    options.weights = try resolveIfPresent(given.weights, "weights")
    options.tolerance = given.tolerance
    options.maxIterations = Int(given.max_iterations)
    guard let callback = given.callback else { return options }
    options.callback = { progress in
        var told = tw_robust_progress()
        told.struct_size = MemoryLayout<tw_robust_progress>.size
        told.iteration = Int64(progress.iteration)
        told.max_iterations = Int64(progress.maxIterations)
        told.scale = progress.scale
        told.coefficients = progress.coefficients.baseAddress
        told.intercept = progress.intercept
        told.features = Int64(progress.coefficients.count)
        return callback(given.context, &told) != 0
    }
    return options
}

/// As TW_ROBUST_OPTIONS_INIT.
private func defaultRobustOptions() -> tw_robust_options {
    let values = RobustOptions()
    var options = tw_robust_options()
    options.struct_size = MemoryLayout<tw_robust_options>.size
    options.loss = TW_ROBUST_HUBER
    options.scale_estimate = TW_ROBUST_MAD
    options.proposal_constant = values.proposalConstant
    options.scale = values.scale
    options.intercept = values.intercept
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    return options
}

@_cdecl("tw_robust") @implementation
public func tw_robust(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_robust_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var context: UnsafeMutableRawPointer?
    defer { destroy?(context) }
    return call { () throws(TalwegError) in
        let given = try read(options, defaultRobustOptions())
        destroy = given.destroy
        context = given.context
        _ = try required(result, "result")
        let fit = try Robust.fit(resolve(X, "X"), resolve(y, "y"), robustOptions(given))
        try give(fit, to: result, "result")
    }
}

/// As TW_HUBER_OPTIONS_INIT.
private func defaultHuberOptions() -> tw_huber_options {
    let values = ScaledHuberOptions()
    var options = tw_huber_options()
    options.struct_size = MemoryLayout<tw_huber_options>.size
    options.epsilon = values.epsilon
    options.intercept = values.intercept
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    return options
}

@_cdecl("tw_huber") @implementation
public func tw_huber(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_huber_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultHuberOptions())
        _ = try required(result, "result")
        var wanted = ScaledHuberOptions()
        wanted.epsilon = given.epsilon
        wanted.penalty = given.penalty
        wanted.intercept = given.intercept
        wanted.weights = try resolveIfPresent(given.weights, "weights")
        wanted.tolerance = given.tolerance
        wanted.maxIterations = Int(given.max_iterations)
        try give(Robust.scaledHuber(resolve(X, "X"), resolve(y, "y"), wanted), to: result, "result")
    }
}

/// As TW_QUANTILE_OPTIONS_INIT.
private func defaultQuantileOptions() -> tw_quantile_options {
    var options = tw_quantile_options()
    options.struct_size = MemoryLayout<tw_quantile_options>.size
    options.quantile = 0.5
    options.intercept = true
    options.tolerance = 1e-10
    options.max_iterations = 100
    return options
}

@_cdecl("tw_quantile_regression") @implementation
public func tw_quantile_regression(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_quantile_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultQuantileOptions())
        _ = try required(result, "result")
        let weights: Tensor? = try resolveIfPresent(given.weights, "weights")
        let fit = try Robust.quantile(
            resolve(X, "X"), resolve(y, "y"), quantile: given.quantile, intercept: given.intercept, weights: weights,
            tolerance: given.tolerance, maxIterations: Int(given.max_iterations))
        try give(fit, to: result, "result")
    }
}

/// As TW_RANSAC_OPTIONS_INIT.
private func defaultConsensusOptions() -> tw_ransac_options {
    let values = ConsensusOptions()
    var options = tw_ransac_options()
    options.struct_size = MemoryLayout<tw_ransac_options>.size
    options.threshold = -1
    options.max_trials = Int64(values.maxTrials)
    options.confidence = values.confidence
    options.intercept = values.intercept
    return options
}

@_cdecl("tw_ransac") @implementation
public func tw_ransac(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_ransac_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultConsensusOptions())
        _ = try required(result, "result")
        var wanted = ConsensusOptions()
        wanted.sampleSize = Int(given.sample_size)
        wanted.threshold = given.threshold < 0 ? nil : given.threshold
        wanted.maxTrials = Int(given.max_trials)
        wanted.confidence = given.confidence
        wanted.seed = given.seed
        wanted.intercept = given.intercept
        wanted.weights = try resolveIfPresent(given.weights, "weights")
        try give(Robust.ransac(resolve(X, "X"), resolve(y, "y"), wanted), to: result, "result")
    }
}

/// As TW_THEIL_SEN_OPTIONS_INIT.
private func defaultTheilSenOptions() -> tw_theil_sen_options {
    var options = tw_theil_sen_options()
    options.struct_size = MemoryLayout<tw_theil_sen_options>.size
    options.intercept = true
    options.max_subsets = 10_000
    return options
}

@_cdecl("tw_theil_sen") @implementation
public func tw_theil_sen(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_theil_sen_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultTheilSenOptions())
        _ = try required(result, "result")
        let fit = try Robust.theilSen(
            resolve(X, "X"), resolve(y, "y"), intercept: given.intercept, maxSubsets: Int(given.max_subsets),
            seed: given.seed)
        try give(fit, to: result, "result")
    }
}

private func read<T: BitwiseCopyable>(_ pointer: UnsafePointer<T>?, _ value: T) throws(TalwegError) -> T {
    try options(pointer, default: value, minimum: MemoryLayout<T>.size)
}

@_cdecl("tw_robust_result_free") @implementation
public func tw_robust_result_free(_ result: OpaquePointer?) { free(result, as: RobustResult.self) }

@_cdecl("tw_robust_result_coefficients") @implementation
public func tw_robust_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_robust_result_intercept") @implementation
public func tw_robust_result_intercept(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.interceptTensor() }
}

@_cdecl("tw_robust_result_standard_errors") @implementation
public func tw_robust_result_standard_errors(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.standardErrorTensor() }
}

@_cdecl("tw_robust_result_intercept_standard_error") @implementation
public func tw_robust_result_intercept_standard_error(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.interceptStandardErrorTensor() }
}

@_cdecl("tw_robust_result_weights") @implementation
public func tw_robust_result_weights(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.weightTensor() }
}

@_cdecl("tw_robust_result_scale") @implementation
public func tw_robust_result_scale(_ result: OpaquePointer?, _ scale: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, scale, "scale", RobustResult.self) { $0.scale }
}

@_cdecl("tw_robust_result_objective") @implementation
public func tw_robust_result_objective(_ result: OpaquePointer?, _ objective: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, objective, "objective", RobustResult.self) { $0.objective }
}

@_cdecl("tw_robust_result_rank") @implementation
public func tw_robust_result_rank(_ result: OpaquePointer?, _ rank: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, rank, "rank", RobustResult.self) { Int64($0.rank) }
}

@_cdecl("tw_robust_result_stop_reason") @implementation
public func tw_robust_result_stop_reason(_ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?)
    -> tw_status
{
    resultValue(result, reason, "reason", RobustResult.self) {
        tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue))
    }
}

@_cdecl("tw_robust_result_iterations") @implementation
public func tw_robust_result_iterations(_ result: OpaquePointer?, _ iterations: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, iterations, "iterations", RobustResult.self) { Int64($0.iterations) }
}

@_cdecl("tw_robust_result_predict") @implementation
public func tw_robust_result_predict(_ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, RobustResult.self) { fit throws(TalwegError) in try fit.predict(resolve(X, "X")) }
}
