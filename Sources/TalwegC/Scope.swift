import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An owner of tensors with a sticky first error.
final class Scope: HandleObject {
    static var handleKind: HandleKind { .scope }

    private var tensors: UnsafeMutablePointer<OpaquePointer>?
    private var count = 0
    private var capacity = 0
    private(set) var status = Status.ok
    private(set) var message: UnsafeMutablePointer<CChar>?

    deinit {
        clear()
        free(tensors)
        free(message)
    }

    /// Owns one more.
    func add(_ handle: OpaquePointer) throws(TalwegError) {
        if count == capacity {
            let wanted = max(16, capacity * 2)
            guard let grown = realloc(tensors, wanted * MemoryLayout<OpaquePointer>.stride) else {
                throw TalwegError(.outOfMemory, "out of memory: the scope cannot grow beyond \(count) tensors")
            }
            tensors = grown.assumingMemoryBound(to: OpaquePointer.self)
            capacity = wanted
        }
        tensors?[count] = handle
        count += 1
    }

    func clear() {
        // Last made first released: results before what they were made of. The list
        // may move meanwhile: a borrowed memory's release may make tensors in this scope.
        while count > 0, let tensors {
            count -= 1
            _ = Handles.remove(tensors[count], as: Tensor.self, unlessKept: true)
        }
    }

    /// Keeps the first error.
    func fail(_ error: TalwegError) {
        guard status == .ok else { return }
        status = error.status
        message = strdup(error.message)
    }

    func forgetError() {
        status = .ok
        free(message)
        message = nil
    }
}

@_cdecl("tw_scope_new") @implementation
public func tw_scope_new() -> OpaquePointer? {
    do {
        return try Handles.insert(Scope())
    } catch {
        record(error)
        return nil
    }
}

@_cdecl("tw_scope_free") @implementation
public func tw_scope_free(_ scope: OpaquePointer?) { free(scope, as: Scope.self) }

@_cdecl("tw_scope_clear") @implementation
public func tw_scope_clear(_ scope: OpaquePointer?) {
    guard let scope else { return }
    Handles.object(scope, as: Scope.self)?.clear()
}

@_cdecl("tw_scope_reset") @implementation
public func tw_scope_reset(_ scope: OpaquePointer?) {
    guard let scope, let found = Handles.object(scope, as: Scope.self) else { return }
    found.clear()
    found.forgetError()
}

@_cdecl("tw_scope_status") @implementation
public func tw_scope_status(_ scope: OpaquePointer?) -> tw_status {
    guard let scope else { return TW_ERROR_NULL }
    guard let found = Handles.object(scope, as: Scope.self) else { return TW_ERROR_INVALID_HANDLE }
    return tw_status(found.status)
}

@_cdecl("tw_scope_message") @implementation
public func tw_scope_message(_ scope: OpaquePointer?) -> UnsafePointer<CChar>? {
    guard let scope, let found = Handles.object(scope, as: Scope.self) else {
        return constant("scope is NULL or was freed before")
    }
    return found.message.map { UnsafePointer($0) } ?? constant("")
}

@_cdecl("tw_keep") @implementation
public func tw_keep(_ tensor: OpaquePointer?) -> OpaquePointer? {
    do {
        let _: Tensor = try resolve(tensor, "tensor")
        if let tensor { Handles.keep(tensor, as: Tensor.self) }
        return tensor
    } catch {
        record(error)
        return nil
    }
}

@_cdecl("tw_release") @implementation
public func tw_release(_ tensor: OpaquePointer?) { free(tensor, as: Tensor.self) }
