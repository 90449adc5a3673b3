/// Turns x into v with v[0] = 1 and gives beta and tau of the reflector H = I - tau v v' with H x = beta e1
/// (Golub and Van Loan, 4th ed., 5.1). tau = 0 where x is a multiple of e1 already. Signs are LAPACK's.
func reflector<T: MatrixScalar>(_ n: Int, _ x: UnsafeMutablePointer<T>, _ kernels: MatrixKernels<T>)
    -> (beta: T, tau: T)
{
    let head = x[0], rest = max(n - 1, 0)
    var tail = kernels.dot(rest, x + 1, x + 1)
    // The unit of what is squared, where squares would lose digits or leave the range.
    var unit: T = 1
    let least = T.leastNormalMagnitude / (.ulpOfOne * .ulpOfOne)
    if tail < least || head * head + tail > 1 / least {
        var largest: T = 0
        for i in 1..<max(n, 1) { largest = max(largest, x[i].magnitude) }
        if largest == 0 || largest < .ulpOfOne * .ulpOfOne * head.magnitude {
            // Beside the head it is nothing.
            (x + 1).update(repeating: 0, count: rest)
            x[0] = 1
            return (head, 0)
        }
        unit = T(sign: .plus, exponent: max(largest, head.magnitude).exponent, significand: 1)
        tail = 0
        for i in 1..<n {
            x[i] /= unit
            tail += x[i] * x[i]
        }
    }
    let scaled = head / unit
    let norm = (scaled * scaled + tail).squareRoot()
    let beta = scaled.sign == .minus ? norm : -norm
    kernels.scale(rest, 1 / (scaled - beta), x + 1)
    x[0] = 1
    return (beta * unit, (beta - scaled) / beta)
}

/// The product of reflectors H[0] H[1] ..., made one by one: their vectors, but for the leading ones, are the columns
/// below the diagonal of a matrix. They leave the first `shift` rows alone.
struct Reflectors<T: MatrixScalar> {
    let vectors: Columns<T>
    let shift: Int
    let tau: UnsafeMutablePointer<T>

    /// C = Q C
    func apply(to c: Columns<T>) throws(TalwegError) {
        if vectors.columns == 0 || c.columns == 0 { return }
        let target = c.part(shift, c.rows - shift, 0, c.columns)
        try HouseholderQR(vectors: MatrixBlock(vectors), factors: tau).apply(to: MatrixBlock(target))
    }
}
