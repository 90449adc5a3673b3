import TalwegKernels

/// min(max(x, low), high) of x, low and high. The gradient goes to the one that the result is; to x where it is at a
/// bound, to nothing where one is NaN.
struct Clip: VariadicOperation {
    static let name = "clip"
    static let savesOutput = false
    func saves(input: Int) -> Bool { true }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        let (x, low, high) = (inputs[0], inputs[1], inputs[2])
        guard let kernel = kernels.clip(x.dtype) else {
            // One of the three: rounding back is exact.
            guard x.dtype.isFloating else { throw .dtype("clip: not defined for \(x.dtype.name)") }
            return try forward([x.cast(to: .float32), low.cast(to: .float32), high.cast(to: .float32)]).cast(to: x.dtype)
        }
        let shape = try Shape.broadcast(
            Shape.broadcast(x.shape, low.shape, for: Self.name), high.shape, for: Self.name)
        let y = try View(uninitialized: shape, x.dtype)
        mapClip(kernel, x, low, high, to: y)
        return y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<Clip>) throws(TalwegError) -> [Tensor?] {
        let (x, low, high) = (try r.input(0), try r.input(1), try r.input(2))
        let inside = try x.isGreaterOrEqual(low).logicalAnd(x.isLessOrEqual(high))
        let zero = try Tensor.zeros(.scalar, g.dtype)
        var gradients: [Tensor?] = [wanted[0] ? try .select(inside, g, zero) : nil, nil, nil]
        guard wanted[1] || wanted[2] else { return gradients }
        let isHigh = try inside.logicalNot().logicalAnd(x.isGreater(high).logicalOr(low.isGreater(high)))
        if wanted[1] {
            gradients[1] = try .select(x.isLess(low).logicalAnd(isHigh.logicalNot()), g, zero)
        }
        if wanted[2] { gradients[2] = try .select(isHigh, g, zero) }
        return gradients
    }
}

/// y = kernel(x, low, high), element by element; all broadcast to `y`, which is written.
private func mapClip(_ kernel: ClipFunction, _ x: View, _ low: View, _ high: View, to y: View) {
    let size = y.dtype.itemSize
    let walk = Iteration(
        y.shape, [x, low, high].reduce(into: [(y.strides, size)]) { $0.append(($1.strides(broadcastTo: y.shape), size)) })
    let (px, pl, ph, py) = (x.pointer, low.pointer, high.pointer, y.pointer)
    let (sy, sx) = (walk.innerStride(0, size), walk.innerStride(1, size))
    let (sl, sh) = (walk.innerStride(2, size), walk.innerStride(3, size))
    walk.run { offsets, n in
        kernel(n, px + offsets[1], sx, pl + offsets[2], sl, ph + offsets[3], sh, py + offsets[0], sy)
    }
}

extension Tensor {
    /// Each element, moved to `low` where it is below and then to `high` where it is above; NaN if one of them is. nil
    /// is no bound.
    public func clip(_ low: Tensor?, _ high: Tensor?) throws(TalwegError) -> Tensor {
        guard low != nil || high != nil else { return try alias() }
        var dtype = self.dtype
        for case let bound? in [low, high] { dtype = promoted(dtype, bound.dtype) }
        guard dtype != .bool else { throw .dtype("clip: not defined for bool") }
        let ends = try Tensor.ends(of: dtype)
        let bounds = (try low?.cast(to: dtype) ?? ends.low, try high?.cast(to: dtype) ?? ends.high)
        return try apply(Clip(), [cast(to: dtype), bounds.0, bounds.1])
    }

    /// The same with numbers; infinite ones are no bounds. Beside integers a bound is that of the integers inside.
    public func clip(_ low: Double, _ high: Double) throws(TalwegError) -> Tensor {
        guard !dtype.isFloating else { return try clip(Tensor.full(.scalar, low, dtype), .full(.scalar, high, dtype)) }
        guard !low.isNaN, !high.isNaN else { throw .invalid("clip: a bound of \(dtype.name) is NaN") }
        guard dtype != .bool else { throw .dtype("clip: not defined for bool") }
        // Conversion saturates.
        let bounds = (
            Tensor(try View.full(.scalar, low.rounded(.up), .float64).cast(to: dtype)),
            Tensor(try View.full(.scalar, high.rounded(.down), .float64).cast(to: dtype)))
        return try clip(bounds.0, bounds.1)
    }

    /// What nothing of a dtype is below and above.
    private static func ends(of dtype: DType) throws(TalwegError) -> (low: Tensor, high: Tensor) {
        (
            Tensor(try View.full(.scalar, -.infinity, .float64).cast(to: dtype)),
            Tensor(try View.full(.scalar, .infinity, .float64).cast(to: dtype))
        )
    }
}
