import CTalweg
import Talweg

extension NonlinearResult: HandleObject {
    static var handleKind: HandleKind { .leastSquaresResult }
}

/// Residuals by C functions.
private func functionResiduals(_ given: tw_residuals, _ function: @escaping tw_residual_function, parameters: Int)
    throws(TalwegError) -> FunctionResiduals
{
    let context = given.context
    var jacobian: FunctionResiduals.Evaluation?
    if let derivatives = given.jacobian {
        jacobian = { x, rows throws(TalwegError) in
            let code = derivatives(context, x, rows)
            guard code == 0 else {
                throw TalwegError(.cancelled, "least_squares: the Jacobian function returned \(code)")
            }
        }
    }
    return try FunctionResiduals(count: Int(given.count), parameters: parameters, jacobian: jacobian) {
        x, r throws(TalwegError) in
        let code = function(context, x, r)
        guard code == 0 else { throw TalwegError(.cancelled, "least_squares: the residual function returned \(code)") }
    }
}

private func residualFunction(_ pointer: UnsafePointer<tw_residuals>?, _ start: Tensor)
    throws(TalwegError) -> any ResidualFunction
{
    guard let pointer else { throw TalwegError(.null, "residuals is NULL") }
    let given = try options(
        pointer,
        default: tw_residuals(
            struct_size: MemoryLayout<tw_residuals>.size, count: 0, function: nil, jacobian: nil, tensor: nil,
            context: nil),
        minimum: MemoryLayout<tw_residuals>.size)
    if let function = given.tensor {
        guard given.function == nil, given.jacobian == nil else {
            throw TalwegError(.invalidArgument, "least_squares: residuals has both a tensor function and another")
        }
        return try TensorResiduals(at: start) { x throws(TalwegError) in
            var made: OpaquePointer?
            return try callBack("least_squares") { scope, handle throws(TalwegError) in
                let given0 = try own(x, by: scope)
                made = function(given.context, handle, given0)
                return made == nil ? 1 : 0
            } results: { () throws(TalwegError) in
                guard let found = try written([made], by: "least_squares").first, let found else {
                    throw TalwegError(.null, "least_squares: the residual function gave NULL")
                }
                return found
            }
        }
    }
    guard let function = given.function else { throw TalwegError(.null, "least_squares: residuals has no function") }
    return try functionResiduals(given, function, parameters: start.count)
}

/// As TW_LEAST_SQUARES_OPTIONS_INIT.
private func defaultOptions() -> tw_least_squares_options {
    let values = NonlinearOptions()
    var options = tw_least_squares_options()
    options.struct_size = MemoryLayout<tw_least_squares_options>.size
    options.loss_scale = values.lossScale
    options.cost_tolerance = values.costTolerance
    options.step_tolerance = values.stepTolerance
    options.gradient_tolerance = values.gradientTolerance
    options.polish = values.polish
    options.first_radius = values.firstRadius
    return options
}

func nonlinearOptions(_ pointer: UnsafePointer<tw_least_squares_options>?) throws(TalwegError) -> NonlinearOptions {
    let given = try options(
        pointer, default: defaultOptions(), minimum: MemoryLayout<tw_least_squares_options>.size)
    var options = NonlinearOptions()
    options.method = try choice(given.method.rawValue, "least_squares", "method", "tw_trust_region_method")
    options.differences = try choice(given.differences.rawValue, "least_squares", "differences", "tw_difference_scheme")
    options.loss = try choice(given.loss.rawValue, "least_squares", "loss", "tw_residual_loss")
    options.geodesic = given.geodesic
    options.lossScale = given.loss_scale
    options.lower = try resolveIfPresent(given.lower, "lower")
    options.upper = try resolveIfPresent(given.upper, "upper")
    options.fixed = try resolveIfPresent(given.fixed, "fixed")
    options.scale = try resolveIfPresent(given.scale, "scale")
    options.costTolerance = given.cost_tolerance
    options.stepTolerance = given.step_tolerance
    options.gradientTolerance = given.gradient_tolerance
    options.polish = given.polish
    options.maxEvaluations = Int(given.max_evaluations)
    options.maxSeconds = given.max_seconds
    options.firstRadius = given.first_radius
    options.callback = progressCallback(given.callback, given.context)
    return options
}

/// A function of the caller's that is told of each step.
func progressCallback(_ callback: tw_least_squares_callback?, _ context: UnsafeMutableRawPointer?)
    -> ((NonlinearProgress) -> Bool)?
{
    guard let callback else { return nil }
    return { progress in
        var told = tw_least_squares_progress()
        told.struct_size = MemoryLayout<tw_least_squares_progress>.size
        told.iteration = Int64(progress.iteration)
        told.evaluations = Int64(progress.evaluations)
        told.cost = progress.cost
        told.optimality = progress.optimality
        told.step = progress.step
        told.parameters = progress.parameters.baseAddress
        told.parameter_count = Int64(progress.parameters.count)
        return callback(context, &told) != 0
    }
}

@_cdecl("tw_least_squares") @implementation
public func tw_least_squares(
    _ residuals: UnsafePointer<tw_residuals>?, _ start: OpaquePointer?,
    _ options: UnsafePointer<tw_least_squares_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(result, "result")
        let chosen = try nonlinearOptions(options)
        let first: Tensor = try resolve(start, "start")
        let fit = try NonlinearLeastSquares.fit(residualFunction(residuals, first), start: first, chosen)
        try give(fit, to: result, "result")
    }
}

@_cdecl("tw_least_squares_result_free") @implementation
public func tw_least_squares_result_free(_ result: OpaquePointer?) { free(result, as: NonlinearResult.self) }

@_cdecl("tw_least_squares_result_parameters") @implementation
public func tw_least_squares_result_parameters(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in fit.parameters }
}

@_cdecl("tw_least_squares_result_residuals") @implementation
public func tw_least_squares_result_residuals(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in fit.residuals }
}

@_cdecl("tw_least_squares_result_jacobian") @implementation
public func tw_least_squares_result_jacobian(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in fit.jacobian }
}

@_cdecl("tw_least_squares_result_gradient") @implementation
public func tw_least_squares_result_gradient(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in fit.gradient }
}

@_cdecl("tw_least_squares_result_active") @implementation
public func tw_least_squares_result_active(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in fit.active }
}

@_cdecl("tw_least_squares_result_covariance") @implementation
public func tw_least_squares_result_covariance(_ scope: OpaquePointer?, _ result: OpaquePointer?, _ absolute: Bool)
    -> OpaquePointer?
{
    tensor(scope, result) { fit throws(TalwegError) in try fit.covariance(absolute: absolute) }
}

@_cdecl("tw_least_squares_result_standard_errors") @implementation
public func tw_least_squares_result_standard_errors(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ absolute: Bool
) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.standardErrors(absolute: absolute) }
}

@_cdecl("tw_least_squares_result_confidence_intervals") @implementation
public func tw_least_squares_result_confidence_intervals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ level: Double, _ absolute: Bool
) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in try fit.confidenceIntervals(level: level, absolute: absolute) }
}

@_cdecl("tw_least_squares_result_bands") @implementation
public func tw_least_squares_result_bands(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ values: OpaquePointer?, _ gradients: OpaquePointer?,
    _ deviations: OpaquePointer?, _ level: Double, _ absolute: Bool
) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in
        try fit.bands(
            values: resolve(values, "values"), gradients: resolve(gradients, "gradients"),
            deviations: resolveIfPresent(deviations, "deviations"), level: level, absolute: absolute)
    }
}

@_cdecl("tw_least_squares_profile_intervals") @implementation
public func tw_least_squares_profile_intervals(
    _ scope: OpaquePointer?, _ residuals: UnsafePointer<tw_residuals>?, _ result: OpaquePointer?,
    _ options: UnsafePointer<tw_least_squares_options>?, _ level: Double, _ absolute: Bool
) -> OpaquePointer? {
    tensor(scope, result) { fit throws(TalwegError) in
        try fit.profileIntervals(
            residualFunction(residuals, fit.parameters), nonlinearOptions(options), level: level, absolute: absolute)
    }
}

@_cdecl("tw_least_squares_result_summary") @implementation
public func tw_least_squares_result_summary(
    _ result: OpaquePointer?, _ summary: UnsafeMutablePointer<tw_least_squares_summary>?
) -> tw_status {
    call { () throws(TalwegError) in
        let fit: NonlinearResult = try resolve(result, "result")
        let out = try required(summary, "summary")
        try giveStruct(
            tw_least_squares_summary(
                struct_size: out.pointee.struct_size, stop: tw_least_squares_stop(rawValue: UInt32(fit.stop.rawValue)),
                cost: fit.cost, optimality: fit.optimality, iterations: Int64(fit.iterations),
                evaluations: Int64(fit.evaluations), jacobian_evaluations: Int64(fit.jacobianEvaluations),
                rank: Int64(fit.rank), degrees_of_freedom: Int64(fit.degreesOfFreedom)),
            to: out, minimum: MemoryLayout<tw_least_squares_summary>.size)
    }
}

private func tensor(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ body: (NonlinearResult) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try body(resolve(result, "result")) }
}
