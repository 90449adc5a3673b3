import CTalweg
import Talweg

extension GLMPathResult: HandleObject {
    static var handleKind: HandleKind { .glmPathResult }
}

/// As TW_GLM_PATH_OPTIONS_INIT.
private func defaultOptions() -> tw_glm_path_options {
    let values = GLMPathOptions()
    var options = tw_glm_path_options()
    options.struct_size = MemoryLayout<tw_glm_path_options>.size
    options.l1_ratio = values.l1Ratio
    options.penalty_count = Int64(values.count)
    options.penalty_ratio = values.ratio
    options.standardize = values.standardize
    return options
}

@_cdecl("tw_glm_path") @implementation
public func tw_glm_path(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_glm_options>?,
    _ path: UnsafePointer<tw_glm_path_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var context: UnsafeMutableRawPointer?
    defer { destroy?(context) }
    return call { () throws(TalwegError) in
        let given = try read(options)
        destroy = given.destroy
        context = given.context
        _ = try required(result, "result")
        let wanted = try read(path)
        var penalties = GLMPathOptions()
        penalties.l1Ratio = wanted.l1_ratio
        penalties.penalties = try pathPenalties(wanted.penalties, wanted.penalty_count, "glm_path")
        penalties.count = Int(wanted.penalty_count)
        penalties.ratio = wanted.penalty_ratio
        penalties.standardize = wanted.standardize
        let fit = try GLM.path(resolve(X, "X"), resolve(y, "y"), glmOptions(given), penalties)
        try give(fit, to: result, "result")
    }
}

private func read(_ pointer: UnsafePointer<tw_glm_path_options>?) throws(TalwegError) -> tw_glm_path_options {
    try options(pointer, default: defaultOptions(), minimum: MemoryLayout<tw_glm_path_options>.size)
}

@_cdecl("tw_glm_path_result_free") @implementation
public func tw_glm_path_result_free(_ result: OpaquePointer?) { free(result, as: GLMPathResult.self) }

@_cdecl("tw_glm_path_result_count") @implementation
public func tw_glm_path_result_count(_ result: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, count, "count", GLMPathResult.self) { Int64($0.fits.count) }
}

@_cdecl("tw_glm_path_result_fit") @implementation
public func tw_glm_path_result_fit(
    _ result: OpaquePointer?, _ index: Int64, _ fit: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(fit, "fit")
        let path: GLMPathResult = try resolve(result, "result")
        try give(path.fit(at: Int(index)), to: fit, "fit")
    }
}

@_cdecl("tw_glm_path_result_coefficients") @implementation
public func tw_glm_path_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMPathResult.self) { path throws(TalwegError) in try path.coefficientTensor() }
}

@_cdecl("tw_glm_path_result_intercepts") @implementation
public func tw_glm_path_result_intercepts(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMPathResult.self) { path throws(TalwegError) in try path.interceptTensor() }
}

@_cdecl("tw_glm_path_result_penalties") @implementation
public func tw_glm_path_result_penalties(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMPathResult.self) { path throws(TalwegError) in try path.penaltyTensor() }
}

@_cdecl("tw_glm_path_result_deviances") @implementation
public func tw_glm_path_result_deviances(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMPathResult.self) { path throws(TalwegError) in try path.devianceTensor() }
}

@_cdecl("tw_glm_path_result_stop_reason") @implementation
public func tw_glm_path_result_stop_reason(
    _ result: OpaquePointer?, _ reason: UnsafeMutablePointer<tw_stop_reason>?
) -> tw_status {
    resultValue(result, reason, "reason", GLMPathResult.self) {
        tw_stop_reason(rawValue: UInt32($0.stopReason.rawValue))
    }
}
