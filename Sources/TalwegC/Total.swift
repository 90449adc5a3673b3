import CTalweg
import Talweg

extension TotalLeastSquaresResult: HandleObject {
    static var handleKind: HandleKind { .totalResult }
}

/// As TW_TOTAL_OPTIONS_INIT.
private func defaultTotalOptions() -> tw_total_options {
    let values = TotalLeastSquaresOptions()
    var options = tw_total_options()
    options.struct_size = MemoryLayout<tw_total_options>.size
    options.intercept = values.intercept
    options.rank_tolerance = values.rankTolerance
    return options
}

@_cdecl("tw_total_least_squares") @implementation
public func tw_total_least_squares(
    _ X: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<tw_total_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options)
        _ = try required(result, "result")
        var wanted = TotalLeastSquaresOptions()
        wanted.intercept = given.intercept
        wanted.exactColumns = Int(given.exact_columns)
        wanted.weights = try resolveIfPresent(given.weights, "weights")
        wanted.rankTolerance = given.rank_tolerance
        try give(TotalLeastSquares.fit(resolve(X, "X"), resolve(y, "y"), wanted), to: result, "result")
    }
}

private func read(_ pointer: UnsafePointer<tw_total_options>?) throws(TalwegError) -> tw_total_options {
    try options(pointer, default: defaultTotalOptions(), minimum: MemoryLayout<tw_total_options>.size)
}

@_cdecl("tw_total_result_free") @implementation
public func tw_total_result_free(_ result: OpaquePointer?) { free(result, as: TotalLeastSquaresResult.self) }

@_cdecl("tw_total_result_coefficients") @implementation
public func tw_total_result_coefficients(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, TotalLeastSquaresResult.self) { fit throws(TalwegError) in try fit.coefficientTensor() }
}

@_cdecl("tw_total_result_intercept") @implementation
public func tw_total_result_intercept(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, TotalLeastSquaresResult.self) { fit throws(TalwegError) in try fit.interceptTensor() }
}

@_cdecl("tw_total_result_singular_values") @implementation
public func tw_total_result_singular_values(_ scope: OpaquePointer?, _ result: OpaquePointer?) -> OpaquePointer? {
    resultTensor(scope, result, TotalLeastSquaresResult.self) { fit throws(TalwegError) in
        try fit.singularValueTensor()
    }
}

@_cdecl("tw_total_result_correction_norm") @implementation
public func tw_total_result_correction_norm(_ result: OpaquePointer?, _ norm: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    resultValue(result, norm, "norm", TotalLeastSquaresResult.self) { $0.correctionNorm }
}

@_cdecl("tw_total_result_rank") @implementation
public func tw_total_result_rank(_ result: OpaquePointer?, _ rank: UnsafeMutablePointer<Int64>?) -> tw_status {
    resultValue(result, rank, "rank", TotalLeastSquaresResult.self) { Int64($0.rank) }
}

@_cdecl("tw_total_result_predict") @implementation
public func tw_total_result_predict(_ scope: OpaquePointer?, _ result: OpaquePointer?, _ X: OpaquePointer?)
    -> OpaquePointer?
{
    resultTensor(scope, result, TotalLeastSquaresResult.self) { fit throws(TalwegError) in
        try fit.predict(resolve(X, "X"))
    }
}
