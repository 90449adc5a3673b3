extension BlockProblem {
    /// The covariance of some blocks' parameters where they are, [n, n], n their numbers in all: (J' J)^-1 times
    /// twice the cost over the degrees of freedom, or without that factor if `absolute`: where residuals are in units
    /// of their standard deviations. Of a block on a manifold it is that of its values, whose rank is that of its
    /// tangent space. Zeros for blocks that are constant or have no residuals.
    /// - Throws: `.numeric` if J' J is singular: where the residuals do not tell all unknowns
    public func covariance(_ indices: [Int], absolute: Bool = false, _ solver: BlockSolverKind = .automatic)
        throws(TalwegError) -> Tensor
    {
        try locked { () throws(TalwegError) in
            var chosen: [Block] = []
            var size = 0
            for index in indices {
                chosen.append(try block(index))
                size += chosen[chosen.count - 1].size
            }
            var options = BlockOptions()
            options.solver = solver
            options.differences = .central
            let model = try BlockSolver(self, options)
            try model.begin()
            let equations = model.equations, structure = equations.structure
            // As singular as rounding makes what is singular.
            let isRegular = try equations.factorise(damping: 0, tolerance: 1e-13)
            guard isRegular, !equations.hasZeroColumn else {
                throw .numeric("problem: the covariance does not exist: the residuals do not determine all parameters")
            }
            let freedom = residualCount - structure.unknowns
            let variance = absolute ? 1 : freedom > 0 ? 2 * model.currentCost / Double(freedom) : .nan
            let view = try View(uninitialized: Shape([size, size]), .float64)
            let out = view.pointer(as: Double.self)
            out.update(repeating: 0, count: size * size)
            var plus: [PlainArray<Double>] = []
            for own in chosen { plus.append(try derivatives(of: own, model.parameters)) }
            let right = try PlainArray<Double>(structure.unknowns, filledWith: 0)
            var column = 0
            for (number, index) in indices.enumerated() {
                let own = chosen[number], active = Int(structure.activeOf[index])
                defer { column += own.size }
                if active < 0 { continue }
                for c in 0..<own.size {
                    // A row of `plus`, in scaled parameters; what is not there to move stays.
                    right.pointer.update(repeating: 0, count: right.count)
                    for q in 0..<own.tangent {
                        let place = structure.offset[active] + q
                        let slope = plus[number][c * own.tangent + q] / equations.scale[place]
                        right[place] = equations.isHeld(place) ? 0 : slope
                    }
                    try equations.solve(right.pointer)
                    var row = 0
                    for (other, otherIndex) in indices.enumerated() {
                        let theirs = chosen[other], active = Int(structure.activeOf[otherIndex])
                        defer { row += theirs.size }
                        if active < 0 { continue }
                        for i in 0..<theirs.size {
                            var sum = 0.0
                            for q in 0..<theirs.tangent {
                                let place = structure.offset[active] + q
                                if equations.isHeld(place) { continue }
                                sum += plus[other][i * theirs.tangent + q] * right[place] / equations.scale[place]
                            }
                            out[(row + i) * size + column + c] = sum * variance
                        }
                    }
                }
            }
            // Of what two solves gave, the mean.
            for i in 0..<size {
                for j in 0..<i {
                    let mean = (out[i * size + j] + out[j * size + i]) / 2
                    (out[i * size + j], out[j * size + i]) = (mean, mean)
                }
            }
            return Tensor(view)
        }
    }

    private func derivatives(of block: Block, _ x: UnsafePointer<Double>) throws(TalwegError) -> PlainArray<Double> {
        let plus = try PlainArray<Double>(block.size * block.tangent, filledWith: 0)
        try manifolds[block.manifold].derive(x + block.start, plus.pointer, size: block.size)
        return plus
    }
}
