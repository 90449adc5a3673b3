import CTalweg
import Talweg

// MARK: Turned and moved

@_cdecl("tw_flip") @implementation
public func tw_flip(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<Int64>?, _ count: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.flip(axes: axes(list, count)) }
}

@_cdecl("tw_roll") @implementation
public func tw_roll(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ shifts: UnsafePointer<Int64>?, _ axes: UnsafePointer<Int64>?,
    _ count: Int64
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        let moved = try integers(shifts, count, "shifts")
        guard axes == nil else { return try x.roll(shifts: moved, axes: integers(axes, count, "axes")) }
        guard moved.count == 1 else {
            throw TalwegError(.invalidArgument, "roll: \(count) shifts without axes; one is needed")
        }
        return try x.roll(shift: moved[0])
    }
}

@_cdecl("tw_move_axis") @implementation
public func tw_move_axis(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ source: Int64, _ destination: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.moveAxis(Int(source), to: Int(destination)) }
}

// MARK: Repeated

@_cdecl("tw_repeat") @implementation
public func tw_repeat(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ repeats: Int64, _ axis: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.repeated(Int(repeats), axis: Int(axis)) }
}

@_cdecl("tw_repeat_each") @implementation
public func tw_repeat_each(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ repeats: OpaquePointer?, _ axis: Int64)
    -> OpaquePointer?
{
    binary(scope, x, repeats) { x, repeats throws(TalwegError) in try x.repeated(repeats, axis: Int(axis)) }
}

@_cdecl("tw_tile") @implementation
public func tw_tile(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ list: UnsafePointer<Int64>?, _ count: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.tile(integers(list, count, "repetitions")) }
}

// MARK: Padded

extension PadMode {
    init(_ mode: tw_pad_mode) throws(TalwegError) {
        let value = Int32(bitPattern: mode.rawValue)
        guard let found = PadMode(rawValue: value) else {
            throw TalwegError(.invalidArgument, "pad: mode \(value) is no tw_pad_mode")
        }
        self = found
    }
}

@_cdecl("tw_pad") @implementation
public func tw_pad(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ widths: UnsafePointer<Int64>?, _ rank: Int64, _ mode: tw_pad_mode,
    _ value: Double
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        let mode = try PadMode(mode)
        guard rank == x.rank else {
            throw TalwegError(.shape, "pad: widths of \(rank) axes for \(x.shape)")
        }
        let ends = try integers(widths, 2 * rank, "widths", most: 2 * maximumRank)
        let pairs = stride(from: 0, to: ends.count, by: 2).map { (before: ends[$0], after: ends[$0 + 1]) }
        return try x.pad(pairs, mode: mode, value: value)
    }
}

// MARK: Triangles

@_cdecl("tw_tril") @implementation
public func tw_tril(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ k: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.tril(Int(k)) }
}

@_cdecl("tw_triu") @implementation
public func tw_triu(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ k: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.triu(Int(k)) }
}

// MARK: Accumulated

@_cdecl("tw_cumulative_sum") @implementation
public func tw_cumulative_sum(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ includeInitial: Bool)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.cumulativeSum(axis: Int(axis), includeInitial: includeInitial) }
}

@_cdecl("tw_cumulative_prod") @implementation
public func tw_cumulative_prod(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ includeInitial: Bool)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in
        try x.cumulativeProduct(axis: Int(axis), includeInitial: includeInitial)
    }
}

@_cdecl("tw_diff") @implementation
public func tw_diff(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ n: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.difference(axis: Int(axis), n: Int(n)) }
}

// MARK: Sorted

@_cdecl("tw_sort") @implementation
public func tw_sort(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ descending: Bool)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.sort(axis: Int(axis), descending: descending) }
}

@_cdecl("tw_argsort") @implementation
public func tw_argsort(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ descending: Bool)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.argsort(axis: Int(axis), descending: descending) }
}
