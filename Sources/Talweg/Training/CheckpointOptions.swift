/// Where and when a fit writes its state to files.
public struct CheckpointOptions {
    /// A folder, made if there is none. The files in it are named after the updates made, such as
    /// step-000000001000.safetensors.
    public var folder: String
    /// After every so many updates; 0: not by updates.
    public var steps = 0
    /// After every so many epochs; 0: not by epochs.
    public var epochs = 0
    /// At the first update's end at which so many seconds have gone by since the last checkpoint; 0: not by time.
    public var seconds = 0.0
    /// How many of the newest are kept; 0: all.
    public var keep = 3
    /// Whether a checkpoint that cannot be written (a full disk) ends the fit; else it goes on, the event
    /// `checkpointFailed` tells of it and the history counts it. The earlier ones stay in either case.
    public var isRequired = false

    public init(folder: String) { self.folder = folder }

    /// Refuses values outside their ranges.
    func check() throws(TalwegError) {
        try checkPath(folder, "fit: checkpoints")
        for (name, value) in [("steps", steps), ("epochs", epochs), ("keep", keep)] where value < 0 {
            throw .invalid("fit: checkpoint_\(name) is \(value); it must be 0 or more")
        }
        guard seconds >= 0, seconds.isFinite else {
            throw .invalid("fit: checkpoint_seconds is \(seconds); it must be finite and 0 or more")
        }
    }
}
