/// exp(x) / sum(exp(x)) along an axis. Not before a cross-entropy loss, which has its own.
public final class Softmax: Module {
    public let axis: Int

    /// - Parameter axis: counts from the end if negative; it is checked against each input.
    public init(axis: Int = -1) { self.axis = axis }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.softmax(axis: axis) }
}
