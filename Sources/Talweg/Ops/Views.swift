import TalwegKernels

// Operations that give the same elements another shape, by strides.

extension View {
    func permuted(_ order: [Int]) throws(TalwegError) -> View {
        var sizes = PerAxis(repeating: 0)
        var strides = PerAxis(repeating: 0)
        for (axis, source) in order.enumerated() {
            sizes[axis] = shape[source]
            strides[axis] = self.strides[source]
        }
        return with(shape: try Shape(sizes: sizes, rank: order.count, for: "permute"), strides: strides)
    }

    /// The strides that give the elements another shape, if there are any.
    func strides(reshapedTo target: Shape) -> PerAxis? {
        if isContiguous || count == 0 { return target.rowMajorStrides }
        // Each merged run of old axes must split into whole new axes.
        let runs = Runs(self, where: { _ in true })
        var strides = PerAxis(repeating: 0)
        var run = runs.rank - 1
        var left = run >= 0 ? runs.sizes[run] : 1
        var step = run >= 0 ? runs.strides[run] : 0
        var axis = target.rank - 1
        while axis >= 0 {
            let size = target[axis]
            if size != 1 {
                if left == 1 {
                    run -= 1
                    guard run >= 0 else { return nil }
                    left = runs.sizes[run]
                    step = runs.strides[run]
                }
                guard left % size == 0 else { return nil }
                strides[axis] = step
                step *= size
                left /= size
            }
            axis -= 1
        }
        return strides
    }
}

struct Reshape: LinearOperation {
    static let name = "reshape"
    static let saves: Saves = []
    let target: Shape
    func forward(_ x: View) throws(TalwegError) -> View {
        if let strides = x.strides(reshapedTo: target) { return x.with(shape: target, strides: strides) }
        return try x.copy().with(shape: target, strides: target.rowMajorStrides)
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Reshape>) throws(TalwegError) -> Tensor {
        try g.reshape(r.inputShape)
    }
}

/// Axis i of the result is axis order[i] of the input.
struct Permute: LinearOperation {
    static let name = "permute"
    static let saves: Saves = []
    let order: [Int]
    func forward(_ x: View) throws(TalwegError) -> View { try x.permuted(order) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Permute>) throws(TalwegError) -> Tensor {
        var inverse = order
        for (axis, source) in order.enumerated() { inverse[source] = axis }
        return try apply(Permute(order: inverse), g)
    }
}

struct Broadcast: LinearOperation {
    static let name = "broadcast_to"
    static let saves: Saves = []
    let target: Shape
    func forward(_ x: View) throws(TalwegError) -> View {
        x.with(shape: target, strides: x.strides(broadcastTo: target))
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Broadcast>) throws(TalwegError) -> Tensor {
        try g.summed(to: r.inputShape)
    }
}

/// start, start + step, ... (`count` positions) along an axis.
struct Slice: LinearOperation {
    static let name = "slice"
    static let saves: Saves = []
    let axis: Int
    let start: Int
    let step: Int
    let count: Int
    func forward(_ x: View) throws(TalwegError) -> View {
        var strides = x.strides
        let offset = count == 0 ? x.offset : x.offset + start * strides[axis]
        // One position needs no stride, and a far step times a stride could overflow.
        strides[axis] = count <= 1 ? strides[axis] : strides[axis] * step
        return x.with(
            shape: try x.shape.replacing(axis: axis, by: count, for: Self.name), strides: strides, offset: offset)
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Slice>) throws(TalwegError) -> Tensor {
        try apply(Unslice(slice: self, target: r.inputShape), g)
    }
}

/// Zeros with the input in the places of a slice: what slicing's gradient is.
struct Unslice: LinearOperation {
    static let name = "unslice"
    static let saves: Saves = []
    let slice: Slice
    let target: Shape
    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try View.full(target, 0, x.dtype)
        try slice.forward(y).assign(x)
        return y
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Unslice>) throws(TalwegError) -> Tensor { try apply(slice, g) }
}

extension Tensor {
    /// The same elements as a tensor of its own, where an operation has nothing to
    /// do: what is set on the result (requires_grad) does not change the input.
    func alias() throws(TalwegError) -> Tensor {
        node is Leaf ? try apply(Reshape(target: shape), self) : Tensor(view, node: node, outputIndex: outputIndex)
    }

    /// The same elements in row-major order under another shape.
    public func reshape(_ target: Shape) throws(TalwegError) -> Tensor {
        guard target.count == count else {
            throw .shape("reshape: \(shape) has \(count) elements, \(target) has \(target.count)")
        }
        return try target == shape ? alias() : apply(Reshape(target: target), self)
    }

    /// The same with at most one size -1, which is found.
    public func reshape(_ dims: [Int]) throws(TalwegError) -> Tensor {
        guard let unknown = dims.firstIndex(of: -1) else { return try reshape(Shape(dims, for: "reshape")) }
        var found = dims
        found[unknown] = 1
        let known = try Shape(found, for: "reshape")
        guard known.count > 0, count % known.count == 0 else {
            throw .shape("reshape: no size for -1 in \(dims) gives \(shape) its \(count) elements")
        }
        found[unknown] = count / known.count
        return try reshape(Shape(found, for: "reshape"))
    }

    /// Axis i of the result is axis axes[i].
    public func permute(_ axes: [Int]) throws(TalwegError) -> Tensor {
        let set = try shape.axes(axes, for: "permute")
        guard axes.count == rank, set == .all(rank) else {
            throw .invalid("permute: \(axes) does not name each axis of \(shape) once")
        }
        return try apply(Permute(order: axes.map { $0 < 0 ? $0 + rank : $0 }), self)
    }

    /// Two axes swapped.
    public func transpose(_ first: Int = -2, _ second: Int = -1) throws(TalwegError) -> Tensor {
        let (a, b) = (try shape.axis(first, for: "transpose"), try shape.axis(second, for: "transpose"))
        var order = Array(0..<rank)
        order.swapAt(a, b)
        return try apply(Permute(order: order), self)
    }

    /// Size-1 axes repeated to fit a shape.
    public func broadcast(to target: Shape) throws(TalwegError) -> Tensor {
        if target == shape { return try alias() }
        guard try Shape.broadcast(shape, target, for: "broadcast_to") == target else {
            throw .shape("broadcast_to: \(shape) does not broadcast to \(target)")
        }
        return try apply(Broadcast(target: target), self)
    }

    /// Positions start, start + step, ... up to but without stop along an axis,
    /// as Python's slices: negative ones count from the end, ones beyond an end
    /// are moved there. nil means to the end.
    public func slice(axis: Int, from start: Int? = nil, to stop: Int? = nil, step: Int = 1)
        throws(TalwegError) -> Tensor
    {
        let axis = try shape.axis(axis, for: "slice")
        guard step != 0 else { throw .invalid("slice: the step is 0") }
        let size = shape[axis]
        func place(_ position: Int, _ low: Int, _ high: Int) -> Int {
            let counted = position < 0 ? position.addingReportingOverflow(size).partialValue : position
            return Swift.min(Swift.max(counted, low), high)
        }
        let first: Int
        let count: Int
        if step > 0 {
            first = start.map { place($0, 0, size) } ?? 0
            let end = stop.map { place($0, 0, size) } ?? size
            count = end > first ? (end - first - 1) / step + 1 : 0
        } else {
            first = start.map { place($0, -1, size - 1) } ?? size - 1
            let end = stop.map { place($0, -1, size - 1) } ?? -1
            // The step's size as Int: that of Int.min is one more than fits, and as good.
            count = first > end ? (first - end - 1) / Int(clamping: step.magnitude) + 1 : 0
        }
        return try apply(Slice(axis: axis, start: first, step: step, count: count), self)
    }

    /// One position of an axis, which is dropped.
    public func select(axis: Int, index: Int) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "select")
        guard index >= -shape[axis], index < shape[axis] else {
            throw .index("select: index \(index) is out of range for axis \(axis) of \(shape)")
        }
        let found = index < 0 ? index + shape[axis] : index
        let one = try apply(Slice(axis: axis, start: found, step: 1, count: 1), self)
        return try one.reshape(one.shape.removing(axis: axis))
    }

    /// An axis of size 1 added before position `axis`.
    public func expandDims(_ axis: Int) throws(TalwegError) -> Tensor {
        guard axis >= -rank - 1, axis <= rank else {
            throw .index("expand_dims: axis \(axis) is out of range for shape \(shape)")
        }
        var dims = shape.dims
        dims.insert(1, at: axis < 0 ? axis + rank + 1 : axis)
        return try reshape(Shape(dims, for: "expand_dims"))
    }

    /// An axis of size 1 dropped.
    public func squeeze(_ axis: Int) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "squeeze")
        guard shape[axis] == 1 else {
            throw .shape("squeeze: axis \(axis) of \(shape) has size \(shape[axis]), not 1")
        }
        return try reshape(shape.removing(axis: axis))
    }
}
