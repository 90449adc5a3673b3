/// The mean over all positions: x [n, channels, ..] -> [n, channels] (Lin, Chen and Yan, "Network in network", 2014).
public final class GlobalAveragePool: Module {
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.globalAveragePool() }
}
