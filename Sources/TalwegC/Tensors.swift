import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Tensor: HandleObject { static var handleKind: HandleKind { .tensor } }
extension Generator: HandleObject { static var handleKind: HandleKind { .generator } }

@_cdecl("tw_dtype_size") @implementation
public func tw_dtype_size(_ dtype: tw_dtype) -> Int { (try? DType(dtype))?.itemSize ?? 0 }

@_cdecl("tw_dtype_name") @implementation
public func tw_dtype_name(_ dtype: tw_dtype) -> UnsafePointer<CChar>? {
    switch dtype {
    case TW_FLOAT32: constant("float32")
    case TW_FLOAT64: constant("float64")
    case TW_INT32: constant("int32")
    case TW_INT64: constant("int64")
    case TW_UINT8: constant("uint8")
    case TW_BOOL: constant("bool")
    case TW_FLOAT16: constant("float16")
    case TW_BFLOAT16: constant("bfloat16")
    case TW_INT8: constant("int8")
    case TW_INT16: constant("int16")
    case TW_UINT16: constant("uint16")
    case TW_UINT32: constant("uint32")
    case TW_UINT64: constant("uint64")
    default: constant("?")
    }
}

// MARK: Generators

@_cdecl("tw_generator_new") @implementation
public func tw_generator_new(_ seed: UInt64, _ generator: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    call { () throws(TalwegError) in try give(Generator(seed: seed), to: generator, "generator") }
}

@_cdecl("tw_generator_free") @implementation
public func tw_generator_free(_ generator: OpaquePointer?) { free(generator, as: Generator.self) }

@_cdecl("tw_generator_state") @implementation
public func tw_generator_state(
    _ generator: OpaquePointer?, _ seed: UnsafeMutablePointer<UInt64>?, _ position: UnsafeMutablePointer<UInt64>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found = try resolveGenerator(generator).state
        seed?.pointee = found.seed
        position?.pointee = found.position
    }
}

@_cdecl("tw_generator_set_state") @implementation
public func tw_generator_set_state(_ generator: OpaquePointer?, _ seed: UInt64, _ position: UInt64) -> tw_status {
    call { () throws(TalwegError) in
        try resolveGenerator(generator).set(seed: seed, position: position)
    }
}

/// The caller's generator, or the process's.
func resolveGenerator(_ generator: OpaquePointer?) throws(TalwegError) -> Generator {
    try resolveIfPresent(generator, "generator") ?? Generator.shared
}

// MARK: Making

@_cdecl("tw_tensor_from_data") @implementation
public func tw_tensor_from_data(
    _ scope: OpaquePointer?, _ data: UnsafeRawPointer?, _ dtype: tw_dtype, _ dims: UnsafePointer<Int64>?, _ rank: Int64
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try Tensor(copying: data, shape(dims, rank, for: "tensor_from_data"), DType(dtype))
    }
}

@_cdecl("tw_tensor_borrow") @implementation
public func tw_tensor_borrow(
    _ scope: OpaquePointer?, _ data: UnsafeMutableRawPointer?, _ dtype: tw_dtype, _ dims: UnsafePointer<Int64>?,
    _ strides: UnsafePointer<Int64>?, _ rank: Int64, _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?,
    _ context: UnsafeMutableRawPointer?
) -> OpaquePointer? {
    nonisolated(unsafe) let context = context
    // On failure the memory stays the caller's.
    let armed = Release { release?(context) }
    let made = produce(scope) { () throws(TalwegError) in
        let shape = try shape(dims, rank, for: "tensor_borrow")
        guard let data else { throw TalwegError(.null, "data is NULL") }
        return try Tensor(
            borrowing: data, shape, strides: strides == nil ? nil : integers(strides, rank, "strides"), DType(dtype),
            release: { armed.call() })
    }
    if made != nil { armed.arm() }
    return made
}

/// What gives the caller's memory back: it does nothing until the caller has the tensor.
final class Release: @unchecked Sendable {
    private let body: @Sendable () -> Void
    private var isArmed = false

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func arm() { isArmed = true }
    func call() { if isArmed { body() } }
}

@_cdecl("tw_scalar") @implementation
public func tw_scalar(_ scope: OpaquePointer?, _ value: Double, _ dtype: tw_dtype) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try .full(.scalar, value, DType(dtype)) }
}

@_cdecl("tw_zeros") @implementation
public func tw_zeros(_ scope: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .zeros(shape(dims, rank, for: "zeros"), DType(dtype)) }
}

@_cdecl("tw_ones") @implementation
public func tw_ones(_ scope: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .ones(shape(dims, rank, for: "ones"), DType(dtype)) }
}

@_cdecl("tw_full") @implementation
public func tw_full(
    _ scope: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64, _ value: Double, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try .full(shape(dims, rank, for: "full"), value, DType(dtype)) }
}

@_cdecl("tw_arange") @implementation
public func tw_arange(_ scope: OpaquePointer?, _ start: Double, _ stop: Double, _ step: Double, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .arange(start, stop, step, DType(dtype)) }
}

@_cdecl("tw_arange_int64") @implementation
public func tw_arange_int64(_ scope: OpaquePointer?, _ start: Int64, _ stop: Int64, _ step: Int64, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .arange(from: start, to: stop, by: step, DType(dtype)) }
}

@_cdecl("tw_linspace") @implementation
public func tw_linspace(_ scope: OpaquePointer?, _ start: Double, _ stop: Double, _ count: Int64, _ dtype: tw_dtype)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .linspace(start, stop, Int(count), DType(dtype)) }
}

@_cdecl("tw_eye") @implementation
public func tw_eye(_ scope: OpaquePointer?, _ rows: Int64, _ columns: Int64, _ dtype: tw_dtype) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try .eye(Int(rows), Int(columns), DType(dtype)) }
}

@_cdecl("tw_random_normal") @implementation
public func tw_random_normal(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64,
    _ mean: Double, _ deviation: Double, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .normal(
            shape(dims, rank, for: "random_normal"), mean: mean, standardDeviation: deviation, DType(dtype),
            resolveGenerator(generator))
    }
}

@_cdecl("tw_random_uniform") @implementation
public func tw_random_uniform(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64,
    _ low: Double, _ high: Double, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .uniform(
            shape(dims, rank, for: "random_uniform"), low: low, high: high, DType(dtype), resolveGenerator(generator))
    }
}

@_cdecl("tw_random_permutation") @implementation
public func tw_random_permutation(_ scope: OpaquePointer?, _ generator: OpaquePointer?, _ count: Int64)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try .permutation(Int(count), resolveGenerator(generator)) }
}

@_cdecl("tw_random_permuted") @implementation
public func tw_random_permuted(_ scope: OpaquePointer?, _ generator: OpaquePointer?, _ x: OpaquePointer?, _ axis: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.permuted(axis: Int(axis), resolveGenerator(generator)) }
}

@_cdecl("tw_random_integers") @implementation
public func tw_random_integers(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64, _ low: Int64,
    _ high: Int64, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .integers(
            shape(dims, rank, for: "random_integers"), low: Int(low), high: Int(high), DType(dtype),
            resolveGenerator(generator))
    }
}

@_cdecl("tw_random_exponential") @implementation
public func tw_random_exponential(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ dims: UnsafePointer<Int64>?, _ rank: Int64,
    _ scale: Double, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .exponential(
            shape(dims, rank, for: "random_exponential"), scale: scale, DType(dtype), resolveGenerator(generator))
    }
}

@_cdecl("tw_random_bernoulli") @implementation
public func tw_random_bernoulli(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ probabilities: OpaquePointer?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .bernoulli(resolve(probabilities, "probabilities"), resolveGenerator(generator))
    }
}

@_cdecl("tw_random_categorical") @implementation
public func tw_random_categorical(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ weights: OpaquePointer?, _ count: Int64,
    _ replacement: Bool
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .categorical(
            resolve(weights, "weights"), count: Int(count), replacement: replacement, resolveGenerator(generator))
    }
}

@_cdecl("tw_random_categorical_logits") @implementation
public func tw_random_categorical_logits(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ logits: OpaquePointer?, _ count: Int64,
    _ replacement: Bool
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .categorical(
            resolve(logits, "logits"), areLogits: true, count: Int(count), replacement: replacement,
            resolveGenerator(generator))
    }
}

@_cdecl("tw_copy") @implementation
public func tw_copy(_ scope: OpaquePointer?, _ tensor: OpaquePointer?) -> OpaquePointer? {
    unary(scope, tensor) { x throws(TalwegError) in try x.copy() }
}

@_cdecl("tw_contiguous") @implementation
public func tw_contiguous(_ scope: OpaquePointer?, _ tensor: OpaquePointer?) -> OpaquePointer? {
    unary(scope, tensor) { x throws(TalwegError) in try x.contiguous() }
}

@_cdecl("tw_cast") @implementation
public func tw_cast(_ scope: OpaquePointer?, _ tensor: OpaquePointer?, _ dtype: tw_dtype) -> OpaquePointer? {
    unary(scope, tensor) { x throws(TalwegError) in try x.cast(to: DType(dtype)) }
}

// MARK: Looking

/// Runs the body of a function that reads a tensor into a result pointer.
private func look<T>(
    _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<T>?, _ what: StaticString,
    _ value: (Tensor) throws(TalwegError) -> T
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, what)
        out.pointee = try value(resolve(tensor, "tensor"))
    }
}

@_cdecl("tw_tensor_dtype") @implementation
public func tw_tensor_dtype(_ tensor: OpaquePointer?, _ dtype: UnsafeMutablePointer<tw_dtype>?) -> tw_status {
    look(tensor, dtype, "dtype") { tw_dtype($0.dtype) }
}

@_cdecl("tw_tensor_rank") @implementation
public func tw_tensor_rank(_ tensor: OpaquePointer?, _ rank: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(tensor, rank, "rank") { Int64($0.rank) }
}

@_cdecl("tw_tensor_count") @implementation
public func tw_tensor_count(_ tensor: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(tensor, count, "count") { Int64($0.count) }
}

@_cdecl("tw_tensor_size") @implementation
public func tw_tensor_size(_ tensor: OpaquePointer?, _ axis: Int64, _ size: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(tensor, size, "size") { x throws(TalwegError) in Int64(try x.shape.size(Int(axis))) }
}

@_cdecl("tw_tensor_shape") @implementation
public func tw_tensor_shape(_ tensor: OpaquePointer?, _ dims: UnsafeMutablePointer<Int64>?, _ capacity: Int64)
    -> tw_status
{
    perAxis(tensor, dims, capacity, "shape") { $0.shape.dims }
}

@_cdecl("tw_tensor_strides") @implementation
public func tw_tensor_strides(_ tensor: OpaquePointer?, _ strides: UnsafeMutablePointer<Int64>?, _ capacity: Int64)
    -> tw_status
{
    perAxis(tensor, strides, capacity, "strides") { $0.strides }
}

private func perAxis(
    _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Int64>?, _ capacity: Int64, _ what: StaticString,
    _ values: (Tensor) -> [Int]
) -> tw_status {
    call { () throws(TalwegError) in
        let values = values(try resolve(tensor, "tensor"))
        if values.isEmpty { return }
        let out = try required(out, what)
        guard capacity >= values.count else {
            throw TalwegError(.invalidArgument, "\(what): room for \(capacity) values, but there are \(values.count)")
        }
        for (axis, value) in values.enumerated() { out[axis] = Int64(value) }
    }
}

@_cdecl("tw_tensor_item") @implementation
public func tw_tensor_item(_ tensor: OpaquePointer?, _ value: UnsafeMutablePointer<Double>?) -> tw_status {
    look(tensor, value, "value") { x throws(TalwegError) in try x.item() }
}

@_cdecl("tw_tensor_item_int64") @implementation
public func tw_tensor_item_int64(_ tensor: OpaquePointer?, _ value: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(tensor, value, "value") { x throws(TalwegError) in try x.itemInt64() }
}

@_cdecl("tw_tensor_item_uint64") @implementation
public func tw_tensor_item_uint64(_ tensor: OpaquePointer?, _ value: UnsafeMutablePointer<UInt64>?) -> tw_status {
    look(tensor, value, "value") { x throws(TalwegError) in try x.itemUInt64() }
}

@_cdecl("tw_tensor_copy_to") @implementation
public func tw_tensor_copy_to(_ tensor: OpaquePointer?, _ data: UnsafeMutableRawPointer?, _ capacity: Int) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try export(x, as: x.dtype, to: data, bytes: capacity)
    }
}

@_cdecl("tw_tensor_to_double") @implementation
public func tw_tensor_to_double(_ tensor: OpaquePointer?, _ data: UnsafeMutablePointer<Double>?, _ capacity: Int64)
    -> tw_status
{
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        guard capacity >= 0 else { throw TalwegError(.invalidArgument, "data: room for \(capacity) values") }
        let bytes = Int(capacity).multipliedReportingOverflow(by: 8)
        try export(x, as: .float64, to: data, bytes: bytes.overflow ? Int.max : bytes.partialValue)
    }
}

/// Writes a tensor's elements, row-major, to the caller's memory.
private func export(_ x: Tensor, as dtype: DType, to data: UnsafeMutableRawPointer?, bytes: Int) throws(TalwegError) {
    if x.count == 0 { return }
    guard let data else { throw TalwegError(.null, "data is NULL") }
    // A capacity that is negative as Int is a size_t beyond all memory.
    guard bytes < 0 || bytes >= x.count * dtype.itemSize else {
        throw TalwegError(
            .invalidArgument, "data: room for \(bytes) bytes, but \(x.shape) \(dtype.name) takes \(x.count * dtype.itemSize)")
    }
    try x.write(as: dtype, to: data)
}

@_cdecl("tw_tensor_data") @implementation
public func tw_tensor_data(_ tensor: OpaquePointer?, _ data: UnsafeMutablePointer<UnsafeRawPointer?>?) -> tw_status {
    look(tensor, data, "data") { $0.data }
}

@_cdecl("tw_tensor_mutable_data") @implementation
public func tw_tensor_mutable_data(_ tensor: OpaquePointer?, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?)
    -> tw_status
{
    look(tensor, data, "data") { $0.mutableData() }
}

@_cdecl("tw_tensor_assign") @implementation
public func tw_tensor_assign(_ tensor: OpaquePointer?, _ source: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let target: Tensor = try resolve(tensor, "tensor")
        try target.assign(resolve(source, "source"))
    }
}

@_cdecl("tw_tensor_to_string") @implementation
public func tw_tensor_to_string(
    _ tensor: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try write(x.text(), text, capacity, needed)
    }
}

@_cdecl("tw_tensor_to_literal") @implementation
public func tw_tensor_to_literal(
    _ tensor: OpaquePointer?, _ prefixLength: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try write(x.literal(prefixLength: Int(prefixLength)), text, capacity, needed)
    }
}
