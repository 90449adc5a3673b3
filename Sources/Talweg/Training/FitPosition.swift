/// Where a fit is.
struct FitPosition {
    /// The epoch under way, from 0.
    var epoch = 0
    /// How many of its batches were used.
    var batch = 0
    /// Updates made.
    var step = 0
    /// Updates that were made before the epoch.
    var epochFirstStep = 0
    /// Of the runs that this one was resumed from.
    var earlierSeconds = 0.0
    /// Whether no update is half done.
    var isWhole = true

    mutating func nextEpoch() {
        epoch += 1
        batch = 0
        epochFirstStep = step
    }
}

/// How the losses that are validated went so far.
struct Improvement {
    /// The least of all, which is restored.
    var least = Double.infinity
    /// The last that was better by more than `minDelta`.
    var lowest = Double.infinity
    /// How many there were since.
    var waited = 0

    /// - Returns: whether the loss is the least so far.
    mutating func judge(_ loss: Double, minDelta: Double) -> Bool {
        let isLeast = loss < least
        if isLeast { least = loss }
        if loss < lowest - minDelta {
            lowest = loss
            waited = 0
        } else {
            waited += 1
        }
        return isLeast
    }
}

/// What a fit looks up in the module's tree once an epoch instead of at each step.
struct ModuleParts {
    /// Of the module, in the order of their paths.
    var parameters: [Tensor] = []
    /// Those of them that the optimizer does not clear.
    var unheld: [Tensor] = []
    /// What penalties act on.
    var weights: [Tensor] = []
    /// All that the forward pass may draw from, as far as it is known.
    var generators: [Generator] = []
    /// Their states before the step.
    var states: [(seed: UInt64, position: UInt64)] = []
}
