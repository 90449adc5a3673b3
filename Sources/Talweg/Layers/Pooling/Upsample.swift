/// x [n, channels, length] or [n, channels, height, width] at other sizes; see `Tensor.upsample`.
public final class Upsample: Module {
    private let options: UpsampleOptions

    /// - Throws: invalidArgument for sizes or factors out of range
    public init(_ options: UpsampleOptions) throws(TalwegError) {
        try options.check("upsample")
        self.options = options
        super.init()
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.upsample(options) }
}
