/// tanh(x), element by element.
public final class Tanh: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.tanh() }

    override var joinedActivation: Activation? { .tanh }
}
