/// The running mean and variance of a norm's channels, which are changed in place, off the tape.
struct RunningStatistics {
    private let mean: Tensor
    private let variance: Tensor

    /// nil where there are none.
    init?(
        _ mean: Tensor?, _ variance: Tensor?, channels: Int, _ dtype: DType, _ options: BatchNormOptions, _ name: String
    ) throws(TalwegError) {
        guard options.momentum >= 0, options.momentum <= 1 else {
            throw .invalid("\(name): momentum is \(options.momentum); it is from 0 to 1")
        }
        for (given, what) in [(mean, "running mean"), (variance, "running variance")] {
            guard let given else { continue }
            guard given.rank == 1, given.shape[0] == channels else {
                throw .shape("\(name): the \(what) has shape \(given.shape); [\(channels)] is needed")
            }
            guard given.dtype == dtype else {
                throw .dtype("\(name): the tensor is \(dtype.name), the \(what) \(given.dtype.name)")
            }
        }
        guard (mean == nil) == (variance == nil) else {
            throw .invalid("\(name): a running mean and a running variance go together")
        }
        guard let mean, let variance else { return nil }
        (self.mean, self.variance) = (mean, variance)
    }

    /// float64 [2, channels]: both, as the operation takes them.
    func both() throws(TalwegError) -> View {
        let channels = mean.shape[0]
        let both = try View(uninitialized: Shape([2, channels], for: "running statistics"), .float64)
        let to = both.pointer(as: Double.self)
        for (row, running) in [mean, variance].enumerated() {
            let values = try running.view.contiguous()
            for channel in 0..<channels { to[row * channels + channel] = values.double(at: channel) }
        }
        return both
    }

    /// (1 - share) running + share moments, of the variance the unbiased one. On failure neither is changed, nor when a
    /// checkpoint's function runs a second time.
    /// - Parameters:
    ///   - moments: float64 [2, channels], the variances over the count
    ///   - count: how many values they are of, 2 or more
    func move(towards moments: View, count: Int, by share: Double) throws(TalwegError) {
        if ThreadState.current.recomputing { return }
        let channels = mean.shape[0]
        let moved = try both()
        let values = moved.pointer(as: Double.self)
        let source = try moments.contiguous()
        let from = source.pointer(as: Double.self)
        let unbiased = Double(count) / Double(count - 1)
        for i in 0..<channels { values[i] = (1 - share) * values[i] + share * from[i] }
        for i in channels..<(2 * channels) { values[i] = (1 - share) * values[i] + share * unbiased * from[i] }
        let rows = try Tensor(moved).cast(to: mean.dtype)
        let parts = (try rows.select(axis: 0, index: 0).view, try rows.select(axis: 0, index: 1).view)
        try mean.checkWritable()
        try variance.checkWritable()
        // Nothing fails any more.
        mean.write(parts.0)
        variance.write(parts.1)
    }
}

extension Tensor {
    fileprivate func checkWritable() throws(TalwegError) {
        guard isLeaf || !ThreadState.current.recording else { throw .resultWritten("running statistics") }
        try view.checkDistinctElements("running statistics")
    }

    /// Overwrites the elements with those of a view of this shape and dtype in other memory.
    fileprivate func write(_ source: View) {
        view.storage.version &+= 1
        view.assign(source)
    }
}
