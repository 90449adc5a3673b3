/// What a fit tells the function that watches it.
public struct FitEvent: Sendable {
    /// The raw values are those of `tw_fit_event_kind`.
    public enum Kind: Int32, Sendable, CaseIterable {
        case trainBegin = 0
        case trainEnd = 1
        case epochBegin = 2
        case epochEnd = 3
        case batchBegin = 4
        case batchEnd = 5
        case validationEnd = 6
        case checkpointWritten = 7
        /// The checkpoint could not be written; the fit goes on.
        case checkpointFailed = 8
    }

    public var kind: Kind
    /// From 1; 0 before the first.
    public var epoch = 0
    /// How many there are to be; 0: as many as the steps take.
    public var epochs = 0
    /// The batch of the epoch, from 1.
    public var batch = 0
    /// How many an epoch has.
    public var batches = 0
    /// Updates made so far.
    public var step = 0
    /// How many there are to be at most; 0: not known.
    public var steps = 0
    /// Of a batch, or at an epoch's end the mean over its rows; else NaN.
    public var loss = Double.nan
    /// The last that was measured; NaN before.
    public var validationLoss = Double.nan
    public var accuracy = Double.nan
    public var validationAccuracy = Double.nan
    public var metrics: [Double] = []
    public var validationMetrics: [Double] = []
    public var learningRate = Double.nan
    /// Since the fit began, with those of the runs that it was resumed from.
    public var seconds = 0.0
    /// Updates a second in this epoch so far; NaN before the first.
    public var stepsPerSecond = Double.nan
    /// The most bytes of tensors that the process had at once so far; not with batches.
    public var peakBytes = 0
    /// Of a checkpoint.
    public var path = ""
    /// Why a checkpoint could not be written.
    public var message = ""

    init(_ kind: Kind) { self.kind = kind }
}

/// Kinds of events: those that a watching function is called for.
public struct FitEvents: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ kind: FitEvent.Kind) { rawValue = 1 << UInt32(kind.rawValue) }

    public static let all = FitEvents(rawValue: ~0)
}
