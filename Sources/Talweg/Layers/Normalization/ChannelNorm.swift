/// What batch norm and instance norm layers have in common: parameters "weight" and "bias", of ones and zeros at first,
/// and running statistics, which training moves in place and evaluation uses.
public class ChannelNorm: Module {
    public let channels: Int
    public let options: ChannelNormOptions
    private let name: String
    private let ranks: ClosedRange<Int>

    /// - Throws: invalidArgument for options out of range; dtype for one that is not float32 or float64
    init(_ channels: Int, _ options: ChannelNormOptions, ranks: ClosedRange<Int>, _ name: String) throws(TalwegError) {
        guard channels >= 1 else { throw .invalid("\(name): \(channels) channels; 1 or more are needed") }
        guard options.epsilon >= 0, options.epsilon.isFinite else {
            throw .invalid("\(name): epsilon is \(options.epsilon); it must be finite and 0 or more")
        }
        if let momentum = options.momentum {
            guard momentum >= 0, momentum <= 1 else {
                throw .invalid("\(name): momentum is \(momentum); it is from 0 to 1")
            }
        }
        guard options.dtype == .float32 || options.dtype == .float64 else {
            throw .dtype("\(name): needs float32 or float64, not \(options.dtype.name)")
        }
        self.channels = channels
        self.options = options
        self.name = name
        self.ranks = ranks
        super.init()
        let shape = try Shape([channels], for: name)
        if options.affine {
            try setParameter("weight", .ones(shape, options.dtype))
            try setParameter("bias", .zeros(shape, options.dtype))
        }
        if options.tracksRunningStatistics {
            try setBuffer("running_mean", .zeros(shape, options.dtype))
            try setBuffer("running_var", .ones(shape, options.dtype))
            try setBuffer("num_batches_tracked", .zeros(.scalar, .int64))
        }
    }

    /// The running statistics of a forward pass.
    struct Running {
        let mean: Tensor?
        let variance: Tensor?
    }

    /// The running statistics, if there are any.
    final var running: Running { Running(mean: buffer("running_mean"), variance: buffer("running_var")) }

    final func check(_ x: Tensor) throws(TalwegError) {
        guard ranks.contains(x.rank) else {
            let line = ranks.lowerBound == 2 ? "[n, channels] or [n, channels, length]" : "[n, channels, length]"
            let wanted = ranks.upperBound == 4 ? "[n, channels, height, width]" : line
            throw .shape("\(name): the input has shape \(x.shape), not \(wanted)")
        }
        guard x.shape[1] == channels else {
            throw .shape("\(name): the input \(x.shape) has \(x.shape[1]) channels, the layer \(channels)")
        }
    }

    /// How many batches the running statistics are of; nil where they are not counted.
    final func batches() throws(TalwegError) -> Int64? {
        guard let counter = buffer("num_batches_tracked") else { return nil }
        guard counter.dtype == .int64, counter.count == 1 else {
            throw .state(
                "\(name): num_batches_tracked is \(counter.dtype.name) \(counter.shape), not one int64 number")
        }
        let count = try counter.itemInt64()
        guard count >= 0, count < Int64.max else {
            throw .state("\(name): num_batches_tracked is \(count)")
        }
        return count
    }

    /// Sets the number that `batches` found.
    final func setBatches(_ count: Int64) {
        if ThreadState.current.recomputing { return }
        buffer("num_batches_tracked")?.mutableData().assumingMemoryBound(to: Int64.self).pointee = count
    }

    /// One input, or two, of which the second is a residual: added before the ReLU, in the same pass.
    public final override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count == 1 || inputs.count == 2, let x = inputs[0] else {
            throw .invalid("forward: \(typeName) takes an input and perhaps a residual, not \(inputs.count) inputs")
        }
        return [try forward(x, residual: inputs.count == 2 ? inputs[1] : nil)]
    }

    public final override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try forward(x, residual: nil) }

    /// The norm of x, plus a residual of its shape if there is one.
    public func forward(_ x: Tensor, residual: Tensor?) throws(TalwegError) -> Tensor {
        throw .internal("\(name): no forward pass")
    }
}
