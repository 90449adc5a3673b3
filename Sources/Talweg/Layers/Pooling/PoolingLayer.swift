/// What the layers that pool by windows have in common.
public class PoolingLayer: Module {
    public let options: PoolingOptions

    /// - Throws: invalidArgument for options out of range
    init(_ options: PoolingOptions, spatial: Int, averages: Bool, _ name: String) throws(TalwegError) {
        try options.check(spatial, name)
        for axis in 0..<spatial where averages && options.axis(axis, of: spatial).dilation != 1 {
            throw .invalid("\(name): an average has no dilation")
        }
        self.options = options
        super.init()
    }
}
