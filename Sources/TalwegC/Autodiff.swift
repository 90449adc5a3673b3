import CTalweg
import Talweg

@_cdecl("tw_tensor_set_requires_grad") @implementation
public func tw_tensor_set_requires_grad(_ tensor: OpaquePointer?, _ required: Bool) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try x.setRequiresGrad(required)
    }
}

@_cdecl("tw_tensor_requires_grad") @implementation
public func tw_tensor_requires_grad(_ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Bool>?) -> tw_status {
    flag(tensor, out, "required") { $0.requiresGrad }
}

@_cdecl("tw_tensor_is_leaf") @implementation
public func tw_tensor_is_leaf(_ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Bool>?) -> tw_status {
    flag(tensor, out, "leaf") { $0.isLeaf }
}

@_cdecl("tw_tensor_has_grad") @implementation
public func tw_tensor_has_grad(_ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Bool>?) -> tw_status {
    flag(tensor, out, "present") { $0.grad != nil }
}

private func flag(
    _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Bool>?, _ what: StaticString, _ value: (Tensor) -> Bool
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, what)
        out.pointee = value(try resolve(tensor, "tensor"))
    }
}

@_cdecl("tw_tensor_grad") @implementation
public func tw_tensor_grad(_ scope: OpaquePointer?, _ tensor: OpaquePointer?) -> OpaquePointer? {
    // A leaf that has none yet is no failure.
    if let tensor, let x = Handles.object(tensor, as: Tensor.self), x.grad == nil { return nil }
    return unary(scope, tensor) { x throws(TalwegError) in
        guard let gradient = x.grad else { throw TalwegError(.state, "tensor_grad: there is no gradient") }
        return gradient
    }
}

@_cdecl("tw_tensor_set_grad") @implementation
public func tw_tensor_set_grad(_ tensor: OpaquePointer?, _ gradient: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try x.setGrad(resolveIfPresent(gradient, "gradient"))
    }
}

@_cdecl("tw_tensor_zero_grad") @implementation
public func tw_tensor_zero_grad(_ tensor: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let x: Tensor = try resolve(tensor, "tensor")
        try x.setGrad(nil)
    }
}

@_cdecl("tw_detach") @implementation
public func tw_detach(_ scope: OpaquePointer?, _ tensor: OpaquePointer?) -> OpaquePointer? {
    unary(scope, tensor) { $0.detach() }
}

private func gradOptions(_ pointer: UnsafePointer<tw_grad_options>?) throws(TalwegError) -> tw_grad_options {
    try options(
        pointer,
        default: tw_grad_options(
            struct_size: MemoryLayout<tw_grad_options>.size, gradient: nil, retain_graph: false, create_graph: false,
            allow_unused: false),
        minimum: MemoryLayout<tw_grad_options>.size)
}

/// Runs the body of a function that returns a status and has a scope: the
/// scope's first error is returned and nothing done, a failure becomes its error.
func callInScope(_ scope: OpaquePointer?, _ body: (Scope?) throws(TalwegError) -> Void) -> tw_status {
    call { () throws(TalwegError) in
        let owner: Scope? = try resolveIfPresent(scope, "scope")
        if let owner, owner.status != .ok {
            throw TalwegError(owner.status, owner.message.map { String(cString: $0) } ?? "")
        }
        do throws(TalwegError) {
            try body(owner)
        } catch {
            owner?.fail(error)
            throw error
        }
    }
}

@_cdecl("tw_backward") @implementation
public func tw_backward(_ scope: OpaquePointer?, _ output: OpaquePointer?) -> tw_status {
    tw_backward_with(scope, output, nil)
}

@_cdecl("tw_backward_with") @implementation
public func tw_backward_with(
    _ scope: OpaquePointer?, _ output: OpaquePointer?, _ options: UnsafePointer<tw_grad_options>?
) -> tw_status {
    callInScope(scope) { _ throws(TalwegError) in
        let chosen = try gradOptions(options)
        let x: Tensor = try resolve(output, "output")
        try x.backward(
            gradient: resolveIfPresent(chosen.gradient, "gradient"), retainGraph: chosen.retain_graph,
            createGraph: chosen.create_graph)
    }
}

@_cdecl("tw_grad") @implementation
public func tw_grad(
    _ scope: OpaquePointer?, _ output: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int64,
    _ options: UnsafePointer<tw_grad_options>?, _ gradients: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    callInScope(scope) { owner throws(TalwegError) in
        let chosen = try gradOptions(options)
        let x: Tensor = try resolve(output, "output")
        let wanted = try tensors(inputs, count)
        let out = try required(gradients, "gradients")
        let found = try x.gradients(
            wrt: wanted, gradient: resolveIfPresent(chosen.gradient, "gradient"), retainGraph: chosen.retain_graph,
            createGraph: chosen.create_graph)
        var results: [Tensor] = []
        for (position, gradient) in found.enumerated() {
            if let gradient {
                results.append(gradient)
            } else if chosen.allow_unused {
                results.append(try .zeros(wanted[position].shape, wanted[position].dtype))
            } else {
                throw TalwegError(
                    .state, "grad: the output does not depend on input \(position); set allow_unused to get zeros")
            }
        }
        try give(results, to: out, room: results.count, by: owner)
    }
}

@_cdecl("tw_set_grad_enabled") @implementation
public func tw_set_grad_enabled(_ enabled: Bool) -> Bool { setRecording(enabled) }

@_cdecl("tw_grad_enabled") @implementation
public func tw_grad_enabled() -> Bool { ThreadState.current.recording }
