extension Module {
    /// Writes all parameters to a safetensors file, by path. The file is replaced
    /// atomically: it is the old one or the whole new one.
    public final func save(to path: String) throws(TalwegError) {
        try Safetensors.save(namedParameters.map { (name: $0.path, tensor: $0.tensor) }, to: path)
    }

    /// Reads all parameters from a safetensors file. Names, shapes and dtypes must
    /// agree; on failure the module is unchanged.
    public final func load(from path: String) throws(TalwegError) {
        let file = try SafetensorsFile(path: path)
        let parameters = namedParameters
        try checkNames(file.names, parameters.map(\.path), path)
        // All are read before the first is changed, since reading may fail.
        var read: [(Tensor, Tensor)] = []
        for (name, parameter) in parameters {
            let tensor = try file.tensor(named: name)
            guard tensor.shape == parameter.shape else {
                throw .shape(
                    "load: \"\(name)\" is \(tensor.shape) in \(path), \(parameter.shape) in the module")
            }
            guard tensor.dtype == parameter.dtype else {
                throw .dtype(
                    "load: \"\(name)\" is \(tensor.dtype.name) in \(path), \(parameter.dtype.name) in the module")
            }
            read.append((parameter, tensor))
        }
        for (parameter, tensor) in read {
            // Tells the tape that the elements change.
            _ = parameter.mutableData()
            parameter.view.assign(tensor.view)
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
            throw .invalid("load: \(path) holds other parameters: " + parts.joined(separator: "; "))
        }
    }

    /// The first few names, quoted.
    private func listed(_ names: [String]) -> String {
        let shown = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
        return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}
