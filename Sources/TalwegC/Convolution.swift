import CTalweg
import Talweg

/// The caller's options for so many spatial axes.
private func convolutionOptions(_ given: UnsafePointer<tw_convolution_options>?, _ spatial: Int)
    throws(TalwegError) -> ConvolutionOptions
{
    let size = MemoryLayout<tw_convolution_options>.size
    let o = try options(
        given,
        default: tw_convolution_options(
            struct_size: size, stride: (1, 1), padding: (0, 0), dilation: (1, 1), output_padding: (0, 0), groups: 1),
        minimum: size)
    let first = ConvolutionOptions.Axis(
        stride: Int(o.stride.0), padding: Int(o.padding.0), dilation: Int(o.dilation.0),
        outputPadding: Int(o.output_padding.0))
    if spatial == 1 { return ConvolutionOptions(first, groups: Int(o.groups)) }
    let second = ConvolutionOptions.Axis(
        stride: Int(o.stride.1), padding: Int(o.padding.1), dilation: Int(o.dilation.1),
        outputPadding: Int(o.output_padding.1))
    return ConvolutionOptions(height: first, width: second, groups: Int(o.groups))
}

/// The caller's options for so many spatial axes.
func poolingOptions(_ given: UnsafePointer<tw_pooling_options>?, _ spatial: Int)
    throws(TalwegError) -> PoolingOptions
{
    let o = try options(
        given,
        default: tw_pooling_options(
            struct_size: MemoryLayout<tw_pooling_options>.size, kernel_size: (2, 2), stride: (0, 0), padding: (0, 0),
            dilation: (1, 1), count_include_pad: true, divisor_override: 0, ceil_mode: false),
        // Before divisor_override was added.
        minimum: 80)
    func axis(_ kernel: Int64, _ stride: Int64, _ padding: Int64, _ dilation: Int64) -> PoolingOptions.Axis {
        PoolingOptions.Axis(
            kernel: Int(kernel), stride: stride == 0 ? nil : Int(stride), padding: Int(padding),
            dilation: Int(dilation))
    }
    let first = axis(o.kernel_size.0, o.stride.0, o.padding.0, o.dilation.0)
    let second = axis(o.kernel_size.1, o.stride.1, o.padding.1, o.dilation.1)
    return PoolingOptions(
        height: first, width: spatial == 1 ? first : second, countsPadding: o.count_include_pad,
        ceiling: o.ceil_mode, divisor: o.divisor_override == 0 ? nil : Int(o.divisor_override))
}

@_cdecl("tw_conv1d") @implementation
public func tw_conv1d(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ options: UnsafePointer<tw_convolution_options>?
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in
        try x.conv1d(weight, resolveIfPresent(bias, "bias"), convolutionOptions(options, 1))
    }
}

@_cdecl("tw_conv2d") @implementation
public func tw_conv2d(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ options: UnsafePointer<tw_convolution_options>?
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in
        try x.conv2d(weight, resolveIfPresent(bias, "bias"), convolutionOptions(options, 2))
    }
}

@_cdecl("tw_conv_transpose1d") @implementation
public func tw_conv_transpose1d(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ options: UnsafePointer<tw_convolution_options>?
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in
        try x.convTranspose1d(weight, resolveIfPresent(bias, "bias"), convolutionOptions(options, 1))
    }
}

@_cdecl("tw_conv_transpose2d") @implementation
public func tw_conv_transpose2d(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?,
    _ options: UnsafePointer<tw_convolution_options>?
) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in
        try x.convTranspose2d(weight, resolveIfPresent(bias, "bias"), convolutionOptions(options, 2))
    }
}

@_cdecl("tw_max_pool1d") @implementation
public func tw_max_pool1d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ options: UnsafePointer<tw_pooling_options>?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.maxPool1d(poolingOptions(options, 1)) }
}

@_cdecl("tw_max_pool2d") @implementation
public func tw_max_pool2d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ options: UnsafePointer<tw_pooling_options>?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.maxPool2d(poolingOptions(options, 2)) }
}

@_cdecl("tw_avg_pool1d") @implementation
public func tw_avg_pool1d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ options: UnsafePointer<tw_pooling_options>?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.avgPool1d(poolingOptions(options, 1)) }
}

@_cdecl("tw_avg_pool2d") @implementation
public func tw_avg_pool2d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ options: UnsafePointer<tw_pooling_options>?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.avgPool2d(poolingOptions(options, 2)) }
}

/// The caller's size of a result, where 0 means the input's own.
func adaptiveSize(_ size: Int64) -> Int? { size == 0 ? nil : Int(size) }

@_cdecl("tw_adaptive_avg_pool1d") @implementation
public func tw_adaptive_avg_pool1d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ length: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.adaptiveAvgPool1d(adaptiveSize(length)) }
}

@_cdecl("tw_adaptive_avg_pool2d") @implementation
public func tw_adaptive_avg_pool2d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ height: Int64, _ width: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in
        try x.adaptiveAvgPool2d(adaptiveSize(height), adaptiveSize(width))
    }
}

@_cdecl("tw_adaptive_max_pool1d") @implementation
public func tw_adaptive_max_pool1d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ length: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.adaptiveMaxPool1d(adaptiveSize(length)) }
}

@_cdecl("tw_adaptive_max_pool2d") @implementation
public func tw_adaptive_max_pool2d(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ height: Int64, _ width: Int64)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in
        try x.adaptiveMaxPool2d(adaptiveSize(height), adaptiveSize(width))
    }
}

@_cdecl("tw_global_average_pool") @implementation
public func tw_global_average_pool(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.globalAveragePool() }
}

extension UpsampleMode {
    init(_ mode: tw_upsample_mode) throws(TalwegError) {
        let value = Int32(bitPattern: mode.rawValue)
        guard let found = UpsampleMode(rawValue: value) else {
            throw TalwegError(.invalidArgument, "upsample: mode \(value) is no tw_upsample_mode")
        }
        self = found
    }
}

/// The caller's sizes or factors.
func upsampleOptions(_ given: UnsafePointer<tw_upsample_options>?) throws(TalwegError) -> UpsampleOptions {
    let size = MemoryLayout<tw_upsample_options>.size
    let o = try options(
        given,
        default: tw_upsample_options(
            struct_size: size, size: (0, 0), scale_factor: (2, 2), mode: TW_UPSAMPLE_NEAREST, align_corners: false),
        minimum: size)
    func wanted(_ size: Int64, _ factor: Double) -> UpsampleOptions.Size {
        size == 0 ? .factor(factor) : .positions(Int(size))
    }
    return UpsampleOptions(
        first: wanted(o.size.0, o.scale_factor.0), second: wanted(o.size.1, o.scale_factor.1),
        mode: try UpsampleMode(o.mode), alignsCorners: o.align_corners)
}

@_cdecl("tw_upsample") @implementation
public func tw_upsample(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ options: UnsafePointer<tw_upsample_options>?)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.upsample(upsampleOptions(options)) }
}

@_cdecl("tw_pixel_shuffle") @implementation
public func tw_pixel_shuffle(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ factor: Int64) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.pixelShuffle(Int(factor)) }
}
