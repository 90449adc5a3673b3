/// Trains a module in place.
///
/// On failure parameters and buffers are what they were at the start of the epoch that failed (or where a resumed fit
/// went on, if that is later). In the end gradients are cleared and the modules' modes put back.
/// - Parameters:
///   - inputs: [n, ..]
///   - targets: [n, ..] for the mean squared error, integer labels [n] for cross-entropy
///   - optimizer: holds the module's parameters
/// - Returns: the history. If a callback stopped the fit, or a forward pass was cancelled, `stop` is `cancelled` and
///   the module holds what was reached.
/// - Throws: diverged at a loss, gradient or parameter that is not finite, with the operation and the module that made
///   it if one did; numeric if that comes from the data; index for a label out of range; shape for a loss that is not
///   one element; io for a checkpoint that is required and cannot be written.
@discardableResult
public func fit(
    _ module: Module, _ optimizer: Optimizer, _ inputs: Tensor, _ targets: Tensor,
    _ options: FitOptions = FitOptions()
) throws(TalwegError) -> History {
    let training = try FitRun(module, optimizer, inputs.detach(), targets.detach(), options)
    return try module.withTraining(true) { () throws(TalwegError) in
        defer {
            module.zeroGrad()
            optimizer.zeroGrad()
        }
        return try training.run()
    }
}
