import TalwegKernels

/// What positions between those of the input hold. The raw values are those of `tw_upsample_mode`.
public enum UpsampleMode: Int32, Sendable {
    /// The nearest one before.
    case nearest = 0
    /// Both neighbours, by their distance; along two axes bilinear.
    case linear = 1
}

/// The sizes of spatial axes that `upsample` makes.
public struct UpsampleOptions: Sendable {
    public enum Size: Sendable, Equatable {
        case positions(Int)
        /// The input's size times a number, rounded down.
        case factor(Double)
    }

    /// Of the height, or of the length where there is no other axis.
    public var first: Size
    /// Of the width.
    public var second: Size
    public var mode: UpsampleMode
    /// Of `linear`: whether the first and last positions of input and result lie at one place, or their outer edges.
    public var alignsCorners: Bool

    public init(first: Size, second: Size, mode: UpsampleMode = .nearest, alignsCorners: Bool = false) {
        self.first = first
        self.second = second
        self.mode = mode
        self.alignsCorners = alignsCorners
    }

    /// What holds whatever the input.
    func check(_ name: String) throws(TalwegError) {
        for size in [first, second] {
            switch size {
            case .positions(let count):
                guard (1...Int(Int32.max)).contains(count) else {
                    throw .invalid("\(name): size is \(count); 1 to \(Int32.max) is allowed")
                }
            case .factor(let factor):
                guard factor > 0, factor.isFinite else {
                    throw .invalid("\(name): scale_factor is \(factor); it must be finite and above 0")
                }
            }
        }
        guard mode == .linear || !alignsCorners else {
            throw .invalid("\(name): corners are aligned in linear mode alone")
        }
    }
}

/// Where along an axis the positions of a result lie in its source.
private struct UpsampledAxis {
    let source: Int
    let result: Int
    /// Positions of the source a position of the result; nil: as the sizes have it.
    let step: Double?

    init(_ size: UpsampleOptions.Size, _ source: Int, _ name: String) throws(TalwegError) {
        guard source >= 1, source <= Int(Int32.max) else {
            throw .shape("\(name): an axis of the input has \(source) positions; 1 to \(Int32.max) are allowed")
        }
        self.source = source
        switch size {
        case .positions(let count): (result, step) = (count, nil)
        case .factor(let factor):
            let wanted = (Double(source) * factor).rounded(.down)
            guard wanted >= 1, wanted <= Double(Int32.max) else {
                throw .shape("\(name): \(source) positions times \(factor) are \(wanted); 1 to \(Int32.max) are allowed")
            }
            (result, step) = (Int(wanted), 1 / factor)
        }
    }

    private func indices(_ place: (Int) -> Int) throws(TalwegError) -> View {
        let indices = try View(uninitialized: Shape([result], for: "upsample"), .int64)
        let values = indices.pointer(as: Int64.self)
        for i in 0..<result { values[i] = Int64(min(max(place(i), 0), source - 1)) }
        return indices
    }

    func nearest() throws(TalwegError) -> View {
        try indices { i in
            guard let step else { return i * source / result }
            return Int(min(Double(i) * step, Double(source)))
        }
    }

    /// The place in the source, from 0 to its last.
    private func place(_ i: Int, _ alignsCorners: Bool) -> Double {
        let last = Double(source - 1)
        if alignsCorners { return result > 1 ? Double(i) * last / Double(result - 1) : 0 }
        return min(max((Double(i) + 0.5) * (step ?? Double(source) / Double(result)) - 0.5, 0), last)
    }

    /// The neighbours of each place, and the share of the second.
    func neighbours(_ alignsCorners: Bool, _ dtype: DType) throws(TalwegError) -> (View, View, share: View) {
        let first = try indices { Int(place($0, alignsCorners)) }
        let second = try indices { Int(place($0, alignsCorners)) + 1 }
        let share = try View(uninitialized: first.shape, .float64)
        let values = share.pointer(as: Double.self)
        for i in 0..<result {
            let place = self.place(i, alignsCorners)
            values[i] = place - place.rounded(.down)
        }
        return (first, second, try share.cast(to: dtype))
    }
}

extension Tensor {
    /// This [n, c, h, w] or [n, c, l] at other sizes of its spatial axes.
    public func upsample(_ options: UpsampleOptions) throws(TalwegError) -> Tensor {
        let name = "upsample"
        try options.check(name)
        guard rank == 3 || rank == 4 else {
            throw .shape("\(name): the input has shape \(shape), not [n, c, length] or [n, c, height, width]")
        }
        guard dtype.isFloating || options.mode == .nearest else {
            throw .dtype("\(name): linear mode needs a floating type, not \(dtype.name)")
        }
        var y = self
        for axis in 2..<rank {
            let along = try UpsampledAxis(axis == 2 ? options.first : options.second, shape[axis], name)
            if options.mode == .nearest {
                y = try apply(IndexSelect(axis: axis, indices: along.nearest()), y)
                continue
            }
            let (first, second, share) = try along.neighbours(options.alignsCorners, dtype)
            // [result, 1, ..], as the axes behind have it.
            let weight = try Tensor(share).reshape([along.result] + Array(repeating: 1, count: rank - 1 - axis))
            let lower = try apply(IndexSelect(axis: axis, indices: first), y)
            let upper = try apply(IndexSelect(axis: axis, indices: second), y)
            y = try lower * (1 - weight) + upper * weight
        }
        return y
    }

    /// Channels as pixels: [n, c r^2, h, w] -> [n, c, h r, w r] (Shi et al., "Real-time single image and video
    /// super-resolution using an efficient sub-pixel convolutional neural network", 2016).
    public func pixelShuffle(_ factor: Int) throws(TalwegError) -> Tensor {
        let name = "pixel_shuffle"
        guard rank == 4 else { throw .shape("\(name): the input has shape \(shape), not [n, c, height, width]") }
        guard factor >= 1, factor <= Int(Int32.max) else {
            throw .invalid("\(name): the factor is \(factor); 1 to \(Int32.max) is allowed")
        }
        guard shape[1] % (factor * factor) == 0 else {
            throw .shape("\(name): the \(shape[1]) channels of \(shape) are not divided by \(factor)^2")
        }
        let channels = shape[1] / (factor * factor)
        let (height, over) = shape[2].multipliedReportingOverflow(by: factor)
        let (width, overflow) = shape[3].multipliedReportingOverflow(by: factor)
        guard !over, !overflow else { throw .shape("\(name): \(shape) times \(factor) is too large") }
        return try reshape([shape[0], channels, factor, factor, shape[2], shape[3]])
            .permute([0, 1, 4, 2, 5, 3]).reshape([shape[0], channels, height, width])
    }
}
