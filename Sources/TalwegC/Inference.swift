import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@_cdecl("tw_lstsq_result_t_values") @implementation
public func tw_lstsq_result_t_values(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.tValues }
}

@_cdecl("tw_lstsq_result_p_values") @implementation
public func tw_lstsq_result_p_values(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.pValues }
}

@_cdecl("tw_lstsq_result_intercept_t_value") @implementation
public func tw_lstsq_result_intercept_t_value(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.interceptTValue }
}

@_cdecl("tw_lstsq_result_intercept_p_value") @implementation
public func tw_lstsq_result_intercept_p_value(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.interceptPValue }
}

@_cdecl("tw_lstsq_result_adjusted_r_squared") @implementation
public func tw_lstsq_result_adjusted_r_squared(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.adjustedRSquared }
}

@_cdecl("tw_lstsq_result_residual_variance") @implementation
public func tw_lstsq_result_residual_variance(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.residualVariance }
}

@_cdecl("tw_lstsq_result_f_statistic") @implementation
public func tw_lstsq_result_f_statistic(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.fStatistic }
}

@_cdecl("tw_lstsq_result_f_p_value") @implementation
public func tw_lstsq_result_f_p_value(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.fPValue }
}

@_cdecl("tw_lstsq_result_log_likelihood") @implementation
public func tw_lstsq_result_log_likelihood(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.logLikelihood }
}

@_cdecl("tw_lstsq_result_aic") @implementation
public func tw_lstsq_result_aic(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.aic }
}

@_cdecl("tw_lstsq_result_bic") @implementation
public func tw_lstsq_result_bic(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.bic }
}

@_cdecl("tw_lstsq_result_covariance") @implementation
public func tw_lstsq_result_covariance(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.covariance }
}

@_cdecl("tw_lstsq_result_variance_inflation") @implementation
public func tw_lstsq_result_variance_inflation(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.varianceInflation }
}

@_cdecl("tw_lstsq_result_confidence_intervals") @implementation
public func tw_lstsq_result_confidence_intervals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ level: Double
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.confidenceIntervals(level) }
}

@_cdecl("tw_lstsq_result_intercept_confidence_interval") @implementation
public func tw_lstsq_result_intercept_confidence_interval(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ level: Double
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.interceptConfidenceInterval(level) }
}

@_cdecl("tw_lstsq_result_condition_number") @implementation
public func tw_lstsq_result_condition_number(_ result: OpaquePointer?, _ condition: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let fit: LeastSquaresResult = try resolve(result, "result")
        let out = try required(condition, "condition")
        out.pointee = try fit.unscaledCondition
    }
}

@_cdecl("tw_lstsq_result_prediction_intervals") @implementation
public func tw_lstsq_result_prediction_intervals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ weights: OpaquePointer?,
    _ kind: tw_interval_kind, _ level: Double
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in
        try fit.predictionIntervals(
            resolve(X, "X"), level: level, kind: interval(kind), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_result_prediction_errors") @implementation
public func tw_lstsq_result_prediction_errors(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ weights: OpaquePointer?,
    _ kind: tw_interval_kind
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in
        try fit.predictionErrors(
            resolve(X, "X"), kind: interval(kind), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_result_residuals") @implementation
public func tw_lstsq_result_residuals(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in try fit.residuals(resolve(X, "X"), resolve(y, "y")) }
}

@_cdecl("tw_lstsq_result_leverage") @implementation
public func tw_lstsq_result_leverage(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ weights: OpaquePointer?
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in
        try fit.leverage(resolve(X, "X"), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_result_influence") @implementation
public func tw_lstsq_result_influence(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?,
    _ weights: OpaquePointer?, _ kind: tw_influence_kind
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in
        guard let kind = InfluenceKind(rawValue: Int32(bitPattern: kind.rawValue)) else {
            throw none("influence", kind.rawValue, "tw_influence_kind")
        }
        return try fit.influence(
            kind, resolve(X, "X"), resolve(y, "y"), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_result_robust_covariance") @implementation
public func tw_lstsq_result_robust_covariance(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?,
    _ given: UnsafePointer<tw_robust_covariance_options>?
) -> OpaquePointer? {
    fitted(scope, result) { fit throws(TalwegError) in
        var values = tw_robust_covariance_options()
        values.struct_size = MemoryLayout<tw_robust_covariance_options>.size
        values.kind = TW_ROBUST_HC3
        values.lags = -1
        let chosen = try options(given, default: values, minimum: MemoryLayout<tw_robust_covariance_options>.size)
        guard let kind = RobustKind(rawValue: Int32(bitPattern: chosen.kind.rawValue)) else {
            throw none("robust_covariance", chosen.kind.rawValue, "tw_robust_covariance_kind")
        }
        return try fit.robustCovariance(
            kind, resolve(X, "X"), resolve(y, "y"), weights: resolveIfPresent(chosen.weights, "weights"),
            lags: Int(chosen.lags), smallSample: chosen.small_sample)
    }
}

@_cdecl("tw_lstsq_result_summary") @implementation
public func tw_lstsq_result_summary(
    _ result: OpaquePointer?, _ given: UnsafePointer<tw_summary_options>?,
    _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let fit: LeastSquaresResult = try resolve(result, "result")
        try summarise(given, text, columns: fit.features) { level, name, body throws(TalwegError) in
            try fit.withSummary(level: level, name: name, body)
        }
    }
}

typealias SummaryBody = (UnsafeBufferPointer<UInt8>) throws(TalwegError) -> Void

/// A table by the caller's options as a string of the caller's.
func summarise(
    _ given: UnsafePointer<tw_summary_options>?, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    columns: Int, _ write: (Double, (Int) -> String?, SummaryBody) throws(TalwegError) -> Void
) throws(TalwegError) {
    let out = try required(text, "text")
    var values = tw_summary_options()
    values.struct_size = MemoryLayout<tw_summary_options>.size
    values.level = 0.95
    let chosen = try options(given, default: values, minimum: MemoryLayout<tw_summary_options>.size)
    if let names = chosen.names {
        guard chosen.name_count == columns else {
            throw TalwegError(.shape, "summary: \(chosen.name_count) names of \(columns) columns of X")
        }
        for j in 0..<columns { _ = try string(names[j], "name") }
    }
    let name = { (j: Int) -> String? in
        guard let names = chosen.names, let found = names[j] else { return nil }
        return String(cString: found)
    }
    try write(chosen.level, name) { bytes throws(TalwegError) in
        guard let memory = malloc(bytes.count + 1) else {
            throw TalwegError(.outOfMemory, "out of memory: \(bytes.count + 1) bytes were wanted")
        }
        if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: bytes.count) }
        let characters = memory.assumingMemoryBound(to: CChar.self)
        characters[bytes.count] = 0
        out.pointee = characters
    }
}

@_cdecl("tw_student_t_critical_value") @implementation
public func tw_student_t_critical_value(
    _ level: Double, _ degreesOfFreedom: Double, _ value: UnsafeMutablePointer<Double>?
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(value, "value")
        out.pointee = try studentTCriticalValue(level, degreesOfFreedom: degreesOfFreedom)
    }
}

@_cdecl("tw_string_free") @implementation
public func tw_string_free(_ text: UnsafeMutablePointer<CChar>?) { free(text) }

/// A tensor of a result's.
private func fitted(
    _ scope: OpaquePointer?, _ result: OpaquePointer?,
    _ body: (LeastSquaresResult) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try body(resolve(result, "result")) }
}

func interval(_ kind: tw_interval_kind, _ caller: String = "predict") throws(TalwegError) -> IntervalKind {
    guard let found = IntervalKind(rawValue: Int32(bitPattern: kind.rawValue)) else {
        throw none(caller, kind.rawValue, "tw_interval_kind")
    }
    return found
}

/// What is none of an enum.
private func none(_ caller: String, _ value: UInt32, _ type: String) -> TalwegError {
    TalwegError(.invalidArgument, "\(caller): kind is \(Int32(bitPattern: value)), which is none of \(type)")
}
