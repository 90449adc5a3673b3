import CTalweg
import Talweg

/// What belongs to a checkpoint beside the module.
private struct Parts {
    let optimizer: Optimizer?
    let schedule: Schedule?
    var generators: [Generator] = []

    init(_ given: UnsafePointer<tw_checkpoint_options>?) throws(TalwegError) {
        let size = MemoryLayout<tw_checkpoint_options>.size
        let options = try options(
            given,
            default: tw_checkpoint_options(
                struct_size: size, optimizer: nil, schedule: nil, generators: nil, generator_count: 0),
            minimum: size)
        optimizer = try resolveIfPresent(options.optimizer, "optimizer")
        schedule = try resolveIfPresent(options.schedule, "schedule")
        generators = try list(options.generators, options.generator_count, "generators", "checkpoint")
    }
}

@_cdecl("tw_checkpoint_save") @implementation
public func tw_checkpoint_save(
    _ path: UnsafePointer<CChar>?, _ module: OpaquePointer?, _ given: UnsafePointer<tw_checkpoint_options>?,
    _ numbers: UnsafePointer<Double>?, _ count: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let parts = try Parts(given)
        let count = try Int(checked(count, numbers, "numbers", "checkpoint"))
        try saveCheckpoint(
            to: string(path, "path"), resolve(module, "module"), parts.optimizer, parts.schedule,
            generators: parts.generators, numbers: Array(UnsafeBufferPointer(start: numbers, count: count)))
    }
}

@_cdecl("tw_checkpoint_load") @implementation
public func tw_checkpoint_load(
    _ path: UnsafePointer<CChar>?, _ module: OpaquePointer?, _ given: UnsafePointer<tw_checkpoint_options>?,
    _ numbers: UnsafeMutablePointer<Double>?, _ capacity: Int64, _ count: UnsafeMutablePointer<Int64>?
) -> tw_status {
    call { () throws(TalwegError) in
        let parts = try Parts(given)
        let room = try Int(checked(capacity, UnsafePointer(numbers), "numbers", "checkpoint"))
        let found = try loadCheckpoint(
            from: string(path, "path"), resolve(module, "module"), parts.optimizer, parts.schedule,
            generators: parts.generators)
        for (place, number) in found.prefix(room).enumerated() { numbers?[place] = number }
        count?.pointee = Int64(found.count)
    }
}

@_cdecl("tw_checkpoint_newest") @implementation
public func tw_checkpoint_newest(
    _ folder: UnsafePointer<CChar>?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        try write(newestCheckpoint(in: string(folder, "folder")) ?? "", text, capacity, needed)
    }
}
