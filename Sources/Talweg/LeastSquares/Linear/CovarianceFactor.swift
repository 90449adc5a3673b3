import TalwegKernels

/// What a fit's covariances are made of, in the scaled units of its `LinearSystem`: with A the prepared rows,
///
///     cov b = s^2 V V',    (A'A + ridge)^-1 = H H' where it acts on the rows,
///
/// V and H [p, rank], the same without a ridge. The intercept is the mean of y less mean' b, which is independent of
/// b. Where columns depend on each other H has rows of zeros for those that the others make up.
final class CovarianceFactor {
    let rank: Int
    /// V
    let spread: ColumnMajor
    /// H
    let hat: ColumnMajor
    private let space: Workspace

    /// - Parameter shared: whether V is H. Both start with zeros.
    init(columns p: Int, rank: Int, shared: Bool) throws(TalwegError) {
        let (area, overflow) = p.multipliedReportingOverflow(by: rank)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Workspace(byteCount: slabBytes(area, shared ? 0 : area))
        self.rank = rank
        var slab = Slab(space.pointer)
        hat = ColumnMajor(slab.doubles(area), rows: p, columns: rank)
        spread = shared ? hat : ColumnMajor(slab.doubles(area), rows: p, columns: rank)
        hat.fill(0)
        spread.fill(0)
    }

    /// The squares of the norms of the first `count` rows of V.
    func variances(_ out: UnsafeMutablePointer<Double>, _ count: Int) {
        out.update(repeating: 0, count: count)
        for i in 0..<rank {
            let column = spread.column(i)
            for j in 0..<count { out[j] += column[j] * column[j] }
        }
    }

    /// The variance that the means' part has in the intercept's: |V' m|^2.
    func variance(along m: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for i in 0..<rank {
            let part = kernels.f64.dot(spread.rows, spread.column(i), 1, m, 1)
            sum += part * part
        }
        return sum
    }
}

extension NormalFactor {
    /// D P R^-1, whose rows' squares are diag((A'A)^-1).
    func setInverse(_ out: ColumnMajor) {
        let size = triangle.size, reciprocal = scratch + size
        for i in 0..<size { reciprocal[i] = 1 / triangle.matrix[i, i] }
        for i in 0..<size {
            scratch.update(repeating: 0, count: i)
            scratch[i] = 1
            triangle.solve(scratch, count: i + 1, reciprocal: reciprocal)
            let column = out.column(i)
            for j in 0...i { column[order[j]] = scratch[j] * factor[order[j]] }
        }
    }
}
