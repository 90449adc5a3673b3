/// The module's outputs for `inputs` [n, ..] in batches of `batchSize` rows (0:
/// all at once), in evaluation mode and without the tape. The mode is put back.
public func predict(_ module: Module, _ inputs: Tensor, batchSize: Int = 0) throws(TalwegError) -> Tensor {
    guard batchSize >= 0 else { throw .invalid("predict: batch_size is \(batchSize); it must be 0 or more") }
    let x = inputs.detach()
    return try withRecording(false) { () throws(TalwegError) in
        try module.withTraining(false) { () throws(TalwegError) in
            guard batchSize > 0, x.rank >= 1, x.shape[0] > batchSize else { return try module(x).detach() }
            return try inBatches(module, x, batchSize)
        }
    }
}

private func inBatches(_ module: Module, _ x: Tensor, _ batchSize: Int) throws(TalwegError) -> Tensor {
    let n = x.shape[0]
    var result: Tensor?
    var start = 0
    while start < n {
        let count = min(batchSize, n - start)
        let y = try module(x.slice(axis: 0, from: start, to: start + count))
        guard y.rank >= 1, y.shape[0] == count else {
            throw .shape("predict: the module gave \(y.shape) for a batch of \(count) rows")
        }
        let whole = try y.shape.replacing(axis: 0, by: n, for: "predict")
        let all = if let result { result } else { Tensor(try View(uninitialized: whole, y.dtype)) }
        let rows = try all.slice(axis: 0, from: start, to: start + count)
        guard rows.shape == y.shape, rows.dtype == y.dtype else {
            throw .shape(
                "predict: the module gave \(y.dtype.name) \(y.shape) for rows from \(start), "
                    + "\(rows.dtype.name) \(rows.shape) would follow those before")
        }
        rows.view.assign(y.view)
        result = all
        start += count
    }
    guard let result else { throw .internal("predict: no batch") }
    return result
}
