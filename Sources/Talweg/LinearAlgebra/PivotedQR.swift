import CIntrinsics
import TalwegKernels

/// Householder QR with column pivoting, A P = Q R, in place (Businger and Golub 1965; Golub and Van Loan, 4th ed.,
/// algorithm 5.4.1), stopped at the first pivot below a share of the largest. Of many columns blocks are eliminated
/// whose update of the columns after them waits for their last one (Quintana-Orti, Sun and Bischof, "A BLAS-3 version
/// of the QR factorization with column pivoting", SIAM J. Sci. Comput. 19, 1998).
struct PivotedQR<Scalar: MatrixScalar> {
    /// [m, p]: R above and on the diagonal of the first `rank` rows; below, the
    /// reflectors' vectors without their leading ones.
    let a: Columns<Scalar>
    /// [m, k]: Q' times the right-hand sides.
    let b: Columns<Scalar>
    /// Which column of A each column of R is.
    let order: UnsafeMutablePointer<Int>
    /// The reflectors' factors, of I - tau v v'.
    let factors: UnsafeMutablePointer<Scalar>
    private(set) var rank = 0

    /// The norms of what is left of the columns, and what they were when they were last summed.
    private let norms, whole: UnsafeMutablePointer<Scalar>
    private let tolerance: Double
    private let pivoting: Bool
    private let vectors = MatrixKernels<Scalar>()
    private var largest = Scalar(0)

    /// - Parameter room: for 3 p numbers, of which the first p stay in use.
    init(
        _ a: Columns<Scalar>, _ b: Columns<Scalar>, order: UnsafeMutablePointer<Int>,
        room: UnsafeMutablePointer<Scalar>, tolerance: Double, pivoting: Bool = true
    ) throws(TalwegError) {
        let p = a.columns
        (self.a, self.b, self.order, self.tolerance, self.pivoting) = (a, b, order, tolerance, pivoting)
        (factors, norms, whole) = (room, room + p, room + 2 * p)
        for j in 0..<p {
            order[j] = j
            norms[j] = vectors.norm(a.rows, a.column(j))
            whole[j] = norms[j]
        }
        // The last columns, and few, one by one.
        while min(a.rows, p) - rank >= 2 * PivotedQR.blockColumns {
            guard try eliminateBlock() else { return }
        }
        while rank < min(a.rows, p) {
            guard eliminateColumn() else { return }
        }
    }

    private static var blockColumns: Int { 32 }

    /// Exchanges the present column and the one with the largest norm.
    private func pivot() -> Int {
        let step = rank
        guard pivoting else { return step }
        var pivot = step
        for j in step..<a.columns where norms[j] > norms[pivot] { pivot = j }
        a.swapColumns(step, pivot)
        (order[step], order[pivot]) = (order[pivot], order[step])
        norms[pivot] = norms[step]
        whole[pivot] = whole[step]
        return pivot
    }

    /// The reflector of the present column, with its leading one in place, and what stands there afterwards; nil where
    /// the column depends on those before it.
    private mutating func reflect() -> Scalar? {
        let column = a.column(rank) + rank, length = a.rows - rank
        let norm = vectors.norm(length, column)
        if rank == 0 { largest = norm }
        if norm == 0 || Double(norm) < tolerance * Double(largest) { return nil }
        let (beta, tau) = reflector(length, column, vectors)
        factors[rank] = tau
        return beta
    }

    /// The norm of column j below the present row, by downdating; false where so many digits were lost that it
    /// must be summed again (Drmac and Bujanovic, ACM TOMS 35, 2008).
    private func downdate(_ j: Int, _ removed: Scalar) -> Bool {
        guard norms[j] > 0 else { return true }
        let share = removed / norms[j]
        let left = max(0, (1 - share) * (1 + share))
        let kept = norms[j] / whole[j]
        if left * kept * kept < 4 * Scalar.ulpOfOne.squareRoot() { return false }
        norms[j] *= left.squareRoot()
        return true
    }

    private func sumNorm(_ j: Int, below row: Int) {
        norms[j] = vectors.norm(a.rows - row, a.column(j) + row)
        whole[j] = norms[j]
    }

    /// I - tau v v' of the reflector that lies in column `step` with its leading one.
    private func reflect(_ step: Int, _ target: UnsafeMutablePointer<Scalar>) {
        let v = a.column(step) + step, length = a.rows - step
        vectors.axpy(length, -factors[step] * vectors.dot(length, v, target + step), v, target + step)
    }

    private mutating func eliminateColumn() -> Bool {
        let step = rank
        _ = pivot()
        guard let beta = reflect() else { return false }
        for j in (step + 1)..<max(a.columns, step + 1) {
            reflect(step, a.column(j))
            if pivoting, !downdate(j, a[step, j]) { sumNorm(j, below: step + 1) }
        }
        for t in 0..<b.columns { reflect(step, b.column(t)) }
        a[step, step] = beta
        rank += 1
        return true
    }

    /// Some columns whose reflectors reach those after them at the end: A - V F', of which the rows that are
    /// done and the present column are brought up to date before.
    private mutating func eliminateBlock() throws(TalwegError) -> Bool {
        let begin = rank, p = a.columns, m = a.rows
        let width = PivotedQR.blockColumns
        let item = MemoryLayout<Scalar>.size
        let workspace = try Workspace(byteCount: (p + 1) * width * item)
        let f = Columns<Scalar>(
            workspace.pointer.assumingMemoryBound(to: Scalar.self), rows: p, columns: width)
        let shares = f.column(width)
        let kernels = Scalar.kernels
        var independent = true
        var restart = false
        while rank < begin + width, !restart {
            let step = rank, k = step - begin
            let other = pivot()
            f.swapRows(step, other, columns: k)
            let column = a.column(step) + step
            let length = m - step, after = p - step - 1
            kernels.gemv(
                length, k, -1, a.column(begin) + step, 1, a.stride, f.pointer + step, f.stride, 1, column, 1)
            guard let beta = reflect() else {
                independent = false
                break
            }
            // F' s row for this reflector: tau A' v of what A will be, less what the block's others take away.
            let row = f.column(k) + (step + 1)
            try kernels.multiply(
                tk_gemm(
                    m: after, n: 1, k: length, alpha: Double(factors[step]), beta: 0,
                    a: a.column(step + 1) + step, a_row: a.stride, a_column: 1, b: column, b_row: 1, b_column: 1,
                    c: row, c_row: 1, c_column: 1, epilogue: nil))
            kernels.gemv(
                k, length, -Double(factors[step]), a.column(begin) + step, a.stride, 1, column, 1, 0, shares, 1)
            kernels.gemv(after, k, 1, f.pointer + (step + 1), 1, f.stride, shares, 1, 1, row, 1)
            kernels.gemv(
                after, k + 1, -1, f.pointer + (step + 1), 1, f.stride, a.column(begin) + step, a.stride, 1,
                a.column(step + 1) + step, a.stride)
            if pivoting {
                for j in (step + 1)..<max(p, step + 1) where !downdate(j, a[step, j]) {
                    // Summed again when the column is up to date.
                    whole[j] = -1
                    restart = true
                }
            }
            for t in 0..<b.columns { reflect(step, b.column(t)) }
            a[step, step] = beta
            rank += 1
        }
        let count = rank - begin
        guard independent else { return false }
        try kernels.multiply(
            tk_gemm(
                m: m - rank, n: p - rank, k: count, alpha: -1, beta: 1,
                a: a.column(begin) + rank, a_row: 1, a_column: a.stride, b: f.pointer + rank, b_row: f.stride,
                b_column: 1, c: a.column(rank) + rank, c_row: 1, c_column: a.stride, epilogue: nil))
        for j in rank..<p where whole[j] < 0 { sumNorm(j, below: rank) }
        return true
    }

    /// x = Q' x, x [m].
    func applyTransposed(_ x: UnsafeMutablePointer<Scalar>) {
        for step in 0..<rank {
            let v = a.column(step) + (step + 1)
            let length = a.rows - step - 1
            let share = factors[step] * (x[step] + vectors.dot(length, v, x + (step + 1)))
            x[step] -= share
            vectors.axpy(length, -share, v, x + (step + 1))
        }
    }

    /// x = Q x, x [m].
    func applyQ(_ x: UnsafeMutablePointer<Scalar>) {
        var step = rank - 1
        while step >= 0 {
            let v = a.column(step) + (step + 1)
            let length = a.rows - step - 1
            let share = factors[step] * (x[step] + vectors.dot(length, v, x + (step + 1)))
            x[step] -= share
            vectors.axpy(length, -share, v, x + (step + 1))
            step -= 1
        }
    }
}
