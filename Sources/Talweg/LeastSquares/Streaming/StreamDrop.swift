import CIntrinsics
import TalwegKernels

extension LeastSquaresStream {
    /// Takes rows out again that were pushed; on an error none. By rotations that undo those which would have taken
    /// the row in (Stewart, "The effects of rounding error on an algorithm for downdating a Cholesky factorization",
    /// J. Inst. Maths Applics 23, 1979; LINPACK's dchdd), which is as stable as the problem allows: digits are lost
    /// where a row had a leverage near 1.
    /// - Parameter weights: what the rows count now, [m]: what they counted, times the forgetting factor for each row
    ///   that came since
    /// - Throws: `.numeric` where a row cannot go: it has a leverage within 1e-10 of 1 (without it the columns would
    ///   depend on each other), or was never there
    public func drop(_ X: Tensor, _ y: Tensor, weights: Tensor? = nil) throws(TalwegError) {
        let name = "lstsq_stream_drop"
        let block = try block(X, y, weights, name)
        guard block.count > 0 else { return }
        guard block.count <= state.totals.rows else {
            throw .numeric("\(name): \(block.count) rows of a stream of \(state.totals.rows)")
        }
        let saved = try state.copied()
        do throws(TalwegError) {
            let space = try Workspace(byteCount: slabBytes(state.width, state.columns, state.columns))
            var slab = Slab(space.pointer)
            let z = slab.doubles(state.width), s = slab.doubles(state.columns), c = slab.doubles(state.columns)
            for i in 0..<block.count { try drop(block, i, z, s, c) }
            let totals = state.totals
            guard totals.rowsInUse >= 0, totals.rowsInUse == 0 || totals.sum.value > 0 else {
                throw .numeric("\(name): the rows have more weight than the stream")
            }
        } catch {
            state.take(saved)
            throw error
        }
    }

    private func drop(
        _ block: StreamBlock, _ row: Int, _ z: UnsafeMutablePointer<Double>, _ s: UnsafeMutablePointer<Double>,
        _ c: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let name = "lstsq_stream_drop"
        var given = 1.0
        if let weights = block.weights {
            weights.read(0, row, 1, into: &given)
            guard given.isFinite else { throw .numeric("\(name): weights has \(given) in row \(row)") }
            guard given >= 0 else {
                throw .invalid("\(name): weights has \(given) in row \(row); none may be negative")
            }
        }
        var weight = LinearSystem.shift(given, by: -2 * state.totals.exponent)
        let columns = state.columns
        for j in 0..<(features + targets) {
            let value = z + state.place(j)
            read(block, j, row, 1, into: value)
            guard value.pointee.isFinite else { throw .numeric("\(name): X or y has \(value.pointee) in row \(row)") }
            if state.scale[j] == 0, value.pointee != 0 { throw absent(row) }
            var root = weight.squareRoot()
            prepare(j, value, 1, &root)
        }
        state.totals.rows -= 1
        if given == 0 { return }
        if state.hasIntercept { z[0] = weight.squareRoot() }

        // R' s = z, and what is left of a row of norm 1.
        var left = 1.0
        let r = state.stack.r
        for j in 0..<columns {
            let rest = z[j] - kernels.f64.dot(j, r.column(j), 1, s, 1)
            if r[j, j] == 0 {
                guard rest.magnitude <= 0x1p-40 * weight.squareRoot() else { throw absent(row) }
                s[j] = 0
            } else {
                s[j] = rest / r[j, j]
            }
            left -= s[j] * s[j]
        }
        guard left > 1e-10 else {
            throw .numeric(
                "\(name): row \(row) cannot go: it was never there, or without it the columns would depend on each other")
        }
        var alpha = left.squareRoot()
        var j = columns - 1
        while j >= 0 {
            let norm = tk_libm_hypot(alpha, s[j])
            (c[j], s[j]) = (alpha / norm, s[j] / norm)
            alpha = norm
            j -= 1
        }
        for j in 0..<columns {
            let column = r.column(j)
            var moved = 0.0
            var i = j
            while i >= 0 {
                let value = column[i]
                column[i] = c[i] * value - s[i] * moved
                moved = c[i] * moved + s[i] * value
                i -= 1
            }
        }
        for t in 0..<targets {
            let before = state.total(t)
            let column = r.column(columns + t)
            var zeta = z[columns + t]
            for i in 0..<columns {
                column[i] = (column[i] - s[i] * zeta) / c[i]
                zeta = c[i] * zeta - s[i] * column[i]
            }
            let rest = state.tail[t] - zeta * zeta
            // Rounding alone may make it negative.
            guard rest >= -0x1p-40 * before else { throw absent(row) }
            state.tail[t] = max(0, rest)
        }
        weight = -weight
        state.totals.sum.add(weight)
        state.totals.rowsInUse -= 1
        state.totals.logarithms -= tk_libm_log(given)
    }

    private func absent(_ row: Int) -> TalwegError {
        .numeric("lstsq_stream_drop: row \(row) cannot go: it was never there")
    }
}
