/// Modules one after the other: children "0", "1", ...
public final class Sequential: Module {
    public convenience init(_ modules: Module...) throws(TalwegError) { try self.init(modules) }

    public init(_ modules: [Module]) throws(TalwegError) {
        super.init()
        for module in modules { try append(module) }
    }

    /// Adds a module at the end.
    public func append(_ module: Module) throws(TalwegError) {
        // The next number, unless children were removed and it is still in use.
        var number = children.count
        while child(String(number)) != nil || parameter(String(number)) != nil { number += 1 }
        try setChild(String(number), module)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        var y = x
        for (_, module) in children { y = try module.forward(y) }
        return y
    }
}
