import CTalweg
import Talweg

private struct Chosen {
    let mode: DifferentiationMode
    let createGraph: Bool

    init(_ pointer: UnsafePointer<tw_derivative_options>?) throws(TalwegError) {
        let given = try options(
            pointer,
            default: tw_derivative_options(
                struct_size: MemoryLayout<tw_derivative_options>.size, mode: TW_MODE_AUTOMATIC, create_graph: false),
            minimum: MemoryLayout<tw_derivative_options>.size)
        let raw = Int32(bitPattern: given.mode.rawValue)
        guard let mode = DifferentiationMode(rawValue: raw) else {
            throw TalwegError(.invalidArgument, "mode: \(raw) is no tw_differentiation_mode")
        }
        self.mode = mode
        createGraph = given.create_graph
    }
}

/// Zeros in the place of what does not depend on anything.
private func filled(_ found: [Tensor?], like others: [Tensor]) throws(TalwegError) -> [Tensor] {
    var all: [Tensor] = []
    for (tensor, other) in zip(found, others) {
        if let tensor { all.append(tensor) } else { all.append(try .zeros(other.shape, other.dtype)) }
    }
    return all
}

/// What the functions of this file share: the options, and the tensors that `body` finds, given to the caller.
private func derive(
    _ scope: OpaquePointer?, _ options: UnsafePointer<tw_derivative_options>?,
    to out: UnsafeMutablePointer<OpaquePointer?>?, _ name: StaticString, _ body: (Chosen) throws(TalwegError) -> [Tensor]
) -> tw_status {
    callInScope(scope) { owner throws(TalwegError) in
        let out = try required(out, name)
        let found = try body(Chosen(options))
        try give(found, to: out, room: found.count, by: owner)
    }
}

@_cdecl("tw_vjp") @implementation
public func tw_vjp(
    _ scope: OpaquePointer?, _ outputs: UnsafePointer<OpaquePointer?>?, _ outputCount: Int64,
    _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int64, _ cotangents: UnsafePointer<OpaquePointer?>?,
    _ options: UnsafePointer<tw_derivative_options>?, _ gradients: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    derive(scope, options, to: gradients, "gradients") { chosen throws(TalwegError) in
        let wanted = try tensors(inputs, inputCount)
        let found = try Tensor.cotangents(
            of: tensors(outputs, outputCount), wrt: wanted, given: tensors(cotangents, outputCount), retainGraph: true,
            createGraph: chosen.createGraph)
        return try filled(found, like: wanted)
    }
}

@_cdecl("tw_jvp") @implementation
public func tw_jvp(
    _ scope: OpaquePointer?, _ outputs: UnsafePointer<OpaquePointer?>?, _ outputCount: Int64,
    _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int64, _ directions: UnsafePointer<OpaquePointer?>?,
    _ options: UnsafePointer<tw_derivative_options>?, _ tangents: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    derive(scope, options, to: tangents, "tangents") { chosen throws(TalwegError) in
        let results = try tensors(outputs, outputCount)
        let found = try Tensor.tangents(
            of: results, wrt: tensors(inputs, inputCount), along: tensors(directions, inputCount),
            createGraph: chosen.createGraph)
        return try filled(found, like: results)
    }
}

@_cdecl("tw_jacobian") @implementation
public func tw_jacobian(
    _ scope: OpaquePointer?, _ output: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int64,
    _ options: UnsafePointer<tw_derivative_options>?, _ jacobians: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    derive(scope, options, to: jacobians, "jacobians") { chosen throws(TalwegError) in
        let y: Tensor = try resolve(output, "output")
        return try y.jacobian(wrt: tensors(inputs, count), mode: chosen.mode, createGraph: chosen.createGraph)
    }
}

@_cdecl("tw_hessian") @implementation
public func tw_hessian(
    _ scope: OpaquePointer?, _ output: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int64,
    _ options: UnsafePointer<tw_derivative_options>?, _ hessians: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    derive(scope, options, to: hessians, "hessians") { chosen throws(TalwegError) in
        let y: Tensor = try resolve(output, "output")
        return try y.hessian(wrt: tensors(inputs, count), createGraph: chosen.createGraph).flatMap { $0 }
    }
}

@_cdecl("tw_hvp") @implementation
public func tw_hvp(
    _ scope: OpaquePointer?, _ output: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int64,
    _ vectors: UnsafePointer<OpaquePointer?>?, _ options: UnsafePointer<tw_derivative_options>?,
    _ products: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    derive(scope, options, to: products, "products") { chosen throws(TalwegError) in
        let y: Tensor = try resolve(output, "output")
        return try y.hessianVectorProduct(
            wrt: tensors(inputs, count), tensors(vectors, count), createGraph: chosen.createGraph)
    }
}
