/// How a module is fitted by Levenberg-Marquardt.
public struct LevenbergMarquardtOptions {
    /// Steps that are taken; 0: no limit but that of evaluations.
    public var maxIterations = 100
    /// What holds for any nonlinear fit; bounds, fixed parameters and differences have no place here.
    public var fit = NonlinearOptions()

    public init() {}
}

/// What a fit of a module came to.
public struct LevenbergMarquardtResult: Sendable {
    public let stop: NonlinearStop
    /// Half the sum of squares, or of losses, of the weighted residuals.
    public let cost: Double
    /// The largest cosine between the residuals and a column of the Jacobian.
    public let optimality: Double
    public let iterations: Int
    /// Of the module, and of the Jacobian.
    public let evaluations: Int
    public let jacobianEvaluations: Int
    /// How many of the parameters move the outputs independently.
    public let rank: Int
    /// The number of residuals less that of parameters.
    public let degreesOfFreedom: Int
    /// The trust region at the end, in the units of `NonlinearOptions.firstRadius`: what a further fit may begin with.
    public let radius: Double
}

/// Levenberg-Marquardt on a network's residuals: the parameters that require a gradient, as those of a nonlinear fit by
/// the solver of `NonlinearLeastSquares` (More 1978), with the Jacobian by the tape, or, of a Sequential of Linear
/// layers and functions of single elements, by walks back for all rows at once.
///
/// For networks of up to some thousand parameters whose losses are sums of squares, or of the robust losses. Fits see
/// all rows at once and run in evaluation mode; dropout and the like are off.
public final class LevenbergMarquardt {
    public let module: Module
    public var options: LevenbergMarquardtOptions
    /// What `step` begins with.
    private var radius: Double?

    public init(_ module: Module, _ options: LevenbergMarquardtOptions = LevenbergMarquardtOptions()) {
        self.module = module
        self.options = options
    }

    /// Fits the module's parameters in place. After a failure they are what they were.
    /// - Parameters:
    ///   - inputs: [n, ..]
    ///   - targets: of the output's shape
    ///   - weights: of the residuals' squares, 0 or more: [n], or of the output's shape; nil: ones
    /// - Throws: numeric for residuals or a Jacobian that are not finite; what the module throws. A fit that ends by
    ///   reaching a limit is a result.
    public func fit(_ inputs: Tensor, _ targets: Tensor, weights: Tensor? = nil)
        throws(TalwegError) -> LevenbergMarquardtResult
    {
        try run(inputs, targets, weights, options)
    }

    /// One step, from the trust region that the step before left.
    public func step(_ inputs: Tensor, _ targets: Tensor, weights: Tensor? = nil)
        throws(TalwegError) -> LevenbergMarquardtResult
    {
        var one = options
        one.maxIterations = 1
        one.fit.polish = false
        if let radius, radius > 0 { one.fit.firstRadius = radius }
        let result = try run(inputs, targets, weights, one)
        radius = result.radius
        return result
    }

    private func run(_ inputs: Tensor, _ targets: Tensor, _ weights: Tensor?, _ options: LevenbergMarquardtOptions)
        throws(TalwegError) -> LevenbergMarquardtResult
    {
        let name = "levenberg_marquardt"
        guard options.maxIterations >= 0 else {
            throw .invalid("\(name): max_iterations is \(options.maxIterations); it must not be negative")
        }
        let given = options.fit
        guard given.lower == nil, given.upper == nil, given.fixed == nil, given.scale == nil else {
            throw .invalid("\(name): bounds, fixed parameters and scales have no place here; freeze parameters instead")
        }
        return try module.withTraining(false) { () throws(TalwegError) in
            let residuals = try ModuleResiduals(module, inputs, targets, weights: weights)
            let start = try residuals.start()
            var fit = given
            var limited = false
            let told = given.callback
            fit.callback = { progress in
                if let told, told(progress) { return true }
                limited = options.maxIterations > 0 && progress.iteration >= options.maxIterations
                return limited
            }
            let solver = try NonlinearSolver(residuals, start, fit)
            do throws(TalwegError) {
                try solver.run()
                try residuals.move(to: solver.x)
            } catch {
                try residuals.move(to: start.view.pointer(as: Double.self))
                throw error
            }
            return LevenbergMarquardtResult(
                stop: limited && solver.stop == .callback ? .iterations : solver.stop, cost: solver.cost,
                optimality: solver.cosine, iterations: solver.iterations, evaluations: solver.evaluations,
                jacobianEvaluations: solver.jacobians, rank: solver.rank,
                degreesOfFreedom: residuals.count - residuals.size, radius: solver.relativeRadius)
        }
    }
}
