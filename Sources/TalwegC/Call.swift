import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// What every export is made of: from C's arguments to Swift's and back.

extension tw_status {
    init(_ status: Status) { self.init(rawValue: UInt32(status.rawValue)) }
}

/// Remembers a failure as the thread's last error.
func record(_ error: TalwegError) {
    let state = ThreadState.current
    state.lastStatus = error.status
    free(state.lastMessage)
    state.lastMessage = strdup(error.message)
}

/// Runs the body of a function that returns a status.
func call(_ body: () throws(TalwegError) -> Void) -> tw_status {
    do {
        try body()
        return TW_OK
    } catch {
        record(error)
        return tw_status(error.status)
    }
}

/// Runs the body of a function that makes a tensor, owned by the scope, or by
/// the caller if that is NULL. An input that is NULL because of an earlier error
/// is one more for the thread, but the scope keeps the first.
func produce(_ scope: OpaquePointer?, _ body: () throws(TalwegError) -> Tensor) -> OpaquePointer? {
    var owner: Scope?
    do {
        if let scope { owner = try resolve(scope, "scope") as Scope }
        return try own(body(), by: owner)
    } catch {
        record(error)
        owner?.fail(error)
        return nil
    }
}

/// `produce` for a function that makes more tensors than its result: all of them or none. Those whose place is
/// NULL are not wanted.
func produce(
    _ scope: OpaquePointer?, also places: [UnsafeMutablePointer<OpaquePointer?>?],
    _ body: () throws(TalwegError) -> (Tensor, [Tensor])
) -> OpaquePointer? {
    var made: [OpaquePointer] = []
    let result = produce(scope) { () throws(TalwegError) -> Tensor in
        let owner: Scope? = scope == nil ? nil : try resolve(scope, "scope")
        let (result, others) = try body()
        for (place, other) in zip(places, others) where place != nil { made.append(try own(other, by: owner)) }
        return result
    }
    guard result != nil else {
        // What belongs to a scope goes with it.
        if scope == nil { for handle in made { free(handle, as: Tensor.self) } }
        return nil
    }
    for (place, handle) in zip(places.filter { $0 != nil }, made) { place?.pointee = handle }
    return result
}

/// A handle on a tensor, owned by the scope, or by the caller if that is nil.
func own(_ tensor: consuming Tensor, by scope: Scope?) throws(TalwegError) -> OpaquePointer {
    let handle = try Handles.insert(tensor)
    guard let scope else { return handle }
    do {
        try scope.add(handle)
        return handle
    } catch {
        _ = Handles.remove(handle, as: Tensor.self)
        throw error
    }
}

/// The object of a handle; `what` names the argument in messages.
func resolve<T: HandleObject>(_ handle: OpaquePointer?, _ what: StaticString) throws(TalwegError) -> T {
    guard let handle else { throw TalwegError(.null, "\(what) is NULL") }
    guard let object = Handles.object(handle, as: T.self) else {
        throw TalwegError(
            .invalidHandle, "\(what) \(Handles.describe(handle)); a live \(T.handleKind.name) was expected")
    }
    return object
}

/// The object of a handle, or nil for NULL.
func resolveIfPresent<T: HandleObject>(_ handle: OpaquePointer?, _ what: StaticString) throws(TalwegError) -> T? {
    handle == nil ? nil : try resolve(handle, what) as T
}

/// Makes a handle of an object and writes it to a result pointer.
func give<T: HandleObject>(_ object: T, to out: UnsafeMutablePointer<OpaquePointer?>?, _ what: StaticString)
    throws(TalwegError)
{
    let out = try required(out, what)
    out.pointee = try Handles.insert(object)
}

/// Frees a handle; NULL and handles that are none are left alone.
func free<T: HandleObject>(_ handle: OpaquePointer?, as type: T.Type) {
    guard let handle else { return }
    _ = Handles.remove(handle, as: type)
}

/// A count of the caller's, 0 or more, of a list that may be NULL if it is 0.
func checked<T>(_ count: Int64, _ list: UnsafePointer<T>?, _ what: StaticString, _ caller: StaticString)
    throws(TalwegError) -> Int64
{
    guard count >= 0 else { throw TalwegError(.invalidArgument, "\(caller): the count of \(what) is \(count)") }
    guard count == 0 || list != nil else {
        throw TalwegError(.null, "\(caller): \(what) is NULL, and there are \(count)")
    }
    return count
}

/// The objects of a list of handles.
func list<T: HandleObject>(
    _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ what: StaticString, _ caller: StaticString
) throws(TalwegError) -> [T] {
    var found: [T] = []
    var place = 0
    let count = try checked(count, handles, what, caller)
    while place < count {
        found.append(try resolve(handles?[place], what))
        place += 1
    }
    return found
}

/// A pointer that may not be NULL.
func required<T>(_ pointer: UnsafeMutablePointer<T>?, _ what: StaticString) throws(TalwegError)
    -> UnsafeMutablePointer<T>
{
    guard let pointer else { throw TalwegError(.null, "\(what) is NULL") }
    return pointer
}

/// The caller's sizes, axes or other whole numbers, which may be NULL if there are none.
func integers(_ values: UnsafePointer<Int64>?, _ count: Int64, _ what: StaticString, most: Int = maximumRank)
    throws(TalwegError) -> [Int]
{
    guard count >= 0, count <= most else {
        throw TalwegError(.shape, "\(what): \(count) values; from 0 to \(most) are allowed")
    }
    if count == 0 { return [] }
    guard let values else { throw TalwegError(.null, "\(what) is NULL") }
    return (0..<Int(count)).map { Int(values[$0]) }
}

/// The caller's shape.
func shape(_ dims: UnsafePointer<Int64>?, _ rank: Int64, for caller: String) throws(TalwegError) -> Shape {
    try Shape(integers(dims, rank, "shape"), for: caller)
}

/// The caller's axes; nil, for all, if there is no pointer.
func axes(_ axes: UnsafePointer<Int64>?, _ count: Int64) throws(TalwegError) -> [Int]? {
    axes == nil ? nil : try integers(axes, count, "axes")
}

extension DType {
    init(_ dtype: tw_dtype) throws(TalwegError) {
        // As C programs write it: an enum's -1 arrives unsigned.
        let value = Int32(bitPattern: dtype.rawValue)
        guard let found = DType(rawValue: value) else {
            throw TalwegError(.dtype, "dtype: \(value) is no element type")
        }
        self = found
    }
}

extension tw_dtype {
    init(_ dtype: DType) { self.init(rawValue: UInt32(dtype.rawValue)) }
}

/// A copy of the caller's options. What an older caller's shorter struct lacks
/// has its default; what a newer caller's longer one has beyond ours must be 0,
/// since this version would not heed it.
/// - Parameter minimum: the size of the struct when it first appeared.
func options<T: BitwiseCopyable>(_ pointer: UnsafePointer<T>?, default value: T, minimum: Int)
    throws(TalwegError) -> T
{
    guard let pointer else { return value }
    let source = UnsafeRawPointer(pointer)
    let size = source.loadUnaligned(as: Int.self)
    guard size >= minimum, size <= 4096 else {
        throw TalwegError(
            .invalidArgument,
            "options: struct_size is \(size), this struct has \(MemoryLayout<T>.size) bytes; start from its _INIT")
    }
    let known = MemoryLayout<T>.size
    for offset in stride(from: known, to: size, by: 1) where source.load(fromByteOffset: offset, as: UInt8.self) != 0 {
        throw TalwegError(
            .unsupported,
            "options: byte \(offset) is set, but this version knows \(known) bytes: the program needs a newer library")
    }
    var copy = value
    withUnsafeMutableBytes(of: &copy) { bytes in
        bytes.baseAddress?.copyMemory(from: source, byteCount: min(size, known))
    }
    return copy
}

/// Writes results to a struct of the caller's, whose first word is its size: as many
/// as an older caller's shorter one takes; what a newer caller's longer one has beyond
/// ours becomes 0.
/// - Parameter minimum: the size of the struct when it first appeared.
func giveStruct<T: BitwiseCopyable>(_ value: T, to out: UnsafeMutablePointer<T>, minimum: Int) throws(TalwegError) {
    let target = UnsafeMutableRawPointer(out)
    let size = target.loadUnaligned(as: Int.self)
    let known = MemoryLayout<T>.size
    guard size >= minimum, size <= 4096 else {
        throw TalwegError(
            .invalidArgument, "struct_size is \(size), this struct has \(known) bytes; start from its _INIT")
    }
    withUnsafeBytes(of: value) { bytes in
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: min(size, known)) }
    }
    if size > known { (target + known).initializeMemory(as: UInt8.self, repeating: 0, count: size - known) }
}

/// A string of the caller's; `what` names the argument.
func string(_ pointer: UnsafePointer<CChar>?, _ what: StaticString) throws(TalwegError) -> String {
    guard let pointer else { throw TalwegError(.null, "\(what) is NULL") }
    guard let text = String(validatingCString: pointer) else {
        throw TalwegError(.invalidArgument, "\(what) is not UTF-8")
    }
    return text
}

/// Writes a text to the caller's buffer, cut at a character where it does not
/// fit, and how many bytes the whole takes.
func write(
    _ text: String, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>?
) throws(TalwegError) {
    guard buffer != nil || capacity == 0 else { throw TalwegError(.null, "text is NULL and capacity is \(capacity)") }
    guard capacity >= 0 else { throw TalwegError(.invalidArgument, "capacity is more than memory has") }
    let utf8 = text.utf8
    needed?.pointee = utf8.count + 1
    guard let buffer, capacity > 0 else { return }
    var length = 0
    for character in text.unicodeScalars {
        let bytes = UTF8.width(character)
        if length + bytes > capacity - 1 { break }
        length += bytes
    }
    for (place, byte) in utf8.prefix(length).enumerated() { buffer[place] = CChar(bitPattern: byte) }
    buffer[length] = 0
}
