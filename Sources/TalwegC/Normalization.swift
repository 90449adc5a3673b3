import CTalweg
import Talweg

@_cdecl("tw_layer_norm") @implementation
public func tw_layer_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?, _ epsilon: Double
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        return try found.layerNorm(
            weight: resolveIfPresent(weight, "weight"), bias: resolveIfPresent(bias, "bias"), epsilon: epsilon)
    }
}

@_cdecl("tw_add_layer_norm") @implementation
public func tw_add_layer_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ residual: OpaquePointer?, _ weight: OpaquePointer?,
    _ bias: OpaquePointer?, _ epsilon: Double
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        return try found.layerNorm(
            weight: resolveIfPresent(weight, "weight"), bias: resolveIfPresent(bias, "bias"),
            residual: resolve(residual, "residual"), epsilon: epsilon)
    }
}

@_cdecl("tw_rms_norm") @implementation
public func tw_rms_norm(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ epsilon: Double)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        return try found.rmsNorm(weight: resolveIfPresent(weight, "weight"), epsilon: epsilon)
    }
}

@_cdecl("tw_batch_norm") @implementation
public func tw_batch_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ running_mean: OpaquePointer?, _ running_variance: OpaquePointer?, _ given: UnsafePointer<tw_batch_norm_options>?
) -> OpaquePointer? {
    channelNorm(scope, x, weight, bias, running_mean, running_variance, given) {
        x, inputs, options throws(TalwegError) in
        try x.batchNorm(
            weight: inputs.weight, bias: inputs.bias, runningMean: inputs.mean, runningVariance: inputs.variance,
            residual: inputs.residual, options)
    }
}

@_cdecl("tw_instance_norm") @implementation
public func tw_instance_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ running_mean: OpaquePointer?, _ running_variance: OpaquePointer?, _ given: UnsafePointer<tw_batch_norm_options>?
) -> OpaquePointer? {
    channelNorm(scope, x, weight, bias, running_mean, running_variance, given) {
        x, inputs, options throws(TalwegError) in
        try x.instanceNorm(
            weight: inputs.weight, bias: inputs.bias, runningMean: inputs.mean, runningVariance: inputs.variance,
            residual: inputs.residual, options)
    }
}

@_cdecl("tw_group_norm") @implementation
public func tw_group_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ groups: Int64, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ epsilon: Double
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Tensor = try resolve(x, "x")
        return try found.groupNorm(
            groups: Int(groups), weight: resolveIfPresent(weight, "weight"), bias: resolveIfPresent(bias, "bias"),
            epsilon: epsilon)
    }
}

@_cdecl("tw_local_response_norm") @implementation
public func tw_local_response_norm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ size: Int64, _ alpha: Double, _ beta: Double, _ k: Double
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.localResponseNorm(size: Int(size), alpha: alpha, beta: beta, k: k)
    }
}

/// What a norm of channels takes beside x.
private struct ChannelInputs {
    let weight, bias, mean, variance, residual: Tensor?
}

/// Runs the body of a norm of channels.
private func channelNorm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ mean: OpaquePointer?, _ variance: OpaquePointer?, _ given: UnsafePointer<tw_batch_norm_options>?,
    _ body: (Tensor, ChannelInputs, BatchNormOptions) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_batch_norm_options>.size
        let options = try options(
            given,
            default: tw_batch_norm_options(
                struct_size: size, training: true, relu: false, momentum: 0.1, epsilon: 1e-5, residual: nil),
            minimum: size)
        let inputs = try ChannelInputs(
            weight: resolveIfPresent(weight, "weight"), bias: resolveIfPresent(bias, "bias"),
            mean: resolveIfPresent(mean, "running_mean"), variance: resolveIfPresent(variance, "running_variance"),
            residual: resolveIfPresent(options.residual, "residual"))
        return try body(
            resolve(x, "x"), inputs,
            BatchNormOptions(
                training: options.training, momentum: options.momentum, epsilon: options.epsilon, relu: options.relu))
    }
}
