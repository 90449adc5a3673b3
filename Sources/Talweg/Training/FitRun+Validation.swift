extension FitRun {
    /// Goes over the validation rows, in evaluation mode and without the tape; the mode stays. `validated` then holds
    /// what came out.
    func validate() throws(TalwegError) {
        guard let loader = data.validation else { return }
        module.setTraining(false)
        try loader.setEpoch(0)
        validated = try withRecording(false) { () throws(TalwegError) in
            var sums = means()
            while let batch = try loader.nextWide() {
                guard let y = batch.y else { throw .internal("fit: a batch without targets") }
                let output = try output(batch)
                let value = try loss(output, y).item()
                guard value.isFinite else { throw notFinite("the validation loss is \(value.plainDescription)", nil) }
                let rows = batch.x.shape[0]
                try sums.add(value, rows: rows, output, y)
                if !options.metrics.isEmpty { try sums.add(options.metrics, rows: rows, output, y) }
            }
            return sums
        }
        if !tell(.validationEnd) { stopsAtUpdate = true }
    }
}
