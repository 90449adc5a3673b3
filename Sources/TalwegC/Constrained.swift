import CTalweg
import Talweg

extension ConstrainedResult: HandleObject {
    static var handleKind: HandleKind { .constrainedResult }
}

/// As TW_CONSTRAINED_OPTIONS_INIT.
private func defaultConstrainedOptions() -> tw_constrained_options {
    let values = ConstrainedOptions()
    var options = tw_constrained_options()
    options.struct_size = MemoryLayout<tw_constrained_options>.size
    options.intercept = values.intercept
    options.ridge = values.ridge
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    return options
}

/// A matrix and its values; nil if both are NULL.
private func pair(_ matrix: OpaquePointer?, _ values: OpaquePointer?, _ matrixName: StaticString, _ name: StaticString)
    throws(TalwegError) -> (matrix: Tensor, values: Tensor)?
{
    if matrix == nil, values == nil { return nil }
    return (try resolve(matrix, matrixName), try resolve(values, name))
}

@_cdecl("tw_constrained_lstsq") @implementation
public func tw_constrained_lstsq(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_constrained_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options)
        _ = try required(result, "result")
        var wanted = ConstrainedOptions()
        wanted.intercept = given.intercept
        wanted.ridge = given.ridge
        wanted.weights = try resolveIfPresent(given.weights, "weights")
        wanted.offset = try resolveIfPresent(given.offset, "offset")
        wanted.lower = try resolveIfPresent(given.lower, "lower")
        wanted.upper = try resolveIfPresent(given.upper, "upper")
        wanted.equality = try pair(
            given.equality_matrix, given.equality_values, "equality_matrix", "equality_values")
        wanted.inequality = try pair(
            given.inequality_matrix, given.inequality_values, "inequality_matrix", "inequality_values")
        wanted.tolerance = given.tolerance
        wanted.maxIterations = Int(given.max_iterations)
        try give(Constrained.fit(resolve(X, "X"), resolve(y, "y"), wanted), to: result, "result")
    }
}

private func read(_ pointer: UnsafePointer<tw_constrained_options>?) throws(TalwegError) -> tw_constrained_options {
    try options(pointer, default: defaultConstrainedOptions(), minimum: MemoryLayout<tw_constrained_options>.size)
}

@_cdecl("tw_constrained_result_free") @implementation
public func tw_constrained_result_free(_ result: OpaquePointer?) { free(result, as: ConstrainedResult.self) }

@_cdecl("tw_constrained_result_coefficients") @implementation
public func tw_constrained_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_constrained_result_intercept") @implementation
public func tw_constrained_result_intercept(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.interceptTensor() }
}

@_cdecl("tw_constrained_result_active") @implementation
public func tw_constrained_result_active(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.activeTensor() }
}

@_cdecl("tw_constrained_result_bound_multipliers") @implementation
public func tw_constrained_result_bound_multipliers(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.boundMultiplierTensor() }
}

@_cdecl("tw_constrained_result_equality_multipliers") @implementation
public func tw_constrained_result_equality_multipliers(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in
        try fit.equalityMultiplierTensor()
    }
}

@_cdecl("tw_constrained_result_inequality_multipliers") @implementation
public func tw_constrained_result_inequality_multipliers(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in
        try fit.inequalityMultiplierTensor()
    }
}

@_cdecl("tw_constrained_result_rss") @implementation
public func tw_constrained_result_rss(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.residualSumOfSquares() }
}

@_cdecl("tw_constrained_result_optimality") @implementation
public func tw_constrained_result_optimality(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.optimalityTensor() }
}

@_cdecl("tw_constrained_result_stop_reason") @implementation
public func tw_constrained_result_stop_reason(
    _ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?
) -> tw_status {
    resultValue(result, reason, "reason", ConstrainedResult.self) {
        tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue))
    }
}

@_cdecl("tw_constrained_result_iterations") @implementation
public func tw_constrained_result_iterations(_ result: OpaquePointer?, _ iterations: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, iterations, "iterations", ConstrainedResult.self) { Int64($0.iterations) }
}

@_cdecl("tw_constrained_result_predict") @implementation
public func tw_constrained_result_predict(_ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, ConstrainedResult.self) { fit throws(TalwegError) in try fit.predict(resolve(X, "X")) }
}
