import TalwegKernels

/// condition ? a : b, with the condition fixed: one that was changed in place is refused.
struct Select: ElementwiseOperation {
    static let name = "where"
    static let saves: Saves = []
    let condition: Saved
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        let condition = try condition.tensor(Self.name).view
        let both = try Shape.broadcast(a.shape, b.shape, for: Self.name)
        let y = try View(uninitialized: Shape.broadcast(both, condition.shape, for: Self.name), a.dtype)
        mapSelect(kernels.select(itemSize: a.dtype.itemSize), condition, a, b, to: y)
        return y
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Select>) throws(TalwegError) -> Tensor {
        try apply(Select(condition: condition), g, Tensor.zeros(.scalar, g.dtype))
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Select>) throws(TalwegError) -> Tensor {
        try apply(Select(condition: condition), Tensor.zeros(.scalar, g.dtype), g)
    }
}

extension Tensor {
    /// condition ? a : b, element by element, all broadcast; NumPy's where.
    public static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(a, b)
        return try apply(Select(condition: Saved(Tensor(condition.view.cast(to: .bool)))), a, b)
    }
}
