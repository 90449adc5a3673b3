import TalwegKernels

/// The larger of two. Ties share the gradient in halves.
struct Maximum: ElementwiseOperation {
    static let name = "maximum"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.maximum, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Maximum>) throws(TalwegError) -> Tensor {
        try g * share(of: r.a, over: r.b)
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Maximum>) throws(TalwegError) -> Tensor {
        try g * share(of: r.b, over: r.a)
    }
}

/// The smaller of two. Ties share the gradient in halves.
struct Minimum: ElementwiseOperation {
    static let name = "minimum"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View { try elementwise(.minimum, a, b, Self.name) }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<Minimum>) throws(TalwegError) -> Tensor {
        try g * share(of: r.b, over: r.a)
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<Minimum>) throws(TalwegError) -> Tensor {
        try g * share(of: r.a, over: r.b)
    }
}

/// 1 where a > b, a half where they are equal, else 0.
private func share(of a: Tensor, over b: Tensor) throws(TalwegError) -> Tensor {
    let above = try a.isGreater(b).cast(to: a.dtype)
    let equal = try a.isEqual(b).cast(to: a.dtype)
    return try above + equal * 0.5
}

extension Tensor {
    /// The larger, element by element; NaN if either is.
    public func maximum(_ other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(Maximum(), a, b)
    }
    /// The smaller, element by element; NaN if either is.
    public func minimum(_ other: Tensor) throws(TalwegError) -> Tensor {
        let (a, b) = try promoted(self, other)
        return try apply(Minimum(), a, b)
    }
}
