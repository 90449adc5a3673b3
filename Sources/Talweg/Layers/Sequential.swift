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

    /// A linear layer and the activation that follows it are one pass.
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        // Where it is to be told which module failed, each is called by itself.
        let joins = !ThreadState.current.anomaly
        var y = x
        var place = 0
        while place < children.count {
            let module = children[place].module
            place += 1
            if joins, place < children.count, let activation = children[place].module.joinedActivation,
                let linear = module as? Linear
            {
                y = try linear.forward(y, activation)
                place += 1
            } else {
                y = try module(y)
            }
        }
        return y
    }
}
