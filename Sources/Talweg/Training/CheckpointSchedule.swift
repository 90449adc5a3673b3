/// When a fit writes checkpoints, and where.
struct CheckpointSchedule {
    let options: CheckpointOptions
    let folder: CheckpointFolder
    /// The update after which the last was written; nil: none yet.
    private(set) var lastStep: Int?
    private var lastTime = monotonicSeconds()

    /// - Parameter step: that the fit goes on from. What lies in the folder from there on would be taken for its own.
    init(_ options: CheckpointOptions, from step: Int) throws(TalwegError) {
        self.options = options
        folder = try CheckpointFolder(options.folder, create: true)
        try folder.removeRemains()
        if let later = try folder.newest(after: step) {
            throw .state(
                "fit: \(options.folder) holds checkpoints of an earlier fit, such as \(later), and this one begins at "
                    + "step \(step): resume from there, or name another folder")
        }
    }

    func isDue(afterStep step: Int) -> Bool {
        if options.steps > 0, step % options.steps == 0 { return true }
        return options.seconds > 0 && monotonicSeconds() - lastTime >= options.seconds
    }

    func isDue(afterEpoch epoch: Int) -> Bool {
        if options.epochs > 0 { return epoch % options.epochs == 0 }
        // Where nothing is said of when: each epoch.
        return options.steps == 0 && options.seconds == 0
    }

    mutating func noteWritten(step: Int) {
        lastStep = step
        lastTime = monotonicSeconds()
    }
}
