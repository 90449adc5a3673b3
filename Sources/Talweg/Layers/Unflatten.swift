/// Splits an axis into several, in row-major order.
public final class Unflatten: Module {
    public let axis: Int
    public let sizes: [Int]

    /// - Parameters:
    ///   - axis: counts from the end if negative; it is checked against each input
    ///   - sizes: of the axes that take its place; one may be -1 and is found
    /// - Throws: invalidArgument for no sizes, for one below -1, and for -1 twice.
    public init(axis: Int, sizes: [Int]) throws(TalwegError) {
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= -1 }), sizes.count(where: { $0 == -1 }) <= 1 else {
            throw .invalid("unflatten: sizes \(sizes); one or more of 0 or above are needed, at most one of them -1")
        }
        self.axis = axis
        self.sizes = sizes
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let place = try x.shape.axis(axis, for: "unflatten")
        let dims = x.shape.dims
        var known = 1
        for size in sizes where size >= 0 {
            let (product, overflow) = known.multipliedReportingOverflow(by: size)
            guard !overflow else { throw misfit(place, x.shape) }
            known = product
        }
        var found = sizes
        if let open = sizes.firstIndex(of: -1) {
            guard known > 0, dims[place] % known == 0 else { throw misfit(place, x.shape) }
            found[open] = dims[place] / known
        } else if known != dims[place] {
            throw misfit(place, x.shape)
        }
        return try x.reshape(dims[..<place] + found + dims[(place + 1)...])
    }

    private func misfit(_ place: Int, _ shape: Shape) -> TalwegError {
        .shape("unflatten: axis \(place) of \(shape) does not split into \(sizes)")
    }
}
