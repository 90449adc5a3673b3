import TalwegKernels

extension Tensor {
    /// This table's rows [rows, width], one for each id: [.., width].
    /// - Parameter ids: integers of any shape in 0 ..< rows
    public func embedding(_ ids: Tensor) throws(TalwegError) -> Tensor {
        guard rank == 2 else { throw .shape("embedding: the table has shape \(shape), not [rows, width]") }
        let checked = try ids.positions(below: shape[0], "embedding", fromEnd: false)
        return try apply(IndexSelect(axis: 0, indices: checked), self)
    }
}
