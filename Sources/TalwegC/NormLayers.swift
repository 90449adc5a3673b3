import CTalweg
import Talweg

/// The caller's options of a norm of channels.
private func channelOptions(_ given: UnsafePointer<tw_channel_norm_options>?, instance: Bool)
    throws(TalwegError) -> ChannelNormOptions
{
    let size = MemoryLayout<tw_channel_norm_options>.size
    let o = try options(
        given,
        default: tw_channel_norm_options(
            struct_size: size, epsilon: 1e-5, momentum: 0.1, cumulative: false, affine: !instance,
            track_running_stats: !instance, relu: false, dtype: TW_FLOAT32),
        minimum: size)
    return ChannelNormOptions(
        epsilon: o.epsilon, momentum: o.cumulative ? nil : o.momentum, affine: o.affine,
        tracksRunningStatistics: o.track_running_stats, relu: o.relu, dtype: try DType(o.dtype))
}

@_cdecl("tw_batch_norm1d_new") @implementation
public func tw_batch_norm1d_new(
    _ channels: Int64, _ options: UnsafePointer<tw_channel_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try BatchNorm1d(Int(channels), channelOptions(options, instance: false))
    }
}

@_cdecl("tw_batch_norm2d_new") @implementation
public func tw_batch_norm2d_new(
    _ channels: Int64, _ options: UnsafePointer<tw_channel_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try BatchNorm2d(Int(channels), channelOptions(options, instance: false))
    }
}

@_cdecl("tw_instance_norm1d_new") @implementation
public func tw_instance_norm1d_new(
    _ channels: Int64, _ options: UnsafePointer<tw_channel_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try InstanceNorm1d(Int(channels), channelOptions(options, instance: true))
    }
}

@_cdecl("tw_instance_norm2d_new") @implementation
public func tw_instance_norm2d_new(
    _ channels: Int64, _ options: UnsafePointer<tw_channel_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try InstanceNorm2d(Int(channels), channelOptions(options, instance: true))
    }
}

/// The caller's options of another norm.
private func normOptions(_ given: UnsafePointer<tw_norm_options>?) throws(TalwegError) -> tw_norm_options {
    let size = MemoryLayout<tw_norm_options>.size
    let o = try options(
        given,
        default: tw_norm_options(struct_size: size, epsilon: -1, affine: true, bias: true, dtype: TW_FLOAT32),
        minimum: size)
    guard o.epsilon.isFinite else { throw TalwegError(.invalidArgument, "norm: epsilon is \(o.epsilon)") }
    return o
}

@_cdecl("tw_layer_norm_new") @implementation
public func tw_layer_norm_new(
    _ shape: UnsafePointer<Int64>?, _ rank: Int64, _ options: UnsafePointer<tw_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let o = try normOptions(options)
        return try LayerNorm(
            integers(shape, rank, "shape"), epsilon: o.epsilon < 0 ? 1e-5 : o.epsilon, affine: o.affine, bias: o.bias,
            dtype: DType(o.dtype))
    }
}

@_cdecl("tw_rms_norm_new") @implementation
public func tw_rms_norm_new(
    _ shape: UnsafePointer<Int64>?, _ rank: Int64, _ options: UnsafePointer<tw_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let o = try normOptions(options)
        return try RMSNorm(
            integers(shape, rank, "shape"), epsilon: o.epsilon < 0 ? nil : o.epsilon, affine: o.affine,
            dtype: DType(o.dtype))
    }
}

@_cdecl("tw_group_norm_new") @implementation
public func tw_group_norm_new(
    _ groups: Int64, _ channels: Int64, _ options: UnsafePointer<tw_norm_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let o = try normOptions(options)
        return try GroupNorm(
            Int(groups), Int(channels), epsilon: o.epsilon < 0 ? 1e-5 : o.epsilon, affine: o.affine,
            dtype: DType(o.dtype))
    }
}

@_cdecl("tw_local_response_norm_new") @implementation
public func tw_local_response_norm_new(
    _ size: Int64, _ alpha: Double, _ beta: Double, _ k: Double, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try LocalResponseNorm(size: Int(size), alpha: alpha, beta: beta, k: k)
    }
}
