/// Instance norm (Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016): of each channel of each example over
/// its positions, (x - mean) / sqrt(variance + epsilon) weight + bias.
///
/// With running statistics, which it has only if asked, training moves them towards the mean over the examples, and
/// evaluation uses them. They are not counted, as PyTorch's are not: with no momentum they stay.
public class InstanceNormLayer: ChannelNorm {
    public final override func forward(_ x: Tensor, residual: Tensor?) throws(TalwegError) -> Tensor {
        try check(x)
        let running = self.running
        return try x.instanceNorm(
            weight: parameter("weight"), bias: parameter("bias"), runningMean: running.mean,
            runningVariance: running.variance, residual: residual,
            BatchNormOptions(
                training: isTraining || running.mean == nil, momentum: options.momentum ?? 0,
                epsilon: options.epsilon, relu: options.relu))
    }
}
