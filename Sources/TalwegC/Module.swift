import CTalweg
import Talweg

extension Module: HandleObject { static var handleKind: HandleKind { .module } }

// MARK: Layers

/// Runs the body of a function that makes a module.
private func make(
    _ out: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(TalwegError) -> Module
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(out, "module")
        try give(body(), to: out, "module")
    }
}

@_cdecl("tw_linear_new") @implementation
public func tw_linear_new(
    _ inputs: Int64, _ outputs: Int64, _ given: UnsafePointer<tw_linear_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(module) { () throws(TalwegError) in
        let options = try linearOptions(given)
        return try Linear(
            Int(inputs), Int(outputs), bias: options.bias, dtype: DType(options.dtype),
            initializer: Initializer(options),
            generator: resolveGenerator(options.generator))
    }
}

@_cdecl("tw_relu_new") @implementation
public func tw_relu_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status { make(module) { ReLU() } }

@_cdecl("tw_tanh_new") @implementation
public func tw_tanh_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status { make(module) { Tanh() } }

@_cdecl("tw_sigmoid_new") @implementation
public func tw_sigmoid_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    make(module) { Sigmoid() }
}

@_cdecl("tw_gelu_new") @implementation
public func tw_gelu_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status { make(module) { GELU() } }

@_cdecl("tw_softmax_new") @implementation
public func tw_softmax_new(_ axis: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    make(module) { Softmax(axis: Int(axis)) }
}

@_cdecl("tw_dropout_new") @implementation
public func tw_dropout_new(_ p: Double, _ seed: UInt64, _ module: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(module) { () throws(TalwegError) in try Dropout(p, seed: seed) }
}

@_cdecl("tw_sequential_new") @implementation
public func tw_sequential_new(
    _ modules: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(module) { () throws(TalwegError) in
        guard count >= 0 else { throw TalwegError(.invalidArgument, "sequential: count is \(count)") }
        let sequential = try Sequential([])
        var place = 0
        while place < count {
            guard let modules else { throw TalwegError(.null, "modules is NULL") }
            try sequential.append(resolve(modules[place], "module"))
            place += 1
        }
        return sequential
    }
}

@_cdecl("tw_sequential_append") @implementation
public func tw_sequential_append(_ sequential: OpaquePointer?, _ child: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let module: Module = try resolve(sequential, "sequential")
        guard let found = module as? Sequential else {
            throw TalwegError(.state, "sequential_append: the module is a \(module.typeName), not a sequential")
        }
        try found.append(resolve(child, "child"))
    }
}

// MARK: Modules of the caller's

@_cdecl("tw_callback_module_new") @implementation
public func tw_callback_module_new(
    _ forward: tw_forward_callback?, _ context: UnsafeMutableRawPointer?,
    _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    let held = CallbackContext(context)
    let status = make(module) { () throws(TalwegError) in
        guard let forward else { throw TalwegError(.null, "forward is NULL") }
        return CallbackModule { x throws(TalwegError) in try run(forward, held, x) }
    }
    if status == TW_OK { held.destroy = destroy }
    return status
}

/// Calls the caller's forward pass.
private func run(_ forward: tw_forward_callback, _ context: CallbackContext, _ x: Tensor)
    throws(TalwegError) -> Tensor
{
    var output: OpaquePointer?
    return try callBack("forward") { scope, handle throws(TalwegError) in
        forward(context.pointer, handle, try own(x, by: scope), &output)
    } results: { () throws(TalwegError) in
        try resolve(output, "the output of the forward callback")
    }
}

@_cdecl("tw_module_set_parameter") @implementation
public func tw_module_set_parameter(
    _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ parameter: OpaquePointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.setParameter(string(name, "name"), resolve(parameter, "parameter"))
    }
}

@_cdecl("tw_module_set_child") @implementation
public func tw_module_set_child(_ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ child: OpaquePointer?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.setChild(string(name, "name"), resolve(child, "child"))
    }
}

@_cdecl("tw_module_set_buffer") @implementation
public func tw_module_set_buffer(
    _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ buffer: OpaquePointer?, _ persistent: Bool
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.setBuffer(string(name, "name"), resolve(buffer, "buffer"), persistent: persistent)
    }
}

@_cdecl("tw_module_remove") @implementation
public func tw_module_remove(_ module: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.remove(string(name, "name"))
    }
}

@_cdecl("tw_module_free") @implementation
public func tw_module_free(_ module: OpaquePointer?) { free(module, as: Module.self) }

// MARK: Use

@_cdecl("tw_module_forward") @implementation
public func tw_module_forward(_ scope: OpaquePointer?, _ module: OpaquePointer?, _ x: OpaquePointer?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        return try found(resolve(x, "x"))
    }
}

@_cdecl("tw_module_call") @implementation
public func tw_module_call(
    _ scope: OpaquePointer?, _ module: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int64,
    _ outputs: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    callInScope(scope) { owner throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        let room = try outputCount(count, "module_call")
        let out = try required(outputs, "outputs")
        try give(found(optionalTensors(inputs, inputCount)), to: out, room: room, by: owner)
    }
}

/// The caller's tensors, nil for NULL.
private func optionalTensors(_ handles: UnsafePointer<OpaquePointer?>?, _ count: Int64)
    throws(TalwegError) -> [Tensor?]
{
    guard count >= 0 else { throw TalwegError(.invalidArgument, "module_call: \(count) inputs") }
    var found: [Tensor?] = []
    var place = 0
    while place < count {
        guard let handles else { throw TalwegError(.null, "inputs is NULL") }
        found.append(try resolveIfPresent(handles[place], "inputs"))
        place += 1
    }
    return found
}

@_cdecl("tw_module_set_training") @implementation
public func tw_module_set_training(_ module: OpaquePointer?, _ training: Bool) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        found.setTraining(training)
    }
}

/// Runs the body of a function that reads a module into a result pointer.
func look<T>(
    _ module: OpaquePointer?, _ out: UnsafeMutablePointer<T>?, _ what: StaticString, _ value: (Module) -> T
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, what)
        out.pointee = value(try resolve(module, "module"))
    }
}

@_cdecl("tw_module_is_training") @implementation
public func tw_module_is_training(_ module: OpaquePointer?, _ training: UnsafeMutablePointer<Bool>?) -> tw_status {
    look(module, training, "training") { $0.isTraining }
}

@_cdecl("tw_module_parameter_count") @implementation
public func tw_module_parameter_count(_ module: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(module, count, "count") { Int64($0.namedParameters.count) }
}

@_cdecl("tw_module_trainable_size") @implementation
public func tw_module_trainable_size(_ module: OpaquePointer?, _ size: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(module, size, "size") { Int64($0.trainableSize) }
}

@_cdecl("tw_module_parameter_size") @implementation
public func tw_module_parameter_size(_ module: OpaquePointer?, _ size: UnsafeMutablePointer<Int64>?) -> tw_status {
    look(module, size, "size") { Int64($0.parameterSize) }
}

@_cdecl("tw_module_zero_grad") @implementation
public func tw_module_zero_grad(_ module: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        found.zeroGrad()
    }
}

@_cdecl("tw_module_to_string") @implementation
public func tw_module_to_string(
    _ module: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try write(found.summary, text, capacity, needed)
    }
}

@_cdecl("tw_module_save") @implementation
public func tw_module_save(_ module: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.save(to: string(path, "path"))
    }
}

@_cdecl("tw_module_load") @implementation
public func tw_module_load(_ module: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try found.load(from: string(path, "path"))
    }
}
