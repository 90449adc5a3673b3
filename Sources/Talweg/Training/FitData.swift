/// The rows that a fit trains on and those that it validates on.
struct FitData {
    let inputs: Tensor
    let targets: Tensor
    let validationInputs: Tensor?
    let validationTargets: Tensor?
    let loader: Loader
    let validation: Loader?

    init(_ inputs: Tensor, _ targets: Tensor, _ options: FitOptions) throws(TalwegError) {
        let n = try FitData.checked(inputs, targets, options, "")
        var others: [Tensor] = []
        for other in options.furtherInputs { others.append(other.detach()) }
        var kept: View?
        if let (x, y) = options.validation {
            _ = try FitData.checked(x, y, options, "validation ")
            guard options.furtherValidationInputs.count == others.count else {
                throw .invalid(
                    "fit: \(others.count + 1) inputs to train on, "
                        + "\(options.furtherValidationInputs.count + 1) to validate")
            }
            var held: [Tensor] = []
            for other in options.furtherValidationInputs { held.append(other.detach()) }
            validation = try Loader(
                x.detach(), y.detach(), others: held, rows: nil, batchSize: options.batchSize, shuffle: false,
                dropLast: false, seed: 0)
        } else if options.validationSplit > 0 {
            let (held, rest) = try FitData.split(n, options.validationSplit, options.seed)
            kept = rest
            validation = try Loader(
                inputs, targets, others: others, rows: held, batchSize: options.batchSize, shuffle: false,
                dropLast: false, seed: 0)
        } else {
            validation = nil
        }
        loader = try Loader(
            inputs, targets, others: others, rows: kept, batchSize: options.batchSize, shuffle: options.shuffle,
            dropLast: options.dropLast, seed: options.seed)
        guard loader.batches > 0 else {
            throw .invalid("fit: drop_last leaves no batch: fewer training rows than batch_size \(options.batchSize)")
        }
        self.inputs = inputs
        self.targets = targets
        validationInputs = options.validation?.inputs
        validationTargets = options.validation?.targets
    }

    /// How many rows inputs and targets have.
    private static func checked(_ x: Tensor, _ y: Tensor, _ options: FitOptions, _ kind: StaticString)
        throws(TalwegError) -> Int
    {
        let n = try Loader.rowCount(x, y, for: "fit: \(kind)rows")
        guard x.count > 0, y.count > 0 else {
            throw .shape(
                "fit: a batch would be empty: \(kind)inputs \(x.shape) and targets \(y.shape) have rows of no elements")
        }
        guard options.loss.takesLabels, options.lossFunction == nil else { return n }
        guard !y.dtype.isFloating, y.dtype != .bool else {
            throw .dtype("fit: \(kind)targets of this loss are integer labels, not \(y.dtype.name)")
        }
        guard y.rank == 1 else {
            throw .shape("fit: \(kind)targets of this loss have shape \(y.shape); labels [n] are needed")
        }
        return n
    }

    /// Some of n rows drawn at random, and the others, each in ascending order.
    private static func split(_ n: Int, _ share: Double, _ seed: UInt64) throws(TalwegError) -> (View, View) {
        guard n >= 2 else { throw .invalid("fit: \(n) row cannot be split for validation") }
        let wanted = Int((Double(n) * share).rounded())
        let count = min(max(wanted, 1), n - 1)
        let order = try Loader.identity(n)
        let rows = UnsafeMutableBufferPointer(start: order.pointer(as: Int64.self), count: n)
        Generator(seed: seed.stream(.split)).shuffle(rows)
        var (held, kept) = (rows[..<count], rows[count...])
        held.sort()
        kept.sort()
        return (
            order.with(shape: try Shape([count]), strides: order.strides),
            order.with(shape: try Shape([n - count]), strides: order.strides, offset: count)
        )
    }

    /// The first of the data that holds NaN or infinity, for messages.
    var notFinite: String? {
        for (name, data) in [
            ("inputs", inputs), ("targets", targets), ("validation inputs", validationInputs),
            ("validation targets", validationTargets),
        ] {
            guard let data, data.dtype.isFloating else { continue }
            if let finite = try? data.isFinite().all().item(), finite == 0 {
                return "the \(name) \(data.shape) hold NaN or infinity"
            }
        }
        return nil
    }
}
