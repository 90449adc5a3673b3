import CTalweg
import Talweg

extension AveragedWeights: HandleObject { static var handleKind: HandleKind { .averagedWeights } }

private func use(_ average: OpaquePointer?, _ body: (AveragedWeights) throws(TalwegError) -> Void) -> tw_status {
    call { () throws(TalwegError) in try body(resolve(average, "average")) }
}

@_cdecl("tw_ema_new") @implementation
public func tw_ema_new(
    _ module: OpaquePointer?, _ given: UnsafePointer<tw_ema_options>?,
    _ average: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(average, "average")
        let size = MemoryLayout<tw_ema_options>.size
        let options = try options(
            given,
            default: tw_ema_options(struct_size: size, decay: 0.999, bias_correction: false, average_buffers: false),
            minimum: MemoryLayout<tw_ema_options>.offset(of: \.average_buffers) ?? size)
        let made = try AveragedWeights(
            resolve(module, "module"), .exponential(decay: options.decay, corrected: options.bias_correction),
            averagesBuffers: options.average_buffers)
        try give(made, to: average, "average")
    }
}

@_cdecl("tw_swa_new") @implementation
public func tw_swa_new(
    _ module: OpaquePointer?, _ averageBuffers: Bool, _ average: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(average, "average")
        let made = try AveragedWeights(resolve(module, "module"), .equal, averagesBuffers: averageBuffers)
        try give(made, to: average, "average")
    }
}

@_cdecl("tw_average_free") @implementation
public func tw_average_free(_ average: OpaquePointer?) { free(average, as: AveragedWeights.self) }

@_cdecl("tw_average_update") @implementation
public func tw_average_update(_ average: OpaquePointer?) -> tw_status {
    use(average) { average throws(TalwegError) in try average.update() }
}

@_cdecl("tw_average_updates") @implementation
public func tw_average_updates(_ average: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    use(average) { average throws(TalwegError) in try required(count, "count").pointee = Int64(average.updates) }
}

@_cdecl("tw_average_apply") @implementation
public func tw_average_apply(_ average: OpaquePointer?) -> tw_status {
    use(average) { average throws(TalwegError) in try average.apply() }
}

@_cdecl("tw_average_restore") @implementation
public func tw_average_restore(_ average: OpaquePointer?) -> tw_status {
    use(average) { average throws(TalwegError) in try average.restore() }
}

@_cdecl("tw_average_copy_to") @implementation
public func tw_average_copy_to(_ average: OpaquePointer?, _ module: OpaquePointer?) -> tw_status {
    use(average) { average throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try average.copy(to: found)
    }
}

@_cdecl("tw_average_tensor") @implementation
public func tw_average_tensor(_ scope: OpaquePointer?, _ average: OpaquePointer?, _ path: UnsafePointer<CChar>?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        let found: AveragedWeights = try resolve(average, "average")
        return try found.average(at: string(path, "path"))
    }
}

@_cdecl("tw_average_save") @implementation
public func tw_average_save(_ average: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(average) { average throws(TalwegError) in try average.save(to: string(path, "path")) }
}

@_cdecl("tw_average_load") @implementation
public func tw_average_load(_ average: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(average) { average throws(TalwegError) in try average.load(from: string(path, "path")) }
}

@_cdecl("tw_average_state_names") @implementation
public func tw_average_state_names(
    _ average: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    use(average) { average throws(TalwegError) in try writeNames(average.state(), text, capacity, needed) }
}

@_cdecl("tw_average_state") @implementation
public func tw_average_state(
    _ scope: OpaquePointer?, _ average: OpaquePointer?, _ tensors: UnsafeMutablePointer<OpaquePointer?>?,
    _ capacity: Int64, _ count: UnsafeMutablePointer<Int64>?
) -> tw_status {
    use(average) { average throws(TalwegError) in
        try giveState(average.state(), scope, tensors, capacity, count)
    }
}

@_cdecl("tw_average_set_state") @implementation
public func tw_average_set_state(
    _ average: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
    _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    use(average) { average throws(TalwegError) in try average.load(takeState(names, tensors, count)) }
}
