import CTalweg
import Talweg

/// Runs the body of a function that makes a layer.
func makeLayer(
    _ out: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(TalwegError) -> Module
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(out, "module")
        try give(body(), to: out, "module")
    }
}

/// The caller's options for so many spatial axes.
private func layerOptions(_ given: UnsafePointer<tw_conv_layer_options>?, _ spatial: Int)
    throws(TalwegError) -> ConvolutionLayerOptions
{
    let size = MemoryLayout<tw_conv_layer_options>.size
    let o = try options(
        given,
        default: tw_conv_layer_options(
            struct_size: size, stride: (1, 1), padding: (0, 0), dilation: (1, 1), output_padding: (0, 0), groups: 1,
            same_padding: false, padding_mode: TW_PAD_CONSTANT, bias: true, dtype: TW_FLOAT32,
            initializer: TW_INIT_DEFAULT, scale: 1, generator: nil),
        minimum: size)
    let first = ConvolutionOptions.Axis(
        stride: Int(o.stride.0), padding: Int(o.padding.0), dilation: Int(o.dilation.0),
        outputPadding: Int(o.output_padding.0))
    let second = ConvolutionOptions.Axis(
        stride: Int(o.stride.1), padding: Int(o.padding.1), dilation: Int(o.dilation.1),
        outputPadding: Int(o.output_padding.1))
    return ConvolutionLayerOptions(
        ConvolutionOptions(height: first, width: spatial == 1 ? first : second, groups: Int(o.groups)),
        samePadding: o.same_padding, paddingMode: try PadMode(o.padding_mode), bias: o.bias, dtype: try DType(o.dtype),
        initializer: try Initializer(o.initializer, scale: o.scale), generator: try resolveGenerator(o.generator))
}

@_cdecl("tw_conv1d_new") @implementation
public func tw_conv1d_new(
    _ in_channels: Int64, _ out_channels: Int64, _ kernel_size: Int64,
    _ options: UnsafePointer<tw_conv_layer_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try Conv1d(Int(in_channels), Int(out_channels), kernel: Int(kernel_size), layerOptions(options, 1))
    }
}

@_cdecl("tw_conv2d_new") @implementation
public func tw_conv2d_new(
    _ in_channels: Int64, _ out_channels: Int64, _ kernel_height: Int64, _ kernel_width: Int64,
    _ options: UnsafePointer<tw_conv_layer_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try Conv2d(
            Int(in_channels), Int(out_channels), kernelHeight: Int(kernel_height), kernelWidth: Int(kernel_width),
            layerOptions(options, 2))
    }
}

@_cdecl("tw_conv_transpose1d_new") @implementation
public func tw_conv_transpose1d_new(
    _ in_channels: Int64, _ out_channels: Int64, _ kernel_size: Int64,
    _ options: UnsafePointer<tw_conv_layer_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try ConvTranspose1d(Int(in_channels), Int(out_channels), kernel: Int(kernel_size), layerOptions(options, 1))
    }
}

@_cdecl("tw_conv_transpose2d_new") @implementation
public func tw_conv_transpose2d_new(
    _ in_channels: Int64, _ out_channels: Int64, _ kernel_height: Int64, _ kernel_width: Int64,
    _ options: UnsafePointer<tw_conv_layer_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try ConvTranspose2d(
            Int(in_channels), Int(out_channels), kernelHeight: Int(kernel_height), kernelWidth: Int(kernel_width),
            layerOptions(options, 2))
    }
}

@_cdecl("tw_separable_conv2d_new") @implementation
public func tw_separable_conv2d_new(
    _ in_channels: Int64, _ out_channels: Int64, _ kernel_height: Int64, _ kernel_width: Int64,
    _ options: UnsafePointer<tw_conv_layer_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try SeparableConv2d(
            Int(in_channels), Int(out_channels), kernelHeight: Int(kernel_height), kernelWidth: Int(kernel_width),
            layerOptions(options, 2))
    }
}

// MARK: Pooling

@_cdecl("tw_max_pool1d_new") @implementation
public func tw_max_pool1d_new(
    _ options: UnsafePointer<tw_pooling_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try MaxPool1d(poolingOptions(options, 1)) }
}

@_cdecl("tw_max_pool2d_new") @implementation
public func tw_max_pool2d_new(
    _ options: UnsafePointer<tw_pooling_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try MaxPool2d(poolingOptions(options, 2)) }
}

@_cdecl("tw_avg_pool1d_new") @implementation
public func tw_avg_pool1d_new(
    _ options: UnsafePointer<tw_pooling_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AvgPool1d(poolingOptions(options, 1)) }
}

@_cdecl("tw_avg_pool2d_new") @implementation
public func tw_avg_pool2d_new(
    _ options: UnsafePointer<tw_pooling_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AvgPool2d(poolingOptions(options, 2)) }
}

@_cdecl("tw_adaptive_avg_pool1d_new") @implementation
public func tw_adaptive_avg_pool1d_new(_ length: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AdaptiveAvgPool1d(adaptiveSize(length)) }
}

@_cdecl("tw_adaptive_avg_pool2d_new") @implementation
public func tw_adaptive_avg_pool2d_new(
    _ height: Int64, _ width: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AdaptiveAvgPool2d(adaptiveSize(height), adaptiveSize(width)) }
}

@_cdecl("tw_adaptive_max_pool1d_new") @implementation
public func tw_adaptive_max_pool1d_new(_ length: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AdaptiveMaxPool1d(adaptiveSize(length)) }
}

@_cdecl("tw_adaptive_max_pool2d_new") @implementation
public func tw_adaptive_max_pool2d_new(
    _ height: Int64, _ width: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AdaptiveMaxPool2d(adaptiveSize(height), adaptiveSize(width)) }
}

@_cdecl("tw_global_average_pool_new") @implementation
public func tw_global_average_pool_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { GlobalAveragePool() }
}

@_cdecl("tw_upsample_new") @implementation
public func tw_upsample_new(
    _ options: UnsafePointer<tw_upsample_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try Upsample(upsampleOptions(options)) }
}

@_cdecl("tw_pixel_shuffle_new") @implementation
public func tw_pixel_shuffle_new(_ factor: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try PixelShuffle(Int(factor)) }
}
