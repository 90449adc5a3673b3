/// What the layers of convolution have in common: parameters "weight" and "bias", and padding that the operation does
/// not know.
public class ConvolutionLayer: Module {
    /// What the operation is called with.
    let convolution: ConvolutionOptions
    /// What is padded before it, of all axes; nil for nothing.
    private let widths: [(before: Int, after: Int)]?
    private let paddingMode: PadMode

    /// - Parameter kernel: its size on each spatial axis
    /// - Throws: invalidArgument for sizes below 1, groups that do not divide both numbers of channels, and options out
    ///   of range; shape for sizes beyond memory's; dtype for one that is not float32 or float64
    init(
        _ inputs: Int, _ outputs: Int, _ kernel: [Int], transposed: Bool, _ options: ConvolutionLayerOptions,
        _ name: String
    ) throws(TalwegError) {
        guard inputs >= 1, outputs >= 1 else {
            throw .invalid("\(name): \(inputs) input and \(outputs) output channels; both must be 1 or more")
        }
        for size in kernel where size < 1 { throw .invalid("\(name): kernel_size is \(size); it must be 1 or more") }
        guard options.dtype == .float32 || options.dtype == .float64 else {
            throw .dtype("\(name): needs float32 or float64, not \(options.dtype.name)")
        }
        try options.convolution.check(kernel.count, name)
        let groups = options.convolution.groups
        guard inputs % groups == 0, outputs % groups == 0 else {
            throw .invalid(
                "\(name): \(groups) groups do not divide both \(inputs) input and \(outputs) output channels")
        }
        if transposed {
            try ConvolutionLayer.checkTransposed(options, kernel.count, name)
            (convolution, widths) = (options.convolution, nil)
        } else {
            (convolution, widths) = try ConvolutionLayer.padding(options, kernel, name)
        }
        paddingMode = options.paddingMode
        super.init()
        let shape = try Shape(
            transposed ? [inputs, outputs / groups] + kernel : [outputs, inputs / groups] + kernel, for: name)
        // Within the shape's product.
        let receptive = kernel.reduce(1, *)
        let fanIn = shape[1] * receptive
        try setParameter(
            "weight",
            options.initializer.weight(
                shape, fanIn: fanIn, fanOut: shape[0] * receptive, options.dtype, options.generator))
        if options.bias {
            try setParameter(
                "bias",
                options.initializer.bias(Shape([outputs], for: name), fanIn: fanIn, options.dtype, options.generator))
        }
    }

    private static func checkTransposed(_ options: ConvolutionLayerOptions, _ spatial: Int, _ name: String)
        throws(TalwegError)
    {
        guard !options.samePadding, options.paddingMode == .constant else {
            throw .invalid("\(name): a transposed convolution takes a number as padding, of zeros")
        }
        for axis in 0..<spatial {
            let o = options.convolution.axis(axis, of: spatial)
            guard o.outputPadding >= 0, o.outputPadding < max(o.stride, o.dilation) else {
                throw .invalid(
                    "\(name): output_padding \(o.outputPadding) must be at least 0 and smaller than the stride "
                        + "\(o.stride) or the dilation \(o.dilation)")
            }
        }
    }

    /// What the operation pads, and what is padded before it.
    private static func padding(_ options: ConvolutionLayerOptions, _ kernel: [Int], _ name: String)
        throws(TalwegError) -> (ConvolutionOptions, [(before: Int, after: Int)]?)
    {
        let spatial = kernel.count
        var widths = [(before: 0, after: 0), (before: 0, after: 0)]
        for axis in 0..<spatial {
            let o = options.convolution.axis(axis, of: spatial)
            guard options.samePadding else {
                widths.append((before: o.padding, after: o.padding))
                continue
            }
            guard o.stride == 1 else {
                throw .invalid("\(name): padding \"same\" needs stride 1, not \(o.stride)")
            }
            let (reach, overflow) = (kernel[axis] - 1).multipliedReportingOverflow(by: o.dilation)
            guard !overflow, reach <= Int(Int32.max) else {
                throw .shape("\(name): a kernel of \(kernel[axis]) with dilation \(o.dilation) is too large")
            }
            widths.append((before: reach / 2, after: reach - reach / 2))
        }
        var convolution = options.convolution
        let inside = options.paddingMode == .constant && widths.allSatisfy { $0.before == $0.after }
        convolution.width.padding = inside ? widths[1 + spatial].before : 0
        convolution.height.padding = inside ? widths[2].before : 0
        let outside = !inside && widths.contains { $0.before > 0 || $0.after > 0 }
        return (convolution, outside ? widths : nil)
    }

    /// The input with the padding that the operation does not do. One of a wrong rank is left to the operation.
    final func padded(_ x: Tensor) throws(TalwegError) -> Tensor {
        guard let widths, x.rank == widths.count else { return x }
        return try x.pad(widths, mode: paddingMode)
    }

    final func weight() throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("\(typeName): its weight was removed") }
        return weight
    }
}
