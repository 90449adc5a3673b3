/// The labels of a batch of sequences for CTC, checked, in memory of their own.
struct CTCLabels {
    /// int64: all labels, one sequence after the other, in rows of `stride` or close together.
    let labels: View
    /// int64 [n]: where each sequence begins, how many labels it has, and how many steps of the input it is in.
    let starts, lengths, steps: View
    let blank: Int
    let longest: Int

    /// - Parameter logProbabilities: [steps, n, classes]
    init(
        _ targets: Tensor, of logProbabilities: Tensor, inputLengths: Tensor, targetLengths: Tensor, blank: Int
    ) throws(TalwegError) {
        let name = "ctc_loss"
        let (most, n, classes) = (
            logProbabilities.shape[0], logProbabilities.shape[1], logProbabilities.shape[2]
        )
        guard blank >= 0, blank < classes else {
            throw .index("\(name): the blank \(blank) is outside 0...\(classes - 1)")
        }
        let all = [("targets", targets), ("input_lengths", inputLengths), ("target_lengths", targetLengths)]
        for (what, given) in all {
            guard given.dtype.isInteger else {
                throw .dtype("\(name): \(what) are integers, not \(given.dtype.name)")
            }
        }
        guard inputLengths.count == n, targetLengths.count == n else {
            throw .shape(
                "\(name): \(n) sequences, input_lengths \(inputLengths.shape), target_lengths \(targetLengths.shape); "
                    + "one each is needed")
        }
        guard targets.rank == 1 || (targets.rank == 2 && targets.shape[0] == n) else {
            throw .shape("\(name): targets are \(targets.shape); [\(n), longest] or [sum of target_lengths] is needed")
        }
        (labels, steps, lengths) = (
            try targets.view.ownedIntegers(), try inputLengths.view.ownedIntegers(),
            try targetLengths.view.ownedIntegers()
        )
        starts = try View(uninitialized: lengths.shape, .int64)
        self.blank = blank
        let rows = targets.rank == 2
        let (values, begins) = (labels.pointer(as: Int64.self), starts.pointer(as: Int64.self))
        let (counts, times) = (lengths.pointer(as: Int64.self), steps.pointer(as: Int64.self))
        var (next, longest) = (0, 0)
        for row in 0..<n {
            guard times[row] >= 1, times[row] <= most else {
                throw .index("\(name): input_lengths[\(row)] is \(times[row]), outside 1...\(most)")
            }
            let room = rows ? targets.shape[1] : labels.count - next
            guard counts[row] >= 0, counts[row] <= room else {
                throw .index("\(name): target_lengths[\(row)] is \(counts[row]), outside 0...\(room)")
            }
            let (start, count) = (rows ? row * targets.shape[1] : next, Int(counts[row]))
            for place in start..<(start + count) {
                guard values[place] >= 0, values[place] < classes, values[place] != blank else {
                    throw .index(
                        "\(name): label \(values[place]) of sequence \(row) is outside 0...\(classes - 1) or the "
                            + "blank, \(blank)")
                }
            }
            begins[row] = Int64(start)
            longest = max(longest, count)
            next += count
        }
        guard rows || next == labels.count else {
            throw .shape("\(name): \(labels.count) labels, target_lengths sum to \(next)")
        }
        self.longest = longest
    }

    /// How many states the longest sequence has: its labels with blanks around each.
    var states: Int { 2 * longest + 1 }

    /// One sequence.
    func sequence(_ row: Int) -> Sequence {
        Sequence(
            labels: labels.pointer(as: Int64.self) + Int(starts.pointer(as: Int64.self)[row]),
            count: Int(lengths.pointer(as: Int64.self)[row]), steps: Int(steps.pointer(as: Int64.self)[row]),
            blank: blank)
    }

    struct Sequence {
        let labels: UnsafePointer<Int64>
        let count: Int
        let steps: Int
        let blank: Int

        var states: Int { 2 * count + 1 }

        /// The class of a state, 0 ..< states.
        @inline(__always)
        func label(_ state: Int) -> Int { state & 1 == 0 ? blank : Int(labels[state >> 1]) }

        /// Whether a path may come to a state from the one before the last: over the blank between two labels that
        /// differ.
        @inline(__always)
        func skips(to state: Int) -> Bool {
            state & 1 == 1 && state >= 3 && labels[state >> 1] != labels[(state >> 1) - 1]
        }
    }
}
