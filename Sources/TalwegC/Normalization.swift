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
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_batch_norm_options>.size
        let options = try options(
            given,
            default: tw_batch_norm_options(
                struct_size: size, training: true, relu: false, momentum: 0.1, epsilon: 1e-5, residual: nil),
            minimum: size)
        let found: Tensor = try resolve(x, "x")
        return try found.batchNorm(
            weight: resolveIfPresent(weight, "weight"), bias: resolveIfPresent(bias, "bias"),
            runningMean: resolveIfPresent(running_mean, "running_mean"),
            runningVariance: resolveIfPresent(running_variance, "running_variance"),
            residual: resolveIfPresent(options.residual, "residual"),
            BatchNormOptions(
                training: options.training, momentum: options.momentum, epsilon: options.epsilon, relu: options.relu))
    }
}
