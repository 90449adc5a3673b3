import Synchronization
import TalwegKernels

// Picking rows by position, and its gradient: adding to the rows that were picked.

/// Positions along an axis, or along neighbouring axes as if they were one.
struct IndexSelect: LinearOperation {
    static let name = "index_select"
    static let saves: Saves = []
    let axis: Int
    /// How many axes, from `axis` on, a position counts through in row-major order.
    var axes = 1
    /// int64 of any shape, which takes the place of the axes; checked, row-major.
    let indices: View
    /// Whether no position is named twice.
    var distinct = false

    func resultShape(_ x: Shape) throws(TalwegError) -> Shape {
        let dims = x.dims
        return try Shape(dims[..<axis] + indices.shape.dims + dims[(axis + axes)...], for: Self.name)
    }

    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try View(uninitialized: resultShape(x.shape), x.dtype)
        PickedRows(x, axis: axis, axes: axes).read(indices, to: y)
        return y
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<IndexSelect>) throws(TalwegError) -> Tensor {
        try apply(IndexAdd(select: self, target: r.inputShape), g)
    }

    /// Writes each row of a row-major view where it would be picked from: of those at one place the last.
    func put(_ source: View, to target: View) {
        PickedRows(target, axis: axis, axes: axes).write(source, indices, distinct: distinct)
    }

    /// Adds each row of a row-major view where it would be picked from, one after the other, to `start`
    /// (row-major; nil: to zeros).
    func added(_ source: View, to start: View?, _ target: Shape) throws(TalwegError) -> View {
        if source.dtype.isNarrowFloating {
            return try added(source.cast(to: .float32), to: start?.cast(to: .float32), target).cast(to: source.dtype)
        }
        let rows = target.dims[axis..<(axis + axes)].reduce(1, *)
        let width = target.dims[(axis + axes)...].reduce(1, *)
        let before = target.dims[..<axis].reduce(1, *)
        if before == 1, width > 1 {
            return try scatterRows(source, indices, rows: rows, width: width, to: target, start: start)
        }
        let y = if let start { try start.copy() } else { try View.full(target, 0, source.dtype) }
        if distinct, start == nil {
            put(source, to: y)
            return y
        }
        guard let add = kernels.binary(.add, source.dtype) else {
            throw .dtype("index_add: not defined for \(source.dtype.name)")
        }
        if source.count == 0 { return y }
        let bytes = width * source.dtype.itemSize
        let (n, picks) = (indices.count, indices.pointer(as: Int64.self))
        let (from, to) = (source.pointer, y.pointer)
        // The blocks of the axes before lie apart.
        forEachRowGroup(before, width: n * width) { first, count in
            for block in first..<(first + count) {
                let (source, target) = (from + block * n * bytes, to + block * rows * bytes)
                switch (width, y.dtype) {
                case (1, .float32): addElements(n, picks, source, target, Float.self)
                case (1, .float64): addElements(n, picks, source, target, Double.self)
                default:
                    for i in 0..<n {
                        let row = target + Int(picks[i]) * bytes
                        add(width, row, 1, source + i * bytes, 1, row, 1)
                    }
                }
            }
        }
        return y
    }

    private func addElements<T: FloatingPoint>(
        _ n: Int, _ picks: UnsafePointer<Int64>, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _: T.Type
    ) {
        let (from, to) = (from.assumingMemoryBound(to: T.self), to.assumingMemoryBound(to: T.self))
        for i in 0..<n { to[Int(picks[i])] += from[i] }
    }
}

/// Zeros with each row of the input added at the place that it was picked from.
struct IndexAdd: LinearOperation {
    static let name = "index_add"
    static let saves: Saves = []
    let select: IndexSelect
    let target: Shape

    func forward(_ g: View) throws(TalwegError) -> View { try select.added(g.contiguous(), to: nil, target) }
    func pullback(_ h: Tensor, _ r: UnaryRecord<IndexAdd>) throws(TalwegError) -> Tensor { try apply(select, h) }
}

extension Tensor {
    /// Checked indices into an axis of `size`, as row-major int64 without negative ones, in storage of
    /// their own: what was checked cannot change before it is used. Negative ones count from the end, or are refused.
    func positions(below size: Int, _ name: String, fromEnd: Bool = true) throws(TalwegError) -> View {
        guard dtype.isInteger else {
            throw .dtype("\(name): indices are integers, not \(dtype.name)")
        }
        let indices = try view.ownedIntegers()
        let values = indices.pointer(as: Int64.self)
        let (last, shift) = (Int64(size) - 1, fromEnd ? Int64(size) : 0)
        let wrong = Atomic(false)
        forEachChunk(indices.count) { first, count in
            // Negative if any is: what is below 0, and what the last one is below.
            var outside: Int64 = 0
            for i in first..<(first + count) {
                let value = values[i] &+ (values[i] >> 63) & shift
                values[i] = value
                outside |= value | (last &- value)
            }
            if outside < 0 { wrong.store(true, ordering: .relaxed) }
        }
        if wrong.load(ordering: .relaxed) {
            for i in 0..<indices.count where values[i] < 0 || values[i] > last {
                let index = values[i] < 0 ? values[i] - shift : values[i]
                throw .index("\(name): index \(index) at position \(i) is out of range for size \(size)")
            }
        }
        return indices
    }

    /// Positions `indices` (integers of any shape, which takes the place of the axis) along an axis; negative ones
    /// count from the end.
    public func indexSelect(axis: Int, _ indices: Tensor) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "index_select")
        let checked = try indices.positions(below: shape[axis], "index_select")
        return try apply(IndexSelect(axis: axis, indices: checked), self)
    }
}
