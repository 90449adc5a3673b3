import CTalweg
import Talweg

extension LeastSquaresResult: HandleObject {
    static var handleKind: HandleKind { .lstsqResult }
}

/// The caller's options.
private func leastSquaresOptions(_ given: tw_lstsq_options) throws(TalwegError) -> LeastSquaresOptions {
    guard let method = LeastSquaresMethod(rawValue: Int32(bitPattern: given.method.rawValue)) else {
        throw TalwegError(
            .invalidArgument, "lstsq: method is \(Int32(bitPattern: given.method.rawValue)), which is none of tw_lstsq_method")
    }
    var options = LeastSquaresOptions(
        method: method, intercept: given.intercept, ridge: given.ridge,
        weights: try resolveIfPresent(given.weights, "weights"))
    options.offset = try resolveIfPresent(given.offset, "offset")
    options.rankTolerance = given.rank_tolerance
    options.batchSize = Int(given.batch_size)
    options.learningRate = given.learning_rate
    options.tolerance = given.tolerance
    options.maxIterations = Int(given.max_iterations)
    options.seed = given.seed
    guard let callback = given.callback else { return options }
    options.callback = { progress in
        var told = tw_descent_progress()
        told.struct_size = MemoryLayout<tw_descent_progress>.size
        told.iteration = Int64(progress.iteration)
        told.max_iterations = Int64(progress.maxIterations)
        told.loss = progress.loss
        told.coefficients = progress.coefficients.baseAddress
        told.intercept = progress.intercept.baseAddress
        told.features = Int64(progress.features)
        told.targets = Int64(progress.targets)
        return callback(given.context, &told) != 0
    }
    return options
}

/// As TW_LSTSQ_OPTIONS_INIT.
private func defaultOptions() -> tw_lstsq_options {
    let values = LeastSquaresOptions()
    var options = tw_lstsq_options()
    options.struct_size = MemoryLayout<tw_lstsq_options>.size
    options.method = TW_LSTSQ_QR
    options.intercept = values.intercept
    options.ridge = values.ridge
    options.rank_tolerance = values.rankTolerance
    options.batch_size = Int64(values.batchSize)
    options.learning_rate = values.learningRate
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    options.seed = values.seed
    return options
}

@_cdecl("tw_lstsq") @implementation
public func tw_lstsq(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_lstsq_options>?,
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
        let fit = try LeastSquares.fit(resolve(X, "X"), resolve(y, "y"), leastSquaresOptions(given))
        try give(fit, to: result, "result")
    }
}

@_cdecl("tw_gls") @implementation
public func tw_gls(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ covariance: OpaquePointer?,
    _ options: UnsafePointer<tw_lstsq_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var context: UnsafeMutableRawPointer?
    defer { destroy?(context) }
    return call { () throws(TalwegError) in
        var given = try read(options)
        destroy = given.destroy
        context = given.context
        if options == nil { given.intercept = false }
        _ = try required(result, "result")
        let fit = try GeneralizedLeastSquares.fit(
            resolve(X, "X"), resolve(y, "y"), covariance: resolve(covariance, "covariance"),
            leastSquaresOptions(given))
        try give(fit, to: result, "result")
    }
}

@_cdecl("tw_whiten") @implementation
public func tw_whiten(_ scope: OpaquePointer?, _ covariance: OpaquePointer?, _ rows: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try GeneralizedLeastSquares.whiten(resolve(rows, "rows"), covariance: resolve(covariance, "covariance"))
    }
}

private func read(_ pointer: UnsafePointer<tw_lstsq_options>?) throws(TalwegError) -> tw_lstsq_options {
    let minimum = MemoryLayout<tw_lstsq_options>.offset(of: \.offset) ?? MemoryLayout<tw_lstsq_options>.size
    return try options(pointer, default: defaultOptions(), minimum: minimum)
}

@_cdecl("tw_lstsq_result_free") @implementation
public func tw_lstsq_result_free(_ result: OpaquePointer?) { free(result, as: LeastSquaresResult.self) }

@_cdecl("tw_lstsq_result_coefficients") @implementation
public func tw_lstsq_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.coefficients }
}

@_cdecl("tw_lstsq_result_intercept") @implementation
public func tw_lstsq_result_intercept(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.intercept }
}

@_cdecl("tw_lstsq_result_standard_errors") @implementation
public func tw_lstsq_result_standard_errors(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.standardErrors }
}

@_cdecl("tw_lstsq_result_intercept_standard_error") @implementation
public func tw_lstsq_result_intercept_standard_error(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    tensor(scope, result) { fit throws(TalwegError) in try fit.interceptStandardError }
}

@_cdecl("tw_lstsq_result_rss") @implementation
public func tw_lstsq_result_rss(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.residualSumOfSquares }
}

@_cdecl("tw_lstsq_result_r_squared") @implementation
public func tw_lstsq_result_r_squared(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.rSquared }
}

@_cdecl("tw_lstsq_result_singular_values") @implementation
public func tw_lstsq_result_singular_values(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.singularValues }
}

@_cdecl("tw_lstsq_result_rank") @implementation
public func tw_lstsq_result_rank(_ result: OpaquePointer?, _ rank: UnsafeMutablePointer<Int64>?) -> tw_status {
    value(result, rank, "rank") { Int64($0.rank) }
}

@_cdecl("tw_lstsq_result_degrees_of_freedom") @implementation
public func tw_lstsq_result_degrees_of_freedom(_ result: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    value(result, count, "count") { Int64($0.degreesOfFreedom) }
}

@_cdecl("tw_lstsq_result_condition") @implementation
public func tw_lstsq_result_condition(_ result: OpaquePointer?, _ condition: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    value(result, condition, "condition") { $0.condition }
}

@_cdecl("tw_lstsq_result_stop_reason") @implementation
public func tw_lstsq_result_stop_reason(_ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?)
    -> tw_status
{
    value(result, reason, "reason") { tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue)) }
}

@_cdecl("tw_lstsq_result_iterations") @implementation
public func tw_lstsq_result_iterations(_ result: OpaquePointer?, _ iterations: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    value(result, iterations, "iterations") { Int64($0.iterations) }
}

@_cdecl("tw_lstsq_result_predict") @implementation
public func tw_lstsq_result_predict(_ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?)
    -> OpaquePointer?
{
    tensor(scope, result) { fit throws(TalwegError) in try fit.predict(resolve(X, "X")) }
}

/// A tensor of a result's.
private func tensor(
    _ scope: OpaquePointer?, _ result: OpaquePointer?,
    _ body: (LeastSquaresResult) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try body(resolve(result, "result")) }
}

/// A number of a result's.
private func value<T>(
    _ result: OpaquePointer?, _ out: UnsafeMutablePointer<T>?, _ what: StaticString, _ body: (LeastSquaresResult) -> T
) -> tw_status {
    call { () throws(TalwegError) in
        let fit: LeastSquaresResult = try resolve(result, "result")
        try required(out, what).pointee = body(fit)
    }
}
