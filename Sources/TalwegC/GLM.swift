import CTalweg
import Talweg

extension GLMResult: HandleObject {
    static var handleKind: HandleKind { .glmResult }
}

/// The caller's options.
func glmOptions(_ given: tw_glm_options) throws(TalwegError) -> GLMOptions {
    let familyNumber = Int32(bitPattern: given.family.rawValue), linkNumber = Int32(bitPattern: given.link.rawValue)
    guard let family = GLMFamily(rawValue: familyNumber) else {
        throw TalwegError(.invalidArgument, "glm: family is \(familyNumber), which is none of tw_glm_family")
    }
    guard let link = GLMLink(rawValue: linkNumber) else {
        throw TalwegError(.invalidArgument, "glm: link is \(linkNumber), which is none of tw_glm_link")
    }
    var options = GLMOptions(family: family, link: link, intercept: given.intercept, ridge: given.ridge)
    options.alpha = given.alpha
    options.l1 = given.l1
    options.standardErrors = given.standard_errors
    options.weights = try resolveIfPresent(given.weights, "weights")
    options.offset = try resolveIfPresent(given.offset, "offset")
    options.tolerance = given.tolerance
    options.maxIterations = Int(given.max_iterations)
    guard let callback = given.callback else { return options }
    options.callback = { progress in
        var told = tw_glm_progress()
        told.struct_size = MemoryLayout<tw_glm_progress>.size
        told.iteration = Int64(progress.iteration)
        told.max_iterations = Int64(progress.maxIterations)
        told.objective = progress.objective
        told.coefficients = progress.coefficients.baseAddress
        told.intercept = progress.intercept.baseAddress
        told.features = Int64(progress.features)
        told.outputs = Int64(progress.outputs)
        return callback(given.context, &told) != 0
    }
    return options
}

/// As TW_GLM_OPTIONS_INIT.
private func defaultOptions() -> tw_glm_options {
    let values = GLMOptions()
    var options = tw_glm_options()
    options.struct_size = MemoryLayout<tw_glm_options>.size
    options.family = TW_GLM_GAUSSIAN
    options.link = TW_GLM_LINK_DEFAULT
    options.intercept = values.intercept
    options.standard_errors = values.standardErrors
    options.alpha = values.alpha
    options.ridge = values.ridge
    options.tolerance = values.tolerance
    options.max_iterations = Int64(values.maxIterations)
    return options
}

@_cdecl("tw_glm") @implementation
public func tw_glm(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_glm_options>?,
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
        let fit = try GLM.fit(resolve(X, "X"), resolve(y, "y"), glmOptions(given))
        try give(fit, to: result, "result")
    }
}

func read(_ pointer: UnsafePointer<tw_glm_options>?) throws(TalwegError) -> tw_glm_options {
    // The first one ended before `l1`.
    let first = MemoryLayout<tw_glm_options>.offset(of: \.l1) ?? MemoryLayout<tw_glm_options>.size
    return try options(pointer, default: defaultOptions(), minimum: first)
}

@_cdecl("tw_glm_result_free") @implementation
public func tw_glm_result_free(_ result: OpaquePointer?) { free(result, as: GLMResult.self) }

@_cdecl("tw_glm_result_coefficients") @implementation
public func tw_glm_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_glm_result_intercept") @implementation
public func tw_glm_result_intercept(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.interceptTensor() }
}

@_cdecl("tw_glm_result_standard_errors") @implementation
public func tw_glm_result_standard_errors(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.standardErrorTensor() }
}

@_cdecl("tw_glm_result_intercept_standard_error") @implementation
public func tw_glm_result_intercept_standard_error(_ scope: OpaquePointer?, _ result: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.interceptStandardErrorTensor() }
}

@_cdecl("tw_glm_result_deviance") @implementation
public func tw_glm_result_deviance(_ result: OpaquePointer?, _ deviance: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, deviance, "deviance", GLMResult.self) { $0.deviance }
}

@_cdecl("tw_glm_result_null_deviance") @implementation
public func tw_glm_result_null_deviance(_ result: OpaquePointer?, _ deviance: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, deviance, "deviance", GLMResult.self) { $0.nullDeviance }
}

@_cdecl("tw_glm_result_log_likelihood") @implementation
public func tw_glm_result_log_likelihood(_ result: OpaquePointer?, _ value: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, value, "value", GLMResult.self) { $0.logLikelihood }
}

@_cdecl("tw_glm_result_aic") @implementation
public func tw_glm_result_aic(_ result: OpaquePointer?, _ aic: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, aic, "aic", GLMResult.self) { $0.aic }
}

@_cdecl("tw_glm_result_dispersion") @implementation
public func tw_glm_result_dispersion(_ result: OpaquePointer?, _ dispersion: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, dispersion, "dispersion", GLMResult.self) { $0.dispersion }
}

@_cdecl("tw_glm_result_rank") @implementation
public func tw_glm_result_rank(_ result: OpaquePointer?, _ rank: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, rank, "rank", GLMResult.self) { Int64($0.rank) }
}

@_cdecl("tw_glm_result_degrees_of_freedom") @implementation
public func tw_glm_result_degrees_of_freedom(_ result: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, count, "count", GLMResult.self) { Int64($0.degreesOfFreedom) }
}

@_cdecl("tw_glm_result_separated") @implementation
public func tw_glm_result_separated(_ result: OpaquePointer?, _ separated: UnsafeMutablePointer<Bool>?) -> tw_status {
    resultValue(result, separated, "separated", GLMResult.self) { $0.separated }
}

@_cdecl("tw_glm_result_violation") @implementation
public func tw_glm_result_violation(_ result: OpaquePointer?, _ violation: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, violation, "violation", GLMResult.self) { $0.violation }
}

@_cdecl("tw_glm_result_stop_reason") @implementation
public func tw_glm_result_stop_reason(_ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?)
    -> tw_status
{
    resultValue(result, reason, "reason", GLMResult.self) { tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue)) }
}

@_cdecl("tw_glm_result_iterations") @implementation
public func tw_glm_result_iterations(_ result: OpaquePointer?, _ iterations: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, iterations, "iterations", GLMResult.self) { Int64($0.iterations) }
}

@_cdecl("tw_glm_result_predict") @implementation
public func tw_glm_result_predict(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ kind: tw_glm_prediction,
    _ offset: OpaquePointer?
) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in
        let number = Int32(bitPattern: kind.rawValue)
        guard let wanted = GLMPrediction(rawValue: number) else {
            throw TalwegError(.invalidArgument, "predict: kind is \(number), which is none of tw_glm_prediction")
        }
        let added: Tensor? = try resolveIfPresent(offset, "offset")
        return try fit.predict(resolve(X, "X"), wanted, offset: added)
    }
}
