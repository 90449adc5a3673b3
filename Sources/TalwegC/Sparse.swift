import CTalweg
import Talweg

/// A matrix that C holds.
final class OperatorHandle: HandleObject {
    static var handleKind: HandleKind { .matrixOperator }
    let map: any LinearMap

    init(_ map: any LinearMap) { self.map = map }
}

@_cdecl("tw_operator_from_csr") @implementation
public func tw_operator_from_csr(
    _ rows: Int64, _ columns: Int64, _ row_offsets: UnsafePointer<Int64>?, _ column_indices: UnsafePointer<Int64>?,
    _ values: UnsafePointer<Double>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(result, "result")
        guard let row_offsets else { throw TalwegError(.null, "row_offsets is NULL") }
        guard let column_indices else { throw TalwegError(.null, "column_indices is NULL") }
        guard let values else { throw TalwegError(.null, "values is NULL") }
        let matrix = try SparseMatrix(
            rows: Int(rows), columns: Int(columns), offsets: row_offsets, places: column_indices, values: values)
        try give(OperatorHandle(matrix), to: result, "result")
    }
}

@_cdecl("tw_operator_from_functions") @implementation
public func tw_operator_from_functions(
    _ rows: Int64, _ columns: Int64, _ multiply: tw_product_function?, _ multiply_transposed: tw_product_function?,
    _ context: UnsafeMutableRawPointer?, _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(result, "result")
        guard let multiply else { throw TalwegError(.null, "multiply is NULL") }
        guard let multiply_transposed else { throw TalwegError(.null, "multiply_transposed is NULL") }
        let held = CallbackContext(context)
        func product(_ function: @escaping tw_product_function) -> FunctionMap.Product {
            { from, to throws(TalwegError) in
                let code = function(held.pointer, from, to)
                guard code == 0 else { throw TalwegError(.cancelled, "operator: a product returned \(code)") }
            }
        }
        let map = try FunctionMap(
            rows: Int(rows), columns: Int(columns), multiply: product(multiply),
            multiplyTransposed: product(multiply_transposed))
        try give(OperatorHandle(map), to: result, "result")
        held.destroy = destroy
    }
}

@_cdecl("tw_operator_free") @implementation
public func tw_operator_free(_ matrix: OpaquePointer?) { free(matrix, as: OperatorHandle.self) }

@_cdecl("tw_operator_multiply") @implementation
public func tw_operator_multiply(
    _ scope: OpaquePointer?, _ matrix: OpaquePointer?, _ x: OpaquePointer?, _ transposed: Bool
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let held: OperatorHandle = try resolve(matrix, "matrix")
        return try held.map.product(resolve(x, "x"), transposed: transposed)
    }
}

private func iterativeOptions(_ pointer: UnsafePointer<tw_iterative_options>?) throws(TalwegError) -> IterativeOptions {
    var chosen = IterativeOptions()
    var initial = tw_iterative_options()
    initial.struct_size = MemoryLayout<tw_iterative_options>.size
    initial.matrix_tolerance = chosen.matrixTolerance
    initial.right_tolerance = chosen.rightTolerance
    let given = try options(pointer, default: initial, minimum: MemoryLayout<tw_iterative_options>.size)
    let raw = Int32(bitPattern: given.method.rawValue)
    guard let method = IterativeMethod(rawValue: raw) else {
        throw TalwegError(.invalidArgument, "lsqr: method is \(raw), which is none of tw_iterative_method")
    }
    chosen.method = method
    chosen.damp = given.damp
    chosen.matrixTolerance = given.matrix_tolerance
    chosen.rightTolerance = given.right_tolerance
    chosen.conditionLimit = given.condition_limit
    chosen.maxIterations = Int(given.max_iterations)
    chosen.start = try resolveIfPresent(given.start, "start")
    if let callback = given.callback {
        chosen.callback = { iteration, residual, gradient in
            callback(given.context, Int64(iteration), residual, gradient) != 0
        }
    }
    return chosen
}

@_cdecl("tw_lsqr") @implementation
public func tw_lsqr(
    _ scope: OpaquePointer?, _ matrix: OpaquePointer?, _ b: OpaquePointer?,
    _ options: UnsafePointer<tw_iterative_options>?, _ summary: UnsafeMutablePointer<tw_iterative_summary>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let held: OperatorHandle = try resolve(matrix, "matrix")
        let found = try IterativeLeastSquares.solve(held.map, resolve(b, "b"), iterativeOptions(options))
        if let summary {
            try giveStruct(
                tw_iterative_summary(
                    struct_size: summary.pointee.struct_size,
                    stop: tw_iterative_stop(rawValue: UInt32(found.stop.rawValue)), iterations: Int64(found.iterations),
                    residual_norm: found.residualNorm, gradient_norm: found.gradientNorm,
                    solution_norm: found.solutionNorm, matrix_norm: found.matrixNorm, condition: found.condition),
                to: summary, minimum: MemoryLayout<tw_iterative_summary>.size)
        }
        return found.x
    }
}
