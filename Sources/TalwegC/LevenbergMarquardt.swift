import CTalweg
import Talweg

/// As TW_LEVENBERG_MARQUARDT_OPTIONS_INIT.
private func defaultOptions() -> tw_levenberg_marquardt_options {
    let values = LevenbergMarquardtOptions()
    var options = tw_levenberg_marquardt_options()
    options.struct_size = MemoryLayout<tw_levenberg_marquardt_options>.size
    options.max_iterations = Int64(values.maxIterations)
    options.loss_scale = values.fit.lossScale
    options.cost_tolerance = values.fit.costTolerance
    options.step_tolerance = values.fit.stepTolerance
    options.gradient_tolerance = values.fit.gradientTolerance
    options.polish = values.fit.polish
    options.first_radius = values.fit.firstRadius
    return options
}

@_cdecl("tw_levenberg_marquardt_fit") @implementation
public func tw_levenberg_marquardt_fit(
    _ module: OpaquePointer?, _ inputs: OpaquePointer?, _ targets: OpaquePointer?,
    _ pointer: UnsafePointer<tw_levenberg_marquardt_options>?,
    _ result: UnsafeMutablePointer<tw_levenberg_marquardt_result>?
) -> tw_status {
    call { () throws(TalwegError) in
        let given = try options(
            pointer, default: defaultOptions(), minimum: MemoryLayout<tw_levenberg_marquardt_options>.size)
        let name = "levenberg_marquardt"
        var options = LevenbergMarquardtOptions()
        options.maxIterations = Int(given.max_iterations)
        options.fit.method = try choice(given.method.rawValue, name, "method", "tw_trust_region_method")
        options.fit.loss = try choice(given.loss.rawValue, name, "loss", "tw_residual_loss")
        options.fit.geodesic = given.geodesic
        options.fit.lossScale = given.loss_scale
        options.fit.costTolerance = given.cost_tolerance
        options.fit.stepTolerance = given.step_tolerance
        options.fit.gradientTolerance = given.gradient_tolerance
        options.fit.polish = given.polish
        options.fit.maxEvaluations = Int(given.max_evaluations)
        options.fit.maxSeconds = given.max_seconds
        options.fit.firstRadius = given.first_radius
        options.fit.callback = progressCallback(given.callback, given.context)
        let minimum = MemoryLayout<tw_levenberg_marquardt_result>.size
        // Before the work, so that a result that cannot be told changes nothing.
        if let result {
            let size = UnsafeRawPointer(result).loadUnaligned(as: Int.self)
            guard size >= minimum, size <= 4096 else {
                throw TalwegError(
                    .invalidArgument,
                    "\(name): the result's struct_size is \(size), this struct has \(minimum) bytes; start from its "
                        + "_INIT")
            }
        }
        let found = try LevenbergMarquardt(resolve(module, "module"), options).fit(
            resolve(inputs, "inputs"), resolve(targets, "targets"),
            weights: resolveIfPresent(given.weights, "weights"))
        guard let result else { return }
        try giveStruct(
            tw_levenberg_marquardt_result(
                struct_size: result.pointee.struct_size,
                stop: tw_least_squares_stop(rawValue: UInt32(found.stop.rawValue)), cost: found.cost,
                optimality: found.optimality, iterations: Int64(found.iterations),
                evaluations: Int64(found.evaluations), jacobian_evaluations: Int64(found.jacobianEvaluations),
                rank: Int64(found.rank), degrees_of_freedom: Int64(found.degreesOfFreedom), radius: found.radius),
            to: result, minimum: minimum)
    }
}
