/// Batch norm of any number of positions (Ioffe and Szegedy, "Batch normalization", 2015): of each channel over the
/// batch and all positions, (x - mean) / sqrt(variance + epsilon) weight + bias.
///
/// Training uses the batch's mean and variance, and moves the buffers "running_mean" and "running_var" towards them
/// (the variance over one less than the count); evaluation uses the buffers. Without buffers the batch's are used
/// always. A forward pass that fails leaves the buffers as they are.
public class BatchNormLayer: ChannelNorm {
    public final override func forward(_ x: Tensor, residual: Tensor?) throws(TalwegError) -> Tensor {
        try check(x)
        let (running, weight, bias) = (self.running, parameter("weight"), parameter("bias"))
        let moves = isTraining && running.mean != nil
        let batches = moves ? try self.batches() : nil
        let momentum = options.momentum ?? 1 / Double((batches ?? 0) + 1)
        let ofBatch = isTraining || running.mean == nil
        let y = try x.batchNorm(
            weight: weight, bias: bias, runningMean: moves || !ofBatch ? running.mean : nil,
            runningVariance: moves || !ofBatch ? running.variance : nil, residual: residual,
            BatchNormOptions(training: ofBatch, momentum: momentum, epsilon: options.epsilon, relu: options.relu))
        if let batches { setBatches(batches + 1) }
        return y
    }
}
