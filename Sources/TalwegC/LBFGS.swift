import CTalweg
import Talweg

@_cdecl("tw_lbfgs_new") @implementation
public func tw_lbfgs_new(_ given: UnsafePointer<tw_lbfgs_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        _ = try required(optimizer, "optimizer")
        let size = MemoryLayout<tw_lbfgs_options>.size
        let given = try options(
            given,
            default: tw_lbfgs_options(
                struct_size: size, learning_rate: 1, max_iterations: 20, max_evaluations: 0, gradient_tolerance: 1e-7,
                change_tolerance: 1e-9, history_size: 100),
            minimum: size)
        var limits = LBFGSOptions()
        limits.maxIterations = Int(given.max_iterations)
        limits.evaluationLimit = Int(given.max_evaluations)
        limits.gradientTolerance = given.gradient_tolerance
        limits.changeTolerance = given.change_tolerance
        limits.historySize = Int(given.history_size)
        try give(LBFGS(learningRate: given.learning_rate, limits) as Optimizer, to: optimizer, "optimizer")
    }
}

@_cdecl("tw_optimizer_step_with") @implementation
public func tw_optimizer_step_with(
    _ optimizer: OpaquePointer?, _ closure: tw_loss_closure?, _ context: UnsafeMutableRawPointer?,
    _ loss: UnsafeMutablePointer<Double>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Optimizer = try resolve(optimizer, "optimizer")
        guard let closure else { throw TalwegError(.null, "closure is NULL") }
        let first = try found.step { () throws(TalwegError) in
            var value = Double.nan
            return try callBack("step") { _, scope throws(TalwegError) in
                closure(context, scope, &value)
            } results: { () throws(TalwegError) in value }
        }
        loss?.pointee = first
    }
}
