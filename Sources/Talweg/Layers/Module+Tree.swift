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
        named { module in module.parameters }
    }

    /// The buffers here and below by path, as `namedParameters`.
    public final var namedBuffers: [(path: String, tensor: Tensor)] {
        named { module in module.buffers.map { ($0.name, $0.tensor) } }
    }

    /// What a file holds of the module: parameters and persistent buffers, each module's own ones before its
    /// children's.
    public final var namedState: [(path: String, tensor: Tensor)] {
        named { module in
            module.parameters + module.buffers.lazy.filter(\.isPersistent).map { ($0.name, $0.tensor) }
        }
    }

    /// Tensors of the modules here and below by path, each once, under its first.
    private func named(_ own: (Module) -> [(name: String, tensor: Tensor)]) -> [(path: String, tensor: Tensor)] {
        var found: [(path: String, tensor: Tensor)] = []
        var seen = Set<ObjectIdentifier>()
        for (path, module) in modules {
            for (name, tensor) in own(module) where seen.insert(ObjectIdentifier(tensor)).inserted {
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
        try tensor(at: path, "parameter") { module, name in module.parameter(name) }
    }

    /// The buffer at a path such as "1.running_mean", also under a path that is not its first.
    public final func buffer(at path: String) throws(TalwegError) -> Tensor {
        try tensor(at: path, "buffer") { module, name in module.buffer(name) }
    }

    private func tensor(at path: String, _ kind: String, _ own: (Module, String) -> Tensor?)
        throws(TalwegError) -> Tensor
    {
        var owner: Module? = self
        let names = path.split(separator: ".", omittingEmptySubsequences: false)
        for name in names.dropLast() { owner = owner?.child(String(name)) }
        guard let last = names.last, let owner, let found = own(owner, String(last)) else {
            throw .index("\(kind): there is none at \"\(path)\"")
        }
        return found
    }

    /// The module at a path such as "encoder.0"; the module itself at "".
    public final func module(at path: String) throws(TalwegError) -> Module {
        guard !path.isEmpty else { return self }
        var found: Module? = self
        for name in path.split(separator: ".", omittingEmptySubsequences: false) { found = found?.child(String(name)) }
        guard let found else { throw .index("module: there is none at \"\(path)\"") }
        return found
    }

    /// Runs `body` on the module and all below with their paths, each once, children before their parents.
    public final func apply(_ body: (_ path: String, _ module: Module) throws(TalwegError) -> Void)
        throws(TalwegError)
    {
        for (path, module) in modules.reversed() { try body(path, module) }
    }

    /// Takes parameters out of training, or puts them back: those whose path matches a pattern, in which '*' stands
    /// for any characters, '.' among them, and '?' for one. A frozen parameter requires no gradient, and its own is
    /// cleared; an optimizer that holds it leaves it as it is.
    /// - Returns: how many parameters match.
    @discardableResult
    public final func freeze(_ pattern: String, _ frozen: Bool = true) throws(TalwegError) -> Int {
        let pattern = Glob(pattern)
        var count = 0
        for (path, tensor) in namedParameters where pattern.matches(path) {
            try tensor.setRequiresGrad(!frozen)
            if frozen { tensor.replaceGrad(nil) }
            count += 1
        }
        return count
    }

    /// How many numbers the parameters hold.
    public final var parameterSize: Int { size { _ in true } }

    /// How many numbers the parameters hold that require a gradient.
    public final var trainableSize: Int { size(\.requiresGrad) }

    private func size(_ counts: (Tensor) -> Bool) -> Int {
        // Each fits in memory, but views may share it: the sum could overflow.
        namedParameters.reduce(0) { sum, held in
            guard counts(held.tensor) else { return sum }
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
