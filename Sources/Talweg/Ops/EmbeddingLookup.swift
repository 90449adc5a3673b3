import TalwegKernels

/// Rows of a table by position, of which one, the padding, is a constant.
struct PaddedLookup: UnaryOperation {
    static let name = "embedding"
    static let saves: Saves = []
    let select: IndexSelect
    let padding: Int

    func forward(_ x: View) throws(TalwegError) -> View { try select.forward(x) }

    func pullback(_ g: Tensor, _ r: UnaryRecord<PaddedLookup>) throws(TalwegError) -> Tensor {
        try apply(IndexAdd(select: select, target: r.inputShape), withoutPadding(g))
    }

    func tangent(_ t: Tensor, _ r: UnaryRecord<PaddedLookup>) throws(TalwegError) -> Tensor {
        try withoutPadding(apply(select, t))
    }

    /// The rows that were picked, those of the padding as zeros.
    private func withoutPadding(_ rows: Tensor) throws(TalwegError) -> Tensor {
        let picked = Tensor(select.indices)
        let isPadding = try picked.isEqual(.full(.scalar, Double(padding), .int64)).expandDims(-1)
        return try .select(isPadding, rows.scalar(0), rows)
    }
}

extension Tensor {
    /// This table's rows [rows, width], one for each id: [.., width].
    /// - Parameters:
    ///   - ids: integers of any shape in 0 ..< rows
    ///   - padding: a row that gets no gradient
    public func embedding(_ ids: Tensor, padding: Int? = nil) throws(TalwegError) -> Tensor {
        try requireTable("embedding")
        let checked = try ids.positions(below: shape[0], "embedding", fromEnd: false)
        let select = IndexSelect(axis: 0, indices: checked)
        guard let padding else { return try apply(select, self) }
        try checkPadding(padding, "embedding")
        return try apply(PaddedLookup(select: select, padding: padding), self)
    }

    func requireTable(_ name: String) throws(TalwegError) {
        guard rank == 2 else { throw .shape("\(name): the table has shape \(shape), not [rows, width]") }
    }

    func checkPadding(_ padding: Int, _ name: String) throws(TalwegError) {
        guard padding >= 0, padding < shape[0] else {
            throw .index("\(name): the padding index \(padding) is none of the table's \(shape[0]) rows")
        }
    }

    /// Scales those rows of this table [rows, width] that ids name and whose norm is above `most` down to it, in place
    /// and off the tape.
    /// - Parameter order: p of the norm (sum |x|^p)^(1/p)
    public func limitRows(_ ids: Tensor, norm most: Double, order: Double = 2) throws(TalwegError) {
        try requireTable("embedding")
        guard most > 0, order > 0 else {
            throw .invalid("embedding: the greatest norm is \(most) and its order \(order); both must be above 0")
        }
        guard dtype.isFloating else { throw .dtype("embedding: needs a floating table, not \(dtype.name)") }
        try withRecording(false) { () throws(TalwegError) in
            let picked = try Tensor(ids.positions(below: shape[0], "embedding", fromEnd: false)).uniqueCounts().values
            let rows = try detach().indexSelect(axis: 0, picked)
            let norms = try rows.vectorNorm(axes: [1], keepdims: true, order: order)
            let isLong = try norms.isGreater(norms.scalar(most))
            guard try isLong.any().itemInt64() != 0 else { return }
            // As PyTorch has it: a little below the limit.
            let factors = try Tensor.select(isLong, norms.scalar(most) / (norms + 1e-7), norms.scalar(1))
            try assign([.tensor(picked)], rows * factors)
        }
    }
}
