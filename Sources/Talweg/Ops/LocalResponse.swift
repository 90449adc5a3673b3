extension Tensor {
    /// Local response norm of [n, channels, ..] (Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
    /// convolutional neural networks", 2012): x / (k + alpha / size sum of x^2 over `size` neighbouring channels)^beta.
    /// Of an even size one channel more lies before than behind.
    public func localResponseNorm(size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1)
        throws(TalwegError) -> Tensor
    {
        let name = "local_response_norm"
        guard rank >= 3 else {
            throw .shape("\(name): the input has shape \(shape); [n, channels, ..] with positions is needed")
        }
        guard size >= 1, size <= 1 << 24 else {
            throw .invalid("\(name): size is \(size); 1 to \(1 << 24) is allowed")
        }
        guard alpha.isFinite, beta.isFinite, k.isFinite else {
            throw .invalid("\(name): alpha \(alpha), beta \(beta) and k \(k) must be finite")
        }
        let x = try floating()
        if count == 0 { return try x.alias() }
        // Channels as the height of an image.
        let rows = try x.square().reshape([shape[0], 1, shape[1], -1])
        let padded = try rows.pad([(0, 0), (0, 0), (size / 2, (size - 1) / 2), (0, 0)])
        let window = PoolingOptions(
            height: PoolingOptions.Axis(kernel: size, stride: 1), width: PoolingOptions.Axis(kernel: 1))
        let mean = try padded.avgPool2d(window).reshape(shape)
        return try x / (mean * alpha + k).power(beta)
    }
}
