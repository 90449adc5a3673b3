/// Means over the rows of some batches.
struct RunningMeans {
    private(set) var rows = 0
    private(set) var total = 0.0
    private(set) var correct = 0
    private(set) var metricTotals: [Double]
    /// Whether the largest logits are compared with the labels.
    private let counts: Bool

    init(counts: Bool, metrics: Int) {
        self.counts = counts
        metricTotals = Array(repeating: 0, count: metrics)
    }

    /// Adds a batch with the mean loss of its rows.
    @inline(__always)
    mutating func add(_ mean: Double, rows count: Int, _ output: Tensor, _ y: Tensor) throws(TalwegError) {
        rows += count
        total += mean * Double(count)
        if counts { correct += try Tensor.correctCount(output, y) }
    }

    mutating func add(_ metrics: [FitMetric], rows count: Int, _ output: Tensor, _ y: Tensor) throws(TalwegError) {
        for place in metricTotals.indices {
            metricTotals[place] += try metrics[place].value(output, y) * Double(count)
        }
    }

    var loss: Double { total / Double(rows) }
    var accuracy: Double { counts ? Double(correct) / Double(rows) : .nan }
    var metrics: [Double] { metricTotals.map { $0 / Double(rows) } }

    /// All that there is, for a checkpoint.
    var numbers: [Double] { [Double(rows), total, Double(correct)] + metricTotals }

    mutating func load(_ numbers: ArraySlice<Double>) {
        let found = Array(numbers)
        guard found.count == 3 + metricTotals.count else { return }
        rows = Int(exactly: found[0]) ?? 0
        total = found[1]
        correct = Int(exactly: found[2]) ?? 0
        metricTotals = Array(found[3...])
    }
}
