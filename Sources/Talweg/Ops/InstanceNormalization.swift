extension Tensor {
    /// Instance norm of [n, channels, ..]: (x - mean) / sqrt(variance + epsilon) weight + bias, mean and variance of
    /// each channel of each example, or, without training, the running ones if they are given. Then plus `residual`,
    /// and with `options.relu` the greater of that and 0.
    ///
    /// In training the running statistics, if given, move towards the mean over the examples of their means and
    /// variances, as those of `batchNorm` do.
    /// - Parameters:
    ///   - weight, bias: [channels], or nil for ones and zeros
    ///   - runningMean, runningVariance: [channels], both or neither
    public func instanceNorm(
        weight: Tensor? = nil, bias: Tensor? = nil, runningMean: Tensor? = nil, runningVariance: Tensor? = nil,
        residual: Tensor? = nil, _ options: BatchNormOptions = .init()
    ) throws(TalwegError) -> Tensor {
        let name = "instance_norm"
        guard rank >= 3 else {
            throw .shape("\(name): the tensor has shape \(shape); [n, channels, ..] with positions is needed")
        }
        if !options.training, runningMean != nil {
            return try batchNorm(
                weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
                residual: residual, options)
        }
        let channels = shape[1]
        let statistics = try RunningStatistics(
            runningMean, runningVariance, channels: channels, floating().dtype, options, name)
        var positions = 1
        for axis in 2..<rank { positions *= shape[axis] }
        if options.training, shape[0] > 0, channels > 0, positions < 2 {
            throw .shape("\(name): \(shape) has \(positions) values an instance; training needs 2 or more")
        }
        if let residual {
            guard residual.shape == shape else {
                throw .shape("\(name): the tensor is \(shape), the residual \(residual.shape)")
            }
        }
        guard channels > 0 else { return try alias() }
        let (operation, inputs, made) = try groupedNorm(name, channels, weight, bias, options.epsilon)
        var y = try recorded(operation, inputs, made)
        if let residual { y = try y + residual }
        if options.relu { y = try y.relu() }
        if let statistics, shape[0] > 0 {
            let ofExamples = try Tensor(operation.moments).reshape([2, shape[0], channels]).mean(axes: [1])
            try statistics.move(towards: ofExamples.view, count: positions, by: options.momentum)
        }
        return y
    }
}
