import TalwegKernels

/// The Cholesky factor of a positive definite matrix with a diagonal of ones, A = R' R with R
/// upper triangular, in place of A's upper triangle (Golub and Van Loan, 4th ed.,
/// 4.2), row block by row block so that most of it is matrix multiplies.
/// - Parameters:
///   - tolerance: the least that may be left of a diagonal element
///   - workspace: `choleskyWorkspaceBytes` bytes
/// - Returns: the first column that depends on those before it, or nil.
func choleskyFactor(_ a: ColumnMajor, tolerance: Double, workspace: UnsafeMutableRawPointer) -> Int? {
    let kernels = Talweg.kernels.f64
    let p = a.columns
    var begin = 0
    while begin < p {
        let end = min(begin + choleskyBlock, p)
        for j in begin..<end {
            let column = a.column(j) + begin
            let length = j - begin
            let left = a[j, j] - kernels.dot(length, column, 1, column, 1)
            guard left > tolerance else { return j }
            a[j, j] = left.squareRoot()
            for c in (j + 1)..<max(p, j + 1) {
                a[j, c] = (a[j, c] - kernels.dot(length, column, 1, a.column(c) + begin, 1)) / a[j, j]
            }
        }
        let rest = p - end
        if rest > 0 {
            // A block of columns at a time, down to the diagonal.
            var c = end
            while c < p {
                let stop = min(c + choleskyBlock, p)
                kernels.gemm(
                    stop - end, stop - c, end - begin, -1, a.column(end) + begin, a.stride, 1,
                    a.column(c) + begin, 1, a.stride, 1, a.column(c) + end, 1, a.stride, workspace)
                c = stop
            }
        }
        begin = end
    }
    return nil
}

private let choleskyBlock = 64

func choleskyWorkspaceBytes(size: Int) -> Int {
    Talweg.kernels.f64.gemmWorkspaceBytes(m: size, n: choleskyBlock, k: choleskyBlock)
}
