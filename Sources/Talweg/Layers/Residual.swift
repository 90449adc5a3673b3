/// x + f(x), or p(x) + f(x) where a projection p fits x to f's shape: children "body" and "projection" (He, Zhang, Ren
/// and Sun, "Deep residual learning for image recognition", 2016).
public final class Residual: Module {
    public init(_ body: Module, projection: Module? = nil) throws(TalwegError) {
        super.init()
        try setChild("body", body)
        if let projection { try setChild("projection", projection) }
    }

    /// - Throws: shape if the two do not agree; the sum is not broadcast.
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        guard let body = child("body") else { throw .state("residual: its body was removed") }
        let y = try body(x)
        var skip = x
        if let projection = child("projection") { skip = try projection(x) }
        guard skip.shape == y.shape else {
            throw .shape("residual: \(skip.shape) is to be added to \(y.shape), what the body gives; project it")
        }
        return try skip + y
    }
}
