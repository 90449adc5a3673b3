import CTalweg
import Talweg

// MARK: Sums of products

@_cdecl("tw_einsum") @implementation
public func tw_einsum(
    _ scope: OpaquePointer?, _ subscripts: UnsafePointer<CChar>?, _ operands: UnsafePointer<OpaquePointer?>?,
    _ count: Int64
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .einsum(string(subscripts, "subscripts"), tensors(operands, count))
    }
}

@_cdecl("tw_tensordot") @implementation
public func tw_tensordot(
    _ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?, _ axesA: UnsafePointer<Int64>?,
    _ axesB: UnsafePointer<Int64>?, _ count: Int64
) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in
        guard axesA != nil || axesB != nil else { return try a.tensordot(b, axes: Int(count)) }
        return try a.tensordot(b, integers(axesA, count, "axes_a"), integers(axesB, count, "axes_b"))
    }
}

@_cdecl("tw_vecdot") @implementation
public func tw_vecdot(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?, _ axis: Int64)
    -> OpaquePointer?
{
    binary(scope, a, b) { a, b throws(TalwegError) in try a.vecdot(b, axis: Int(axis)) }
}

// MARK: Products without a sum

@_cdecl("tw_outer") @implementation
public func tw_outer(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.outer(b) }
}

@_cdecl("tw_cross") @implementation
public func tw_cross(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?, _ axis: Int64)
    -> OpaquePointer?
{
    binary(scope, a, b) { a, b throws(TalwegError) in try a.cross(b, axis: Int(axis)) }
}

@_cdecl("tw_kron") @implementation
public func tw_kron(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.kron(b) }
}

// MARK: Diagonals

@_cdecl("tw_diagonal") @implementation
public func tw_diagonal(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ offset: Int64, _ axis0: Int64, _ axis1: Int64
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.diagonal(offset: Int(offset), axis0: Int(axis0), axis1: Int(axis1))
    }
}

@_cdecl("tw_diag_embed") @implementation
public func tw_diag_embed(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ offset: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.diagonalMatrix(offset: Int(offset)) }
}

@_cdecl("tw_trace") @implementation
public func tw_trace(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ offset: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.trace(offset: Int(offset)) }
}
