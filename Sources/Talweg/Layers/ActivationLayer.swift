/// An activation function as a module, without parameters.
public final class ActivationLayer: Module {
    public let function: ActivationFunction

    /// - Throws: invalidArgument for a parameter that the function is not defined for.
    public init(_ function: ActivationFunction) throws(TalwegError) {
        try function.check()
        self.function = function
    }

    public override var typeName: String { function.name }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.activated(function) }

    override var joinedActivation: Activation? {
        switch function {
        case .identity: .identity
        case .relu: .relu
        case .gelu: .gelu
        case .tanh: .tanh
        case .sigmoid: .sigmoid
        default: nil
        }
    }
}
