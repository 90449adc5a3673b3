/// x itself: what stands in a place where nothing is to be done.
public final class Identity: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { x }
}
