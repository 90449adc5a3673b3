import CIntrinsics
import TalwegKernels

/// How a batch norm is done.
public struct BatchNormOptions: Sendable {
    /// With the batch's own statistics, else with the running ones.
    public var training: Bool
    /// The share of the batch in the running statistics.
    public var momentum: Double
    public var epsilon: Double
    /// Whether max(y, 0) is the result.
    public var relu: Bool

    public init(training: Bool = true, momentum: Double = 0.1, epsilon: Double = 1e-5, relu: Bool = false) {
        self.training = training
        self.momentum = momentum
        self.epsilon = epsilon
        self.relu = relu
    }
}

/// Batch norm (Ioffe and Szegedy, "Batch normalization", 2015) of [n, channels, ..]: of each channel
///
///     y = (x - mean) / sqrt(variance + epsilon) weight + bias
///
/// and then, in the same pass, plus a residual and the greater of that and 0.
struct BatchNorm: VariadicOperation {
    static let name = "batch_norm"
    static let savesOutput = true
    let options: BatchNormOptions
    /// The places of the inputs after x; nil where one is absent.
    let weight: Int?
    let bias: Int?
    let residual: Int?
    /// float64 [2, channels]: the means and variances that were used.
    let moments: View

    func saves(input: Int) -> Bool { input == 0 || input == weight }

    /// Calls `body` with each channel, its layout and the byte offset of its first element, in parallel.
    private static func forEachChannel(
        _ shape: Shape, _ size: Int, _ body: (Int, UnsafePointer<tk_channel_layout>, Int) -> Void
    ) {
        let blocks = AxisBlocks(shape, axis: 1)
        let channels = blocks.size
        // [n, channels]: one run with the channels as steps.
        var layout = blocks.inner == 1
            ? tk_channel_layout(images: 1, size: blocks.outer, step: channels, stride: 0)
            : tk_channel_layout(images: blocks.outer, size: blocks.inner, step: 1, stride: channels * blocks.inner)
        let perChunk = max(1, elementsPerChunk / max(blocks.outer * blocks.inner, 1))
        withUnsafePointer(to: &layout) { layout in
            ThreadPool.run(chunks: (channels + perChunk - 1) / perChunk) { chunk in
                for channel in (chunk * perChunk)..<min(channels, (chunk + 1) * perChunk) {
                    body(channel, layout, channel * blocks.inner * size)
                }
            }
        }
    }

    /// The operation and its result. Without `moments` those of the batch are taken.
    static func made(
        _ inputs: [View], _ options: BatchNormOptions, weight: Int?, bias: Int?, residual: Int?, moments given: View?
    ) throws(TalwegError) -> (operation: BatchNorm, y: View) {
        let own = try contiguous(inputs)
        defer { withExtendedLifetime(own) {} }
        let x = own[0]
        let channels = x.shape[1]
        let table = try floatKernels(x.dtype, name).normalization
        let moments: View =
            if let given { given } else { try View(uninitialized: Shape([2, channels], for: name), .float64) }
        let y = try View(uninitialized: x.shape, x.dtype)
        let values = moments.pointer(as: Double.self)
        let (px, py) = (x.pointer, y.pointer)
        let pr = residual.map { own[$0].pointer }
        let computes = given == nil
        if x.count > 0 {
            forEachChannel(x.shape, x.dtype.itemSize) { channel, layout, at in
                if computes { table.channelMoments(layout, px + at, values + channel, values + channels + channel) }
                let scale = 1 / (values[channels + channel] + options.epsilon).squareRoot()
                table.channels(
                    layout, values[channel], scale * (weight.map { own[$0].double(at: channel) } ?? 1),
                    bias.map { own[$0].double(at: channel) } ?? 0, options.relu, px + at, pr.map { $0 + at }, py + at)
            }
        }
        return (BatchNorm(options: options, weight: weight, bias: bias, residual: residual, moments: moments), y)
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try BatchNorm.made(
            inputs, options, weight: weight, bias: bias, residual: residual,
            moments: options.training ? nil : moments
        ).y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<BatchNorm>) throws(TalwegError) -> [Tensor?] {
        if ThreadState.current.recording { return try composedPullback(g, r) }
        let x = try r.input(0).view.contiguous()
        let gradient = try g.view.contiguous()
        let weights: View? = if let weight { try r.input(weight).view.contiguous() } else { nil }
        let y: View? = options.relu ? try r.y.view : nil
        let channels = x.shape[1]
        let perChannel = try Shape([channels], for: Self.name)
        let dx = try View(uninitialized: x.shape, x.dtype)
        // Without a ReLU the residual's gradient is the result's.
        let masked = residual != nil && options.relu ? try View(uninitialized: x.shape, x.dtype) : nil
        let dweight = try View.full(perChannel, 0, .float64)
        let dbias = try View.full(perChannel, 0, .float64)
        let table = try floatKernels(x.dtype, Self.name).normalization
        let values = moments.pointer(as: Double.self)
        let (forWeight, forBias) = (dweight.pointer(as: Double.self), dbias.pointer(as: Double.self))
        let (px, pg, pd) = (x.pointer, gradient.pointer, dx.pointer)
        let (py, pm) = (y.map { UnsafeRawPointer($0.pointer) }, masked.map { $0.pointer })
        let n = Double(x.count / max(channels, 1))
        if x.count > 0 {
            BatchNorm.forEachChannel(x.shape, x.dtype.itemSize) { channel, layout, at in
                let mean = values[channel]
                let scale = 1 / (values[channels + channel] + options.epsilon).squareRoot()
                var (sum, product) = (0.0, 0.0)
                table.channelGradientSums(layout, mean, pg + at, py.map { $0 + at }, px + at, &sum, &product)
                forWeight[channel] = product * scale
                forBias[channel] = sum
                let a = scale * (weights.map { $0.double(at: channel) } ?? 1)
                // The batch's statistics depend on x as well.
                let b = options.training ? -a * scale * scale * product / n : 0
                let c = options.training ? -a * sum / n : 0
                table.channelsBackward(
                    layout, mean, a, b, c, pg + at, py.map { $0 + at }, px + at, pd + at, pm.map { $0 + at })
            }
        }
        return placed(
            Tensor(dx), weight == nil ? nil : Tensor(try dweight.cast(to: x.dtype)),
            bias == nil ? nil : Tensor(try dbias.cast(to: x.dtype)), masked.map { Tensor($0) } ?? g)
    }

    private func placed(_ dx: Tensor, _ dweight: Tensor?, _ dbias: Tensor?, _ dresidual: Tensor) -> [Tensor?] {
        var gradients: [Tensor?] = [dx]
        if weight != nil { gradients.append(dweight) }
        if bias != nil { gradients.append(dbias) }
        if residual != nil { gradients.append(dresidual) }
        return gradients
    }

    /// The same of recorded operations.
    private func composedPullback(_ g: Tensor, _ r: VariadicRecord<BatchNorm>) throws(TalwegError) -> [Tensor?] {
        let x = try r.input(0)
        let channels = x.shape[1]
        let axes = (0..<x.rank).filter { $0 != 1 }
        // [channels] as the channels of x.
        let aside = try Shape([channels] + Array(repeating: 1, count: x.rank - 2), for: Self.name)
        func mean(_ x: Tensor) throws(TalwegError) -> Tensor { try x.mean(axes: axes, keepdims: true) }
        let used = Tensor(moments)
        let center: Tensor
        let variance: Tensor
        if options.training {
            center = try mean(x)
            variance = try mean((x - center).square())
        } else {
            center = try used.select(axis: 0, index: 0).cast(to: x.dtype).reshape(aside)
            variance = try used.select(axis: 0, index: 1).cast(to: x.dtype).reshape(aside)
        }
        let scale = try (variance + options.epsilon).rsqrt()
        let h = try (x - center) * scale
        var masked = g
        if options.relu {
            let y = try r.y.detach()
            masked = try g * y.isGreater(y.scalar(0)).cast(to: x.dtype)
        }
        let d: Tensor = if let weight { try masked * r.input(weight).reshape(aside) } else { masked }
        let inner = options.training ? try d - mean(d) - h * mean(d * h) : d
        return placed(
            try inner * scale, weight == nil ? nil : try (masked * h).sum(axes: axes),
            bias == nil ? nil : try masked.sum(axes: axes), masked)
    }
}

extension Tensor {
    /// Batch norm of [n, channels, ..]: (x - mean) / sqrt(variance + epsilon) weight + bias of each channel, plus
    /// `residual` if it is given, and with `options.relu` the greater of that and 0.
    ///
    /// In training mean and variance are the batch's, and the running ones, if given, move towards them:
    /// running = (1 - momentum) running + momentum batch, with the variance over one less than the count.
    /// - Parameters:
    ///   - weight, bias: [channels], or nil for ones and zeros
    ///   - runningMean, runningVariance: [channels], row-major; needed unless training
    ///   - residual: of this tensor's shape
    public func batchNorm(
        weight: Tensor? = nil, bias: Tensor? = nil, runningMean: Tensor? = nil, runningVariance: Tensor? = nil,
        residual: Tensor? = nil, _ options: BatchNormOptions = .init()
    ) throws(TalwegError) -> Tensor {
        let name = BatchNorm.name
        let x = try floating()
        guard rank >= 2 else { throw .shape("\(name): the tensor has shape \(shape); [n, channels, ..] is needed") }
        guard options.epsilon >= 0, options.epsilon.isFinite else {
            throw .invalid("\(name): epsilon is \(options.epsilon); it must be finite and 0 or more")
        }
        let channels = shape[1]
        for (given, what) in [(weight, "weight"), (bias, "bias")] {
            guard let given else { continue }
            guard given.rank == 1, given.shape[0] == channels else {
                throw .shape("\(name): the \(what) has shape \(given.shape); [\(channels)] is needed")
            }
            guard given.dtype == x.dtype else {
                throw .dtype("\(name): the tensor is \(x.dtype.name), the \(what) \(given.dtype.name)")
            }
        }
        let statistics = try RunningStatistics(
            runningMean, runningVariance, channels: channels, x.dtype, options, name)
        guard options.training || runningMean != nil else {
            throw .invalid("\(name): without training the running mean and variance are needed")
        }
        if options.training, channels > 0, count / channels < 2 {
            throw .shape("\(name): \(shape) has \(count / channels) values a channel; training needs 2 or more")
        }
        if let residual {
            guard residual.shape == shape else {
                throw .shape("\(name): the tensor is \(shape), the residual \(residual.shape)")
            }
            guard residual.dtype == x.dtype else {
                throw .dtype("\(name): the tensor is \(x.dtype.name), the residual \(residual.dtype.name)")
            }
        }
        var inputs = [x]
        func place(_ given: Tensor?) -> Int? {
            guard let given else { return nil }
            inputs.append(given)
            return inputs.count - 1
        }
        let places = (place(weight), place(bias), place(residual))
        let given = options.training ? nil : try statistics?.both()
        let (operation, made) = try BatchNorm.made(
            inputs.map(\.view), options, weight: places.0, bias: places.1, residual: places.2, moments: given)
        let y = try recorded(operation, inputs, made)
        if options.training, let statistics, channels > 0 {
            try statistics.move(towards: operation.moments, count: count / channels, by: options.momentum)
        }
        return y
    }
}
