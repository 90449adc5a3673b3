import CIntrinsics
import TalwegKernels

/// How a kernel moves over the spatial axes: those of height and width, or of length (in `width`) alone.
public struct ConvolutionOptions: Sendable {
    public struct Axis: Sendable {
        /// Positions of the source from one position of the result to the next.
        public var stride = 1
        /// Zeros that the source counts as having at either end.
        public var padding = 0
        /// Positions of the source from one element of the kernel to the next.
        public var dilation = 1
        /// Of a transposed convolution: positions added to the end of the result.
        public var outputPadding = 0

        public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1, outputPadding: Int = 0) {
            self.stride = stride
            self.padding = padding
            self.dilation = dilation
            self.outputPadding = outputPadding
        }
    }

    public var height = Axis()
    public var width = Axis()
    /// Channels are cut into so many groups, each with weights of its own.
    public var groups = 1

    public init(height: Axis = Axis(), width: Axis = Axis(), groups: Int = 1) {
        self.height = height
        self.width = width
        self.groups = groups
    }

    /// The same on both axes.
    public init(_ axis: Axis, groups: Int = 1) { self.init(height: axis, width: axis, groups: groups) }
}

/// A direct convolution of checked sizes, and with it the transposed one and the gradient to its weights:
/// all three join a large side (a direct convolution's source), a small side (its result) and weights
/// [groups x rows, channels, kernel].
struct ConvolutionGeometry: Sendable {
    let direct: tk_convolution
    /// [images, channels, spatial...]
    let large, small, weight: Shape

    /// y [n, o, ...] of x [n, c, ...] and weight [o, c / groups, ...].
    init(direct x: Tensor, _ weight: Tensor, _ options: ConvolutionOptions, _ spatial: Int, _ name: String)
        throws(TalwegError)
    {
        try ConvolutionGeometry.check(x, weight, options, spatial, name)
        let groups = options.groups
        guard x.shape[1] % groups == 0, x.shape[1] / groups == weight.shape[1] else {
            throw .shape(
                "\(name): the input \(x.shape) has \(x.shape[1]) channels, the weight \(weight.shape) "
                    + "takes \(weight.shape[1]) in each of \(groups) groups")
        }
        guard weight.shape[0] % groups == 0 else {
            throw .shape(
                "\(name): the weight \(weight.shape) gives \(weight.shape[0]) channels, "
                    + "which \(groups) groups do not divide")
        }
        var axes: [tk_axis] = []
        for axis in 0..<spatial {
            let o = options.axis(axis, of: spatial)
            let (source, kernel) = (x.shape[2 + axis], weight.shape[2 + axis])
            let reach = try ConvolutionGeometry.reach(kernel, o.dilation, weight.shape, name)
            let (padding, over) = o.padding.multipliedReportingOverflow(by: 2)
            let (padded, overflow) = source.addingReportingOverflow(padding)
            guard !over, !overflow else {
                throw .shape("\(name): the input \(x.shape) with padding \(o.padding) is too large")
            }
            guard reach <= padded else {
                throw .shape(
                    "\(name): the kernel of \(weight.shape) with dilation \(o.dilation) spans \(reach) positions, "
                        + "the input \(x.shape) with padding \(o.padding) has \(padded)")
            }
            axes.append(
                tk_axis(
                    source: source, result: (padded - reach) / o.stride + 1, kernel: kernel, stride: o.stride,
                    padding: o.padding, dilation: o.dilation))
        }
        try self.init(
            axes, images: x.shape[0], groups, channels: weight.shape[1], rows: weight.shape[0] / groups,
            weight.shape, name)
    }

    /// y [n, o, ...] of x [n, c, ...] and weight [c, o / groups, ...].
    init(transposed x: Tensor, _ weight: Tensor, _ options: ConvolutionOptions, _ spatial: Int, _ name: String)
        throws(TalwegError)
    {
        try ConvolutionGeometry.check(x, weight, options, spatial, name)
        let groups = options.groups
        guard x.shape[1] == weight.shape[0] else {
            throw .shape(
                "\(name): the input \(x.shape) has \(x.shape[1]) channels, the weight \(weight.shape) "
                    + "takes \(weight.shape[0])")
        }
        guard x.shape[1] % groups == 0 else {
            throw .shape("\(name): the input \(x.shape) has \(x.shape[1]) channels, which \(groups) groups do not divide")
        }
        var axes: [tk_axis] = []
        for axis in 0..<spatial {
            let o = options.axis(axis, of: spatial)
            let (source, kernel) = (x.shape[2 + axis], weight.shape[2 + axis])
            guard o.outputPadding >= 0, o.outputPadding < max(o.stride, o.dilation) else {
                throw .invalid(
                    "\(name): output_padding \(o.outputPadding) must be at least 0 and smaller than the stride "
                        + "\(o.stride) or the dilation \(o.dilation)")
            }
            let reach = try ConvolutionGeometry.reach(kernel, o.dilation, weight.shape, name)
            let (steps, over1) = (source - 1).multipliedReportingOverflow(by: o.stride)
            let (whole, over2) = steps.addingReportingOverflow(reach)
            let (added, over3) = whole.addingReportingOverflow(o.outputPadding)
            let (padding, over4) = o.padding.multipliedReportingOverflow(by: 2)
            guard !over1, !over2, !over3, !over4 else {
                throw .shape("\(name): the result of the input \(x.shape) with stride \(o.stride) is too large")
            }
            guard added > padding else {
                throw .shape(
                    "\(name): of the result's \(added) positions on an axis of the input \(x.shape) the padding "
                        + "\(o.padding) takes away all")
            }
            axes.append(
                tk_axis(
                    source: added - padding, result: source, kernel: kernel, stride: o.stride, padding: o.padding,
                    dilation: o.dilation))
        }
        try self.init(
            axes, images: x.shape[0], groups, channels: weight.shape[1], rows: weight.shape[0] / groups,
            weight.shape, name)
    }

    private init(
        _ axes: [tk_axis], images: Int, _ groups: Int, channels: Int, rows: Int, _ weight: Shape, _ name: String
    ) throws(TalwegError) {
        let one = tk_axis(source: 1, result: 1, kernel: 1, stride: 1, padding: 0, dilation: 1)
        let (height, width) = axes.count == 2 ? (axes[0], axes[1]) : (one, axes[0])
        let (channelsInAll, overflow) = groups.multipliedReportingOverflow(by: channels)
        guard !overflow else { throw .shape("\(name): \(groups) groups of \(channels) channels are too many") }
        large = try Shape([images, channelsInAll] + axes.map(\.source), for: name)
        small = try Shape([images, groups * rows] + axes.map(\.result), for: name)
        self.weight = weight
        let plane = height.kernel * width.kernel
        direct = tk_convolution(
            images: images, groups: groups, channels: channels, rows: rows, height: height, width: width,
            transposed: false, weight_group: rows * channels * plane,
            weight_row: channels * plane, weight_channel: plane)
    }

    /// The convolution that makes the large side of the small one.
    var transposed: tk_convolution {
        var p = direct
        (p.channels, p.rows) = (direct.rows, direct.channels)
        (p.height.source, p.height.result) = (direct.height.result, direct.height.source)
        (p.width.source, p.width.result) = (direct.width.result, direct.width.source)
        (p.weight_row, p.weight_channel) = (direct.weight_channel, direct.weight_row)
        p.transposed = true
        return p
    }

    /// What holds for both kinds.
    private static func check(
        _ x: Tensor, _ weight: Tensor, _ options: ConvolutionOptions, _ spatial: Int, _ name: String
    ) throws(TalwegError) {
        let wanted = spatial == 1 ? "length" : "height, width"
        guard x.rank == spatial + 2 else {
            throw .shape("\(name): the input has shape \(x.shape), not [batch, channels, \(wanted)]")
        }
        guard weight.rank == spatial + 2 else {
            throw .shape("\(name): the weight has shape \(weight.shape), not [channels, channels, \(wanted)]")
        }
        guard x.dtype.isFloating, x.dtype == weight.dtype else {
            throw .dtype(
                "\(name): the input is \(x.dtype.name), the weight \(weight.dtype.name); "
                    + "both must be of one floating type")
        }
        try options.check(spatial, name)
        for axis in 0..<spatial {
            guard x.shape[2 + axis] >= 1 else { throw .shape("\(name): the input \(x.shape) has no positions") }
            guard weight.shape[2 + axis] >= 1 else { throw .shape("\(name): the kernel of \(weight.shape) is empty") }
        }
    }

    /// The positions from a kernel's first element to its last.
    private static func reach(_ kernel: Int, _ dilation: Int, _ weight: Shape, _ name: String)
        throws(TalwegError) -> Int
    {
        let (reach, overflow) = (kernel - 1).multipliedReportingOverflow(by: dilation)
        guard !overflow, reach < Int.max else {
            throw .shape("\(name): the kernel of \(weight) with dilation \(dilation) is too large")
        }
        return reach + 1
    }
}

extension ConvolutionOptions {
    /// Of the spatial axes there are, in order.
    func axis(_ axis: Int, of spatial: Int) -> Axis { spatial == 2 && axis == 0 ? height : width }

    /// What holds whatever the input.
    func check(_ spatial: Int, _ name: String) throws(TalwegError) {
        guard groups >= 1 else { throw .invalid("\(name): groups is \(groups); at least 1 is needed") }
        for axis in 0..<spatial {
            let o = self.axis(axis, of: spatial)
            guard o.stride >= 1 else { throw .invalid("\(name): stride is \(o.stride); at least 1 is needed") }
            guard o.dilation >= 1 else { throw .invalid("\(name): dilation is \(o.dilation); at least 1 is needed") }
            // So that positions may be added up without a check.
            guard max(o.stride, o.dilation, o.padding) <= Int(Int32.max) else {
                throw .invalid(
                    "\(name): stride \(o.stride), dilation \(o.dilation), padding \(o.padding): "
                        + "at most \(Int32.max) is allowed")
            }
            guard o.padding >= 0 else { throw .invalid("\(name): padding is \(o.padding); it may not be negative") }
        }
    }
}
