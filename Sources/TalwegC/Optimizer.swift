import CTalweg
import Talweg

extension Optimizer: HandleObject { static var handleKind: HandleKind { .optimizer } }

/// Runs the body of a function that uses an optimizer.
private func use(_ optimizer: OpaquePointer?, _ body: (Optimizer) throws(TalwegError) -> Void) -> tw_status {
    call { () throws(TalwegError) in try body(resolve(optimizer, "optimizer")) }
}

@_cdecl("tw_optimizer_free") @implementation
public func tw_optimizer_free(_ optimizer: OpaquePointer?) { free(optimizer, as: Optimizer.self) }

@_cdecl("tw_optimizer_add") @implementation
public func tw_optimizer_add(_ optimizer: OpaquePointer?, _ parameter: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let found: Tensor = try resolve(parameter, "parameter")
        try optimizer.add(found)
    }
}

@_cdecl("tw_optimizer_add_module") @implementation
public func tw_optimizer_add_module(_ optimizer: OpaquePointer?, _ module: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try optimizer.add(found)
    }
}

@_cdecl("tw_optimizer_zero_grad") @implementation
public func tw_optimizer_zero_grad(_ optimizer: OpaquePointer?) -> tw_status {
    use(optimizer) { $0.zeroGrad() }
}

@_cdecl("tw_optimizer_step") @implementation
public func tw_optimizer_step(_ optimizer: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.step() }
}

@_cdecl("tw_optimizer_learning_rate") @implementation
public func tw_optimizer_learning_rate(_ optimizer: OpaquePointer?, _ rate: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    use(optimizer) { optimizer throws(TalwegError) in
        try required(rate, "learning_rate").pointee = optimizer.learningRate
    }
}

@_cdecl("tw_optimizer_set_learning_rate") @implementation
public func tw_optimizer_set_learning_rate(_ optimizer: OpaquePointer?, _ rate: Double) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.setLearningRate(rate) }
}

@_cdecl("tw_optimizer_accumulate") @implementation
public func tw_optimizer_accumulate(_ optimizer: OpaquePointer?, _ calls: Int64) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.accumulate(Int(calls)) }
}

@_cdecl("tw_optimizer_reset") @implementation
public func tw_optimizer_reset(_ optimizer: OpaquePointer?) -> tw_status { use(optimizer) { $0.reset() } }

// MARK: Groups

@_cdecl("tw_optimizer_add_group") @implementation
public func tw_optimizer_add_group(
    _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int64,
    _ given: UnsafePointer<tw_group_options>?
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let size = MemoryLayout<tw_group_options>.size
        let given = try options(
            given, default: tw_group_options(struct_size: size, options: nil, values: nil, count: 0), minimum: size)
        guard given.count >= 0, given.count <= 1 << 16 else {
            throw TalwegError(.invalidArgument, "add_group: \(given.count) options")
        }
        var options = optimizer.defaults
        for place in 0..<Int(given.count) {
            guard let numbers = given.options, let values = given.values else {
                throw TalwegError(.null, "add_group: options or values is NULL")
            }
            options[try option(numbers[place], of: optimizer)] = values[place]
        }
        try optimizer.addGroup(tensors(parameters, count, "add_group"), options)
    }
}

/// An option that the optimizer has.
private func option(_ number: tw_optimizer_option, of optimizer: Optimizer) throws(TalwegError) -> OptimizerOption {
    let number = Int32(bitPattern: number.rawValue)
    guard let option = OptimizerOption(rawValue: number) else {
        throw TalwegError(.invalidArgument, "optimizer: \(number) is no tw_optimizer_option")
    }
    guard optimizer.defaults.has(option) else {
        throw TalwegError(.invalidArgument, "optimizer: \(optimizer.name) has no option \(option.name)")
    }
    return option
}

/// The caller's parameters.
private func tensors(_ given: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ caller: StaticString)
    throws(TalwegError) -> [Tensor]
{
    guard count >= 0 else { throw TalwegError(.invalidArgument, "\(caller): \(count) parameters") }
    var found: [Tensor] = []
    if count > 0 {
        guard let given else { throw TalwegError(.null, "parameters is NULL") }
        for place in 0..<Int(count) { found.append(try resolve(given[place], "parameters")) }
    }
    return found
}

@_cdecl("tw_optimizer_groups") @implementation
public func tw_optimizer_groups(_ optimizer: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        try required(count, "count").pointee = Int64(optimizer.groupCount)
    }
}

@_cdecl("tw_optimizer_option_value") @implementation
public func tw_optimizer_option_value(
    _ optimizer: OpaquePointer?, _ group: Int64, _ number: tw_optimizer_option,
    _ value: UnsafeMutablePointer<Double>?
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let value = try required(value, "value")
        let option = try option(number, of: optimizer)
        value.pointee = try optimizer.options(group: Int(group))[option]
    }
}

@_cdecl("tw_optimizer_set_option") @implementation
public func tw_optimizer_set_option(
    _ optimizer: OpaquePointer?, _ group: Int64, _ number: tw_optimizer_option, _ value: Double
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let option = try option(number, of: optimizer)
        try optimizer.setOption(option, value, group: group == -1 ? nil : Int(group))
    }
}

// MARK: State

@_cdecl("tw_optimizer_save") @implementation
public func tw_optimizer_save(_ optimizer: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.save(to: string(path, "path")) }
}

@_cdecl("tw_optimizer_load") @implementation
public func tw_optimizer_load(_ optimizer: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.load(from: string(path, "path")) }
}

@_cdecl("tw_optimizer_state_names") @implementation
public func tw_optimizer_state_names(
    _ optimizer: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        try writeNames(optimizer.state(copying: false), text, capacity, needed)
    }
}

@_cdecl("tw_optimizer_state") @implementation
public func tw_optimizer_state(
    _ scope: OpaquePointer?, _ optimizer: OpaquePointer?, _ tensors: UnsafeMutablePointer<OpaquePointer?>?,
    _ capacity: Int64, _ count: UnsafeMutablePointer<Int64>?
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        try giveState(optimizer.state(copying: false), scope, tensors, capacity, count)
    }
}

@_cdecl("tw_optimizer_set_state") @implementation
public func tw_optimizer_set_state(
    _ optimizer: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
    _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.load(takeState(names, tensors, count)) }
}

// MARK: Clipping

@_cdecl("tw_clip_grad_norm") @implementation
public func tw_clip_grad_norm(
    _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ max_norm: Double,
    _ norm: UnsafeMutablePointer<Double>?
) -> tw_status {
    call { () throws(TalwegError) in
        let before = try clipGradientNorm(tensors(parameters, count, "clip_grad_norm"), to: max_norm)
        norm?.pointee = before
    }
}

@_cdecl("tw_clip_grad_value") @implementation
public func tw_clip_grad_value(_ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ max_value: Double)
    -> tw_status
{
    call { () throws(TalwegError) in
        try clipGradientValue(tensors(parameters, count, "clip_grad_value"), to: max_value)
    }
}
