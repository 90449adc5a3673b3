/// Profile-likelihood intervals: where the cost, with one parameter held fast and the others fitted anew, has risen by
/// what a quantile of its distribution allows (Bates and Watts, Nonlinear Regression Analysis and Its Applications,
/// 1988, 6.1).
struct ProfileIntervals {
    private let function: any ResidualFunction
    private let fit: NonlinearResult
    private let critical, variance: Double
    private let p: Int
    /// [p] each.
    private let best, lower, upper, errors: [Double]
    private var options: NonlinearOptions

    init(
        _ function: any ResidualFunction, _ fit: NonlinearResult, _ options: NonlinearOptions, level: Double,
        absolute: Bool
    ) throws(TalwegError) {
        (self.function, self.fit, self.options) = (function, fit, options)
        p = fit.parameters.count
        self.options.callback = nil
        guard absolute || fit.degreesOfFreedom > 0 else {
            throw .numeric("profile: there are no degrees of freedom")
        }
        critical = try fit.criticalValue(level, absolute: absolute)
        variance = fit.residualVariance(absolute: absolute)
        best = try fit.parameters.doubles(p, "parameters")
        errors = try fit.standardErrors(absolute: absolute).doubles(p, "standard errors")
        var bounds = (
            [Double](repeating: -.infinity, count: p), [Double](repeating: .infinity, count: p)
        )
        if let given = options.lower { bounds.0 = try given.doubles(p, "lower") }
        if let given = options.upper { bounds.1 = try given.doubles(p, "upper") }
        (lower, upper) = bounds
        for j in 0..<p where errors[j].isNaN {
            throw .numeric("profile: parameter \(j) depends on others")
        }
    }

    /// [p, 2]
    func intervals() throws(TalwegError) -> Tensor {
        let result = try View(uninitialized: Shape([p, 2]), .float64)
        let out = result.pointer(as: Double.self)
        var fixed = [Double](repeating: 0, count: p)
        if let given = options.fixed { fixed = try given.doubles(p, "fixed") }
        for j in 0..<p {
            if lower[j] == upper[j] || fixed[j] != 0 {
                (out[2 * j], out[2 * j + 1]) = (best[j], best[j])
                continue
            }
            out[2 * j] = try end(j, towards: -1)
            out[2 * j + 1] = try end(j, towards: 1)
        }
        return Tensor(result)
    }

    /// Where the parameter's profile reaches the critical value, on one side.
    private func end(_ j: Int, towards side: Double) throws(TalwegError) -> Double {
        let bound = side < 0 ? lower[j] : upper[j]
        if best[j] == bound { return bound }
        var start = best
        /// The root of the rise in cost at a distance, less the critical value.
        func excess(_ distance: Double) throws(TalwegError) -> Double {
            let place = best[j] + side * distance
            guard place.isFinite else { return .infinity }
            return try profile(j, side < 0 ? max(place, bound) : min(place, bound), &start) - critical
        }
        let room = (bound - best[j]).magnitude
        var inside = 0.0, insideValue = -critical
        var outside = min(errors[j] > 0 ? critical * errors[j] : 0.01 * max(best[j].magnitude, 1), room)
        var outsideValue = try excess(outside)
        var tries = 0
        while outsideValue < 0 {
            if outside >= room { return bound }
            tries += 1
            if tries > 60 { return side * .infinity }
            // As far as a straight line says, but no more than four times as far.
            let share = insideValue < outsideValue ? -outsideValue / (outsideValue - insideValue) : 3
            let reach = outside + 1.1 * share * (outside - inside)
            (inside, insideValue) = (outside, outsideValue)
            outside = min(min(max(reach, 1.2 * outside), 4 * outside), room)
            outsideValue = try excess(outside)
        }
        // Illinois: the secant's point, where an end that stays counts half.
        var kept = 0
        for _ in 0..<100 {
            if outsideValue == 0 { return best[j] + side * outside }
            if outside - inside <= 1e-11 * outside { break }
            var middle = (inside + outside) / 2
            if outsideValue.isFinite {
                let secant = outside - outsideValue * (outside - inside) / (outsideValue - insideValue)
                if secant > inside, secant < outside { middle = secant }
            }
            let value = try excess(middle)
            if value.magnitude <= 1e-10 * critical { return best[j] + side * middle }
            if value < 0 {
                (inside, insideValue) = (middle, value)
                if kept < 0 { outsideValue /= 2 }
                kept = -1
            } else {
                (outside, outsideValue) = (middle, value)
                if kept > 0 { insideValue /= 2 }
                kept = 1
            }
        }
        return best[j] + side * (inside + outside) / 2
    }

    /// The root of the rise in twice the cost over the variance, with a parameter held at a value; infinite where the
    /// residuals have no value. The others begin where the last fit left them.
    private func profile(_ j: Int, _ value: Double, _ start: inout [Double]) throws(TalwegError) -> Double {
        var held = options
        var (below, above) = (lower, upper)
        start[j] = value
        (below[j], above[j]) = (value, value)
        (held.lower, held.upper) = (try Tensor.vector(below), try Tensor.vector(above))
        do throws(TalwegError) {
            let solver = try NonlinearSolver(function, Tensor.vector(start), held)
            try solver.run()
            let rise = 2 * (solver.cost - fit.cost) / variance
            guard rise > -1e-6 * critical * critical else {
                throw TalwegError(
                    .numeric, "profile: cost \(solver.cost) at parameter \(j) = \(value) is below the fit's \(fit.cost)")
            }
            for i in 0..<p { start[i] = solver.x[i] }
            return max(rise, 0).squareRoot()
        } catch {
            guard error.status == .numeric, !error.message.hasPrefix("profile") else { throw error }
            return .infinity
        }
    }
}

extension NonlinearResult {
    /// Profile-likelihood intervals of the parameters, [p, 2]; infinite where the cost never rises so far.
    /// - Parameters:
    ///   - function, options: as the result was made from
    ///   - absolute: the residuals are in units of their standard deviations
    public func profileIntervals(
        _ function: any ResidualFunction, _ options: NonlinearOptions = NonlinearOptions(), level: Double = 0.95,
        absolute: Bool = false
    ) throws(TalwegError) -> Tensor {
        guard function.count == residuals.count else {
            throw .shape("profile: \(function.count) residuals; the fit has \(residuals.count)")
        }
        return try ProfileIntervals(function, self, options, level: level, absolute: absolute).intervals()
    }
}

extension Tensor {
    fileprivate func doubles(_ wanted: Int, _ name: String) throws(TalwegError) -> [Double] {
        guard count == wanted else { throw .shape("profile: \(name) has shape \(shape); there are \(wanted)") }
        let values = try detach().cast(to: .float64).view.contiguous()
        defer { withExtendedLifetime(values) {} }
        return [Double](UnsafeBufferPointer(start: values.pointer(as: Double.self), count: count))
    }

    fileprivate static func vector(_ values: [Double]) throws(TalwegError) -> Tensor {
        let view = try View(uninitialized: Shape([values.count]), .float64)
        for (i, value) in values.enumerated() { view.pointer(as: Double.self)[i] = value }
        return Tensor(view)
    }
}
