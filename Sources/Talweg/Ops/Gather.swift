import TalwegKernels

// Picking one element by position along an axis, and the ways back: adding and writing to what was picked.

/// y[.., i, ..] = x[.., indices[.., i, ..], ..], one position an element along an axis.
struct Gather: LinearOperation {
    static let name = "gather"
    static let saves: Saves = []
    let axis: Int
    /// int64, checked, row-major.
    let indices: View

    func forward(_ x: View) throws(TalwegError) -> View {
        let source = try x.contiguous()
        let y = try View(uninitialized: indices.shape, x.dtype)
        switch x.dtype.itemSize {
        case 1: pick(source, y, UInt8.self)
        case 2: pick(source, y, UInt16.self)
        case 4: pick(source, y, UInt32.self)
        default: pick(source, y, UInt64.self)
        }
        return y
    }

    private func pick<T>(_ x: View, _ y: View, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        forEachChunk(indices.count) { first, count in
            places(x.shape, first, first + count) { to[$0] = from[$1] }
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<Gather>) throws(TalwegError) -> Tensor {
        try apply(ScatterAdd(gather: self, target: r.inputShape), g)
    }

    /// Writes each element of a row-major view where it would be picked from in another: of those at one place the
    /// last.
    func put(_ source: View, to target: View) {
        switch source.dtype.itemSize {
        case 1: put(source, target, UInt8.self)
        case 2: put(source, target, UInt16.self)
        case 4: put(source, target, UInt32.self)
        default: put(source, target, UInt64.self)
        }
    }

    private func put<T>(_ x: View, _ y: View, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        forEachBlock(y.shape) { to[$1] = from[$0] }
    }

    /// Adds each element of a row-major view where it would be picked from in another, one after the other.
    func add(_ source: View, to y: View) throws(TalwegError) {
        guard let add = kernels.binary(.add, source.dtype) else {
            throw .dtype("scatter_add: not defined for \(source.dtype.name)")
        }
        let size = source.dtype.itemSize
        let (from, to) = (source.pointer, y.pointer)
        switch source.dtype {
        case .float32: addElements(source, y, Float.self)
        case .float64: addElements(source, y, Double.self)
        default: forEachBlock(y.shape) { add(1, to + $1 * size, 1, from + $0 * size, 1, to + $1 * size, 1) }
        }
    }

    private func addElements<T: FloatingPoint>(_ x: View, _ y: View, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        forEachBlock(y.shape) { to[$1] += from[$0] }
    }

    /// Calls `body` with each picking element and the place it picks, in their order within a block of the axes
    /// before; the blocks lie apart.
    @inline(__always)
    private func forEachBlock(_ shape: Shape, _ body: (Int, Int) -> Void) {
        let picking = AxisBlocks(indices.shape, axis: axis)
        let length = picking.size * picking.inner
        if length == 0 { return }
        forEachRowGroup(picking.outer, width: length) { first, count in
            places(shape, first * length, (first + count) * length, body)
        }
    }

    /// Elements `first` ..< `last` of the result, each with the element of the input that it is.
    @inline(__always)
    private func places(_ shape: Shape, _ first: Int, _ last: Int, _ body: (Int, Int) -> Void) {
        if first >= last { return }
        let (input, output) = (AxisBlocks(shape, axis: axis), AxisBlocks(indices.shape, axis: axis))
        let picks = indices.pointer(as: Int64.self)
        var element = first
        if output.inner == 1 {
            while element < last {
                let block = element / output.size
                let (base, end) = (block * input.size, min(last, (block + 1) * output.size))
                while element < end {
                    body(element, base &+ Int(picks[element]))
                    element &+= 1
                }
            }
            return
        }
        // By runs along the axes behind the picked one.
        var inner = first % output.inner
        while element < last {
            let base = element / (output.inner * output.size) * input.size
            let end = min(last, element + output.inner - inner)
            while element < end {
                body(element, (base &+ Int(picks[element])) &* input.inner &+ inner)
                element &+= 1
                inner &+= 1
            }
            inner = 0
        }
    }
}

/// Zeros with each element of the input added at the place that it was picked from.
struct ScatterAdd: LinearOperation {
    static let name = "scatter_add"
    static let saves: Saves = []
    let gather: Gather
    let target: Shape

    func forward(_ g: View) throws(TalwegError) -> View {
        if g.dtype.isNarrowFloating { return try forward(g.cast(to: .float32)).cast(to: g.dtype) }
        let y = try View.full(target, 0, g.dtype)
        try gather.add(g.contiguous(), to: y)
        return y
    }

    func pullback(_ h: Tensor, _ r: UnaryRecord<ScatterAdd>) throws(TalwegError) -> Tensor { try apply(gather, h) }
}

/// The first input with the second's elements in the places that they would be picked from, or added there.
struct Scatter: BinaryOperation {
    static let name = "scatter"
    static let saves: Saves = []
    let gather: Gather
    let adds: Bool

    func forward(_ x: View, _ values: View) throws(TalwegError) -> View {
        if adds, x.dtype.isNarrowFloating {
            return try forward(x.cast(to: .float32), values.cast(to: .float32)).cast(to: x.dtype)
        }
        let (y, source) = (try x.copy(), try values.contiguous())
        if adds { try gather.add(source, to: y) } else { gather.put(source, to: y) }
        return y
    }

    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Scatter>) throws(TalwegError) -> Tensor {
        adds ? g : try apply(self, g, .zeros(gather.indices.shape, g.dtype))
    }

    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Scatter>) throws(TalwegError) -> Tensor {
        let picked = try apply(gather, g)
        if adds { return picked }
        let order = try View.counting(gather.indices.shape)
        let last = try View(uninitialized: g.shape, .int64)
        gather.put(order, to: last)
        return try picked.kept(where: order, equals: gather.forward(last))
    }
}

extension Tensor {
    /// The elements where two views are equal, zeros elsewhere: the gradient of what was written, of which only the
    /// last at one place stayed.
    func kept(where a: View, equals b: View) throws(TalwegError) -> Tensor {
        try .select(Tensor(a).isEqual(Tensor(b)), self, .zeros(.scalar, dtype))
    }

    /// One position an element along an axis; `indices` has this tensor's sizes but along the axis.
    public func gather(axis: Int, _ indices: Tensor) throws(TalwegError) -> Tensor {
        try apply(gathering(axis, indices, "gather"), self)
    }

    /// `gather` where the sizes of both broadcast, but along the axis.
    public func takeAlongAxis(_ indices: Tensor, axis: Int = -1) throws(TalwegError) -> Tensor {
        let name = "take_along_axis"
        let axis = try shape.axis(axis, for: name)
        guard indices.rank == rank else {
            throw .shape("\(name): indices \(indices.shape) and tensor \(shape) have different numbers of axes")
        }
        let common = try Shape.broadcast(
            shape.replacing(axis: axis, by: 1, for: name), indices.shape.replacing(axis: axis, by: 1, for: name),
            for: name)
        let x = try broadcast(to: common.replacing(axis: axis, by: shape[axis], for: name))
        let places = try indices.broadcast(to: common.replacing(axis: axis, by: indices.shape[axis], for: name))
        return try x.gather(axis: axis, places)
    }

    /// This tensor with values written where `gather` would pick them from: of those at one place the last in
    /// row-major order. `values` broadcast to the indices' shape and are converted.
    public func scatter(axis: Int, _ indices: Tensor, _ values: Tensor) throws(TalwegError) -> Tensor {
        try scatter(axis, indices, values, adds: false)
    }

    /// The same with the values added, one after the other.
    public func scatterAdd(axis: Int, _ indices: Tensor, _ values: Tensor) throws(TalwegError) -> Tensor {
        try scatter(axis, indices, values, adds: true)
    }

    private func scatter(_ axis: Int, _ indices: Tensor, _ values: Tensor, adds: Bool)
        throws(TalwegError) -> Tensor
    {
        let gather = try gathering(axis, indices, adds ? "scatter_add" : "scatter")
        let fitting = try values.cast(to: dtype).broadcast(to: indices.shape)
        return try apply(Scatter(gather: gather, adds: adds), self, fitting)
    }

    private func gathering(_ axis: Int, _ indices: Tensor, _ name: String) throws(TalwegError) -> Gather {
        let axis = try shape.axis(axis, for: name)
        guard indices.rank == rank,
            try indices.shape.replacing(axis: axis, by: shape[axis], for: name) == shape
        else {
            throw .shape("\(name): indices \(indices.shape) and tensor \(shape) differ besides axis \(axis)")
        }
        return Gather(axis: axis, indices: try indices.positions(below: shape[axis], name))
    }
}

extension View {
    /// 0, 1, .. in row-major order.
    static func counting(_ shape: Shape) throws(TalwegError) -> View {
        let y = try View(uninitialized: shape, .int64)
        let to = y.pointer(as: Int64.self)
        forEachChunk(y.count) { first, count in
            for i in first..<(first + count) { to[i] = Int64(i) }
        }
        return y
    }
}
