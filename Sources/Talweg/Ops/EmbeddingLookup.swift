import TalwegKernels

/// Rows of a table, one for each id: [rows, width] -> [.., width].
struct EmbeddingLookup: UnaryOperation {
    static let name = "embedding"
    static let saves: Saves = []
    /// int64 [n], checked, in storage of their own.
    let ids: View
    let result: Shape

    func forward(_ x: View) throws(TalwegError) -> View {
        let table = try x.contiguous()
        let y = try View(uninitialized: result, x.dtype)
        if y.count == 0 { return y }
        let bytes = x.shape[1] * x.dtype.itemSize
        let picks = ids.pointer(as: Int64.self)
        let (from, to) = (table.pointer, y.pointer)
        forEachRowGroup(ids.count, width: x.shape[1]) { first, count in
            for i in first..<(first + count) {
                (to + i * bytes).copyMemory(from: from + Int(picks[i]) * bytes, byteCount: bytes)
            }
        }
        return y
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<EmbeddingLookup>) throws(TalwegError) -> Tensor {
        try apply(EmbeddingGradient(lookup: self, table: r.inputShape), g)
    }
}

/// Zeros in the table's shape, with each row of the input added at its id.
struct EmbeddingGradient: UnaryOperation {
    static let name = "embedding_gradient"
    static let saves: Saves = []
    let lookup: EmbeddingLookup
    let table: Shape

    func forward(_ g: View) throws(TalwegError) -> View {
        let source = try g.contiguous()
        let y = try scatterRows(source, lookup.ids, rows: table[0], width: table[1], to: table)
        return y
    }

    func pullback(_ h: Tensor, _ r: UnaryRecord<EmbeddingGradient>) throws(TalwegError) -> Tensor {
        try apply(lookup, h)
    }
}

extension Tensor {
    /// This table's rows [rows, width], one for each id: [.., width].
    /// - Parameter ids: integers of any shape in 0 ..< rows
    public func embedding(_ ids: Tensor) throws(TalwegError) -> Tensor {
        guard rank == 2 else { throw .shape("embedding: the table has shape \(shape), not [rows, width]") }
        guard !ids.dtype.isFloating, ids.dtype != .bool else {
            throw .dtype("embedding: ids are integers, not \(ids.dtype.name)")
        }
        guard ids.rank < maximumRank else {
            throw .shape("embedding: ids have shape \(ids.shape); \(maximumRank - 1) axes is the most")
        }
        let own = try ids.view.ownedIntegers()
        let values = own.pointer(as: Int64.self)
        let rows = Int64(shape[0])
        for i in 0..<own.count where values[i] < 0 || values[i] >= rows {
            throw .index("embedding: id \(values[i]) at position \(i) is outside 0...\(rows - 1)")
        }
        let result = try Shape(ids.shape.dims + [shape[1]], for: EmbeddingLookup.name)
        return try apply(EmbeddingLookup(ids: own, result: result), self)
    }
}
