import CTalweg
import Talweg

// MARK: Selection

@_cdecl("tw_where") @implementation
public func tw_where(
    _ scope: OpaquePointer?, _ condition: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try Tensor.select(resolve(condition, "condition"), a, b) }
}

@_cdecl("tw_clip") @implementation
public func tw_clip(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ min: OpaquePointer?, _ max: OpaquePointer?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in
        try x.clip(resolveIfPresent(min, "min"), resolveIfPresent(max, "max"))
    }
}

@_cdecl("tw_clip_scalar") @implementation
public func tw_clip_scalar(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ min: Double, _ max: Double)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.clip(min, max) }
}

// MARK: Reductions

/// Runs the body of a function that reduces some axes of a tensor.
private func reduction(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ given: UnsafePointer<Int64>?, _ count: Int64,
    _ body: (Tensor, [Int]?) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try body(x, axes(given, count)) }
}

@_cdecl("tw_sum") @implementation
public func tw_sum(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.sum(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_mean") @implementation
public func tw_mean(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.mean(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_prod") @implementation
public func tw_prod(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.product(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_max") @implementation
public func tw_max(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.max(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_min") @implementation
public func tw_min(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.min(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_var") @implementation
public func tw_var(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool, _ correction: Double
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.variance(axes: axes, keepdims: keepdims, correction: correction)
    }
}

@_cdecl("tw_std") @implementation
public func tw_std(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool, _ correction: Double
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.standardDeviation(axes: axes, keepdims: keepdims, correction: correction)
    }
}

@_cdecl("tw_logsumexp") @implementation
public func tw_logsumexp(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.logSumExp(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_norm") @implementation
public func tw_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.norm(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_any") @implementation
public func tw_any(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.any(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_all") @implementation
public func tw_all(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ axisCount: Int64,
    _ keepdims: Bool
) -> OpaquePointer? {
    reduction(scope, x, axes, axisCount) { x, axes throws(TalwegError) in
        try x.all(axes: axes, keepdims: keepdims)
    }
}

@_cdecl("tw_argmax") @implementation
public func tw_argmax(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ keepdims: Bool) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.argmax(axis: Int(axis), keepdims: keepdims) }
}

@_cdecl("tw_argmin") @implementation
public func tw_argmin(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ keepdims: Bool) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.argmin(axis: Int(axis), keepdims: keepdims) }
}

// MARK: Views

@_cdecl("tw_reshape") @implementation
public func tw_reshape(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.reshape(integers(dims, rank, "shape")) }
}

@_cdecl("tw_transpose") @implementation
public func tw_transpose(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis0: Int64, _ axis1: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.transpose(Int(axis0), Int(axis1)) }
}

@_cdecl("tw_permute") @implementation
public func tw_permute(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axes: UnsafePointer<Int64>?, _ rank: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.permute(integers(axes, rank, "axes")) }
}

@_cdecl("tw_broadcast_to") @implementation
public func tw_broadcast_to(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.broadcast(to: shape(dims, rank, for: "broadcast_to")) }
}

@_cdecl("tw_slice") @implementation
public func tw_slice(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ start: Int64, _ stop: Int64, _ step: Int64
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        let end: Int? = step > 0 && stop == Int64.max || step < 0 && stop == Int64.min ? nil : Int(stop)
        return try x.slice(axis: Int(axis), from: Int(start), to: end, step: Int(step))
    }
}

@_cdecl("tw_select") @implementation
public func tw_select(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ index: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.select(axis: Int(axis), index: Int(index)) }
}

@_cdecl("tw_expand_dims") @implementation
public func tw_expand_dims(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.expandDims(Int(axis)) }
}

@_cdecl("tw_squeeze") @implementation
public func tw_squeeze(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.squeeze(Int(axis)) }
}

// MARK: Joining and picking

/// The most tensors that one call joins.
private let mostTensors: Int64 = 1 << 20

/// The caller's tensors.
func tensors(_ pointers: UnsafePointer<OpaquePointer?>?, _ count: Int64) throws(TalwegError) -> [Tensor] {
    guard count >= 1, count <= mostTensors else {
        throw TalwegError(.invalidArgument, "tensors: \(count); from 1 to \(mostTensors) are allowed")
    }
    guard let pointers else { throw TalwegError(.null, "tensors is NULL") }
    var found: [Tensor] = []
    for i in 0..<Int(count) { found.append(try resolve(pointers[i], "a tensor of the list")) }
    return found
}

@_cdecl("tw_concatenate") @implementation
public func tw_concatenate(
    _ scope: OpaquePointer?, _ list: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ axis: Int64
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try .concatenate(tensors(list, count), axis: Int(axis)) }
}

@_cdecl("tw_stack") @implementation
public func tw_stack(
    _ scope: OpaquePointer?, _ list: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ axis: Int64
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try .stack(tensors(list, count), axis: Int(axis)) }
}

@_cdecl("tw_index_select") @implementation
public func tw_index_select(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ indices: OpaquePointer?)
    -> OpaquePointer?
{
    binary(scope, x, indices) { x, indices throws(TalwegError) in try x.indexSelect(axis: Int(axis), indices) }
}

@_cdecl("tw_embedding") @implementation
public func tw_embedding(_ scope: OpaquePointer?, _ table: OpaquePointer?, _ ids: OpaquePointer?) -> OpaquePointer? {
    binary(scope, table, ids) { table, ids throws(TalwegError) in try table.embedding(ids) }
}

@_cdecl("tw_gather") @implementation
public func tw_gather(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64, _ indices: OpaquePointer?)
    -> OpaquePointer?
{
    binary(scope, x, indices) { x, indices throws(TalwegError) in try x.gather(axis: Int(axis), indices) }
}

// MARK: Products and rows

@_cdecl("tw_matmul") @implementation
public func tw_matmul(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.matmul(b) }
}

@_cdecl("tw_linear") @implementation
public func tw_linear(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in try x.linear(weight, resolveIfPresent(bias, "bias")) }
}

@_cdecl("tw_linear_activation") @implementation
public func tw_linear_activation(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ activation: tw_activation
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in
        let bias: Tensor? = try resolveIfPresent(bias, "bias")
        if let fused = Activation(rawValue: Int32(bitPattern: activation.rawValue)) {
            return try x.linear(weight, bias, activation: fused)
        }
        let function = try ActivationFunction(activation, nil, for: "linear")
        return try x.linear(weight, bias).activated(function)
    }
}

@_cdecl("tw_softmax") @implementation
public func tw_softmax(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.softmax(axis: Int(axis)) }
}

@_cdecl("tw_log_softmax") @implementation
public func tw_log_softmax(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.logSoftmax(axis: Int(axis)) }
}

@_cdecl("tw_dropout") @implementation
public func tw_dropout(_ scope: OpaquePointer?, _ generator: OpaquePointer?, _ x: OpaquePointer?, _ p: Double)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.dropout(p, resolveGenerator(generator)) }
}
