import CTalweg
import Talweg

// What functions of the caller's have in common.

/// A callback's context, which is destroyed when nothing needs it any more.
final class CallbackContext {
    let pointer: UnsafeMutableRawPointer?
    /// Set once the caller has the module: on failure the context stays the caller's.
    var destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

    init(_ pointer: UnsafeMutableRawPointer?) { self.pointer = pointer }

    deinit { destroy?(pointer) }
}

/// Calls a function of the caller's with a scope of its own, whose first error is the call's; `results` takes what
/// it made before the scope goes.
func callBack<R>(
    _ name: String, _ body: (Scope, OpaquePointer) throws(TalwegError) -> Int32,
    results: () throws(TalwegError) -> R
) throws(TalwegError) -> R {
    let scope = Scope()
    let handle = try Handles.insert(scope)
    defer { free(handle, as: Scope.self) }
    let code = try body(scope, handle)
    guard scope.status == .ok else {
        throw TalwegError(scope.status, scope.message.map { String(cString: $0) } ?? "")
    }
    guard code == 0 else { throw TalwegError(.cancelled, "\(name): the callback returned \(code)") }
    return try results()
}

/// Handles on tensors that a scope owns, nil where there is none.
func handles(_ tensors: [Tensor?], in scope: Scope) throws(TalwegError) -> [OpaquePointer?] {
    var all: [OpaquePointer?] = []
    for tensor in tensors { all.append(try tensor.map { t throws(TalwegError) in try own(t, by: scope) }) }
    return all
}

/// The tensors that a callback wrote, nil where it left NULL.
func written(_ handles: [OpaquePointer?], by name: String) throws(TalwegError) -> [Tensor?] {
    var all: [Tensor?] = []
    for handle in handles {
        guard let handle else {
            all.append(nil)
            continue
        }
        guard let tensor = Handles.object(handle, as: Tensor.self) else {
            throw TalwegError(.invalidHandle, "\(name): what the callback wrote \(Handles.describe(handle))")
        }
        all.append(tensor)
    }
    return all
}

/// Calls a tensor function of the caller's that has room for `count` outputs.
func run(
    _ function: tw_tensor_function, _ context: CallbackContext, _ name: String, _ inputs: [Tensor], outputs count: Int
) throws(TalwegError) -> [Tensor] {
    var outputs = [OpaquePointer?](repeating: nil, count: count)
    return try callBack(name) { scope, handle throws(TalwegError) in
        let given = try handles(inputs, in: scope)
        return function(context.pointer, handle, given, Int64(given.count), &outputs, Int64(count))
    } results: { () throws(TalwegError) in
        let all = try written(outputs, by: name)
        let made = all.prefix { $0 != nil }.compactMap { $0 }
        guard all[made.count...].allSatisfy({ $0 == nil }) else {
            throw TalwegError(.null, "\(name): the callback left output \(made.count) NULL but not one after it")
        }
        return made
    }
}

/// Writes the caller's results, owned by a scope or the caller: all or, on failure, none.
func give(_ tensors: [Tensor], to out: UnsafeMutablePointer<OpaquePointer?>, room: Int, by owner: Scope?)
    throws(TalwegError)
{
    var handles: [OpaquePointer] = []
    do throws(TalwegError) {
        for tensor in tensors.prefix(room) { handles.append(try own(tensor, by: owner)) }
    } catch {
        for handle in handles { _ = Handles.remove(handle, as: Tensor.self) }
        throw error
    }
    for place in 0..<room { out[place] = place < handles.count ? handles[place] : nil }
}

/// How many results a callback may have, from the caller's number.
func outputCount(_ count: Int64, _ name: StaticString) throws(TalwegError) -> Int {
    guard count >= 1, count <= 64 else {
        throw TalwegError(.invalidArgument, "\(name): \(count) outputs; from 1 to 64 are allowed")
    }
    return Int(count)
}
