import CTalweg
import Talweg

private func functions(_ given: tw_separable) throws(TalwegError) -> FunctionBasis {
    guard let function = given.function else { throw TalwegError(.null, "variable_projection: the model has no function") }
    let context = given.context
    var derivatives: FunctionBasis.Evaluation?
    if let derive = given.derivatives {
        derivatives = { alpha, out throws(TalwegError) in
            let code = derive(context, alpha, out)
            guard code == 0 else {
                throw TalwegError(.cancelled, "variable_projection: the derivatives' function returned \(code)")
            }
        }
    }
    return try FunctionBasis(
        count: Int(given.count), functions: Int(given.function_count), derivatives: derivatives
    ) { alpha, phi throws(TalwegError) in
        let code = function(context, alpha, phi)
        guard code == 0 else {
            throw TalwegError(.cancelled, "variable_projection: the basis function returned \(code)")
        }
    }
}

@_cdecl("tw_variable_projection") @implementation
public func tw_variable_projection(
    _ model: UnsafePointer<tw_separable>?, _ y: OpaquePointer?, _ sigma: OpaquePointer?, _ start: OpaquePointer?,
    _ options: UnsafePointer<tw_least_squares_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(result, "result")
        guard let model else { throw TalwegError(.null, "model is NULL") }
        let given = try TalwegC.options(model, default: tw_separable(), minimum: MemoryLayout<tw_separable>.size)
        let fit = try VariableProjection.fit(
            functions(given), resolve(y, "y"), sigma: resolveIfPresent(sigma, "sigma"), start: resolve(start, "start"),
            nonlinearOptions(options), simplified: given.kaufman)
        try give(fit, to: result, "result")
    }
}
