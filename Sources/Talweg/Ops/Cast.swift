import TalwegKernels

/// Conversion to another dtype. Floating to integer truncates towards 0 and saturates; NaN becomes 0.
struct Cast: LinearOperation {
    static let name = "cast"
    static let saves: Saves = []
    let from: DType
    let to: DType
    func forward(_ x: View) throws(TalwegError) -> View { try x.cast(to: to) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Cast>) throws(TalwegError) -> Tensor { try g.cast(to: from) }
}

/// A row-major copy in its own storage.
struct Copy: LinearOperation {
    static let name = "copy"
    static let saves: Saves = []
    func forward(_ x: View) throws(TalwegError) -> View { try x.copy() }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Copy>) throws(TalwegError) -> Tensor { g }
}

extension Tensor {
    public func cast(to dtype: DType) throws(TalwegError) -> Tensor {
        try dtype == self.dtype ? alias() : apply(Cast(from: self.dtype, to: dtype), self)
    }
    /// A row-major copy in its own storage.
    public func copy() throws(TalwegError) -> Tensor { try apply(Copy(), self) }
    /// Itself if it is row-major, else a row-major copy.
    public func contiguous() throws(TalwegError) -> Tensor { view.isContiguous ? self : try copy() }
}
