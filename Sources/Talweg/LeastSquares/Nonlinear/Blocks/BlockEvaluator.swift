/// The residuals of a block problem and their derivatives in the blocks' tangent spaces.
final class BlockEvaluator {
    let structure: BlockStructure
    let problem: BlockProblem
    private let gathered, ambient, moved, ahead, behind: PlainArray<Double>
    /// Derivatives of `plus` of the blocks on manifolds, and where each active block's begin; -1: a unit matrix.
    private let plusDerivatives: PlainArray<Double>
    private let plusStart: PlainArray<Int>
    /// Whether any block at a place of a family moves.
    private let moves: [[Bool]]
    var isCentral = false
    private(set) var usesDifferences = false

    init(_ structure: BlockStructure) throws(TalwegError) {
        self.structure = structure
        problem = structure.problem
        var (inputs, outputs, widest, results) = (0, 0, 0, 0)
        for family in problem.families {
            let count = min(family.count, ResidualFamily.chunk)
            let total = family.sizes.reduce(0, +)
            inputs = max(inputs, count * total)
            widest = max(widest, count * (family.sizes.max() ?? 0))
            let (area, overflow) = (count * family.residuals).multipliedReportingOverflow(by: total)
            guard !overflow else { throw .outOfMemory(bytes: Int.max) }
            if family.function.hasDerivatives {
                outputs = max(outputs, area)
            } else {
                results = max(results, count * family.residuals)
                usesDifferences = true
            }
        }
        gathered = try PlainArray(inputs, filledWith: 0)
        ambient = try PlainArray(outputs, filledWith: 0)
        moved = try PlainArray(usesDifferences ? widest : 0, filledWith: 0)
        ahead = try PlainArray(results, filledWith: 0)
        behind = try PlainArray(results, filledWith: 0)
        plusStart = try PlainArray(structure.activeCount, filledWith: -1)
        var total = 0
        let blocks = problem.blocks.elements
        for number in 0..<structure.activeCount {
            let block = blocks[Int(structure.blockOf[number])]
            if block.manifold == 0 { continue }
            plusStart[number] = total
            total += block.size * block.tangent
        }
        plusDerivatives = try PlainArray(total, filledWith: 0)
        var flags: [[Bool]] = []
        for family in problem.families {
            var own = [Bool](repeating: false, count: family.arity)
            for place in 0..<family.blocks.count where structure.activeOf[Int(family.blocks[place])] >= 0 {
                own[place % family.arity] = true
            }
            flags.append(own)
        }
        moves = flags
    }

    /// Calls `body` for each chunk of a family with its first block, their number, and pointers to their parameters.
    private func forEachChunk(
        of family: ResidualFamily, at x: UnsafePointer<Double>,
        _ body: (Int, Int, UnsafeMutablePointer<UnsafePointer<Double>>) throws(TalwegError) -> Void
    ) throws(TalwegError) {
        let blocks = problem.blocks.elements
        let pointers = try PlainArray<UnsafePointer<Double>>(family.arity, filledWith: UnsafePointer(gathered.pointer))
        var first = 0
        while first < family.count {
            let count = min(ResidualFamily.chunk, family.count - first)
            var target = gathered.pointer
            for k in 0..<family.arity {
                let size = family.sizes[k]
                pointers[k] = UnsafePointer(target)
                for i in 0..<count {
                    let start = blocks[Int(family.blocks[(first + i) * family.arity + k])].start
                    target.update(from: x + start, count: size)
                    target += size
                }
            }
            try body(first, count, pointers.pointer)
            first += count
        }
    }

    /// Writes the residuals; gives the cost, infinite where one is not finite.
    func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) -> Double {
        var cost = 0.0
        for (number, family) in problem.families.enumerated() {
            let out = r + structure.layouts[number].firstResidual, m = family.residuals
            try forEachChunk(of: family, at: x) { first, count, parameters throws(TalwegError) in
                let own = out + first * m
                // What is not written shows as not finite.
                own.update(repeating: .nan, count: count * m)
                try family.function.evaluate(
                    first: first, count: count, parameters: parameters, residuals: own, jacobians: nil)
                var sum = 0.0
                for i in 0..<count { sum += family.cost(own + i * m) }
                cost += sum
            }
        }
        return cost.isFinite ? cost : .infinity
    }

    /// Writes the residuals at x in the weights of their losses, and their derivatives: of each residual block
    /// [m, width], row-major.
    func linearise(
        _ x: UnsafePointer<Double>, _ r: UnsafePointer<Double>, weighted: UnsafeMutablePointer<Double>,
        _ jacobian: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let blocks = problem.blocks.elements
        for number in 0..<structure.activeCount where plusStart[number] >= 0 {
            let block = blocks[Int(structure.blockOf[number])]
            try problem.manifolds[block.manifold].derive(
                x + block.start, plusDerivatives.pointer + plusStart[number], size: block.size)
        }
        for (number, family) in problem.families.enumerated() {
            let at = r + structure.layouts[number].firstResidual
            let scratch = weighted + structure.layouts[number].firstResidual
            let out = jacobian + structure.layouts[number].firstDerivative
            try forEachChunk(of: family, at: x) { first, count, parameters throws(TalwegError) in
                if family.function.hasDerivatives {
                    try derive(number, family, first, count, parameters, scratch + first * family.residuals, out)
                } else {
                    try difference(number, family, first, count, parameters, at, x, out)
                }
            }
            scratch.update(from: at, count: family.count * family.residuals)
            try check(number, family, out)
            weigh(family, scratch, out)
        }
    }

    /// By the family's own derivatives.
    private func derive(
        _ number: Int, _ family: ResidualFamily, _ first: Int, _ count: Int,
        _ parameters: UnsafePointer<UnsafePointer<Double>>, _ residuals: UnsafeMutablePointer<Double>,
        _ out: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let m = family.residuals
        let targets = try PlainArray<UnsafeMutablePointer<Double>?>(family.arity, filledWith: nil)
        var next = ambient.pointer
        for k in 0..<family.arity where moves[number][k] {
            targets[k] = next
            next += count * m * family.sizes[k]
        }
        ambient.pointer.update(repeating: .nan, count: next - ambient.pointer)
        try family.function.evaluate(
            first: first, count: count, parameters: parameters, residuals: residuals, jacobians: targets.pointer)
        let width = family.width, activeOf = structure.activeOf.pointer, indices = family.blocks.pointer
        for k in 0..<family.arity {
            let (size, t, column) = (family.sizes[k], family.tangents[k], family.columns[k])
            for i in 0..<count {
                let active = Int(activeOf[Int(indices[(first + i) * family.arity + k])])
                let rows = out + (first + i) * m * width + column
                guard active >= 0, let source = targets[k] else {
                    for row in 0..<m { (rows + row * width).update(repeating: 0, count: t) }
                    continue
                }
                let own = source + i * m * size
                if plusStart[active] < 0 {
                    for row in 0..<m { (rows + row * width).update(from: own + row * size, count: t) }
                    continue
                }
                let plus = plusDerivatives.pointer + plusStart[active]
                for row in 0..<m {
                    for c in 0..<t {
                        var sum = 0.0
                        for q in 0..<size { sum += own[row * size + q] * plus[q * t + c] }
                        rows[row * width + c] = sum
                    }
                }
            }
        }
    }

    /// By differences along each direction of the tangent spaces, within the bounds.
    private func difference(
        _ number: Int, _ family: ResidualFamily, _ first: Int, _ count: Int,
        _ parameters: UnsafeMutablePointer<UnsafePointer<Double>>, _ r: UnsafePointer<Double>,
        _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let m = family.residuals, width = family.width, blocks = problem.blocks.elements
        let share = isCentral ? 6.055454452393343e-06 : 1.4901161193847656e-08
        let direction = try PlainArray<Double>(family.tangents.max() ?? 0, filledWith: 0)
        let steps = try PlainArray<Double>(2 * count, filledWith: 0)
        for k in 0..<family.arity {
            let size = family.sizes[k], own = parameters[k]
            defer { parameters[k] = own }
            for c in 0..<family.tangents[k] {
                guard moves[number][k] else {
                    for row in 0..<(count * m) { out[(first * m + row) * width + family.columns[k] + c] = 0 }
                    continue
                }
                /// The residuals a step away from where the blocks are.
                func evaluate(_ side: Double, _ to: PlainArray<Double>, _ taken: UnsafeMutablePointer<Double>)
                    throws(TalwegError)
                {
                    for i in 0..<count {
                        let block = blocks[Int(family.blocks[(first + i) * family.arity + k])]
                        let (from, target) = (own + i * size, moved.pointer + i * size)
                        taken[i] = 0
                        if block.isConstant {
                            target.update(from: from, count: size)
                        } else if block.manifold == 0 {
                            target.update(from: from, count: size)
                            var place = from[c] + side * share * max(from[c].magnitude, 1)
                            if block.bounds >= 0 {
                                let limits = problem.bounds.elements
                                place = min(
                                    max(place, limits[block.bounds + c]), limits[block.bounds + size + c])
                            }
                            target[c] = place
                            taken[i] = place - from[c]
                        } else {
                            direction[c] = side * share
                            defer { direction[c] = 0 }
                            try problem.manifolds[block.manifold].plus(from, direction.pointer, target, size: size)
                            taken[i] = side * share
                        }
                    }
                    parameters[k] = UnsafePointer(moved.pointer)
                    to.pointer.update(repeating: .nan, count: count * m)
                    try family.function.evaluate(
                        first: first, count: count, parameters: parameters, residuals: to.pointer, jacobians: nil)
                    parameters[k] = own
                }
                let (forward, backward) = (steps.pointer, steps.pointer + count)
                try evaluate(1, ahead, forward)
                var needsBehind = isCentral
                for i in 0..<count where !needsBehind {
                    let isConstant = blocks[Int(family.blocks[(first + i) * family.arity + k])].isConstant
                    needsBehind = !isConstant && (forward[i] == 0 || !isFinite(ahead.pointer + i * m, m))
                }
                backward.update(repeating: 0, count: count)
                if needsBehind { try evaluate(-1, behind, backward) }
                for i in 0..<count {
                    let column = out + (first + i) * m * width + family.columns[k] + c
                    let at = r + (first + i) * m, (f, b) = (ahead.pointer + i * m, behind.pointer + i * m)
                    let hasAhead = forward[i] != 0 && isFinite(f, m)
                    let hasBehind = needsBehind && backward[i] != 0 && isFinite(b, m)
                    let isHeld = forward[i] == 0 && backward[i] == 0
                    for row in 0..<m {
                        column[row * width] =
                            hasAhead && hasBehind && isCentral
                            ? (f[row] - b[row]) / (forward[i] - backward[i])
                            : hasAhead ? (f[row] - at[row]) / forward[i]
                            : hasBehind ? (b[row] - at[row]) / backward[i] : isHeld ? 0 : .nan
                    }
                }
            }
        }
    }

    private func isFinite(_ values: UnsafePointer<Double>, _ count: Int) -> Bool {
        var nothing = 0.0
        for i in 0..<count { nothing += values[i] * 0 }
        return nothing == 0
    }

    private func check(_ number: Int, _ family: ResidualFamily, _ out: UnsafePointer<Double>) throws(TalwegError) {
        let area = family.residuals * family.width
        var nothing = 0.0
        for i in 0..<(family.count * area) { nothing += out[i] * 0 }
        if nothing == 0 { return }
        for i in 0..<family.count where !isFinite(out + i * area, area) {
            for k in 0..<family.arity {
                for row in 0..<family.residuals {
                    let begin = out + i * area + row * family.width + family.columns[k]
                    guard isFinite(begin, family.tangents[k]) else {
                        throw .numeric(
                            "problem: the Jacobian of residual \(row) of block \(i)\(family.place(number)) by its "
                                + "parameter block \(k) is not finite")
                    }
                }
            }
        }
    }

    private func weigh(
        _ family: ResidualFamily, _ r: UnsafeMutablePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>
    ) {
        if family.loss == .linear { return }
        let m = family.residuals, width = family.width
        for i in 0..<family.count {
            let own = r + i * m, rows = jacobian + i * m * width
            var squares = 0.0
            for row in 0..<m { squares += own[row] * own[row] }
            let weights = family.weights(squares)
            for c in 0..<width {
                var along = 0.0
                for row in 0..<m { along += own[row] * rows[row * width + c] }
                for row in 0..<m {
                    rows[row * width + c] =
                        weights.derivative * rows[row * width + c] - weights.along * along * own[row]
                }
            }
            for row in 0..<m { own[row] *= weights.residual }
        }
    }

    /// What is wrong with residuals whose cost is not finite.
    func fault(_ r: UnsafePointer<Double>) -> TalwegError {
        for (number, family) in problem.families.enumerated() {
            let own = r + structure.layouts[number].firstResidual
            for i in 0..<(family.count * family.residuals) where !own[i].isFinite {
                return .numeric(
                    "problem: residual \(i % family.residuals) of block \(i / family.residuals)"
                        + "\(family.place(number)) is \(own[i]) at the start")
            }
        }
        return .numeric("problem: the sum of squares at the start is no finite number")
    }
}

extension ResidualFamily {
    /// Where it is among those that were added, for messages.
    fileprivate func place(_ number: Int) -> String { number == 0 ? "" : " of those added in call \(number + 1)" }
}
