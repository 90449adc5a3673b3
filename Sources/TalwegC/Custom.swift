import CTalweg
import Talweg

@_cdecl("tw_custom_apply") @implementation
public func tw_custom_apply(
    _ scope: OpaquePointer?, _ operation: UnsafePointer<tw_custom_operation>?,
    _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int64, _ outputs: UnsafeMutablePointer<OpaquePointer?>?,
    _ count: Int64
) -> tw_status {
    var held: CallbackContext?
    let status = callInScope(scope) { owner throws(TalwegError) in
        guard let operation else { throw TalwegError(.null, "operation is NULL") }
        let given = try options(
            operation,
            default: tw_custom_operation(
                struct_size: MemoryLayout<tw_custom_operation>.size, name: nil, forward: nil, backward: nil,
                tangent: nil, context: nil, destroy: nil),
            minimum: MemoryLayout<tw_custom_operation>.size)
        guard let forward = given.forward else { throw TalwegError(.null, "forward is NULL") }
        guard let backward = given.backward else { throw TalwegError(.null, "backward is NULL") }
        let name = try string(given.name, "name")
        let room = try outputCount(count, "custom_apply")
        let out = try required(outputs, "outputs")
        let tensors = try tensors(inputs, inputCount)
        let context = CallbackContext(given.context)
        var tangent: ((CustomPass) throws(TalwegError) -> [Tensor?])?
        if let function = given.tangent {
            tangent = { pass throws(TalwegError) in
                try run(function, context, name, pass, results: pass.outputs.count)
            }
        }
        let custom = CustomOperation(
            name: name,
            forward: { inputs throws(TalwegError) in try run(forward, context, name, inputs, outputs: room) },
            backward: { pass throws(TalwegError) in
                try run(backward, context, name, pass, results: pass.inputs.count)
            },
            tangent: tangent)
        try give(custom(tensors), to: out, room: room, by: owner)
        held = context
    }
    if status == TW_OK { held?.destroy = operation?.pointee.destroy }
    return status
}

/// Calls the caller's backward pass or tangent function.
private func run(
    _ function: tw_custom_function, _ context: CallbackContext, _ name: String, _ pass: CustomPass, results count: Int
) throws(TalwegError) -> [Tensor?] {
    var results = [OpaquePointer?](repeating: nil, count: count)
    return try callBack(name) { scope, handle throws(TalwegError) in
        let inputs = try handles(pass.inputs, in: scope)
        let outputs = try handles(pass.outputs, in: scope)
        let gradients = try handles(pass.gradients, in: scope)
        // A new size of `results` cannot come of the callback: it has the address of the first alone.
        return inputs.withUnsafeBufferPointer { inputs in
            outputs.withUnsafeBufferPointer { outputs in
                gradients.withUnsafeBufferPointer { gradients in
                    pass.wanted.withUnsafeBufferPointer { wanted in
                        var given = tw_custom_pass(
                            inputs: inputs.baseAddress, input_count: Int64(inputs.count),
                            outputs: outputs.baseAddress, output_count: Int64(outputs.count),
                            gradients: gradients.baseAddress, wanted: wanted.baseAddress)
                        return function(context.pointer, handle, &given, &results, Int64(count))
                    }
                }
            }
        }
    } results: { () throws(TalwegError) in
        try written(results, by: name)
    }
}

@_cdecl("tw_checkpoint") @implementation
public func tw_checkpoint(
    _ scope: OpaquePointer?, _ function: tw_tensor_function?, _ context: UnsafeMutableRawPointer?,
    _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ inputs: UnsafePointer<OpaquePointer?>?,
    _ inputCount: Int64, _ outputs: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    let held = CallbackContext(context)
    let status = callInScope(scope) { owner throws(TalwegError) in
        guard let function else { throw TalwegError(.null, "function is NULL") }
        let room = try outputCount(count, "checkpoint")
        let out = try required(outputs, "outputs")
        let results = try Tensor.checkpoint(tensors(inputs, inputCount)) { inputs throws(TalwegError) in
            try run(function, held, "checkpoint", inputs, outputs: room)
        }
        try give(results, to: out, room: room, by: owner)
    }
    if status == TW_OK { held.destroy = destroy }
    return status
}

@_cdecl("tw_tensor_add_hook") @implementation
public func tw_tensor_add_hook(
    _ tensor: OpaquePointer?, _ hook: tw_gradient_hook?, _ context: UnsafeMutableRawPointer?,
    _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ number: UnsafeMutablePointer<UInt64>?
) -> tw_status {
    let held = CallbackContext(context)
    let status = call { () throws(TalwegError) in
        guard let hook else { throw TalwegError(.null, "hook is NULL") }
        let x: Tensor = try resolve(tensor, "tensor")
        let added = try x.addGradientHook { gradient throws(TalwegError) in
            var replacement: OpaquePointer?
            return try callBack("hook") { scope, handle throws(TalwegError) in
                hook(held.pointer, handle, try own(gradient, by: scope), &replacement)
            } results: { () throws(TalwegError) in
                try written([replacement], by: "hook")[0]
            }
        }
        number?.pointee = added
    }
    if status == TW_OK { held.destroy = destroy }
    return status
}

@_cdecl("tw_tensor_remove_hook") @implementation
public func tw_tensor_remove_hook(_ tensor: OpaquePointer?, _ number: UInt64) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        x.removeGradientHook(number)
    }
}

@_cdecl("tw_set_anomaly_mode") @implementation
public func tw_set_anomaly_mode(_ enabled: Bool) -> Bool { setAnomalyMode(enabled) }

@_cdecl("tw_anomaly_mode") @implementation
public func tw_anomaly_mode() -> Bool { anomalyMode }

@_cdecl("tw_check_gradients") @implementation
public func tw_check_gradients(
    _ function: tw_tensor_function?, _ context: UnsafeMutableRawPointer?, _ inputs: UnsafePointer<OpaquePointer?>?,
    _ inputCount: Int64, _ count: Int64, _ given: UnsafePointer<tw_gradient_check_options>?,
    _ out: UnsafeMutablePointer<tw_gradient_check>?
) -> tw_status {
    call { () throws(TalwegError) in
        guard let function else { throw TalwegError(.null, "function is NULL") }
        let out = try required(out, "check")
        let room = try outputCount(count, "check_gradients")
        var chosen = GradientCheckOptions()
        let options = try options(
            given,
            default: tw_gradient_check_options(
                struct_size: MemoryLayout<tw_gradient_check_options>.size, step: chosen.step,
                absolute: chosen.absolute, relative: chosen.relative, second_order: chosen.secondOrder,
                forward_mode: chosen.forwardMode),
            minimum: MemoryLayout<tw_gradient_check_options>.size)
        chosen.step = options.step
        chosen.absolute = options.absolute
        chosen.relative = options.relative
        chosen.secondOrder = options.second_order
        chosen.forwardMode = options.forward_mode
        let held = CallbackContext(context)
        let found = try Tensor.checkGradients(at: tensors(inputs, inputCount), options: chosen) {
            inputs throws(TalwegError) in
            try run(function, held, "check_gradients", inputs, outputs: room)
        }
        let size = UnsafeRawPointer(out).loadUnaligned(as: Int.self)
        try giveStruct(
            tw_gradient_check(
                struct_size: size, passed: found.passed, compared: Int64(found.compared),
                kind: tw_derivative_kind(rawValue: UInt32(found.kind.rawValue)), input: Int64(found.input),
                element: Int64(found.element), derivative: found.derivative, difference: found.difference,
                excess: found.excess),
            to: out, minimum: MemoryLayout<tw_gradient_check>.size)
    }
}
