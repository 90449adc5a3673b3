import CIntrinsics
import TalwegKernels

/// Windows that slide over the spatial axes: those of height and width, or of length (in `width`) alone.
public struct PoolingOptions: Sendable {
    public struct Axis: Sendable {
        public var kernel: Int
        /// nil: the kernel's size.
        public var stride: Int?
        public var padding = 0
        /// Of maxima only.
        public var dilation = 1

        public init(kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1) {
            self.kernel = kernel
            self.stride = stride
            self.padding = padding
            self.dilation = dilation
        }
    }

    public var height: Axis
    public var width: Axis
    /// Whether an average counts the padding's zeros.
    public var countsPadding: Bool
    /// Whether positions that are left over at an axis's end have a window of their own, which reaches beyond.
    public var ceiling: Bool
    /// What an average divides a window's sum by; nil: how many elements count.
    public var divisor: Int?

    public init(height: Axis, width: Axis, countsPadding: Bool = true, ceiling: Bool = false, divisor: Int? = nil) {
        self.height = height
        self.width = width
        self.countsPadding = countsPadding
        self.ceiling = ceiling
        self.divisor = divisor
    }

    /// The same on both axes.
    public init(_ axis: Axis, countsPadding: Bool = true, ceiling: Bool = false, divisor: Int? = nil) {
        self.init(height: axis, width: axis, countsPadding: countsPadding, ceiling: ceiling, divisor: divisor)
    }

    /// Of the spatial axes there are, in order.
    func axis(_ axis: Int, of spatial: Int) -> Axis { spatial == 2 && axis == 0 ? height : width }

    /// What holds whatever the input.
    func check(_ spatial: Int, _ name: String) throws(TalwegError) {
        for axis in 0..<spatial {
            let o = self.axis(axis, of: spatial)
            let numbers = [("kernel_size", o.kernel), ("stride", o.stride ?? o.kernel), ("dilation", o.dilation)]
            for (what, value) in numbers {
                guard (1...Int(Int32.max)).contains(value) else {
                    throw .invalid("\(name): \(what) is \(value); 1 to \(Int32.max) is allowed")
                }
            }
            guard o.padding >= 0, o.padding <= o.reach / 2 else {
                throw .invalid(
                    "\(name): padding is \(o.padding); it may be from 0 to half of the \(o.reach) positions that "
                        + "the window spans")
            }
        }
        // Taps are kept as elements of the tensor's type. Each factor is at most Int32.max.
        let size = spatial == 1 ? width.kernel : height.kernel * width.kernel
        guard size <= 1 << 24 else {
            throw .invalid("\(name): a window of \(size) elements is too large")
        }
        guard divisor != 0 else { throw .invalid("\(name): an average cannot be divided by 0") }
    }
}

extension PoolingOptions.Axis {
    /// The positions from a window's first element to its last; the numbers are checked.
    var reach: Int { (kernel - 1) * dilation + 1 }
}

/// Windows of checked sizes over every plane of a tensor.
struct PoolingGeometry: Sendable {
    let windows: tk_convolution
    /// Before pooling and after.
    let large, small: Shape
    let countsPadding: Bool

    init(_ x: Tensor, _ options: PoolingOptions, _ spatial: Int, _ name: String) throws(TalwegError) {
        guard x.rank == spatial + 2 else {
            let wanted = spatial == 1 ? "length" : "height, width"
            throw .shape("\(name): the input has shape \(x.shape), not [batch, channels, \(wanted)]")
        }
        guard x.dtype.isFloating else { throw .dtype("\(name): needs a floating type, not \(x.dtype.name)") }
        try options.check(spatial, name)
        var axes: [tk_axis] = []
        for axis in 0..<spatial {
            let o = options.axis(axis, of: spatial)
            let (stride, reach) = (o.stride ?? o.kernel, o.reach)
            let source = x.shape[2 + axis]
            guard source >= 1 else { throw .shape("\(name): the input \(x.shape) has no positions") }
            // Below Int.max: the shape's product is.
            let padded = source + 2 * o.padding
            guard reach <= padded else {
                throw .shape(
                    "\(name): the window spans \(reach) positions, the input \(x.shape) with padding \(o.padding) "
                        + "has \(padded)")
            }
            axes.append(
                tk_axis(
                    source: source, result: (padded - reach) / stride + 1, kernel: o.kernel, stride: stride,
                    padding: o.padding, dilation: o.dilation))
        }
        let one = tk_axis(source: 1, result: 1, kernel: 1, stride: 1, padding: 0, dilation: 1)
        let (height, width) = spatial == 2 ? (axes[0], axes[1]) : (one, axes[0])
        large = x.shape
        small = try Shape([x.shape[0], x.shape[1]] + axes.map(\.result), for: name)
        countsPadding = options.countsPadding
        windows = tk_convolution(
            images: x.shape[0] * x.shape[1], groups: 1, channels: 1, rows: 1, height: height, width: width,
            transposed: false, weight_group: 0, weight_row: 0, weight_channel: 0)
    }
}

/// The greatest element of each window. `taps` is found by the forward pass.
struct MaximumPool: VariadicOperation {
    static let name = "max_pool"
    static let savesOutput = false
    let geometry: PoolingGeometry
    let taps: View

    func saves(input: Int) -> Bool { false }
    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try pooled(geometry, \.gather, inputs[0], small: nil, taps: taps)
    }
    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<MaximumPool>) throws(TalwegError) -> [Tensor?] {
        [try apply(MaximumUnpool(geometry: geometry, taps: taps), g)]
    }
}

/// Each window's value sent to its greatest element.
struct MaximumUnpool: LinearOperation {
    static let name = "max_pool's gradient"
    static let saves: Saves = []
    let geometry: PoolingGeometry
    let taps: View

    func forward(_ y: View) throws(TalwegError) -> View { try pooled(geometry, \.scatter, nil, small: y, taps: taps) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<MaximumUnpool>) throws(TalwegError) -> Tensor {
        try apply(MaximumPool(geometry: geometry, taps: taps), [g])
    }
}

/// The mean of each window.
struct AveragePool: LinearOperation {
    static let name = "avg_pool"
    static let saves: Saves = []
    let geometry: PoolingGeometry

    func forward(_ x: View) throws(TalwegError) -> View { try pooled(geometry, \.mean, x, small: nil, taps: nil) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<AveragePool>) throws(TalwegError) -> Tensor {
        try apply(AverageUnpool(geometry: geometry), g)
    }
}

/// Each window's value shared out evenly over it.
struct AverageUnpool: LinearOperation {
    static let name = "avg_pool's gradient"
    static let saves: Saves = []
    let geometry: PoolingGeometry

    func forward(_ y: View) throws(TalwegError) -> View { try pooled(geometry, \.spread, nil, small: y, taps: nil) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<AverageUnpool>) throws(TalwegError) -> Tensor {
        try apply(AveragePool(geometry: geometry), g)
    }
}

/// The side that is not given, from the one that is.
private func pooled(
    _ geometry: PoolingGeometry, _ kernel: KeyPath<PoolingKernels, PoolFunction>, _ large: View?, small: View?,
    taps: View?
) throws(TalwegError) -> View {
    guard let given = large ?? small, let table = kernels.float(given.dtype) else {
        throw .dtype("pooling: needs float32 or float64")
    }
    let source = try given.contiguous()
    let result = try View(uninitialized: large == nil ? geometry.large : geometry.small, given.dtype)
    guard result.count > 0 else { return result }
    var p = geometry.windows
    var plan = tk_pooling_plan(p, itemSize: given.dtype.itemSize, countsPadding: geometry.countsPadding)
    let (x, y) = large == nil ? (result.pointer, source.pointer) : (source.pointer, result.pointer)
    let function = table.pooling[keyPath: kernel]
    try withUnsafePointers(&p, &plan) { p, plan throws(TalwegError) in
        try runChunks(plan.pointee.chunks, workspaceBytes: plan.pointee.workspace_bytes) { chunk, workspace in
            function(p, plan, x, y, taps?.pointer, chunk, workspace)
        }
    }
    return result
}

extension Tensor {
    /// The greatest element of each window of this [n, c, h, w]; of equals the first has the gradient.
    public func maxPool2d(_ options: PoolingOptions) throws(TalwegError) -> Tensor {
        try maxPool(options, 2, "max_pool2d")
    }

    /// The greatest element of each window of this [n, c, l].
    public func maxPool1d(_ options: PoolingOptions) throws(TalwegError) -> Tensor {
        try maxPool(options, 1, "max_pool1d")
    }

    /// The mean of each window of this [n, c, h, w].
    public func avgPool2d(_ options: PoolingOptions) throws(TalwegError) -> Tensor {
        try avgPool(options, 2, "avg_pool2d")
    }

    /// The mean of each window of this [n, c, l].
    public func avgPool1d(_ options: PoolingOptions) throws(TalwegError) -> Tensor {
        try avgPool(options, 1, "avg_pool1d")
    }

    private func maxPool(_ given: PoolingOptions, _ spatial: Int, _ name: String) throws(TalwegError) -> Tensor {
        let (x, options) = try ceilingPadded(given, spatial, value: -.infinity, name)
        let geometry = try PoolingGeometry(x, options, spatial, name)
        guard requiresGrad, ThreadState.current.recording else {
            return Tensor(try pooled(geometry, \.maximum, x.view, small: nil, taps: nil))
        }
        let taps = try View(uninitialized: geometry.small, dtype)
        let y = try pooled(geometry, \.maximum, x.view, small: nil, taps: taps)
        return try recorded(MaximumPool(geometry: geometry, taps: taps), [x], y)
    }

    private func avgPool(_ given: PoolingOptions, _ spatial: Int, _ name: String) throws(TalwegError) -> Tensor {
        guard given.height.dilation == 1, given.width.dilation == 1 else {
            throw .invalid("\(name): an average has no dilation")
        }
        let (x, options) = try ceilingPadded(given, spatial, value: 0, name)
        guard options.divisor != nil || x.shape != shape else {
            return try apply(AveragePool(geometry: PoolingGeometry(x, options, spatial, name)), x)
        }
        // The mean over whole windows, and then what makes it that over what counts.
        var whole = options
        whole.countsPadding = true
        let geometry = try PoolingGeometry(x, whole, spatial, name)
        return try apply(AveragePool(geometry: geometry), x) * geometry.shares(given, of: shape, spatial, dtype)
    }
}
