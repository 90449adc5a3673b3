/// Reads a state that was saved as named tensors, and tells every name that is missing, unexpected or differs.
/// Numbers are float64 scalars.
struct StateReader {
    private let caller: String
    private var entries: [String: Tensor] = [:]
    private var order: [String] = []
    private var used = Set<String>()
    private var missing: [String] = []
    private var differing: [String] = []

    init(_ entries: [(name: String, tensor: Tensor)], for caller: String) throws(TalwegError) {
        self.caller = caller
        for (name, tensor) in entries {
            guard self.entries.updateValue(tensor, forKey: name) == nil else {
                throw .invalid("\(caller): the name \"\(name)\" comes twice")
            }
            order.append(name)
        }
    }

    private mutating func take(_ name: String) -> Tensor? {
        guard let found = entries[name] else {
            missing.append(name)
            return nil
        }
        used.insert(name)
        return found
    }

    /// A number; nil, which `finish` tells, if there is none of that name.
    mutating func number(_ name: String) throws(TalwegError) -> Double? {
        guard let found = take(name) else { return nil }
        guard found.count == 1 else {
            differing.append("\"\(name)\" is \(found.shape), not a number")
            return nil
        }
        return try found.item()
    }

    /// A number that is a count.
    mutating func count(_ name: String) throws(TalwegError) -> Int? {
        guard let value = try number(name) else { return nil }
        guard value >= 0, value <= 1e15, let count = Int(exactly: value) else {
            differing.append("\"\(name)\" is \(value), not a count")
            return nil
        }
        return count
    }

    /// A copy of a tensor of a shape and dtype; nil, which `finish` tells, if there is none.
    mutating func tensor(_ name: String, _ shape: Shape, _ dtype: DType) throws(TalwegError) -> View? {
        guard let found = take(name) else { return nil }
        guard found.shape == shape, found.dtype == dtype else {
            differing.append(
                "\"\(name)\" is \(found.dtype.name) \(found.shape), \(dtype.name) \(shape) is needed")
            return nil
        }
        return try found.view.copy()
    }

    /// Tells of what differs in another way.
    mutating func refuse(_ text: String) { differing.append(text) }

    /// - Throws: invalidArgument with all that does not fit.
    func finish() throws(TalwegError) {
        let unexpected = order.filter { !used.contains($0) }
        guard !missing.isEmpty || !unexpected.isEmpty || !differing.isEmpty else { return }
        var parts: [String] = []
        if !missing.isEmpty { parts.append("it lacks \(StateReader.quoted(missing))") }
        if !unexpected.isEmpty { parts.append("unexpected are \(StateReader.quoted(unexpected))") }
        if !differing.isEmpty { parts.append("these differ: \(differing.joined(separator: ", "))") }
        throw .invalid("\(caller): the state is of something else: " + parts.joined(separator: "; "))
    }

    private static func quoted(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// All tensors of a safetensors file.
    static func entries(of path: String) throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        let file = try SafetensorsFile(path: path)
        var found: [(name: String, tensor: Tensor)] = []
        for name in file.names { found.append((name, try file.tensor(named: name))) }
        return found
    }

    /// A number as a state holds it.
    static func scalar(_ value: Double) throws(TalwegError) -> Tensor { Tensor(try View.scalar(value, .float64)) }
}
