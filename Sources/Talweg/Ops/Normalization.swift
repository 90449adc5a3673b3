import TalwegKernels

/// Layer norm (Ba, Kiros and Hinton, "Layer normalization", 2016) or, not centered, RMS norm (Zhang and Sennrich,
/// "Root mean square layer normalization", 2019) along the last axis: with r = x + residual,
///
///     y = (r - mean(r)) / sqrt(mean((r - mean(r))^2) + epsilon) weight + bias
///
/// The sum with the residual is not kept: both passes add it up again from its parts.
struct RowNorm: VariadicOperation {
    static let name = "layer_norm"
    static let savesOutput = false
    let centered: Bool
    let epsilon: Double
    /// The places of the inputs after x; nil where one is absent.
    let residual: Int?
    let weight: Int?
    let bias: Int?
    /// Of each row, 1 / sqrt(..) and the mean.
    let scales: View
    let means: View

    func saves(input: Int) -> Bool { input != bias }

    /// The operation and its result.
    static func made(
        _ inputs: [View], centered: Bool, epsilon: Double, residual: Int?, weight: Int?, bias: Int?
    ) throws(TalwegError) -> (operation: RowNorm, y: View) {
        let x = inputs[0]
        let width = x.shape[x.rank - 1]
        let rows = x.count / max(width, 1)
        let kernel = try floatKernels(x.dtype, name).normalization.rows
        let perRow = try Shape([rows], for: name)
        let scales = try View(uninitialized: perRow, x.dtype)
        let means = centered ? try View(uninitialized: perRow, x.dtype) : scales
        let y = try View(uninitialized: x.shape, x.dtype)
        let own = try contiguous(inputs)
        defer { withExtendedLifetime(own) {} }
        let size = x.dtype.itemSize
        let (px, py, ps, pm) = (own[0].pointer, y.pointer, scales.pointer, means.pointer)
        let pr = residual.map { UnsafeRawPointer(own[$0].pointer) }
        let pw = weight.map { UnsafeRawPointer(own[$0].pointer) }
        let pb = bias.map { UnsafeRawPointer(own[$0].pointer) }
        forEachRowGroup(rows, width: width) { first, count in
            let at = first * width * size
            kernel(
                count, width, epsilon, centered, px + at, pr.map { $0 + at }, pw, pb, py + at, pm + first * size,
                ps + first * size)
        }
        return (
            RowNorm(
                centered: centered, epsilon: epsilon, residual: residual, weight: weight, bias: bias, scales: scales,
                means: means),
            y
        )
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try RowNorm.made(
            inputs, centered: centered, epsilon: epsilon, residual: residual, weight: weight, bias: bias
        ).y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<RowNorm>) throws(TalwegError) -> [Tensor?] {
        if ThreadState.current.recording { return try composedPullback(g, r) }
        let x = try r.input(0).view.contiguous()
        let gradient = try g.view.contiguous()
        let residual: View? = if let place = self.residual { try r.input(place).view.contiguous() } else { nil }
        let weight: View? = if let place = self.weight { try r.input(place).view.contiguous() } else { nil }
        let width = x.shape[x.rank - 1]
        let rows = x.count / max(width, 1)
        let size = x.dtype.itemSize
        let kernel = try floatKernels(x.dtype, Self.name).normalization.rowsBackward
        let dx = try View(uninitialized: x.shape, x.dtype)

        // The gradients of weight and bias: of each group of rows apart, then added up. There are at most 64
        // groups, so that adding them costs little.
        let wide = try Shape([width], for: Self.name)
        let dweight = self.weight == nil ? nil : try View.full(wide, 0, x.dtype)
        let dbias = self.bias == nil ? nil : try View.full(wide, 0, x.dtype)
        let perGroup = (max(elementsPerChunk / max(width, 1), (rows + 63) / 64, 1) + 3) / 4 * 4
        let groups = (rows + perGroup - 1) / perGroup
        let stride = width * size
        let partial = try Workspace(byteCount: groups * 2 * stride)
        let (px, pg, pd, ps, pm) = (x.pointer, gradient.pointer, dx.pointer, scales.pointer, means.pointer)
        let (pr, pw) = (residual.map { UnsafeRawPointer($0.pointer) }, weight.map { UnsafeRawPointer($0.pointer) })
        let (forWeight, forBias) = (dweight != nil, dbias != nil)
        let sums = partial.pointer
        ThreadPool.run(chunks: groups) { group in
            let first = group * perGroup
            let at = first * stride
            let sum = sums + group * 2 * stride
            kernel(
                min(perGroup, rows - first), width, centered, pg + at, px + at, pr.map { $0 + at }, pw,
                pm + first * size, ps + first * size, pd + at, forWeight ? sum : nil, forBias ? sum + stride : nil)
        }
        if let add = kernels.binary(.add, x.dtype) {
            for group in 0..<groups {
                let sum = sums + group * 2 * stride
                if let dweight { add(width, dweight.pointer, 1, sum, 1, dweight.pointer, 1) }
                if let dbias { add(width, dbias.pointer, 1, sum + stride, 1, dbias.pointer, 1) }
            }
        }
        return placed(Tensor(dx), dweight.map { Tensor($0) }, dbias.map { Tensor($0) })
    }

    private func placed(_ dx: Tensor, _ dweight: Tensor?, _ dbias: Tensor?) -> [Tensor?] {
        var gradients: [Tensor?] = [dx]
        if residual != nil { gradients.append(dx) }
        if weight != nil { gradients.append(dweight) }
        if bias != nil { gradients.append(dbias) }
        return gradients
    }

    /// The same of recorded operations.
    private func composedPullback(_ g: Tensor, _ r: VariadicRecord<RowNorm>) throws(TalwegError) -> [Tensor?] {
        var x = try r.input(0)
        if let residual { x = try x + r.input(residual) }
        let centerAll = centered
        func mean(_ x: Tensor) throws(TalwegError) -> Tensor { try x.mean(axes: [-1], keepdims: true) }
        let deviation = centerAll ? try x - mean(x) : x
        let scale = try (mean(deviation.square()) + epsilon).rsqrt()
        let h = try deviation * scale
        let d: Tensor = if let weight { try g * r.input(weight) } else { g }
        var inner = try d - h * mean(d * h)
        if centerAll { inner = try inner - mean(d) }
        let outer = Array(0..<(x.rank - 1))
        return placed(
            try inner * scale, weight == nil ? nil : try (g * h).sum(axes: outer),
            bias == nil ? nil : try g.sum(axes: outer))
    }
}

/// Each as it is if row-major, else copied.
func contiguous(_ views: [View]) throws(TalwegError) -> [View] {
    var found: [View] = []
    for view in views { found.append(try view.contiguous()) }
    return found
}

extension Tensor {
    /// Layer norm along the last axis: (r - mean(r)) / sqrt(var(r) + epsilon) weight + bias, where r is this
    /// tensor, plus `residual` if it is given.
    /// - Parameters:
    ///   - weight: [size of the last axis], or nil for ones
    ///   - bias: [size of the last axis], or nil for zeros
    ///   - residual: of this tensor's shape
    public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, residual: Tensor? = nil, epsilon: Double = 1e-5)
        throws(TalwegError) -> Tensor
    {
        try rowNorm("layer_norm", centered: true, epsilon, residual, weight, bias)
    }

    /// RMS norm along the last axis: x / sqrt(mean(x^2) + epsilon) weight.
    /// - Parameter weight: [size of the last axis], or nil for ones
    public func rmsNorm(weight: Tensor? = nil, epsilon: Double = 1e-5) throws(TalwegError) -> Tensor {
        try rowNorm("rms_norm", centered: false, epsilon, nil, weight, nil)
    }

    private func rowNorm(
        _ name: String, centered: Bool, _ epsilon: Double, _ residual: Tensor?, _ weight: Tensor?, _ bias: Tensor?
    ) throws(TalwegError) -> Tensor {
        let x = try floating()
        guard rank >= 1, shape[rank - 1] > 0 else {
            throw .shape("\(name): the shape \(shape) has no last axis with elements")
        }
        guard epsilon >= 0, epsilon.isFinite else {
            throw .invalid("\(name): epsilon is \(epsilon); it must be finite and 0 or more")
        }
        if let residual, residual.shape != shape {
            throw .shape("\(name): the tensor is \(shape), the residual \(residual.shape)")
        }
        let width = shape[rank - 1]
        var inputs = [x]
        var places: [Int?] = []
        for (given, what) in [(residual, "residual"), (weight, "weight"), (bias, "bias")] {
            guard let given else {
                places.append(nil)
                continue
            }
            guard given.dtype == x.dtype else {
                throw .dtype("\(name): the tensor is \(x.dtype.name), the \(what) \(given.dtype.name)")
            }
            guard what == "residual" || (given.rank == 1 && given.shape[0] == width) else {
                throw .shape("\(name): the \(what) has shape \(given.shape); [\(width)] is needed")
            }
            places.append(inputs.count)
            inputs.append(given)
        }
        let (operation, y) = try RowNorm.made(
            inputs.map(\.view), centered: centered, epsilon: epsilon, residual: places[0], weight: places[1],
            bias: places[2])
        return try recorded(operation, inputs, y)
    }
}
