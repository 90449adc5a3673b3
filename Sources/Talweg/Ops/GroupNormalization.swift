import CIntrinsics
import TalwegKernels

/// Group norm (Wu and He, "Group normalization", 2018) of [n, channels, ..]: for each example and each group of
/// neighbouring channels, over their elements,
///
///     y = (x - mean) / sqrt(variance + epsilon) weight + bias
///
/// with a weight and a bias for each channel. With a group for each channel it is instance norm (Ulyanov, Vedaldi and
/// Lempitsky, "Instance normalization", 2016).
struct GroupedNorm: VariadicOperation {
    static let name = "group_norm"
    static let savesOutput = false
    let groups: Int
    let epsilon: Double
    /// The places of the inputs after x; nil where one is absent.
    let weight: Int?
    let bias: Int?
    /// float64 [2, examples x groups]: the means and variances.
    let moments: View

    func saves(input: Int) -> Bool { input == 0 || input == weight }

    /// What the loops go by: a group is a run of `channels` lines of `size` elements.
    private struct Layout {
        let images, groups, channels, size: Int

        init(_ shape: Shape, groups: Int) {
            images = shape[0]
            self.groups = groups
            channels = shape[1] / max(groups, 1)
            var size = 1
            for axis in 2..<max(shape.rank, 2) { size *= shape[axis] }
            self.size = size
        }

        var perGroup: Int { channels * size }

        func line(of count: Int) -> tk_channel_layout { tk_channel_layout(images: 1, size: count, step: 1, stride: 0) }

        /// Calls `body` with each group's number, in parallel.
        func forEachGroup(_ body: (Int) -> Void) {
            let all = images * groups
            let perChunk = max(1, elementsPerChunk / max(perGroup, 1))
            ThreadPool.run(chunks: (all + perChunk - 1) / perChunk) { chunk in
                for group in (chunk * perChunk)..<min(all, (chunk + 1) * perChunk) { body(group) }
            }
        }
    }

    /// The operation and its result.
    static func made(_ inputs: [View], groups: Int, epsilon: Double, weight: Int?, bias: Int?)
        throws(TalwegError) -> (operation: GroupedNorm, y: View)
    {
        let own = try contiguous(inputs)
        defer { withExtendedLifetime(own) {} }
        let x = own[0]
        let layout = Layout(x.shape, groups: groups)
        let count = layout.images * groups
        let table = try floatKernels(x.dtype, name).normalization
        let moments = try View(uninitialized: Shape([2, count], for: name), .float64)
        let y = try View(uninitialized: x.shape, x.dtype)
        let values = moments.pointer(as: Double.self)
        let (px, py, size) = (x.pointer, y.pointer, x.dtype.itemSize)
        let (weights, biases) = (weight.map { own[$0] }, bias.map { own[$0] })
        var (whole, line) = (layout.line(of: layout.perGroup), layout.line(of: layout.size))
        if x.count > 0 {
            withUnsafePointer(to: &whole) { whole in
                withUnsafePointer(to: &line) { line in
                    layout.forEachGroup { group in
                        let at = group * layout.perGroup * size
                        table.channelMoments(whole, px + at, values + group, values + count + group)
                        let mean = values[group]
                        let scale = 1 / (values[count + group] + epsilon).squareRoot()
                        let first = group % groups * layout.channels
                        for channel in 0..<layout.channels {
                            let here = at + channel * layout.size * size
                            table.channels(
                                line, mean, scale * (weights?.double(at: first + channel) ?? 1),
                                biases?.double(at: first + channel) ?? 0, false, px + here, nil, py + here)
                        }
                    }
                }
            }
        }
        return (GroupedNorm(groups: groups, epsilon: epsilon, weight: weight, bias: bias, moments: moments), y)
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try GroupedNorm.made(inputs, groups: groups, epsilon: epsilon, weight: weight, bias: bias).y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<GroupedNorm>) throws(TalwegError) -> [Tensor?] {
        if ThreadState.current.recording { return try composedPullback(g, r) }
        let x = try r.input(0).view.contiguous()
        let gradient = try g.view.contiguous()
        let weights: View? = if let weight { try r.input(weight).view.contiguous() } else { nil }
        let layout = Layout(x.shape, groups: groups)
        let (channels, count) = (x.shape[1], layout.images * groups)
        let dx = try View(uninitialized: x.shape, x.dtype)
        // Of each example's channels: the sums of g (x - mean) / deviation, and those of g.
        let sums = try View.full(Shape([2, layout.images, channels], for: Self.name), 0, .float64)
        let table = try floatKernels(x.dtype, Self.name).normalization
        let values = moments.pointer(as: Double.self)
        let products = sums.pointer(as: Double.self)
        let totals = products + layout.images * channels
        let (px, pg, pd, size) = (x.pointer, gradient.pointer, dx.pointer, x.dtype.itemSize)
        let n = Double(layout.perGroup)
        var line = layout.line(of: layout.size)
        if x.count > 0 {
            withUnsafePointer(to: &line) { line in
                layout.forEachGroup { group in
                    let at = group * layout.perGroup * size
                    let mean = values[group]
                    let scale = 1 / (values[count + group] + epsilon).squareRoot()
                    let first = group % groups * layout.channels
                    let place = group * layout.channels
                    var (product, total) = (0.0, 0.0)
                    for channel in 0..<layout.channels {
                        let here = at + channel * layout.size * size
                        let w = weights?.double(at: first + channel) ?? 1
                        table.channelGradientSums(
                            line, mean, pg + here, nil, px + here, totals + (place + channel),
                            products + (place + channel))
                        products[place + channel] *= scale
                        product += w * products[place + channel]
                        total += w * totals[place + channel]
                    }
                    // Mean and variance depend on x as well.
                    let (b, c) = (-scale * scale * product / n, -scale * total / n)
                    for channel in 0..<layout.channels {
                        let here = at + channel * layout.size * size
                        let a = scale * (weights?.double(at: first + channel) ?? 1)
                        table.channelsBackward(line, mean, a, b, c, pg + here, nil, px + here, pd + here, nil)
                    }
                }
            }
        }
        func summed(_ place: Int) throws(TalwegError) -> Tensor {
            try Tensor(sums).select(axis: 0, index: place).sum(axes: [0]).cast(to: x.dtype)
        }
        return placed(Tensor(dx), weight == nil ? nil : try summed(0), bias == nil ? nil : try summed(1))
    }

    private func placed(_ dx: Tensor, _ dweight: Tensor?, _ dbias: Tensor?) -> [Tensor?] {
        var gradients: [Tensor?] = [dx]
        if weight != nil { gradients.append(dweight) }
        if bias != nil { gradients.append(dbias) }
        return gradients
    }

    /// The same of recorded operations.
    private func composedPullback(_ g: Tensor, _ r: VariadicRecord<GroupedNorm>) throws(TalwegError) -> [Tensor?] {
        let x = try r.input(0)
        let layout = Layout(x.shape, groups: groups)
        let rows = try Shape([layout.images, groups, layout.perGroup], for: Self.name)
        let others = (0..<x.rank).filter { $0 != 1 }
        func mean(_ x: Tensor) throws(TalwegError) -> Tensor { try x.mean(axes: [-1], keepdims: true) }
        let values = try x.reshape(rows)
        let deviation = try values - mean(values)
        let scale = try (mean(deviation.square()) + epsilon).rsqrt()
        let h = try deviation * scale
        var d = g
        if let weight {
            let aside = try Shape([x.shape[1]] + Array(repeating: 1, count: x.rank - 2), for: Self.name)
            d = try g * r.input(weight).reshape(aside)
        }
        d = try d.reshape(rows)
        let dx = try ((d - mean(d) - h * mean(d * h)) * scale).reshape(x.shape)
        return placed(
            dx, weight == nil ? nil : try (g * h.reshape(x.shape)).sum(axes: others),
            bias == nil ? nil : try g.sum(axes: others))
    }
}

extension Tensor {
    /// Group norm of [n, channels, ..]: (x - mean) / sqrt(variance + epsilon) weight + bias, mean and variance of each
    /// of `groups` groups of channels of each example.
    /// - Parameter weight, bias: [channels], or nil for ones and zeros
    public func groupNorm(groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5)
        throws(TalwegError) -> Tensor
    {
        let (operation, inputs, y) = try groupedNorm("group_norm", groups, weight, bias, epsilon)
        return try recorded(operation, inputs, y)
    }

    /// Group norm before it is recorded.
    func groupedNorm(_ name: String, _ groups: Int, _ weight: Tensor?, _ bias: Tensor?, _ epsilon: Double)
        throws(TalwegError) -> (GroupedNorm, inputs: [Tensor], y: View)
    {
        let x = try floating()
        guard rank >= 2 else { throw .shape("\(name): the tensor has shape \(shape); [n, channels, ..] is needed") }
        let channels = shape[1]
        guard groups >= 1, channels % groups == 0 else {
            throw .invalid("\(name): the \(channels) channels of \(shape) are not divided by \(groups) groups")
        }
        guard epsilon >= 0, epsilon.isFinite else {
            throw .invalid("\(name): epsilon is \(epsilon); it must be finite and 0 or more")
        }
        var inputs = [x]
        var places: [Int?] = []
        for (given, what) in [(weight, "weight"), (bias, "bias")] {
            guard let given else {
                places.append(nil)
                continue
            }
            guard given.rank == 1, given.shape[0] == channels else {
                throw .shape("\(name): the \(what) has shape \(given.shape); [\(channels)] is needed")
            }
            guard given.dtype == x.dtype else {
                throw .dtype("\(name): the tensor is \(x.dtype.name), the \(what) \(given.dtype.name)")
            }
            places.append(inputs.count)
            inputs.append(given)
        }
        let (operation, y) = try GroupedNorm.made(
            inputs.map(\.view), groups: groups, epsilon: epsilon, weight: places[0], bias: places[1])
        return (operation, inputs, y)
    }
}
