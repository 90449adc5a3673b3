import TalwegKernels

struct Sum: UnaryOperation {
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

    /// Sums over `axes` (nil: all); bool and integers sum to int64.
    public func sum(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "sum")
        return try apply(Sum(axes: set, keepdims: keepdims), dtype.isFloating ? self : cast(to: .int64))
    }

    /// Products over `axes` (nil: all); bool and integers multiply to int64.
    public func product(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "prod")
        return try apply(Product(axes: set, keepdims: keepdims), dtype.isFloating ? self : cast(to: .int64))
    }

    /// Means over `axes` (nil: all); integers give float64, the mean of nothing is NaN.
    public func mean(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "mean")
        let count = shape.count(of: set)
        let x = dtype.isFloating ? self : try cast(to: .float64)
        return try x.widened { x throws(TalwegError) in
            try apply(Sum(axes: set, keepdims: keepdims), x) / Double(count)
        }
    }

    /// Largest over `axes` (nil: all); NaN if there is one.
    public func max(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try apply(Extreme(op: .max, axes: shape.axes(axes, for: "max"), keepdims: keepdims), self)
    }

    /// Smallest over `axes` (nil: all); NaN if there is one.
    public func min(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try apply(Extreme(op: .min, axes: shape.axes(axes, for: "min"), keepdims: keepdims), self)
    }

    /// Variances: the sum of squared deviations over (count - correction).
    public func variance(axes: [Int]? = nil, keepdims: Bool = false, correction: Double = 0)
        throws(TalwegError) -> Tensor
    {
        let set = try shape.axes(axes, for: "var")
        let x = dtype.isFloating ? self : try cast(to: .float64)
        let free = Swift.max(Double(shape.count(of: set)) - correction, 0)
        return try x.widened { x throws(TalwegError) in
            let deviations = try (x - x.mean(axes: axes, keepdims: true)).square()
            return try apply(Sum(axes: set, keepdims: keepdims), deviations) / free
        }
    }

    /// log(sum(exp(x))) without overflow: the largest is taken out first.
    public func logSumExp(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let x = try floating()
        let set = try shape.axes(axes, for: "logsumexp")
        guard shape.count(of: set) > 0 else {
            return try x.sum(axes: axes, keepdims: keepdims).log()
        }
        // Any shift cancels, so the tape need not know of it; infinities would leave NaN.
        let largest = try x.detach().max(axes: axes, keepdims: true)
        let shift = try Tensor.select(largest.isFinite(), largest, x.scalar(0))
        let shifted = try (x - shift).exp()
        let sum = try apply(Sum(axes: set, keepdims: keepdims), shifted).log()
        return try sum + shift.reshape(sum.shape)
    }

    /// Euclidean norms. The gradient where the norm is 0 is 0.
    public func norm(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let x = try floating()
        let squares = try x.square().sum(axes: axes, keepdims: keepdims)
        let zero = try squares.isEqual(squares.scalar(0))
        let root = try Tensor.select(zero, squares.scalar(1), squares).sqrt()
        return try Tensor.select(zero, squares.scalar(0), root)
    }

    /// Whether any element is true (not 0).
    public func any(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        Tensor(try reduce(.any, view.cast(to: .bool), shape.axes(axes, for: "any"), keepdims: keepdims, "any"))
    }

    /// Whether all elements are true (not 0).
    public func all(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        Tensor(try reduce(.all, view.cast(to: .bool), shape.axes(axes, for: "all"), keepdims: keepdims, "all"))
    }

    /// The position of the largest along an axis, as int64: the first of equals, a NaN before all.
    public func argmax(axis: Int, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try position(kernels.argmax(dtype), axis, keepdims, "argmax")
    }

    /// The position of the smallest along an axis, as int64: the first of equals, a NaN before all.
    public func argmin(axis: Int, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try position(kernels.argmin(dtype), axis, keepdims, "argmin")
    }

    private func position(_ kernel: IndexReduceFunction, _ axis: Int, _ keepdims: Bool, _ name: String)
        throws(TalwegError) -> Tensor
    {
        let axis = try shape.axis(axis, for: name)
        guard shape[axis] > 0 else { throw .shape("\(name): of no elements, along axis \(axis) of \(shape)") }
        var set = AxisSet()
        set.insert(axis)
        let y = try View(uninitialized: shape.reduced(set, keepdims: keepdims), .int64)
        let outer = Runs(view, where: { $0 != axis })
        let (x, out, size) = (view.pointer, y.pointer(as: Int64.self), dtype.itemSize)
        let (n, stride) = (shape[axis], view.strides[axis])
        let perChunk = Swift.max(1, elementsPerChunk / n)
        let outputs = y.count
        ThreadPool.run(chunks: (outputs + perChunk - 1) / perChunk) { chunk in
            for output in (chunk * perChunk)..<Swift.min(outputs, (chunk + 1) * perChunk) {
                out[output] = Int64(kernel(n, x + outer.offset(output) * size, stride))
            }
        }
        return Tensor(y)
    }
}
