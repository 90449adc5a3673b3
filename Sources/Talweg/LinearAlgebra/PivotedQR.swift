/// Householder QR with column pivoting, A P = Q R, in place (Businger and Golub
/// 1965; Golub and Van Loan, 4th ed., algorithm 5.4.1), stopped at the first
/// pivot below a share of the largest.
struct PivotedQR {
    /// [m, p]: R above and on the diagonal of the first `rank` rows; below, the
    /// reflectors' vectors without their leading ones.
    let a: ColumnMajor
    /// [m, k]: Q' times the right-hand sides.
    let b: ColumnMajor
    /// Which column of A each column of R is.
    let order: UnsafeMutablePointer<Int>
    let rank: Int

    /// - Parameter norms: room for 2 p numbers.
    init(
        _ a: ColumnMajor, _ b: ColumnMajor, order: UnsafeMutablePointer<Int>, norms: UnsafeMutablePointer<Double>,
        tolerance: Double, pivoting: Bool = true
    ) {
        self.a = a
        self.b = b
        self.order = order
        let vectors = VectorOperations()
        let m = a.rows, p = a.columns
        let whole = norms + p
        for j in 0..<p {
            order[j] = j
            norms[j] = vectors.dot(m, a.column(j), a.column(j)).squareRoot()
            whole[j] = norms[j]
        }
        var step = 0
        var largest = 0.0
        while step < min(m, p) {
            if pivoting {
                var pivot = step
                for j in step..<p where norms[j] > norms[pivot] { pivot = j }
                a.swapColumns(step, pivot)
                (order[step], order[pivot]) = (order[pivot], order[step])
                norms[pivot] = norms[step]
                whole[pivot] = whole[step]
            }
            let column = a.column(step) + step
            let length = m - step
            let norm = vectors.dot(length, column, column).squareRoot()
            if step == 0 { largest = norm }
            if norm == 0 || norm < tolerance * largest { break }
            let head = column[0]
            let beta = head > 0 ? -norm : norm
            let tau = (beta - head) / beta
            vectors.scale(length - 1, 1 / (head - beta), column + 1)
            column[0] = 1
            for j in (step + 1)..<max(p, step + 1) {
                let target = a.column(j) + step
                vectors.axpy(length, -tau * vectors.dot(length, column, target), column, target)
                // The norm below the row, by downdating; anew where digits were lost
                // (Drmac and Bujanovic, ACM TOMS 35, 2008).
                if norms[j] > 0 {
                    let share = target[0] / norms[j]
                    let left = max(0, 1 - share * share)
                    let kept = norms[j] / whole[j]
                    if left * kept * kept < 1e-7 {
                        norms[j] = vectors.dot(length - 1, target + 1, target + 1).squareRoot()
                        whole[j] = norms[j]
                    } else {
                        norms[j] *= left.squareRoot()
                    }
                }
            }
            for j in 0..<b.columns {
                let target = b.column(j) + step
                vectors.axpy(length, -tau * vectors.dot(length, column, target), column, target)
            }
            column[0] = beta
            step += 1
        }
        rank = step
    }

    /// x = Q x, x [m].
    func applyQ(_ x: UnsafeMutablePointer<Double>) {
        let vectors = VectorOperations()
        var step = rank - 1
        while step >= 0 {
            let v = a.column(step) + (step + 1)
            let length = a.rows - step - 1
            // A reflector is I - 2 v v' / v'v.
            let tau = 2 / (1 + vectors.dot(length, v, v))
            let share = tau * (x[step] + vectors.dot(length, v, x + (step + 1)))
            x[step] -= share
            vectors.axpy(length, -share, v, x + (step + 1))
            step -= 1
        }
    }
}
