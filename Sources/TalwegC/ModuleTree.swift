import CTalweg
import Talweg

// What a module holds, by path or by number.

/// Number `index` of what a module holds.
private func item<T>(_ all: [T], _ index: Int64, _ kind: String) throws(TalwegError) -> T {
    guard index >= 0, index < all.count else {
        throw TalwegError(.index, "\(kind): index \(index) is out of range; there are \(all.count)")
    }
    return all[Int(index)]
}

private func parameter(_ module: OpaquePointer?, _ index: Int64) throws(TalwegError) -> (path: String, tensor: Tensor) {
    let found: Module = try resolve(module, "module")
    return try item(found.namedParameters, index, "parameter")
}

private func buffer(_ module: OpaquePointer?, _ index: Int64) throws(TalwegError) -> (path: String, tensor: Tensor) {
    let found: Module = try resolve(module, "module")
    return try item(found.namedBuffers, index, "buffer")
}

@_cdecl("tw_module_parameter") @implementation
public func tw_module_parameter(_ scope: OpaquePointer?, _ module: OpaquePointer?, _ index: Int64)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in try parameter(module, index).tensor }
}

@_cdecl("tw_module_parameter_named") @implementation
public func tw_module_parameter_named(
    _ scope: OpaquePointer?, _ module: OpaquePointer?, _ path: UnsafePointer<CChar>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        return try found.parameter(at: string(path, "path"))
    }
}

@_cdecl("tw_module_parameter_name") @implementation
public func tw_module_parameter_name(
    _ module: OpaquePointer?, _ index: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in try write(parameter(module, index).path, text, capacity, needed) }
}

@_cdecl("tw_module_buffer_count") @implementation
public func tw_module_buffer_count(_ module: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(module, count, "count") { Int64($0.namedBuffers.count) }
}

@_cdecl("tw_module_buffer") @implementation
public func tw_module_buffer(_ scope: OpaquePointer?, _ module: OpaquePointer?, _ index: Int64) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try buffer(module, index).tensor }
}

@_cdecl("tw_module_buffer_named") @implementation
public func tw_module_buffer_named(
    _ scope: OpaquePointer?, _ module: OpaquePointer?, _ path: UnsafePointer<CChar>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        return try found.buffer(at: string(path, "path"))
    }
}

@_cdecl("tw_module_buffer_name") @implementation
public func tw_module_buffer_name(
    _ module: OpaquePointer?, _ index: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in try write(buffer(module, index).path, text, capacity, needed) }
}

@_cdecl("tw_module_child_count") @implementation
public func tw_module_child_count(_ module: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(module, count, "count") { Int64($0.children.count) }
}

@_cdecl("tw_module_child_name") @implementation
public func tw_module_child_name(
    _ module: OpaquePointer?, _ index: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try write(item(found.children, index, "child").name, text, capacity, needed)
    }
}

@_cdecl("tw_module_at") @implementation
public func tw_module_at(
    _ module: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ found: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        let root: Module = try resolve(module, "module")
        try give(root.module(at: string(path, "path")), to: found, "found")
    }
}

@_cdecl("tw_module_type_name") @implementation
public func tw_module_type_name(
    _ module: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try write(found.typeName, text, capacity, needed)
    }
}

@_cdecl("tw_module_apply") @implementation
public func tw_module_apply(
    _ module: OpaquePointer?, _ visit: tw_module_visit?, _ context: UnsafeMutableRawPointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let root: Module = try resolve(module, "module")
        guard let visit else { throw TalwegError(.null, "visit is NULL") }
        try root.apply { path, module throws(TalwegError) in
            let handle = try Handles.insert(module)
            let code = path.withCString { visit(context, $0, handle) }
            free(handle, as: Module.self)
            guard code == 0 else { throw TalwegError(.cancelled, "module_apply: the callback returned \(code)") }
        }
    }
}

@_cdecl("tw_module_freeze") @implementation
public func tw_module_freeze(
    _ module: OpaquePointer?, _ pattern: UnsafePointer<CChar>?, _ frozen: Bool, _ count: UnsafeMutablePointer<Int64>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        let matches = try found.freeze(string(pattern, "pattern"), frozen)
        count?.pointee = Int64(matches)
    }
}
