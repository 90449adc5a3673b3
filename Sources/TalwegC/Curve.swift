import CTalweg
import Talweg

private func curve(_ family: tw_curve_family, _ order: Int64) throws(TalwegError) -> CurveModel {
    let raw = Int32(bitPattern: family.rawValue)
    guard let found = CurveFamily(rawValue: raw) else {
        throw TalwegError(.invalidArgument, "curve_fit: family is \(raw), which is none of tw_curve_family")
    }
    return try CurveModel(found, order: Int(order))
}

@_cdecl("tw_curve_parameter_count") @implementation
public func tw_curve_parameter_count(_ family: tw_curve_family, _ order: Int64, _ count: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let out = try required(count, "count")
        out.pointee = Int64(try curve(family, order).parameters)
    }
}

@_cdecl("tw_curve_fit") @implementation
public func tw_curve_fit(
    _ family: tw_curve_family, _ order: Int64, _ x: OpaquePointer?, _ y: OpaquePointer?, _ sigma: OpaquePointer?,
    _ start: OpaquePointer?, _ options: UnsafePointer<tw_least_squares_options>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(result, "result")
        let fit = try NonlinearLeastSquares.fit(
            curve(family, order), resolve(x, "x"), resolve(y, "y"), sigma: resolveIfPresent(sigma, "sigma"),
            start: resolveIfPresent(start, "start"), nonlinearOptions(options))
        try give(fit, to: result, "result")
    }
}

@_cdecl("tw_curve_evaluate") @implementation
public func tw_curve_evaluate(
    _ scope: OpaquePointer?, _ family: tw_curve_family, _ order: Int64, _ parameters: OpaquePointer?,
    _ x: OpaquePointer?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try curve(family, order).callAsFunction(resolve(x, "x"), resolve(parameters, "parameters"))
    }
}

@_cdecl("tw_curve_gradient") @implementation
public func tw_curve_gradient(
    _ scope: OpaquePointer?, _ family: tw_curve_family, _ order: Int64, _ parameters: OpaquePointer?,
    _ x: OpaquePointer?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try curve(family, order).gradient(resolve(x, "x"), resolve(parameters, "parameters"))
    }
}

@_cdecl("tw_curve_band") @implementation
public func tw_curve_band(
    _ scope: OpaquePointer?, _ family: tw_curve_family, _ order: Int64, _ result: OpaquePointer?, _ x: OpaquePointer?,
    _ kind: tw_interval_kind, _ sigma: OpaquePointer?, _ level: Double, _ absolute: Bool
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let fit: NonlinearResult = try resolve(result, "result")
        return try fit.band(
            of: curve(family, order), at: resolve(x, "x"), kind: interval(kind, "curve_band"),
            sigma: resolveIfPresent(sigma, "sigma"), level: level, absolute: absolute)
    }
}
