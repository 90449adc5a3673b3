import CTalweg
import Talweg

// MARK: Where

@_cdecl("tw_searchsorted") @implementation
public func tw_searchsorted(
    _ scope: OpaquePointer?, _ sorted: OpaquePointer?, _ values: OpaquePointer?, _ right: Bool,
    _ sorter: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, sorted, values) { sorted, values throws(TalwegError) in
        try sorted.searchSorted(values, right: right, sorter: resolveIfPresent(sorter, "sorter"))
    }
}

@_cdecl("tw_nonzero") @implementation
public func tw_nonzero(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.nonzero() }
}

@_cdecl("tw_count_nonzero") @implementation
public func tw_count_nonzero(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<Int64>?, _ count: Int64, _ keepdims: Bool
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.countNonzero(axes: axes(list, count), keepdims: keepdims) }
}

// MARK: Sets

@_cdecl("tw_unique") @implementation
public func tw_unique(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ indices: UnsafeMutablePointer<OpaquePointer?>?,
    _ inverse: UnsafeMutablePointer<OpaquePointer?>?, _ counts: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    if indices != nil || inverse != nil {
        return produce(scope, also: [indices, inverse, counts]) { () throws(TalwegError) in
            let found: Tensor = try resolve(x, "x")
            let all = try found.unique()
            return (all.values, [all.indices, all.inverse, all.counts])
        }
    }
    return produce(scope, also: [counts]) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        let (values, counts) = try found.uniqueCounts()
        return (values, [counts])
    }
}

@_cdecl("tw_isin") @implementation
public func tw_isin(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ elements: OpaquePointer?, _ inverted: Bool)
    -> OpaquePointer?
{
    binary(scope, x, elements) { x, elements throws(TalwegError) in try x.isIn(elements, inverted: inverted) }
}

// MARK: The greatest

@_cdecl("tw_top_k") @implementation
public func tw_top_k(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ k: Int64, _ axis: Int64, _ largest: Bool, _ sorted: Bool,
    _ indices: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [indices]) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        let (values, places) = try found.topK(Int(k), axis: Int(axis), largest: largest, sorted: sorted)
        return (values, [places])
    }
}

// MARK: One-hot

@_cdecl("tw_one_hot") @implementation
public func tw_one_hot(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ classes: Int64, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.oneHot(classes: Int(classes), DType(dtype)) }
}
