/// 1 / (1 + exp(-x)), element by element.
public final class Sigmoid: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.sigmoid() }

    override var joinedActivation: Activation? { .sigmoid }
}
