import CTalweg
import Talweg

/// The caller's keys.
private func keys(_ pointer: UnsafePointer<tw_key>?, _ count: Int64) throws(TalwegError) -> [IndexKey] {
    guard count >= 0, count <= Int64(TW_MAX_KEYS) else {
        throw TalwegError(.invalidArgument, "keys: \(count); from 0 to \(TW_MAX_KEYS) are allowed")
    }
    guard let pointer else {
        if count == 0 { return [] }
        throw TalwegError(.null, "keys is NULL")
    }
    var keys: [IndexKey] = []
    for i in 0..<Int(count) {
        let key = pointer[i]
        switch key.kind {
        case TW_KEY_POSITION: keys.append(.position(Int(key.start)))
        case TW_KEY_SLICE:
            // To the end on either side, as tw_slice has it.
            let (none, first) = (key.step > 0 ? Int64.max : Int64.min, key.step > 0 ? Int64.min : Int64.max)
            keys.append(
                .slice(
                    from: key.start == first ? nil : Int(key.start), to: key.stop == none ? nil : Int(key.stop),
                    step: Int(key.step)))
        case TW_KEY_NEW_AXIS: keys.append(.newAxis)
        case TW_KEY_ELLIPSIS: keys.append(.ellipsis)
        case TW_KEY_TENSOR: keys.append(.tensor(try resolve(key.tensor, "the tensor of a key")))
        default:
            throw TalwegError(
                .invalidArgument, "keys: kind \(Int32(bitPattern: key.kind.rawValue)) of key \(i) is no tw_key_kind")
        }
    }
    return keys
}

// MARK: Keys

@_cdecl("tw_index") @implementation
public func tw_index(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<tw_key>?, _ count: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.index(keys(list, count)) }
}

@_cdecl("tw_index_assign") @implementation
public func tw_index_assign(
    _ x: OpaquePointer?, _ list: UnsafePointer<tw_key>?, _ count: Int64, _ values: OpaquePointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let target: Tensor = try resolve(x, "x")
        try target.assign(keys(list, count), resolve(values, "values"))
    }
}

@_cdecl("tw_index_put") @implementation
public func tw_index_put(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<tw_key>?, _ count: Int64,
    _ values: OpaquePointer?, _ adds: Bool
) -> OpaquePointer? {
    binary(scope, x, values) { x, values throws(TalwegError) in
        try x.indexPut(keys(list, count), values, adds: adds)
    }
}

// MARK: Masks

/// A mask as the only key.
private func maskKey(_ mask: OpaquePointer?) throws(TalwegError) -> [IndexKey] {
    let found: Tensor = try resolve(mask, "mask")
    guard found.dtype == .bool else { throw TalwegError(.dtype, "mask: is \(found.dtype.name), not bool") }
    return [.tensor(found)]
}

@_cdecl("tw_mask_select") @implementation
public func tw_mask_select(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ mask: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.index(maskKey(mask)) }
}

@_cdecl("tw_mask_assign") @implementation
public func tw_mask_assign(_ x: OpaquePointer?, _ mask: OpaquePointer?, _ values: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let target: Tensor = try resolve(x, "x")
        try target.assign(maskKey(mask), resolve(values, "values"))
    }
}

// MARK: Positions along an axis

@_cdecl("tw_take_along_axis") @implementation
public func tw_take_along_axis(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ indices: OpaquePointer?, _ axis: Int64
) -> OpaquePointer? {
    binary(scope, x, indices) { x, indices throws(TalwegError) in try x.takeAlongAxis(indices, axis: Int(axis)) }
}

@_cdecl("tw_scatter") @implementation
public func tw_scatter(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ indices: OpaquePointer?, _ values: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, x, values) { x, values throws(TalwegError) in
        try x.scatter(axis: Int(axis), resolve(indices, "indices"), values)
    }
}

@_cdecl("tw_scatter_add") @implementation
public func tw_scatter_add(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ indices: OpaquePointer?, _ values: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, x, values) { x, values throws(TalwegError) in
        try x.scatterAdd(axis: Int(axis), resolve(indices, "indices"), values)
    }
}

@_cdecl("tw_index_add") @implementation
public func tw_index_add(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ indices: OpaquePointer?, _ values: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, x, values) { x, values throws(TalwegError) in
        try x.indexAdd(axis: Int(axis), resolve(indices, "indices"), values)
    }
}
