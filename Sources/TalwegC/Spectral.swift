import CTalweg
import Talweg

// MARK: Decompositions

@_cdecl("tw_eigh") @implementation
public func tw_eigh(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ vectors: UnsafeMutablePointer<OpaquePointer?>?)
    -> OpaquePointer?
{
    guard vectors != nil else { return unary(scope, x) { x throws(TalwegError) in try x.eigvalsh() } }
    return produce(scope, also: [vectors]) { () throws(TalwegError) in
        let (values, vectors) = try (resolve(x, "the input") as Tensor).eigh()
        return (values, [vectors])
    }
}

@_cdecl("tw_svd") @implementation
public func tw_svd(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ full: Bool, _ u: UnsafeMutablePointer<OpaquePointer?>?,
    _ vh: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    guard u != nil || vh != nil else { return unary(scope, x) { x throws(TalwegError) in try x.svdvals() } }
    return produce(scope, also: [u, vh]) { () throws(TalwegError) in
        let (u, s, vh) = try (resolve(x, "the input") as Tensor).svd(full: full)
        return (s, [u, vh])
    }
}

// MARK: Made of singular values

@_cdecl("tw_pinv") @implementation
public func tw_pinv(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ rtol: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.pinv(rtol: resolveIfPresent(rtol, "rtol")) }
}

@_cdecl("tw_matrix_rank") @implementation
public func tw_matrix_rank(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ rtol: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.matrixRank(rtol: resolveIfPresent(rtol, "rtol")) }
}

// MARK: Norms

@_cdecl("tw_matrix_norm") @implementation
public func tw_matrix_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ kind: tw_matrix_norm_kind, _ keepdims: Bool
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        let value = Int32(bitPattern: kind.rawValue)
        guard let kind = MatrixNorm(rawValue: value) else {
            throw TalwegError(.invalidArgument, "matrix_norm: \(value) is no norm")
        }
        return try x.matrixNorm(kind, keepdims: keepdims)
    }
}

@_cdecl("tw_vector_norm") @implementation
public func tw_vector_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<Int64>?, _ count: Int64, _ keepdims: Bool,
    _ order: Double
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.vectorNorm(axes: axes(list, count), keepdims: keepdims, order: order)
    }
}
