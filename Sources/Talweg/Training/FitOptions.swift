/// How `fit` trains.
public struct FitOptions {
    public var loss = Loss.meanSquaredError
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
    /// Stop after this many epochs without a better validation loss (training
    /// loss, if nothing is held out); 0: never.
    public var patience = 0
    /// A loss is better if it is lower by more than this.
    public var minDelta = 0.0
    /// Put back the parameters of the best epoch at the end.
    public var restoreBest = false
    /// Added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases).
    public var l1 = 0.0
    public var l2 = 0.0
    /// Called after each epoch; false stops the fit.
    public var onEpoch: ((EpochProgress) -> Bool)?

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
        guard epochs >= 1 else { throw .invalid("fit: epochs is \(epochs); it must be 1 or more") }
        guard batchSize >= 1 else { throw .invalid("fit: batch_size is \(batchSize); it must be 1 or more") }
        guard patience >= 0 else { throw .invalid("fit: patience is \(patience); it must be 0 or more") }
        guard validationSplit >= 0, validationSplit < 1 else {
            throw .invalid("fit: validation_split is \(validationSplit); it must be 0 or more and below 1")
        }
        guard validationSplit == 0 || validation == nil else {
            throw .invalid("fit: validation_split is \(validationSplit), but validation rows were given too")
        }
        for (name, value) in [("min_delta", minDelta), ("l1", l1), ("l2", l2)] {
            guard value >= 0, value.isFinite else {
                throw .invalid("fit: \(name) is \(value); it must be finite and 0 or more")
            }
        }
    }
}

/// What a fit was at after an epoch. Values that there are none of are NaN.
public struct EpochProgress: Sendable {
    /// From 1.
    public var epoch = 0
    public var epochs = 0
    /// Mean over the rows of the epoch, with the penalties.
    public var loss = Double.nan
    /// Of the validation rows, without penalties.
    public var validationLoss = Double.nan
    /// Share of rows whose largest logit is the label; cross-entropy only.
    public var accuracy = Double.nan
    public var validationAccuracy = Double.nan
    /// Since the fit began.
    public var seconds = 0.0

    /// What tells the better of two epochs: the validation loss, or without one the training loss.
    var monitored: Double { validationLoss.isNaN ? loss : validationLoss }
}
