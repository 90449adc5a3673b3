/// What a fit went through, epoch by epoch.
public final class History {
    /// Why a fit ended; the raw values are those of `tw_fit_stop`.
    public enum Stop: Int32, Sendable {
        case epochs = 0
        case early = 1
        case cancelled = 2
    }

    public private(set) var epochs: [EpochProgress] = []
    public internal(set) var stop = Stop.epochs

    /// The position in `epochs` with the lowest validation loss (training loss,
    /// if nothing was held out), the first of equal ones; nil if there is no epoch.
    public private(set) var bestEpoch: Int?

    func append(_ epoch: EpochProgress) {
        if bestEpoch.map({ epoch.monitored < epochs[$0].monitored }) ?? true { bestEpoch = epochs.count }
        epochs.append(epoch)
    }
}
