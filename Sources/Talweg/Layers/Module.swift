/// A layer or a network: named parameters, named children and a mode.
///
/// A module is shared, not copied, when it is given to another. It is used by
/// one thread at a time. Subclasses register what they hold with
/// `setParameter` and `setChild`, and say what they compute in `forward`.
open class Module {
    /// The most modules that one may hold one inside another. Networks are far
    /// below it; it keeps the calls of `forward`, which nest as the modules do,
    /// within any thread's stack.
    public static let maximumDepth = 512

    /// Its own parameters, in the order they were set.
    public private(set) var parameters: [(name: String, tensor: Tensor)] = []
    /// Its own children, in the order they were set.
    public private(set) var children: [(name: String, module: Module)] = []
    /// Training mode, or evaluation mode. New modules train.
    public internal(set) var isTraining = true

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

    /// What `summary` calls the module.
    open var typeName: String { String(describing: type(of: self)) }

    public final func callAsFunction(_ x: Tensor) throws(TalwegError) -> Tensor { try forward(x) }

    /// Its own parameter of a name.
    public final func parameter(_ name: String) -> Tensor? {
        for held in parameters where held.name == name { return held.tensor }
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
        try check(name, "set_parameter")
        guard child(name) == nil else { throw .state("set_parameter: \"\(name)\" is a child") }
        try tensor.setRequiresGrad(true)
        if let place = parameters.firstIndex(where: { $0.name == name }) {
            parameters[place].tensor = tensor
        } else {
            parameters.append((name, tensor))
        }
    }

    /// Names a child. One of that name is replaced, in its place.
    public final func setChild(_ name: String, _ module: Module) throws(TalwegError) {
        try check(name, "set_child")
        guard parameter(name) == nil else { throw .state("set_child: \"\(name)\" is a parameter") }
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

    /// Removes the parameter or child of a name.
    public final func remove(_ name: String) throws(TalwegError) {
        if let place = parameters.firstIndex(where: { $0.name == name }) {
            parameters.remove(at: place)
        } else if let place = children.firstIndex(where: { $0.name == name }) {
            children.remove(at: place).module.forget(self)
        } else {
            throw .index("remove: no parameter or child \"\(name)\"")
        }
    }

    private func check(_ name: String, _ caller: String) throws(TalwegError) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: ".")) else {
            throw .invalid("\(caller): the name \"\(name)\" is empty or has a '.'")
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
