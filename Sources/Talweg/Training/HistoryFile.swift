// A history as a file: JSON with everything, or CSV with a line an epoch (or an update).

extension History {
    /// The quantities of an epoch by name, in the order of the columns.
    private var epochColumns: [(name: String, values: [Double])] {
        var columns: [(name: String, values: [Double])] = [
            ("epoch", epochs.map { Double($0.epoch) }), ("loss", epochs.map(\.loss)),
            ("validation_loss", epochs.map(\.validationLoss)), ("accuracy", epochs.map(\.accuracy)),
            ("validation_accuracy", epochs.map(\.validationAccuracy)), ("seconds", epochs.map(\.seconds)),
            ("steps", epochs.map { Double($0.steps) }), ("learning_rate", epochs.map(\.learningRate)),
            ("step_seconds", epochs.map(\.stepSeconds)), ("peak_bytes", epochs.map { Double($0.peakBytes) }),
        ]
        for (place, name) in metricNames.enumerated() {
            columns.append((name, epochs.map { place < $0.metrics.count ? $0.metrics[place] : .nan }))
            columns.append((
                "validation_" + name,
                epochs.map { place < $0.validationMetrics.count ? $0.validationMetrics[place] : .nan }
            ))
        }
        // What was not measured is left out.
        return columns.filter { column in column.name == "epoch" || !column.values.allSatisfy(\.isNaN) }
    }

    private var stepColumns: [(name: String, values: [Double])] {
        let names = ["step", "epoch", "loss", "learning_rate", "seconds", "bytes"]
        let numbers = (try? stepTensor().doubles()) ?? []
        return names.enumerated().map { column, name in
            (name, stride(from: column, to: numbers.count, by: names.count).map { numbers[$0] })
        }
    }

    /// Writes the history to a file, which is replaced as a whole or not at all: to one that ends in ".csv" a line an
    /// epoch, to one that ends in ".json" everything. Values that there are none of are empty, or null.
    /// - Throws: invalidArgument for another ending, io
    public func save(to path: String) throws(TalwegError) {
        if path.hasSuffix(".json") {
            try write(json, to: path)
        } else if path.hasSuffix(".csv") {
            try write(History.csv(epochColumns), to: path)
        } else {
            throw .invalid("history_save: \(path) ends neither in .json nor in .csv")
        }
    }

    /// Writes the noted updates to a CSV file, a line an update.
    public func saveSteps(to path: String) throws(TalwegError) { try write(History.csv(stepColumns), to: path) }

    private func write(_ text: [UInt8], to path: String) throws(TalwegError) {
        let file = try AtomicFile(path: path, caller: "history_save")
        try file.write(text)
        try file.commit()
    }

    private var json: [UInt8] {
        var text = Array("{\"format\": \"talweg history\", \"version\": 1, \"stop\": \"\(stop)\"".utf8)
        if let bestEpoch { text += Array(", \"best_epoch\": \(bestEpoch)".utf8) }
        for (name, columns) in [("epochs", epochColumns), ("steps", stepCount > 0 ? stepColumns : [])]
        where !columns.isEmpty {
            text += Array(",\n\"\(name)\": {".utf8)
            for (place, column) in columns.enumerated() {
                text += Array((place > 0 ? ",\n  " : "\n  ").utf8)
                JSONText.append(column.name, to: &text)
                text += Array(": [".utf8)
                for (row, value) in column.values.enumerated() {
                    if row > 0 { text += Array(", ".utf8) }
                    History.append(value, empty: "null", to: &text)
                }
                text.append(0x5D)
            }
            text += Array("\n}".utf8)
        }
        text += Array("}\n".utf8)
        return text
    }

    private static func csv(_ columns: [(name: String, values: [Double])]) -> [UInt8] {
        var text = Array((columns.map { quoted($0.name) }.joined(separator: ",") + "\n").utf8)
        for row in 0..<(columns.first?.values.count ?? 0) {
            for (place, column) in columns.enumerated() {
                if place > 0 { text.append(0x2C) }
                append(column.values[row], empty: "", to: &text)
            }
            text.append(0x0A)
        }
        return text
    }

    /// Counts without a point, other numbers with the fewest digits that are read back as the same.
    private static func append(_ value: Double, empty: StaticString, to text: inout [UInt8]) {
        guard value.isFinite else {
            text += Array("\(empty)".utf8)
            return
        }
        if let count = Int(exactly: value), abs(value) < 0x1p53 {
            text += Array(String(count).utf8)
        } else {
            text += Array(value.description.utf8)
        }
    }

    /// A field of a CSV file (RFC 4180).
    private static func quoted(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
