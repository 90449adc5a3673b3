import TalwegKernels

/// Sequences of different lengths in one batch, longest first, and the runs of steps that the same number of them
/// have: no step past a length is computed.
struct SequenceLengths {
    /// Steps first ..< first + count, which the first `batch` sequences have.
    struct Run {
        let first, count, batch: Int
    }

    private(set) var runs: [Run] = []
    /// The sequence at each place of the order, and the place of each sequence; nil if they are in order.
    private let order, places: Tensor?
    private let steps, batch: Int

    /// - Parameter lengths: integers [batch], each from 1 to `steps`.
    init(_ lengths: Tensor, steps: Int, batch: Int, _ name: String) throws(TalwegError) {
        (self.steps, self.batch) = (steps, batch)
        guard lengths.dtype.isInteger else {
            throw .dtype("\(name): the lengths are \(lengths.dtype.name), not integers")
        }
        guard lengths.rank == 1, lengths.shape[0] == batch else {
            throw .shape("\(name): the lengths have shape \(lengths.shape); [\(batch)] is needed")
        }
        let own = try lengths.view.ownedIntegers()
        let values = own.pointer(as: Int64.self)
        var sorted = true
        for place in 0..<batch {
            guard values[place] >= 1, values[place] <= Int64(steps) else {
                throw .invalid(
                    "\(name): length \(values[place]) at position \(place); from 1 to the \(steps) steps are allowed")
            }
            if place > 0, values[place] > values[place - 1] { sorted = false }
        }
        order = sorted ? nil : try Tensor(own).argsort(descending: true)
        places = try order?.argsort()
        let ordered = try order.map { order throws(TalwegError) in try Tensor(own).indexSelect(axis: 0, order).view }
        let descending = try (ordered ?? own).contiguous()
        let falling = descending.pointer(as: Int64.self)
        var (first, left) = (0, batch)
        while left > 0 {
            let end = Int(falling[left - 1])
            runs.append(Run(first: first, count: end - first, batch: left))
            first = end
            while left > 0, Int(falling[left - 1]) == end { left -= 1 }
        }
        withExtendedLifetime(descending) {}
    }

    /// The order's rows of what has the batch along an axis.
    func ordered(_ x: Tensor, axis: Int) throws(TalwegError) -> Tensor {
        try order.map { order throws(TalwegError) in try x.indexSelect(axis: axis, order) } ?? x
    }

    /// The same back in the caller's order.
    func restored(_ x: Tensor, axis: Int) throws(TalwegError) -> Tensor {
        try places.map { places throws(TalwegError) in try x.indexSelect(axis: axis, places) } ?? x
    }

    /// x [steps, batch, n] in pieces [run's steps, run's batch, n].
    func pieces(_ x: Tensor) throws(TalwegError) -> [Tensor] {
        let x = try ordered(x, axis: 1)
        var pieces: [Tensor] = []
        for run in runs {
            let piece = try x.slice(axis: 0, from: run.first, to: run.first + run.count)
            pieces.append(try piece.slice(axis: 1, from: 0, to: run.batch))
        }
        return pieces
    }

    /// The pieces together again, with zeros past the lengths.
    func joined(_ pieces: [Tensor]) throws(TalwegError) -> Tensor {
        var whole: [Tensor] = []
        var end = 0
        for (run, piece) in zip(runs, pieces) {
            end = run.first + run.count
            let rest = try Shape([run.count, batch - run.batch, piece.shape[2]], for: "lengths")
            whole.append(try rest.count == 0 ? piece : .concatenate([piece, .zeros(rest, piece.dtype)], axis: 1))
        }
        if let first = whole.first, end < steps {
            whole.append(try .zeros(Shape([steps - end, batch, first.shape[2]], for: "lengths"), first.dtype))
        }
        let all = try whole.count == 1 ? whole[0] : .concatenate(whole, axis: 0)
        return try restored(all, axis: 1)
    }
}
