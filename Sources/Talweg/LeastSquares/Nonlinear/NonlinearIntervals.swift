import TalwegKernels

/// The c with P(|T| <= c) = level, T of Student's t; of the normal distribution for infinite degrees of freedom.
public func studentTCriticalValue(_ level: Double, degreesOfFreedom: Double) throws(TalwegError) -> Double {
    guard level > 0, level < 1 else { throw .invalid("level is \(level); it must lie between 0 and 1") }
    guard degreesOfFreedom > 0 else {
        throw .invalid("degrees_of_freedom is \(degreesOfFreedom); it must be above 0")
    }
    return StudentT(degreesOfFreedom).upperQuantile((1 - level) / 2)
}

extension NonlinearResult {
    /// NaN without degrees of freedom.
    func criticalValue(_ level: Double, absolute: Bool) throws(TalwegError) -> Double {
        let isKnown = absolute || degreesOfFreedom > 0
        let c = try studentTCriticalValue(
            level, degreesOfFreedom: absolute || !isKnown ? .infinity : Double(degreesOfFreedom))
        return isKnown ? c : .nan
    }

    /// The variance of a residual: 1 if they are in units of their standard deviations.
    func residualVariance(absolute: Bool) -> Double {
        absolute ? 1 : degreesOfFreedom > 0 ? 2 * cost / Double(degreesOfFreedom) : .nan
    }

    /// Intervals that hold the parameters with probability `level`, [p, 2], of residuals that are linear between
    /// their ends.
    public func confidenceIntervals(level: Double = 0.95, absolute: Bool = false) throws(TalwegError) -> Tensor {
        let half = try standardErrors(absolute: absolute) * criticalValue(level, absolute: absolute)
        return try Tensor.stack([parameters - half, parameters + half], axis: 1)
    }

    /// Intervals of functions of the parameters by the delta method, [k, 2].
    /// - Parameters:
    ///   - values: [k]
    ///   - gradients: [k, p]
    ///   - deviations: of new observations of the functions, [k] or [1]; nil: of the functions themselves
    public func bands(
        values: Tensor, gradients: Tensor, deviations: Tensor? = nil, level: Double = 0.95, absolute: Bool = false
    ) throws(TalwegError) -> Tensor {
        let k = values.count, p = parameters.count
        guard gradients.rank == 2, gradients.shape[0] == k, gradients.shape[1] == p else {
            throw .shape("bands: gradients \(gradients.shape) of \(k) functions of \(p) parameters")
        }
        if let deviations, deviations.count != k, deviations.count != 1 {
            throw .shape("bands: \(deviations.count) standard deviations for \(k) observations")
        }
        let critical = try criticalValue(level, absolute: absolute)
        let noise = residualVariance(absolute: absolute)
        let inputs = try [values, gradients, covariance(absolute: absolute)].map64()
        let sigma = try deviations.map { t throws(TalwegError) in try t.detach().cast(to: .float64).view.contiguous() }
        let result = try View(uninitialized: Shape([k, 2]), .float64)
        let product = try View(uninitialized: Shape([k, p]), .float64)
        try multiply(inputs[1], inputs[2], adding: 0, to: product)
        let out = result.pointer(as: Double.self), f = inputs[0].pointer(as: Double.self)
        let g = inputs[1].pointer(as: Double.self), gc = product.pointer(as: Double.self)
        let s = sigma?.pointer(as: Double.self), step = deviations?.count == 1 ? 0 : 1
        let vectors = MatrixKernels<Double>()
        for i in 0..<k {
            var variance = vectors.dot(p, g + i * p, gc + i * p)
            if let s { variance += noise * s[i * step] * s[i * step] }
            // Rounding may leave less than nothing of a variance of 0.
            let half = critical * (variance < 0 ? 0 : variance).squareRoot()
            (out[2 * i], out[2 * i + 1]) = (f[i] - half, f[i] + half)
        }
        withExtendedLifetime((inputs, sigma, product)) {}
        return Tensor(result)
    }

    /// The band about a fitted curve at x's m numbers, [m, 2].
    public func band(
        of curve: CurveModel, at x: Tensor, kind: IntervalKind = .confidence, sigma: Tensor? = nil,
        level: Double = 0.95, absolute: Bool = false
    ) throws(TalwegError) -> Tensor {
        var deviations = kind == .prediction ? sigma : nil
        if kind == .prediction, sigma == nil { deviations = try Tensor.full(Shape([1]), 1, .float64) }
        return try bands(
            values: curve(x, parameters), gradients: curve.gradient(x, parameters), deviations: deviations,
            level: level, absolute: absolute)
    }
}

extension CurveModel {
    /// df/db, float64 [m, p], of x's m numbers.
    public func gradient(_ x: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
        guard b.count == parameters else {
            throw .shape("curve: \(b.count) parameters were given; the curve has \(parameters)")
        }
        let m = x.count
        let inputs = try [x, b].map64()
        let columns = try View(uninitialized: Shape([parameters, m]), .float64)
        let room = try Workspace(byteCount: slabBytes(m, times: preparedArrays))
        let prepared = room.pointer.assumingMemoryBound(to: Double.self)
        let (places, values) = (inputs[0].pointer(as: Double.self), inputs[1].pointer(as: Double.self))
        prepare(m, places, values, prepared)
        derive(m, places, values, prepared: prepared, columns.pointer(as: Double.self), m)
        withExtendedLifetime(inputs) {}
        return try Tensor(columns).transpose()
    }
}

extension [Tensor] {
    /// Their values as contiguous float64.
    fileprivate func map64() throws(TalwegError) -> [View] {
        var all: [View] = []
        for tensor in self { all.append(try tensor.detach().cast(to: .float64).view.contiguous()) }
        return all
    }
}
