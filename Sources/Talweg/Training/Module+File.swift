extension Module {
    /// Writes all parameters and persistent buffers to a safetensors file, by path. The file is replaced
    /// atomically: it is the old one or the whole new one.
    public final func save(to path: String) throws(TalwegError) {
        try Safetensors.save(namedState.map { (name: $0.path, tensor: $0.tensor) }, to: path)
    }

    /// Reads all parameters and persistent buffers from a safetensors file. Names, shapes and dtypes must
    /// agree; on failure the module is unchanged.
    public final func load(from path: String) throws(TalwegError) {
        let file = try SafetensorsFile(path: path)
        let state = namedState
        try checkNames(file.names, state.map(\.path), path)
        // All are read before the first is changed, since reading may fail.
        var read: [(Tensor, Tensor)] = []
        for (name, own) in state {
            let tensor = try file.tensor(named: name)
            guard tensor.shape == own.shape else {
                throw .shape(
                    "load: \"\(name)\" is \(tensor.shape) in \(path), \(own.shape) in the module")
            }
            guard tensor.dtype == own.dtype else {
                throw .dtype(
                    "load: \"\(name)\" is \(tensor.dtype.name) in \(path), \(own.dtype.name) in the module")
            }
            read.append((own, tensor))
        }
        for (own, tensor) in read {
            // Tells the tape that the elements change.
            _ = own.mutableData()
            own.view.assign(tensor.view)
        }
    }

    private func checkNames(_ inFile: [String], _ wanted: [String], _ path: String) throws(TalwegError) {
        let (found, needed) = (Set(inFile), Set(wanted))
        let missing = wanted.filter { !found.contains($0) }
        let extra = inFile.filter { !needed.contains($0) }
        guard missing.isEmpty, extra.isEmpty else {
            var parts: [String] = []
            if !missing.isEmpty { parts.append("it lacks \(listed(missing))") }
            if !extra.isEmpty { parts.append("the module has no \(listed(extra))") }
            throw .invalid("load: \(path) holds another state: " + parts.joined(separator: "; "))
        }
    }

    private func listed(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
}
