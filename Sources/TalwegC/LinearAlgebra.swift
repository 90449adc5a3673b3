import CTalweg
import Talweg

// MARK: Factorisations

@_cdecl("tw_cholesky") @implementation
public func tw_cholesky(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ upper: Bool) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.cholesky(upper: upper) }
}

@_cdecl("tw_qr") @implementation
public func tw_qr(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ complete: Bool, _ r: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [r]) { () throws(TalwegError) in
        let (q, r) = try (resolve(x, "the input") as Tensor).qr(complete: complete)
        return (q, [r])
    }
}

@_cdecl("tw_qr_pivoted") @implementation
public func tw_qr_pivoted(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ complete: Bool, _ r: UnsafeMutablePointer<OpaquePointer?>?,
    _ order: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [r, order]) { () throws(TalwegError) in
        let (q, r, order) = try (resolve(x, "the input") as Tensor).pivotedQR(complete: complete)
        return (q, [r, order])
    }
}

@_cdecl("tw_lu") @implementation
public func tw_lu(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ pivots: UnsafeMutablePointer<OpaquePointer?>?)
    -> OpaquePointer?
{
    produce(scope, also: [pivots]) { () throws(TalwegError) in
        let (factors, pivots) = try (resolve(x, "the input") as Tensor).luFactors()
        return (factors, [pivots])
    }
}

// MARK: Linear systems

@_cdecl("tw_solve") @implementation
public func tw_solve(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.solve(b) }
}

@_cdecl("tw_solve_triangular") @implementation
public func tw_solve_triangular(
    _ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?, _ upper: Bool, _ transposed: Bool,
    _ unitDiagonal: Bool
) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in
        try a.solveTriangular(b, upper: upper, transposed: transposed, unitDiagonal: unitDiagonal)
    }
}

@_cdecl("tw_inv") @implementation
public func tw_inv(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.inverse() }
}

// MARK: Determinants and powers

@_cdecl("tw_det") @implementation
public func tw_det(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.determinant() }
}

@_cdecl("tw_slogdet") @implementation
public func tw_slogdet(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ logMagnitude: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [logMagnitude]) { () throws(TalwegError) in
        let (sign, logMagnitude) = try (resolve(x, "the input") as Tensor).signAndLogDeterminant()
        return (sign, [logMagnitude])
    }
}

@_cdecl("tw_matrix_power") @implementation
public func tw_matrix_power(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ n: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.matrixPower(Int(n)) }
}
