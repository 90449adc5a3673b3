/// Named tensors and texts that say all of something's state.
struct TrainingState {
    private(set) var tensors: [(name: String, tensor: Tensor)] = []
    private(set) var texts: [(key: String, value: String)] = []

    mutating func add(_ name: String, _ tensor: Tensor) { tensors.append((name, tensor)) }

    mutating func add(_ key: String, _ text: String) { texts.append((key, text)) }

    /// Numbers as a float64 tensor, each to its bit.
    mutating func add(_ name: String, _ numbers: [Double]) throws(TalwegError) {
        add(name, try Tensor(numbers, shape: [numbers.count], dtype: .float64))
    }
}

/// A checkpoint file: the state of a training in the safetensors format, so that its tensors can be read by anything
/// that reads those. Names begin with what they belong to: "model/", "optimizer/", "schedule/", "random/", "fit/",
/// "best/".
struct CheckpointFile {
    static let format = "talweg checkpoint"
    static let version = 1

    let path: String
    private let file: SafetensorsFile

    /// Writes a state to a file, which is replaced as a whole or not at all.
    static func write(_ state: TrainingState, to path: String) throws(TalwegError) {
        let head = [(key: "format", value: format), (key: "version", value: String(version))]
        try Safetensors.save(state.tensors, metadata: head + state.texts, to: path)
    }

    /// - Throws: io if it cannot be read, format if it is no checkpoint, cut or otherwise malformed, unsupported for a
    ///   version that is not this one's.
    init(path: String) throws(TalwegError) {
        self.path = path
        file = try SafetensorsFile(path: path)
        guard file.metadata("format") == CheckpointFile.format else {
            throw .format("checkpoint: \(path) is a safetensors file, but no checkpoint of a training")
        }
        let version = file.metadata("version") ?? ""
        guard version == String(CheckpointFile.version) else {
            throw .unsupported(
                "checkpoint: \(path) has version \"\(version)\"; this library reads version \(CheckpointFile.version)")
        }
    }

    func has(_ name: String) -> Bool { file.names.contains(name) }

    func text(_ key: String) -> String? { file.metadata(key) }

    /// The tensors whose names begin with a prefix, by the rest of the name.
    func tensors(_ prefix: String) throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        var found: [(name: String, tensor: Tensor)] = []
        for name in file.names where name.hasPrefix(prefix) {
            found.append((String(name.dropFirst(prefix.count)), try file.tensor(named: name)))
        }
        return found
    }

    func numbers(_ name: String) throws(TalwegError) -> [Double] {
        guard has(name) else { throw .format("checkpoint: \(path) lacks \"\(name)\"") }
        let tensor = try file.tensor(named: name)
        guard tensor.dtype == .float64 else {
            throw .format("checkpoint: \(path): \"\(name)\" is \(tensor.dtype.name), not float64")
        }
        return try tensor.doubles()
    }

    /// Just so many numbers.
    func numbers(_ name: String, count: Int) throws(TalwegError) -> [Double] {
        let found = try numbers(name)
        guard found.count == count else {
            throw .format("checkpoint: \(path): \"\(name)\" has \(found.count) numbers, not \(count)")
        }
        return found
    }
}
