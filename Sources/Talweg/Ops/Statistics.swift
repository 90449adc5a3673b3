import TalwegKernels

struct Mean: LinearOperation {
    static let name = "mean"
    static let saves: Saves = []
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try reduce(.sum, x, axes, keepdims: keepdims, Self.name)
        let count = Double(x.shape.count(of: axes))
        // In place. Dividing rounds once, the product with 1 / count twice.
        switch y.dtype {
        case .float32: divide(y, by: Float(count))
        default: divide(y, by: count)
        }
        return y
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Mean>) throws(TalwegError) -> Tensor {
        let shared = try g.restored(axes, r.inputShape) / Double(r.inputShape.count(of: axes))
        return try shared.broadcast(to: r.inputShape)
    }

    private func divide<T: BinaryFloatingPoint>(_ y: View, by count: T) {
        guard let kernel = kernels.binary(.divide, y.dtype) else { return }
        withUnsafePointer(to: count) { kernel(y.count, y.pointer, 1, $0, 0, y.pointer, 1) }
    }
}

/// The sum of squared deviations over (count - correction), at least 0.
struct Variance: UnaryOperation {
    static let name = "var"
    static let saves: Saves = .first
    let axes: AxisSet
    let keepdims: Bool
    let correction: Double
    func forward(_ x: View) throws(TalwegError) -> View {
        let squares = try moments(x, axes, Self.name).squares
        let sums = squares.pointer(as: Double.self)
        let free = free(x.shape)
        for i in 0..<squares.count { sums[i] /= free }
        let shape = try x.shape.reduced(axes, keepdims: keepdims)
        return try squares.with(shape: shape, strides: shape.rowMajorStrides).cast(to: x.dtype)
    }
    /// 2 (x - mean) g / (count - correction)
    func pullback(_ g: Tensor, _ r: UnaryRecord<Variance>) throws(TalwegError) -> Tensor {
        let x = try r.x
        let scaled = try g.restored(axes, r.inputShape) * (2 / free(r.inputShape))
        return try (x - apply(Mean(axes: axes, keepdims: true), x)) * scaled
    }

    private func free(_ shape: Shape) -> Double { Swift.max(Double(shape.count(of: axes)) - correction, 0) }
}

/// log(sum(exp(x)))
struct LogSumExp: UnaryOperation {
    static let name = "logsumexp"
    static let saves: Saves = [.first, .output]
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        guard let own = kernels.statistics(x.dtype) else {
            throw .dtype("logsumexp: needs float32 or float64, not \(x.dtype.name)")
        }
        let reducer = Reducer(
            elements: own.logSumExp, results: kernels.statisticsF64.logSumExp, itemSize: x.dtype.itemSize,
            resultType: .float64)
        return try reduce(reducer, x, axes, keepdims: keepdims).cast(to: x.dtype)
    }
    /// g softmax(x)
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogSumExp>) throws(TalwegError) -> Tensor {
        let y = try r.y.restored(axes, r.inputShape)
        return try (r.x - y).exp() * g.restored(axes, r.inputShape)
    }
}

/// The square root of the sum of squares, which neither overflows nor vanishes where the result does not.
struct Norm: UnaryOperation {
    static let name = "norm"
    static let saves: Saves = [.first, .output]
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try squares(x)
        guard let root = kernels.unary(.sqrt, .float64) else {
            throw .dtype("norm: needs float32 or float64, not \(x.dtype.name)")
        }
        // Squares of float32 are sums in float64, where nothing overflows.
        if x.dtype == .float64, !inRange(y) { return try scaled(x) }
        root(y.count, y.pointer, 1, y.pointer, 1)
        return try y.cast(to: x.dtype)
    }
    /// g x / y; 0 where y is 0.
    func pullback(_ g: Tensor, _ r: UnaryRecord<Norm>) throws(TalwegError) -> Tensor {
        let y = try r.y.restored(axes, r.inputShape)
        let divisor = try Tensor.select(y.isEqual(y.scalar(0)), y.scalar(1), y)
        return try r.x * (g.restored(axes, r.inputShape) / divisor)
    }

    private func squares(_ x: View) throws(TalwegError) -> View {
        guard let own = kernels.statistics(x.dtype), let sum = kernels.reduceMany(.sum, .float64) else {
            throw .dtype("norm: needs float32 or float64, not \(x.dtype.name)")
        }
        let reducer = Reducer(
            elements: own.squares, results: sum, itemSize: x.dtype.itemSize, resultType: .float64)
        return try reduce(reducer, x, axes, keepdims: keepdims)
    }

    /// Whether no sum has lost squares that are too great or too small for a double.
    private func inRange(_ sums: View) -> Bool {
        let sums = UnsafeBufferPointer(start: sums.pointer(as: Double.self), count: sums.count)
        return sums.allSatisfy { $0 != $0 || (1e-280...1e300).contains($0) }
    }

    /// With the elements divided by the greatest magnitude first.
    private func scaled(_ x: View) throws(TalwegError) -> View {
        let magnitudes = try elementwise(.absolute, x, Self.name)
        let greatest = try reduce(.max, magnitudes, axes, keepdims: true, Self.name)
        let divisors = UnsafeMutableBufferPointer(start: greatest.pointer(as: Double.self), count: greatest.count)
        for i in divisors.indices where !(divisors[i] > 0 && divisors[i] < .infinity) { divisors[i] = 1 }
        let y = try squares(elementwise(.divide, x, greatest, Self.name))
        let sums = UnsafeMutableBufferPointer(start: y.pointer(as: Double.self), count: y.count)
        for i in sums.indices { sums[i] = divisors[i] * sums[i].squareRoot() }
        return y
    }
}

extension Tensor {
    /// Means over `axes` (nil: all); integers give float64, the mean of nothing is NaN.
    public func mean(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "mean")
        let x = dtype.isFloating ? self : try cast(to: .float64)
        return try x.widened { x throws(TalwegError) in try apply(Mean(axes: set, keepdims: keepdims), x) }
    }

    /// Variances: the sum of squared deviations over (count - correction).
    public func variance(axes: [Int]? = nil, keepdims: Bool = false, correction: Double = 0)
        throws(TalwegError) -> Tensor
    {
        let set = try shape.axes(axes, for: "var")
        let x = dtype.isFloating ? self : try cast(to: .float64)
        return try x.widened { x throws(TalwegError) in
            try apply(Variance(axes: set, keepdims: keepdims, correction: correction), x)
        }
    }

    /// Standard deviations: the roots of `variance`.
    public func standardDeviation(axes: [Int]? = nil, keepdims: Bool = false, correction: Double = 0)
        throws(TalwegError) -> Tensor
    {
        try variance(axes: axes, keepdims: keepdims, correction: correction).sqrt()
    }

    /// log(sum(exp(x))) without overflow: the largest is taken out first.
    public func logSumExp(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "logsumexp")
        return try floating().widened { x throws(TalwegError) in
            try apply(LogSumExp(axes: set, keepdims: keepdims), x)
        }
    }

    /// Euclidean norms. The gradient where the norm is 0 is 0.
    public func norm(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "norm")
        return try floating().widened { x throws(TalwegError) in try apply(Norm(axes: set, keepdims: keepdims), x) }
    }
}
