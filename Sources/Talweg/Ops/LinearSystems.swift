/// X with A X = B, or A' X = B, by factors of A that were made before: the pullback uses them too. Inputs: A, B.
struct LinearSolve: VariadicOperation {
    static let name = "solve"
    static let savesOutput = true
    let factors: LUFactors
    let transposed: Bool
    func saves(input: Int) -> Bool { input == 0 }

    func forward(_ inputs: [View]) throws(TalwegError) -> View { try factors.solve(inputs[1], transposed: transposed) }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<LinearSolve>) throws(TalwegError) -> [Tensor?] {
        let right = try apply(LinearSolve(factors: factors, transposed: !transposed), [r.input(0), g])
        guard wanted[0] else { return [nil, right] }
        let outer = transposed ? try r.y.matmul(right.transpose()) : try right.matmul(r.y.transpose())
        return [try -outer, right]
    }
}

/// X with T X = B for a triangular T. Inputs: T, B.
struct TriangularSolve: VariadicOperation {
    static let name = "solve_triangular"
    static let savesOutput = true
    let upper: Bool
    let unit: Bool
    func saves(input: Int) -> Bool { input == 0 }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try solvedTriangular(inputs[0], upper ? .upper : .lower, unit: unit, inputs[1])
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<TriangularSolve>) throws(TalwegError) -> [Tensor?] {
        let right = try apply(TriangularSolve(upper: !upper, unit: unit), [r.input(0).transpose(), g])
        guard wanted[0] else { return [nil, right] }
        let outer = try -right.matmul(r.y.transpose())
        let first = unit ? 1 : 0
        return [upper ? try outer.triu(first) : try outer.tril(-first), right]
    }
}

/// The inverse of square matrices.
struct MatrixInverse: UnaryOperation {
    static let name = "inv"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try LUFactors(x, Self.name).inverse() }
    func pullback(_ g: Tensor, _ r: UnaryRecord<MatrixInverse>) throws(TalwegError) -> Tensor {
        let y = try r.y.transpose()
        return try -y.matmul(g).matmul(y)
    }
}

extension Tensor {
    /// X with A X = B, by LU with partial pivoting, for this A [.., n, n] and B [.., n, k], or one vector B [n].
    /// Leading axes broadcast.
    public func solve(_ b: Tensor) throws(TalwegError) -> Tensor {
        try solve(b, "solve") { a, b throws(TalwegError) in
            try apply(LinearSolve(factors: LUFactors(a.view, "solve"), transposed: false), [a, b])
        }
    }

    /// X with T X = B for the triangle T [.., n, n] of this matrix, and B as in `solve`.
    /// - Parameters:
    ///   - transposed: T' X = B instead
    ///   - unitDiagonal: the diagonal counts as ones and is not read
    public func solveTriangular(_ b: Tensor, upper: Bool, transposed: Bool = false, unitDiagonal: Bool = false)
        throws(TalwegError) -> Tensor
    {
        try solve(b, "solve_triangular") { a, b throws(TalwegError) in
            let t = transposed ? try a.transpose() : a
            return try apply(TriangularSolve(upper: upper != transposed, unit: unitDiagonal), [t, b])
        }
    }

    /// The inverse of this matrix, or of each of a stack. To solve equations, `solve` is quicker and closer.
    public func inverse() throws(TalwegError) -> Tensor { try apply(MatrixInverse(), self) }

    /// P A = L U with partial pivoting, for this A [.., m, n]: U on and above the diagonal and L, of ones on it, below; and
    /// the exchanges of rows, int64 [.., min(m, n)]: row i was exchanged with row pivots[i], in order. No gradient.
    public func luFactors() throws(TalwegError) -> (factors: Tensor, pivots: Tensor) {
        let lu = try LUFactors(view, "lu", square: false)
        return (Tensor(lu.factors), Tensor(lu.pivots))
    }

    /// Both in one dtype, and a vector as a column.
    private func solve(_ b: Tensor, _ name: String, _ body: (Tensor, Tensor) throws(TalwegError) -> Tensor)
        throws(TalwegError) -> Tensor
    {
        guard rank >= 2, b.rank >= 1 else {
            throw .shape("\(name): \(shape) and \(b.shape): a square matrix and a matrix or vector are needed")
        }
        let (a, right) = try promoted(self, b)
        if b.rank > 1 { return try body(a, right) }
        return try body(a, right.expandDims(1)).squeeze(-1)
    }
}
