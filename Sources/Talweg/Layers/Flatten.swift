/// Joins neighbouring axes to one, in row-major order.
public final class Flatten: Module {
    public let start: Int
    public let end: Int

    /// - Parameters:
    ///   - start: the first axis to join; 1 leaves the batch. Axes count from the end if negative, and are checked
    ///     against each input.
    ///   - end: the last
    public init(start: Int = 1, end: Int = -1) {
        self.start = start
        self.end = end
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let (first, last) = (try x.shape.axis(start, for: "flatten"), try x.shape.axis(end, for: "flatten"))
        guard first <= last else {
            throw .shape("flatten: from axis \(first) to axis \(last) of \(x.shape); the first comes before the last")
        }
        let dims = x.shape.dims
        return try x.reshape(dims[..<first] + [dims[first...last].reduce(1, *)] + dims[(last + 1)...])
    }
}
