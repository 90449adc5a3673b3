// A module together with all that is below it.

extension Module {
    /// The module and all below, each once, under the path by which it is first
    /// met ("" for the module itself), parents before their children.
    public final var modules: [(path: String, module: Module)] {
        var found: [(path: String, module: Module)] = []
        var seen = Set<ObjectIdentifier>()
        var waiting: [(path: String, module: Module)] = [("", self)]
        while let next = waiting.popLast() {
            guard seen.insert(ObjectIdentifier(next.module)).inserted else { continue }
            found.append(next)
            for child in next.module.children.reversed() {
                waiting.append((next.path.isEmpty ? child.name : next.path + "." + child.name, child.module))
            }
        }
        return found
    }

    /// The parameters here and below by path, such as "0.weight": own ones first,
    /// then the children's. One that is reached by several paths is there once,
    /// under its first.
    public final var namedParameters: [(path: String, tensor: Tensor)] {
        var found: [(path: String, tensor: Tensor)] = []
        var seen = Set<ObjectIdentifier>()
        for (path, module) in modules {
            for (name, tensor) in module.parameters where seen.insert(ObjectIdentifier(tensor)).inserted {
                found.append((path.isEmpty ? name : path + "." + name, tensor))
            }
        }
        return found
    }

    /// The parameters called "weight", here and below: what penalties act on.
    final var weights: [Tensor] {
        var found: [Tensor] = []
        var seen = Set<ObjectIdentifier>()
        for (_, module) in modules {
            guard let weight = module.parameter("weight") else { continue }
            if seen.insert(ObjectIdentifier(weight)).inserted { found.append(weight) }
        }
        return found
    }

    /// The parameter at a path such as "0.weight", also under a path that is not its first.
    public final func parameter(at path: String) throws(TalwegError) -> Tensor {
        var module: Module? = self
        let names = path.split(separator: ".", omittingEmptySubsequences: false)
        for name in names.dropLast() { module = module?.child(String(name)) }
        guard let last = names.last, let found = module?.parameter(String(last)) else {
            throw .index("parameter: there is none at \"\(path)\"")
        }
        return found
    }

    /// How many numbers the parameters hold.
    public final var parameterSize: Int {
        // Each fits in memory, but views may share it: the sum could overflow.
        namedParameters.reduce(0) { sum, held in
            let (next, overflow) = sum.addingReportingOverflow(held.tensor.count)
            return overflow ? Int.max : next
        }
    }

    /// Clears the gradients of all parameters.
    public final func zeroGrad() {
        for (_, module) in modules {
            for (_, tensor) in module.parameters { tensor.replaceGrad(nil) }
        }
    }

    /// Sets training or evaluation mode, here and below.
    public final func setTraining(_ training: Bool) {
        for (_, module) in modules { module.isTraining = training }
    }

    /// Runs `body` in a mode, and puts back the mode of each module.
    final func withTraining<R>(_ training: Bool, _ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
        let before = modules.map { ($0.module, $0.module.isTraining) }
        defer { for (module, mode) in before { module.isTraining = mode } }
        setTraining(training)
        return try body()
    }
}
