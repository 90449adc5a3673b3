/// x Phi(x), Phi the normal distribution function, element by element.
public final class GELU: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.gelu() }

    override var joinedActivation: Activation? { .gelu }
}
