/// max(x, 0), element by element.
public final class ReLU: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.relu() }

    override var joinedActivation: Activation? { .relu }
}
