/// How `fit` trains.
public struct FitOptions {
    public var loss = Loss.meanSquaredError
    /// How many times to go over the rows, at most; 0, with `maxSteps`: as many as the steps take.
    public var epochs = 10
    public var batchSize = 32
    /// A new random order of the rows every epoch.
    public var shuffle = true
    /// Leave out a last batch that is not full.
    public var dropLast = false
    /// Of the split and the order of the rows.
    public var seed: UInt64 = 0
    /// Share of the rows held out for validation, 0 or more and below 1, drawn at random.
    public var validationSplit = 0.0
    /// Rows for validation instead of a split.
    public var validation: (inputs: Tensor, targets: Tensor)?
    /// Stop after this many validations (epochs, unless `validationSteps` says otherwise) without a better
    /// validation loss (training loss, if nothing is held out); 0: never.
    public var patience = 0
    /// A loss is better if it is lower by more than this.
    public var minDelta = 0.0
    /// Put back the parameters and buffers of the best validation (epoch) at the end.
    public var restoreBest = false
    /// Added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases).
    public var l1 = 0.0
    public var l2 = 0.0
    /// Called after each epoch; false stops the fit.
    public var onEpoch: ((EpochProgress) -> Bool)?

    /// Stop after this many updates; 0: when the epochs are over.
    public var maxSteps = 0
    /// Batches an update: their gradients are added up as those of one large batch. An epoch's last update has
    /// those that are left.
    public var accumulate = 1
    /// Validate after every so many updates instead of each epoch; 0: each epoch.
    public var validationSteps = 0
    /// The loss of an output and its targets instead of `loss`, a mean over rows: one element.
    public var lossFunction: ((Tensor, Tensor) throws(TalwegError) -> Tensor)?
    /// Computed on every batch of training and validation.
    public var metrics: [FitMetric] = []
    /// Changes the learning rates of the optimizer: attached to it, or to none yet.
    public var schedule: Schedule?
    /// Whether the schedule is asked after each epoch instead of each update.
    public var schedulesEpochs = false
    /// Gradients whose norm, all together, is above this are scaled down to it; 0: any norm.
    public var maxNorm = 0.0
    /// Elements of gradients beyond -maxValue ... maxValue are cut to it; 0: none.
    public var maxValue = 0.0
    /// Note every so many updates in the history; 0: none.
    public var recordSteps = 0
    /// Look before each update whether the gradients are finite, so that the operation whose gradient is not is
    /// named, instead of when the loss of the next batch is not finite.
    public var checksGradients = false
    /// Where and when the state is written to files.
    public var checkpoints: CheckpointOptions?
    /// A checkpoint to go on from, or a folder: then the newest one there that can be read, and the start if the
    /// folder has none.
    public var resume: String?
    /// Generators of random numbers that the forward pass draws from and no module tells of: part of checkpoints.
    public var generators: [Generator] = []
    /// Further inputs [n, ..] of the module, after the first.
    public var furtherInputs: [Tensor] = []
    /// Those of the validation rows.
    public var furtherValidationInputs: [Tensor] = []
    /// Called at the events of `watched`; false stops the fit at the end of the batch.
    public var onEvent: ((FitEvent) -> Bool)?
    public var watched = FitEvents.all

    public init(
        loss: Loss = .meanSquaredError, epochs: Int = 10, batchSize: Int = 32, shuffle: Bool = true,
        dropLast: Bool = false, seed: UInt64 = 0, validationSplit: Double = 0,
        validation: (inputs: Tensor, targets: Tensor)? = nil, patience: Int = 0, minDelta: Double = 0,
        restoreBest: Bool = false, l1: Double = 0, l2: Double = 0, onEpoch: ((EpochProgress) -> Bool)? = nil
    ) {
        self.loss = loss
        self.epochs = epochs
        self.batchSize = batchSize
        self.shuffle = shuffle
        self.dropLast = dropLast
        self.seed = seed
        self.validationSplit = validationSplit
        self.validation = validation
        self.patience = patience
        self.minDelta = minDelta
        self.restoreBest = restoreBest
        self.l1 = l1
        self.l2 = l2
        self.onEpoch = onEpoch
    }

    /// Refuses values outside their ranges.
    func check() throws(TalwegError) {
        if maxSteps > 0 {
            guard epochs >= 0 else { throw .invalid("fit: epochs is \(epochs); it must be 0 or more") }
        } else {
            guard epochs >= 1 else { throw .invalid("fit: epochs is \(epochs); it must be 1 or more") }
        }
        for (name, value, least) in [
            ("batch_size", batchSize, 1), ("patience", patience, 0), ("max_steps", maxSteps, 0),
            ("accumulate", accumulate, 1), ("validation_steps", validationSteps, 0), ("record_steps", recordSteps, 0),
        ] {
            guard value >= least else { throw .invalid("fit: \(name) is \(value); it must be \(least) or more") }
        }
        guard validationSplit >= 0, validationSplit < 1 else {
            throw .invalid("fit: validation_split is \(validationSplit); it must be 0 or more and below 1")
        }
        guard validationSplit == 0 || validation == nil else {
            throw .invalid("fit: validation_split is \(validationSplit), but validation rows were given too")
        }
        guard validationSteps == 0 || validationSplit > 0 || validation != nil else {
            throw .invalid("fit: validation_steps is \(validationSteps), but there are no validation rows")
        }
        for (name, value) in [
            ("min_delta", minDelta), ("l1", l1), ("l2", l2), ("max_norm", maxNorm), ("max_value", maxValue),
        ] {
            guard value >= 0, value.isFinite else {
                throw .invalid("fit: \(name) is \(value); it must be finite and 0 or more")
            }
        }
        var names = Set<String>()
        for metric in metrics {
            guard !metric.name.isEmpty, names.insert(metric.name).inserted else {
                throw .invalid("fit: the metric \"\(metric.name)\" has no name, or one that another has")
            }
        }
        try checkpoints?.check()
    }
}
