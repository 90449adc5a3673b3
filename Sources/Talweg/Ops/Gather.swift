import TalwegKernels

// Picking by index, and its gradient: adding to the places that were picked.

extension Tensor {
    /// Checked indices into an axis of `size`, as row-major int64 without negative ones, in storage of
    /// their own: what was checked cannot change before it is used.
    func positions(below size: Int, _ name: String) throws(TalwegError) -> View {
        guard !dtype.isFloating, dtype != .bool else {
            throw .dtype("\(name): indices are integers, not \(dtype.name)")
        }
        let indices = try view.ownedIntegers()
        let values = indices.pointer(as: Int64.self)
        for i in 0..<indices.count {
            let index = values[i]
            guard index >= -Int64(size), index < Int64(size) else {
                throw .index("\(name): index \(index) at position \(i) is out of range for size \(size)")
            }
            if index < 0 { values[i] = index + Int64(size) }
        }
        return indices
    }
}

/// The places that an index names in a view, as runs along the axes before and after `axis`.
private struct Rows {
    let before: Int
    let after: Int
    let size: Int

    init(_ shape: Shape, _ axis: Int) {
        var before = 1
        var after = 1
        for i in 0..<axis { before *= shape[i] }
        for i in (axis + 1)..<Swift.max(shape.rank, axis + 1) { after *= shape[i] }
        self.before = before
        self.after = after
        size = shape[axis]
    }
}

/// Positions `indices` (int64 [n], checked) along an axis.
struct IndexSelect: UnaryOperation {
    static let name = "index_select"
    static let saves: Saves = []
    let axis: Int
    let indices: View

    func forward(_ x: View) throws(TalwegError) -> View {
        let source = try x.contiguous()
        let n = indices.count
        let y = try View(uninitialized: x.shape.replacing(axis: axis, by: n, for: Self.name), x.dtype)
        // There may be no elements, but more rows than a walk over them would end.
        if y.count == 0 { return y }
        let rows = Rows(x.shape, axis)
        switch rows.after * x.dtype.itemSize {
        case 1: pick(source, y, rows, as: UInt8.self)
        case 2: pick(source, y, rows, as: UInt16.self)
        case 4: pick(source, y, rows, as: UInt32.self)
        case 8: pick(source, y, rows, as: UInt64.self)
        case let bytes:
            let (from, to) = (source.pointer, y.pointer)
            forEachPick(rows) { row, place in
                (to + row * bytes).copyMemory(from: from + place * bytes, byteCount: bytes)
            }
        }
        return y
    }

    /// Rows of as many bytes as a number has.
    private func pick<T>(_ x: View, _ y: View, _ rows: Rows, as _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        forEachPick(rows) { row, place in to[row] = from[place] }
    }

    /// Calls `body` with each row of the result and the row of the input that it is, in parallel.
    @inline(__always)
    private func forEachPick(_ rows: Rows, _ body: (Int, Int) -> Void) {
        let n = indices.count
        let picks = indices.pointer(as: Int64.self)
        let perChunk = Swift.max(1, elementsPerChunk / Swift.max(rows.after, 1))
        let total = rows.before * n
        ThreadPool.run(chunks: (total + perChunk - 1) / perChunk) { chunk in
            var row = chunk * perChunk
            let last = Swift.min(total, row + perChunk)
            // By runs of the rows of one block: a division a run.
            while row < last {
                let (block, first) = row.quotientAndRemainder(dividingBy: n)
                let end = Swift.min(last, row + n - first)
                let (base, begin) = (block * rows.size, row - first)
                while row < end {
                    body(row, base + Int(picks[row - begin]))
                    row += 1
                }
            }
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<IndexSelect>) throws(TalwegError) -> Tensor {
        try apply(IndexAdd(select: self, target: r.inputShape), g)
    }
}

/// Zeros with each row of the input added at the place that it was picked from.
struct IndexAdd: UnaryOperation {
    static let name = "index_add"
    static let saves: Saves = []
    let select: IndexSelect
    let target: Shape

    func forward(_ g: View) throws(TalwegError) -> View {
        if g.dtype.isNarrowFloating { return try forward(g.cast(to: .float32)).cast(to: g.dtype) }
        let source = try g.contiguous()
        let rows = Rows(target, select.axis)
        if rows.before == 1, rows.after > 0 {
            return try scatterRows(source, select.indices, rows: rows.size, width: rows.after, to: target)
        }
        let y = try View.full(target, 0, g.dtype)
        guard let add = kernels.binary(.add, g.dtype) else {
            throw .dtype("index_add: not defined for \(g.dtype.name)")
        }
        if source.count == 0 { return y }
        let bytes = rows.after * g.dtype.itemSize
        let picks = select.indices.pointer(as: Int64.self)
        let n = select.indices.count
        for outer in 0..<rows.before {
            for i in 0..<n {
                let to = y.pointer + (outer * rows.size + Int(picks[i])) * bytes
                add(rows.after, to, 1, source.pointer + (outer * n + i) * bytes, 1, to, 1)
            }
        }
        return y
    }

    func pullback(_ h: Tensor, _ r: UnaryRecord<IndexAdd>) throws(TalwegError) -> Tensor { try apply(select, h) }
}

/// y[.., i, ..] = x[.., indices[.., i, ..], ..], one position an element along an axis.
struct Gather: UnaryOperation {
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
        let total = indices.count
        ThreadPool.run(chunks: (total + elementsPerChunk - 1) / elementsPerChunk) { chunk in
            let first = chunk * elementsPerChunk
            places(x.shape, first, Swift.min(total, first + elementsPerChunk)) { to[$0] = from[$1] }
        }
    }

    /// Elements `first` ..< `last` of the result, each with the element of the input that it is.
    @inline(__always)
    func places(_ shape: Shape, _ first: Int, _ last: Int, _ body: (Int, Int) -> Void) {
        if first >= last { return }
        let (input, output) = (Rows(shape, axis), Rows(indices.shape, axis))
        let picks = indices.pointer(as: Int64.self)
        // By runs along the axes behind the picked one.
        var element = first
        var inner = first % output.after
        while element < last {
            let base = element / (output.after * output.size) * input.size
            let end = Swift.min(last, element + output.after - inner)
            while element < end {
                body(element, (base + Int(picks[element])) * input.after + inner)
                element += 1
                inner += 1
            }
            inner = 0
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<Gather>) throws(TalwegError) -> Tensor {
        try apply(ScatterAdd(gather: self, target: r.inputShape), g)
    }
}

/// Zeros with each element of the input added at the place that it was picked from.
struct ScatterAdd: UnaryOperation {
    static let name = "scatter_add"
    static let saves: Saves = []
    let gather: Gather
    let target: Shape

    func forward(_ g: View) throws(TalwegError) -> View {
        if g.dtype.isNarrowFloating { return try forward(g.cast(to: .float32)).cast(to: g.dtype) }
        let source = try g.contiguous()
        let y = try View.full(target, 0, g.dtype)
        guard let add = kernels.binary(.add, g.dtype) else {
            throw .dtype("scatter_add: not defined for \(g.dtype.name)")
        }
        switch g.dtype {
        case .float32: addPicked(source, y, Float.self)
        case .float64: addPicked(source, y, Double.self)
        default:
            let size = g.dtype.itemSize
            let (from, to) = (source.pointer, y.pointer)
            gather.places(target, 0, source.count) { element, place in
                add(1, to + place * size, 1, from + element * size, 1, to + place * size, 1)
            }
        }
        return y
    }

    /// One after the other: picks may coincide, and their order is that of the sum.
    private func addPicked<T: BinaryFloatingPoint>(_ g: View, _ y: View, _: T.Type) {
        let (from, to) = (g.pointer(as: T.self), y.pointer(as: T.self))
        gather.places(target, 0, g.count) { to[$1] += from[$0] }
    }

    func pullback(_ h: Tensor, _ r: UnaryRecord<ScatterAdd>) throws(TalwegError) -> Tensor { try apply(gather, h) }
}

extension Tensor {
    /// Positions `indices` (integers [n]) along an axis; negative ones count from the end.
    public func indexSelect(axis: Int, _ indices: Tensor) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "index_select")
        guard indices.rank == 1 else { throw .shape("index_select: indices have shape \(indices.shape), not [n]") }
        let checked = try indices.positions(below: shape[axis], "index_select")
        return try apply(IndexSelect(axis: axis, indices: checked), self)
    }

    /// One position an element along an axis; `indices` has this tensor's sizes but along the axis.
    public func gather(axis: Int, _ indices: Tensor) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "gather")
        guard indices.rank == rank,
            try indices.shape.replacing(axis: axis, by: shape[axis], for: "gather") == shape
        else {
            throw .shape("gather: indices \(indices.shape) and tensor \(shape) differ besides axis \(axis)")
        }
        let checked = try indices.positions(below: shape[axis], "gather")
        return try apply(Gather(axis: axis, indices: checked), self)
    }
}
