/// The eigenvalues of a symmetric tridiagonal matrix, in no order, and the products of `vectors` with its
/// eigenvectors, by QL iterations with implicit shifts (Dubrulle, Martin and Wilkinson 1968; Parlett, The
/// Symmetric Eigenvalue Problem, 8.13). The matrix is scaled to about 1.
/// - Parameters:
///   - d: the diagonal, then the eigenvalues
///   - e: what lies beside it, n - 1 numbers; destroyed
///   - vectors: n columns, turned along
/// - Returns: whether it converged, which it does but for numbers that are not finite.
func iterateQL(
    _ n: Int, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ vectors: ColumnMajor?
) -> Bool {
    let unit = 0x1p-53
    var left = 30 * n
    for first in 0..<n {
        while true {
            // The block that begins here, up to an element beside the diagonal that is nothing.
            var last = first
            while last < n - 1 {
                let own = e[last] * e[last]
                if own <= unit * unit * d[last].magnitude * d[last + 1].magnitude + .leastNormalMagnitude { break }
                last += 1
            }
            if last < n - 1 { e[last] = 0 }
            if last == first { break }
            if left == 0 { return false }
            left -= 1
            // Wilkinson's shift.
            let half = (d[first + 1] - d[first]) / (2 * e[first])
            let root = length(half, 1)
            var g = d[last] - d[first] + e[first] / (half + (half < 0 ? -root : root))
            // No rotation: what the first one takes up.
            var turn = PlaneRotation(c: 1, s: 1)
            var shift = 0.0
            var i = last - 1
            var finished = true
            while i >= first {
                let f = turn.s * e[i], b = turn.c * e[i]
                let (next, r) = PlaneRotation.eliminating(g, f)
                if i + 1 < last { e[i + 1] = r }
                if r == 0 {
                    // The matrix falls apart here.
                    d[i + 1] -= shift
                    finished = false
                    break
                }
                turn = next
                g = d[i + 1] - shift
                let t = (d[i] - g) * turn.s + 2 * turn.c * b
                shift = turn.s * t
                d[i + 1] = g + shift
                g = turn.c * t - b
                if let vectors { turn.turn(vectors.rows, vectors.column(i + 1), vectors.column(i)) }
                i -= 1
            }
            if finished {
                d[first] -= shift
                e[first] = g
            }
        }
    }
    for i in 0..<n where !d[i].isFinite { return false }
    return true
}
