import TalwegKernels

struct Sum: LinearOperation {
    static let name = "sum"
    static let saves: Saves = []
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        try reduce(.sum, x, axes, keepdims: keepdims, Self.name)
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Sum>) throws(TalwegError) -> Tensor {
        try g.restored(axes, r.inputShape).broadcast(to: r.inputShape)
    }
}

struct Product: UnaryOperation {
    static let name = "prod"
    static let saves: Saves = .first
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        try reduce(.product, x, axes, keepdims: keepdims, Self.name)
    }
    /// The product of the others: the whole divided by each or, where there are
    /// zeros, made without a division, so that it has all its derivatives.
    func pullback(_ g: Tensor, _ r: UnaryRecord<Product>) throws(TalwegError) -> Tensor {
        let x = try r.x
        let full = try g.restored(axes, r.inputShape)
        guard try x.isEqual(x.scalar(0)).any().item() != 0 else {
            return try full * (apply(Product(axes: axes, keepdims: true), x) / x)
        }
        // The reduced axes last, as one.
        var order = (0..<x.rank).filter { !axes.contains($0) }
        order += (0..<x.rank).filter { axes.contains($0) }
        let moved = try apply(Permute(order: order), x)
        let others = try moved.reshape([-1, r.inputShape.count(of: axes)]).productsOfOthers()
        var inverse = order
        for (axis, source) in order.enumerated() { inverse[source] = axis }
        return try full * apply(Permute(order: inverse), others.reshape(moved.shape))
    }
}

extension Tensor {
    /// In each row of a matrix, for each element the product of all others: of
    /// those before it and those behind it, which grow by doubling.
    fileprivate func productsOfOthers() throws(TalwegError) -> Tensor {
        let (rows, n) = (shape[0], shape[1])
        /// Moved by some columns, with ones where nothing comes from; back for a negative number.
        func moved(_ x: Tensor, _ columns: Int) throws(TalwegError) -> Tensor {
            let ones = try Tensor.ones(Shape([rows, Swift.min(Swift.abs(columns), n)]), dtype)
            return columns > 0
                ? try .concatenate([ones, x.slice(axis: 1, to: Swift.max(n - columns, 0))], axis: 1)
                : try .concatenate([x.slice(axis: 1, from: Swift.min(-columns, n)), ones], axis: 1)
        }
        var (before, behind) = (try moved(self, 1), try moved(self, -1))
        var reach = 1
        while reach < n {
            before = try before * moved(before, reach)
            behind = try behind * moved(behind, -reach)
            reach *= 2
        }
        return try before * behind
    }
}

/// The largest or smallest. Ties share the gradient evenly.
struct Extreme: UnaryOperation {
    static let name = "max or min"
    static let saves: Saves = [.first, .output]
    let op: ReduceOp
    let axes: AxisSet
    let keepdims: Bool
    func forward(_ x: View) throws(TalwegError) -> View {
        guard x.shape.count(of: axes) > 0 else {
            throw .shape("\(op): of no elements, along axes of \(x.shape)")
        }
        return try reduce(op, x, axes, keepdims: keepdims, "\(op)")
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Extreme>) throws(TalwegError) -> Tensor {
        let x = try r.x.detach()
        let y = try r.y.detach().restored(axes, r.inputShape)
        let here = try x.isEqual(y).cast(to: x.dtype)
        let ties = try apply(Sum(axes: axes, keepdims: true), here)
        return try g.restored(axes, r.inputShape) * (here / ties)
    }
}

extension Tensor {
    /// With the axes that a reduction dropped put back as size 1.
    func restored(_ axes: AxisSet, _ input: Shape) throws(TalwegError) -> Tensor {
        try reshape(input.reduced(axes, keepdims: true))
    }

    /// Sums over `axes` (nil: all); bool and integers sum to int64, unsigned ones to uint64.
    public func sum(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "sum")
        return try apply(Sum(axes: set, keepdims: keepdims), dtype.isFloating ? self : cast(to: dtype.accumulated))
    }

    /// Products over `axes` (nil: all); bool and integers multiply to int64, unsigned ones to uint64.
    public func product(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "prod")
        return try apply(Product(axes: set, keepdims: keepdims), dtype.isFloating ? self : cast(to: dtype.accumulated))
    }

    /// Largest over `axes` (nil: all); NaN if there is one.
    public func max(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try apply(Extreme(op: .max, axes: shape.axes(axes, for: "max"), keepdims: keepdims), self)
    }

    /// Smallest over `axes` (nil: all); NaN if there is one.
    public func min(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try apply(Extreme(op: .min, axes: shape.axes(axes, for: "min"), keepdims: keepdims), self)
    }

    /// Whether any element is true (not 0).
    public func any(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        Tensor(try reduce(.any, view.cast(to: .bool), shape.axes(axes, for: "any"), keepdims: keepdims, "any"))
    }

    /// Whether all elements are true (not 0).
    public func all(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        Tensor(try reduce(.all, view.cast(to: .bool), shape.axes(axes, for: "all"), keepdims: keepdims, "all"))
    }
}
