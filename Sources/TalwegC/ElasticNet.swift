import CTalweg
import Talweg

extension ElasticNetResult: HandleObject {
    static var handleKind: HandleKind { .elasticNetResult }
}

/// The caller's options.
private func elasticNetOptions(_ given: tw_elastic_net_options) throws(TalwegError) -> ElasticNetOptions {
    let modeNumber = Int32(bitPattern: given.mode.rawValue)
    guard let mode = ElasticNetMode(rawValue: modeNumber) else {
        throw TalwegError(.invalidArgument, "elastic_net: mode is \(modeNumber), which is none of tw_elastic_net_mode")
    }
    var options = ElasticNetOptions(l1Ratio: given.l1_ratio)
    options.penalties = try pathPenalties(given.penalties, given.penalty_count, "elastic_net")
    options.count = Int(given.penalty_count)
    options.ratio = given.penalty_ratio
    options.intercept = given.intercept
    options.standardize = given.standardize
    options.positive = given.positive
    options.mode = mode
    options.weights = try resolveIfPresent(given.weights, "weights")
    options.tolerance = given.tolerance
    options.maxIterations = Int(given.max_iterations)
    options.folds = Int(given.folds)
    options.seed = given.seed
    options.foldOfRow = try resolveIfPresent(given.fold_of_row, "fold_of_row")
    guard let callback = given.callback else { return options }
    options.callback = { progress in
        var told = tw_elastic_net_progress()
        told.struct_size = MemoryLayout<tw_elastic_net_progress>.size
        told.index = Int64(progress.index)
        told.count = Int64(progress.count)
        told.penalty = progress.penalty
        told.nonzeros = Int64(progress.nonzeros)
        told.gap = progress.gap
        return callback(given.context, &told) != 0
    }
    return options
}

/// The caller's penalties, nil for NULL.
func pathPenalties(_ values: UnsafePointer<Double>?, _ count: Int64, _ name: StaticString) throws(TalwegError)
    -> [Double]?
{
    guard let values else { return nil }
    guard count >= 1, count <= 100_000 else {
        throw TalwegError(.invalidArgument, "\(name): penalty_count is \(count); it must be from 1 to 100000")
    }
    return Array(UnsafeBufferPointer(start: values, count: Int(count)))
}

/// As TW_RIDGE_OPTIONS_INIT.
private func defaultRidgeOptions() -> tw_ridge_options {
    let values = RidgeOptions()
    var options = tw_ridge_options()
    options.struct_size = MemoryLayout<tw_ridge_options>.size
    options.penalty_count = Int64(values.count)
    options.penalty_ratio = values.ratio
    options.intercept = values.intercept
    options.criterion = TW_RIDGE_GCV
    options.folds = Int64(values.folds)
    return options
}

@_cdecl("tw_ridge_path") @implementation
public func tw_ridge_path(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_ridge_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options)
        _ = try required(result, "result")
        let number = Int32(bitPattern: given.criterion.rawValue)
        guard let criterion = RidgeCriterion(rawValue: number) else {
            throw TalwegError(
                .invalidArgument, "ridge_path: criterion is \(number), which is none of tw_ridge_criterion")
        }
        var wanted = RidgeOptions()
        wanted.penalties = try pathPenalties(given.penalties, given.penalty_count, "ridge_path")
        wanted.count = Int(given.penalty_count)
        wanted.ratio = given.penalty_ratio
        wanted.intercept = given.intercept
        wanted.standardize = given.standardize
        wanted.weights = try resolveIfPresent(given.weights, "weights")
        wanted.criterion = criterion
        wanted.folds = Int(given.folds)
        wanted.seed = given.seed
        wanted.foldOfRow = try resolveIfPresent(given.fold_of_row, "fold_of_row")
        try give(ElasticNet.ridgePath(resolve(X, "X"), resolve(y, "y"), wanted), to: result, "result")
    }
}

private func read(_ pointer: UnsafePointer<tw_ridge_options>?) throws(TalwegError) -> tw_ridge_options {
    try options(pointer, default: defaultRidgeOptions(), minimum: MemoryLayout<tw_ridge_options>.size)
}

/// As TW_ELASTIC_NET_OPTIONS_INIT.
private func defaultOptions() -> tw_elastic_net_options {
    let values = ElasticNetOptions()
    var options = tw_elastic_net_options()
    options.struct_size = MemoryLayout<tw_elastic_net_options>.size
    options.l1_ratio = values.l1Ratio
    options.penalty_count = Int64(values.count)
    options.penalty_ratio = values.ratio
    options.intercept = values.intercept
    options.standardize = values.standardize
    options.positive = values.positive
    options.mode = TW_ELASTIC_NET_AUTOMATIC
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    return options
}

@_cdecl("tw_elastic_net") @implementation
public func tw_elastic_net(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_elastic_net_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var context: UnsafeMutableRawPointer?
    defer { destroy?(context) }
    return call { () throws(TalwegError) in
        let given = try read(options)
        destroy = given.destroy
        context = given.context
        _ = try required(result, "result")
        let fit = try ElasticNet.fit(resolve(X, "X"), resolve(y, "y"), elasticNetOptions(given))
        try give(fit, to: result, "result")
    }
}

private func read(_ pointer: UnsafePointer<tw_elastic_net_options>?) throws(TalwegError) -> tw_elastic_net_options {
    try options(pointer, default: defaultOptions(), minimum: MemoryLayout<tw_elastic_net_options>.size)
}

@_cdecl("tw_elastic_net_result_free") @implementation
public func tw_elastic_net_result_free(_ result: OpaquePointer?) { free(result, as: ElasticNetResult.self) }

@_cdecl("tw_elastic_net_result_coefficients") @implementation
public func tw_elastic_net_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_elastic_net_result_intercepts") @implementation
public func tw_elastic_net_result_intercepts(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.interceptTensor() }
}

@_cdecl("tw_elastic_net_result_penalties") @implementation
public func tw_elastic_net_result_penalties(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.penaltyTensor() }
}

@_cdecl("tw_elastic_net_result_gaps") @implementation
public func tw_elastic_net_result_gaps(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.gapTensor() }
}

@_cdecl("tw_elastic_net_result_iterations") @implementation
public func tw_elastic_net_result_iterations(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.iterationTensor() }
}

@_cdecl("tw_elastic_net_result_r_squared") @implementation
public func tw_elastic_net_result_r_squared(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.rSquaredTensor() }
}

@_cdecl("tw_elastic_net_result_errors") @implementation
public func tw_elastic_net_result_errors(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.errorTensor() }
}

@_cdecl("tw_elastic_net_result_error_standard_errors") @implementation
public func tw_elastic_net_result_error_standard_errors(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in try fit.errorErrorTensor() }
}

@_cdecl("tw_elastic_net_result_count") @implementation
public func tw_elastic_net_result_count(_ result: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, count, "count", ElasticNetResult.self) { Int64($0.count) }
}

@_cdecl("tw_elastic_net_result_best") @implementation
public func tw_elastic_net_result_best(_ result: OpaquePointer?, _ index: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, index, "index", ElasticNetResult.self) { Int64($0.best) }
}

@_cdecl("tw_elastic_net_result_best_within_error") @implementation
public func tw_elastic_net_result_best_within_error(_ result: OpaquePointer?, _ index: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, index, "index", ElasticNetResult.self) { Int64($0.bestWithinError) }
}

@_cdecl("tw_elastic_net_result_stop_reason") @implementation
public func tw_elastic_net_result_stop_reason(_ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?)
    -> tw_status
{
    resultValue(result, reason, "reason", ElasticNetResult.self) {
        tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue))
    }
}

@_cdecl("tw_elastic_net_result_predict") @implementation
public func tw_elastic_net_result_predict(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ index: Int64
) -> OpaquePointer? {
    resultTensor(scope, result, ElasticNetResult.self) { fit throws(TalwegError) in
        try fit.predict(resolve(X, "X"), at: Int(index))
    }
}
