/// A layer or a network: named parameters, buffers and children, and a mode.
///
/// A module is shared, not copied, when it is given to another. It is used by
/// one thread at a time. Subclasses register what they hold with
/// `setParameter`, `setBuffer` and `setChild`, and say what they compute in `forward`.
open class Module {
    /// The most modules that one may hold one inside another. Networks are far
    /// below it; it keeps the calls of `forward`, which nest as the modules do,
    /// within any thread's stack.
    public static let maximumDepth = 512

    /// Its own parameters, in the order they were set.
    public private(set) var parameters: [(name: String, tensor: Tensor)] = []
    /// Its own buffers: tensors that it computes with and that no gradient changes, such as running statistics.
    public private(set) var buffers: [Buffer] = []
    /// Its own children, in the order they were set.
    public private(set) var children: [(name: String, module: Module)] = []
    /// Training mode, or evaluation mode. New modules train.
    public internal(set) var isTraining = true

    /// A tensor of a module that no gradient changes.
    public struct Buffer {
        public let name: String
        public internal(set) var tensor: Tensor
        /// Whether it is part of the module's state, which files hold.
        public internal(set) var isPersistent: Bool
    }

    /// Who holds it as a child, for the limit of depth.
    private var parents: [Parent] = []

    private struct Parent {
        weak var module: Module?
    }

    public init() {}

    /// The module's output.
    open func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        throw .state("forward: \(typeName) does not say what it computes")
    }

    /// The outputs for several inputs, of which some may be left out. A module of one input and one output says what
    /// it computes in the other `forward` alone.
    open func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count == 1, let x = inputs[0] else {
            throw .invalid("forward: \(typeName) takes one input, not \(inputs.count)")
        }
        return [try forward(x)]
    }

    /// The function that the module is, if a linear layer before it can apply it in its own pass.
    var joinedActivation: Activation? { nil }

    /// What `summary` calls the module.
    open var typeName: String { String(describing: type(of: self)) }

    /// The generators of random numbers of its own that its forward pass draws from, so that a resumed training goes
    /// on with the same numbers: those that its properties hold.
    open var generators: [(name: String, generator: Generator)] {
        var found: [(name: String, generator: Generator)] = []
        var mirror: Mirror? = Mirror(reflecting: self)
        while let current = mirror {
            for case let (name?, generator as Generator) in current.children { found.append((name, generator)) }
            mirror = current.superclassMirror
        }
        return found
    }

    /// `forward`: how a module calls another, so that anomaly mode can tell in which one an operation failed.
    public final func callAsFunction(_ x: Tensor) throws(TalwegError) -> Tensor {
        if ThreadState.current.anomaly { return try watched { () throws(TalwegError) in try forward(x) } }
        return try forward(x)
    }

    /// `forward` of several inputs.
    public final func callAsFunction(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        if ThreadState.current.anomaly { return try watched { () throws(TalwegError) in try forward(inputs) } }
        return try forward(inputs)
    }

    /// Notes the module if it is the innermost of those that fail.
    @inline(never)
    private func watched<R>(_ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
        do {
            return try body()
        } catch {
            let state = ThreadState.current
            if state.anomalyModule == nil { state.anomalyModule = Unmanaged.passUnretained(self).toOpaque() }
            throw error
        }
    }

    /// Its own parameter of a name.
    public final func parameter(_ name: String) -> Tensor? {
        for held in parameters where held.name == name { return held.tensor }
        return nil
    }

    /// Its own buffer of a name.
    public final func buffer(_ name: String) -> Tensor? {
        for held in buffers where held.name == name { return held.tensor }
        return nil
    }

    /// Its own child of a name.
    public final func child(_ name: String) -> Module? {
        for held in children where held.name == name { return held.module }
        return nil
    }

    /// Names a tensor as a parameter: it becomes a leaf that requires a gradient.
    /// One of that name is replaced, in its place.
    public final func setParameter(_ name: String, _ tensor: Tensor) throws(TalwegError) {
        try check(name, "set_parameter", besides: .parameter)
        try tensor.setRequiresGrad(true)
        if let place = parameters.firstIndex(where: { $0.name == name }) {
            parameters[place].tensor = tensor
        } else {
            parameters.append((name, tensor))
        }
    }

    /// Names a tensor as a buffer. One of that name is replaced, in its place.
    /// - Parameter persistent: whether it is part of the module's state, which files hold.
    /// - Throws: state for a tensor that requires a gradient.
    public final func setBuffer(_ name: String, _ tensor: Tensor, persistent: Bool = true) throws(TalwegError) {
        try check(name, "set_buffer", besides: .buffer)
        guard !tensor.requiresGrad else {
            throw .state("set_buffer: \"\(name)\" requires a gradient; name it as a parameter, or detach it")
        }
        if let place = buffers.firstIndex(where: { $0.name == name }) {
            (buffers[place].tensor, buffers[place].isPersistent) = (tensor, persistent)
        } else {
            buffers.append(Buffer(name: name, tensor: tensor, isPersistent: persistent))
        }
    }

    /// Names a child. One of that name is replaced, in its place.
    public final func setChild(_ name: String, _ module: Module) throws(TalwegError) {
        try check(name, "set_child", besides: .child)
        guard !module.holds(self) else {
            throw .state("set_child: \"\(name)\" holds the module that it would be a child of")
        }
        let below = module.depth { module, visit in for child in module.children { visit(child.module) } }
        let above = depth { module, visit in
            for parent in module.parents { if let module = parent.module { visit(module) } }
        }
        guard below + above <= Module.maximumDepth else {
            throw .state("set_child: \"\(name)\" nests modules more than \(Module.maximumDepth) deep")
        }
        module.parents.removeAll { $0.module == nil }
        module.parents.append(Parent(module: self))
        if let place = children.firstIndex(where: { $0.name == name }) {
            let replaced = children[place].module
            children[place].module = module
            replaced.forget(self)
        } else {
            children.append((name, module))
        }
    }

    /// Removes the parameter, buffer or child of a name.
    public final func remove(_ name: String) throws(TalwegError) {
        if let place = parameters.firstIndex(where: { $0.name == name }) {
            parameters.remove(at: place)
        } else if let place = buffers.firstIndex(where: { $0.name == name }) {
            buffers.remove(at: place)
        } else if let place = children.firstIndex(where: { $0.name == name }) {
            children.remove(at: place).module.forget(self)
        } else {
            throw .index("remove: no parameter, buffer or child \"\(name)\"")
        }
    }

    private enum Member: String { case parameter, buffer, child }

    /// Refuses a name that a path could not hold, or that something of another kind has.
    private func check(_ name: String, _ caller: String, besides kind: Member) throws(TalwegError) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: ".")) else {
            throw .invalid("\(caller): the name \"\(name)\" is empty or has a '.'")
        }
        let holder: Member? =
            parameter(name) != nil ? .parameter : buffer(name) != nil ? .buffer : child(name) != nil ? .child : nil
        if let holder, holder != kind {
            throw .state("\(caller): \"\(name)\" is a \(holder.rawValue)")
        }
    }

    /// Drops a former parent, unless it holds this module under another name too.
    private func forget(_ parent: Module) {
        guard !parent.children.contains(where: { $0.module === self }) else { return }
        parents.removeAll { $0.module == nil || $0.module === parent }
    }

    /// Whether a module is this one or below it.
    private func holds(_ wanted: Module) -> Bool {
        modules.contains { $0.module === wanted }
    }

    /// How many modules the longest chain from here has, in steps of `next`. The
    /// walk goes by levels, each module once a level, since a shared module may
    /// be reached in more ways than could be counted.
    private func depth(_ next: (Module, (Module) -> Void) -> Void) -> Int {
        var level = [self]
        var depth = 0
        while !level.isEmpty, depth <= Module.maximumDepth {
            depth += 1
            var seen = Set<ObjectIdentifier>()
            var following: [Module] = []
            for module in level {
                next(module) { if seen.insert(ObjectIdentifier($0)).inserted { following.append($0) } }
            }
            level = following
        }
        return depth
    }
}
