/// What an epoch of a fit came to. Values that there are none of are NaN.
public struct EpochProgress: Sendable {
    /// From 1.
    public var epoch = 0
    /// How many there are to be; 0: as many as the steps take.
    public var epochs = 0
    /// Mean over the rows of the epoch, with the penalties.
    public var loss = Double.nan
    /// Of the validation rows, without penalties: the last of the epoch.
    public var validationLoss = Double.nan
    /// Share of rows whose largest logit is the label; cross-entropy only.
    public var accuracy = Double.nan
    public var validationAccuracy = Double.nan
    /// Since the fit began, with those of the runs that it was resumed from.
    public var seconds = 0.0
    /// Updates made in the epoch.
    public var steps = 0
    /// At the epoch's end.
    public var learningRate = Double.nan
    /// Mean seconds of an update, without validation.
    public var stepSeconds = Double.nan
    /// The most bytes of tensors that the process had at once so far.
    public var peakBytes = 0
    /// Those of `FitOptions.metrics`, means over the rows: of the epoch, and of the validation rows.
    public var metrics: [Double] = []
    public var validationMetrics: [Double] = []

    public init() {}

    /// What tells the better of two epochs: the validation loss, or without one the training loss.
    var monitored: Double { validationLoss.isNaN ? loss : validationLoss }
}
