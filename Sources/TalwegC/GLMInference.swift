import CTalweg
import Talweg

@_cdecl("tw_glm_result_statistics") @implementation
public func tw_glm_result_statistics(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.statisticTensor() }
}

@_cdecl("tw_glm_result_p_values") @implementation
public func tw_glm_result_p_values(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.pValueTensor() }
}

@_cdecl("tw_glm_result_intercept_statistic") @implementation
public func tw_glm_result_intercept_statistic(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.interceptStatisticTensor() }
}

@_cdecl("tw_glm_result_intercept_p_value") @implementation
public func tw_glm_result_intercept_p_value(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.interceptPValueTensor() }
}

@_cdecl("tw_glm_result_confidence_intervals") @implementation
public func tw_glm_result_confidence_intervals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ level: Double
) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.confidenceIntervalTensor(level) }
}

@_cdecl("tw_glm_result_intercept_confidence_interval") @implementation
public func tw_glm_result_intercept_confidence_interval(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ level: Double
) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in try fit.interceptIntervalTensor(level) }
}

@_cdecl("tw_glm_result_bic") @implementation
public func tw_glm_result_bic(_ result: OpaquePointer?, _ bic: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, bic, "bic", GLMResult.self) { $0.bic }
}

@_cdecl("tw_glm_result_pearson") @implementation
public func tw_glm_result_pearson(_ result: OpaquePointer?, _ statistic: UnsafeMutablePointer<Double>?) -> tw_status {
    resultValue(result, statistic, "statistic", GLMResult.self) { $0.pearson }
}

@_cdecl("tw_glm_result_null_degrees_of_freedom") @implementation
public func tw_glm_result_null_degrees_of_freedom(_ result: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    resultValue(result, count, "count", GLMResult.self) { Int64($0.nullDegreesOfFreedom) }
}

@_cdecl("tw_glm_result_residuals") @implementation
public func tw_glm_result_residuals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?,
    _ kind: tw_glm_residual, _ weights: OpaquePointer?, _ offset: OpaquePointer?
) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in
        let number = Int32(bitPattern: kind.rawValue)
        guard let wanted = GLMResidual(rawValue: number) else {
            throw TalwegError(.invalidArgument, "residuals: kind is \(number), which is none of tw_glm_residual")
        }
        let w: Tensor? = try resolveIfPresent(weights, "weights")
        let added: Tensor? = try resolveIfPresent(offset, "offset")
        return try fit.residuals(resolve(X, "X"), resolve(y, "y"), wanted, weights: w, offset: added)
    }
}

@_cdecl("tw_glm_result_predict_error") @implementation
public func tw_glm_result_predict_error(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ kind: tw_glm_prediction,
    _ offset: OpaquePointer?
) -> OpaquePointer? {
    resultTensor(scope, result, GLMResult.self) { fit throws(TalwegError) in
        let number = Int32(bitPattern: kind.rawValue)
        guard let wanted = GLMPrediction(rawValue: number) else {
            throw TalwegError(.invalidArgument, "predict_error: kind is \(number), which is none of tw_glm_prediction")
        }
        let added: Tensor? = try resolveIfPresent(offset, "offset")
        return try fit.predictionErrors(resolve(X, "X"), wanted, offset: added)
    }
}

@_cdecl("tw_glm_result_summary") @implementation
public func tw_glm_result_summary(
    _ result: OpaquePointer?, _ given: UnsafePointer<tw_summary_options>?,
    _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let fit: GLMResult = try resolve(result, "result")
        try summarise(given, text, columns: fit.features) { level, name, body throws(TalwegError) in
            try fit.withSummary(level: level, name: name, body)
        }
    }
}
