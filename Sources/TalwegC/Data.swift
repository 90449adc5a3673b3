import CTalweg
import Talweg

extension Loader: HandleObject { static var handleKind: HandleKind { .loader } }

@_cdecl("tw_loader_new") @implementation
public func tw_loader_new(
    _ inputs: OpaquePointer?, _ targets: OpaquePointer?, _ given: UnsafePointer<tw_loader_options>?,
    _ loader: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(loader, "loader")
        let size = MemoryLayout<tw_loader_options>.size
        let options = try options(
            given,
            default: tw_loader_options(
                struct_size: size, batch_size: 32, shuffle: false, drop_last: false, seed: 0),
            minimum: size)
        let made = try Loader(
            resolve(inputs, "inputs"), resolveIfPresent(targets, "targets"), batchSize: Int(options.batch_size),
            shuffle: options.shuffle, dropLast: options.drop_last, seed: options.seed)
        try give(made, to: loader, "loader")
    }
}

@_cdecl("tw_loader_free") @implementation
public func tw_loader_free(_ loader: OpaquePointer?) { free(loader, as: Loader.self) }

@_cdecl("tw_loader_batches") @implementation
public func tw_loader_batches(_ loader: OpaquePointer?, _ batches: UnsafeMutablePointer<Int64>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: Loader = try resolve(loader, "loader")
        try required(batches, "batches").pointee = Int64(found.batches)
    }
}

@_cdecl("tw_loader_next") @implementation
public func tw_loader_next(
    _ scope: OpaquePointer?, _ loader: OpaquePointer?, _ x: UnsafeMutablePointer<OpaquePointer?>?,
    _ y: UnsafeMutablePointer<OpaquePointer?>?, _ more: UnsafeMutablePointer<Bool>?
) -> tw_status {
    x?.pointee = nil
    y?.pointee = nil
    more?.pointee = false
    return callInScope(scope) { owner throws(TalwegError) in
        let found: Loader = try resolve(loader, "loader")
        let (x, more) = (try required(x, "x"), try required(more, "more"))
        if found.hasTargets { _ = try required(y, "y") }
        guard let batch = try found.next() else { return }
        let first = try own(batch.x, by: owner)
        if let target = batch.y, let y {
            do throws(TalwegError) {
                y.pointee = try own(target, by: owner)
            } catch {
                free(first, as: Tensor.self)
                throw error
            }
        }
        x.pointee = first
        more.pointee = true
    }
}

@_cdecl("tw_loader_set_epoch") @implementation
public func tw_loader_set_epoch(_ loader: OpaquePointer?, _ epoch: Int64) -> tw_status {
    call { () throws(TalwegError) in
        let found: Loader = try resolve(loader, "loader")
        try found.setEpoch(Int(epoch))
    }
}
