import TalwegKernels

extension LeastSquaresStream {
    /// The fit of all rows so far; the stream goes on as it was. Tensors of the result are float64.
    /// - Throws: `.state` before the first row with a weight
    public func solve() throws(TalwegError) -> LeastSquaresResult {
        let (p, k) = (features, targets)
        let totals = state.totals
        guard totals.rowsInUse > 0, totals.sum.value > 0 else {
            throw .state("lstsq_stream_solve: no rows with a weight have come yet")
        }
        let weighting = Weighting(
            exponent: totals.exponent, sum: totals.sum.value, rowsInUse: totals.rowsInUse,
            logarithms: totals.logarithms, isGiven: totals.isWeighted)
        let system = try LinearSystem(
            rows: totals.rows, columns: p, targets: k, intercept: state.hasIntercept, ridge: options.ridge, weighting)
        let (area, overflow) = p.multipliedReportingOverflow(by: p + k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(area, k, k))
        var slab = Slab(space.pointer)
        let all = ColumnMajor(slab.doubles(area), rows: p, columns: p + k)
        let tail = slab.doubles(k), total = slab.doubles(k)
        // Without its first row and column the factor is that of the centred rows.
        let first = state.columns - p
        for j in 0..<(p + k) {
            let column = state.stack.r.column(state.place(j))
            all.column(j).update(from: column + first, count: p)
            system.scale[j] = state.scale[j] == 0 ? 1 : state.scale[j]
            system.mean[j] = 0
            system.meanRest[j] = 0
            if first == 1 {
                var mean = Twofold(state.shift[j])
                mean.add(column[0] / state.stack.r[0, 0])
                (system.mean[j], system.meanRest[j]) = exactSum(mean.high, mean.low)
            }
            // So that no square of the penalty's root times a scale overflows.
            let penalty = system.ridge.squareRoot()
            if j < p, penalty > 0, Double(penalty.exponent + system.scale[j].exponent) > 200 {
                let factor = LinearSystem.power(-(penalty.exponent + system.scale[j].exponent))
                system.scale[j] *= factor
                system.mean[j] *= factor
                system.meanRest[j] *= factor
                kernels.f64.scale(p, factor, all.column(j), all.column(j))
            }
        }
        for t in 0..<k {
            tail[t] = state.tail[t]
            total[t] = state.total(t)
        }
        let small = Factorisation(
            matrix: ColumnMajor(all.pointer, rows: p, columns: p, stride: all.stride),
            target: ColumnMajor(all.column(p), rows: p, columns: k, stride: all.stride), tail: tail, total: total,
            in: space)
        let solution = try system.solveQR(small, rankTolerance: options.rankTolerance) { _, _ in }
        return try LeastSquaresResult(system, solution, dtype: .float64, manyTargets: manyTargets)
    }

    /// Takes in all that another stream has seen; that one stays as it is. The intercept, the forgetting factor and
    /// the sizes have to be the same.
    public func merge(_ other: LeastSquaresStream) throws(TalwegError) {
        let (p, k) = (features, targets)
        guard other.features == p, other.targets == k, other.manyTargets == manyTargets else {
            throw .shape(
                "lstsq_stream_merge: \(p) features and \(k) targets do not fit \(other.features) and \(other.targets)")
        }
        guard other.options.intercept == options.intercept, other.options.forgetting == options.forgetting else {
            throw .invalid("lstsq_stream_merge: the streams differ in their intercept or their forgetting")
        }
        if other.rows == 0 { return }
        let theirs = try other.state.copied()
        if state.totals.rowsInUse == 0 {
            let rows = state.totals.rows
            state.take(theirs)
            state.totals.rows += rows
            return
        }
        let exponent = max(state.totals.exponent, theirs.totals.exponent)
        state.reweigh(to: exponent)
        theirs.reweigh(to: exponent)
        for j in 0..<(p + k) {
            // The smaller scale is that of the larger elements.
            let scales = (state.scale[j], theirs.scale[j])
            let common = scales.0 == 0 ? scales.1 : scales.1 == 0 ? scales.0 : min(scales.0, scales.1)
            state.rescale(j, to: common)
            theirs.rescale(j, to: common)
            guard state.hasIntercept else { continue }
            let column = theirs.stack.r.column(theirs.place(j))
            column[0] += (theirs.shift[j] - state.shift[j]) * theirs.stack.r[0, 0]
        }
        for begin in stride(from: 0, to: state.columns, by: state.blockRows) {
            let some = min(state.blockRows, state.columns - begin)
            for j in 0..<state.width {
                state.stack.block.column(j).update(from: theirs.stack.r.column(j) + begin, count: some)
            }
            state.absorb(some)
        }
        for t in 0..<k { state.tail[t] += theirs.tail[t] }
        state.totals.sum.add(theirs.totals.sum)
        state.totals.rows += theirs.totals.rows
        state.totals.rowsInUse += theirs.totals.rowsInUse
        state.totals.logarithms += theirs.totals.logarithms
        state.totals.isWeighted = state.totals.isWeighted || theirs.totals.isWeighted
    }
}
