import CTalweg
import Talweg

extension DesignBasis: HandleObject {
    static var handleKind: HandleKind { .basis }
}

/// As TW_POLYNOMIAL_OPTIONS_INIT.
private func defaultPolynomialOptions() -> tw_polynomial_options {
    var options = tw_polynomial_options()
    options.struct_size = MemoryLayout<tw_polynomial_options>.size
    options.degree = 3
    options.family = TW_POLYNOMIAL_CHEBYSHEV
    options.scaled = true
    options.interactions = true
    return options
}

@_cdecl("tw_polynomial_basis") @implementation
public func tw_polynomial_basis(
    _ X: OpaquePointer?, _ options: UnsafePointer<tw_polynomial_options>?,
    _ basis: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultPolynomialOptions())
        _ = try required(basis, "basis")
        let number = Int32(bitPattern: given.family.rawValue)
        guard let family = PolynomialFamily(rawValue: number) else {
            throw TalwegError(
                .invalidArgument, "polynomial: family is \(number), which is none of tw_polynomial_family")
        }
        let made = try DesignBasis.polynomial(
            resolve(X, "X"), degree: Int(given.degree), family: family, scaled: given.scaled,
            interactions: given.interactions, constant: given.constant)
        try give(made, to: basis, "basis")
    }
}

/// As TW_SPLINE_OPTIONS_INIT.
private func defaultSplineOptions() -> tw_spline_options {
    let values = SplineOptions()
    var options = tw_spline_options()
    options.struct_size = MemoryLayout<tw_spline_options>.size
    options.degree = Int64(values.degree)
    options.count = Int64(values.count)
    return options
}

@_cdecl("tw_spline_basis") @implementation
public func tw_spline_basis(
    _ x: OpaquePointer?, _ options: UnsafePointer<tw_spline_options>?, _ basis: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try read(options, defaultSplineOptions())
        _ = try required(basis, "basis")
        let number = Int32(bitPattern: given.placement.rawValue)
        guard let placement = KnotPlacement(rawValue: number) else {
            throw TalwegError(
                .invalidArgument, "spline: placement is \(number), which is none of tw_knot_placement")
        }
        var wanted = SplineOptions()
        wanted.degree = Int(given.degree)
        wanted.isNatural = given.natural
        wanted.knots = try resolveIfPresent(given.knots, "knots")
        wanted.count = Int(given.count)
        wanted.placement = placement
        if given.lower != given.upper { (wanted.lower, wanted.upper) = (given.lower, given.upper) }
        wanted.constant = given.constant
        try give(DesignBasis.spline(resolve(x, "x"), wanted), to: basis, "basis")
    }
}

@_cdecl("tw_fourier_basis") @implementation
public func tw_fourier_basis(
    _ period: Double, _ harmonics: Int64, _ constant: Bool, _ basis: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(basis, "basis")
        try give(
            DesignBasis.fourier(period: period, harmonics: Int(harmonics), constant: constant), to: basis, "basis")
    }
}

@_cdecl("tw_radial_basis") @implementation
public func tw_radial_basis(
    _ centers: OpaquePointer?, _ kind: tw_radial_kind, _ scale: Double,
    _ basis: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(basis, "basis")
        let number = Int32(bitPattern: kind.rawValue)
        guard let kind = RadialKind(rawValue: number) else {
            throw TalwegError(.invalidArgument, "radial: kind is \(number), which is none of tw_radial_kind")
        }
        try give(DesignBasis.radial(centers: resolve(centers, "centers"), kind: kind, scale: scale), to: basis, "basis")
    }
}

@_cdecl("tw_callback_basis") @implementation
public func tw_callback_basis(
    _ inputs: Int64, _ columns: Int64, _ callback: tw_basis_callback?, _ context: UnsafeMutableRawPointer?,
    _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ basis: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    // What frees the context goes with this object, whatever happens.
    nonisolated(unsafe) let context = context
    let body = DesignCallback(
        { rows, x, out in callback.map { $0(context, Int64(rows), x, out) == 0 } ?? false },
        destroy: { destroy?(context) })
    return call { () throws(TalwegError) in
        _ = try required(basis, "basis")
        guard callback != nil else { throw TalwegError(.null, "callback is NULL") }
        try give(DesignBasis(inputs: Int(inputs), columns: Int(columns), body), to: basis, "basis")
    }
}

private func read<T: BitwiseCopyable>(_ pointer: UnsafePointer<T>?, _ value: T) throws(TalwegError) -> T {
    try options(pointer, default: value, minimum: MemoryLayout<T>.size)
}

@_cdecl("tw_basis_free") @implementation
public func tw_basis_free(_ basis: OpaquePointer?) { free(basis, as: DesignBasis.self) }

@_cdecl("tw_basis_columns") @implementation
public func tw_basis_columns(_ basis: OpaquePointer?, _ columns: UnsafeMutablePointer<Int64>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: DesignBasis = try resolve(basis, "basis")
        try required(columns, "columns").pointee = Int64(found.columns)
    }
}

@_cdecl("tw_basis_knots") @implementation
public func tw_basis_knots(_ scope: OpaquePointer?, _ basis: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: DesignBasis = try resolve(basis, "basis")
        return try found.knotTensor()
    }
}

@_cdecl("tw_basis_evaluate") @implementation
public func tw_basis_evaluate(_ scope: OpaquePointer?, _ basis: OpaquePointer?, _ X: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: DesignBasis = try resolve(basis, "basis")
        return try found.evaluate(resolve(X, "X"))
    }
}

@_cdecl("tw_difference_matrix") @implementation
public func tw_difference_matrix(_ scope: OpaquePointer?, _ columns: Int64, _ order: Int64) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try DesignBasis.differences(columns: Int(columns), order: Int(order))
    }
}
