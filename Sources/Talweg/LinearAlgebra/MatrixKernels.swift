import CIntrinsics
import TalwegKernels

extension MatrixScalar {
    static var kernels: FloatKernels { dtype == .float32 ? Talweg.kernels.f32 : Talweg.kernels.f64 }
}

/// The kernels that a factorisation calls, fetched once. Vectors and columns are contiguous. None is called for a few
/// elements of a vector, where the call would take longer than the work.
struct MatrixKernels<T: MatrixScalar> {
    private let dotKernel = T.kernels.dot
    private let axpyKernel = T.kernels.axpy
    private let scaleKernel = T.kernels.scale
    private let gemvKernel = T.kernels.gemv

    private static var short: Int { 12 }

    /// The sum of x[i] y[i].
    @inline(__always)
    func dot(_ n: Int, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>) -> T {
        if n > MatrixKernels.short { return T(dotKernel(n, x, 1, y, 1)) }
        var sum = T(0)
        var i = 0
        while i < n {
            sum += x[i] * y[i]
            i += 1
        }
        return sum
    }

    /// y += alpha x
    @inline(__always)
    func axpy(_ n: Int, _ alpha: T, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>) {
        if n > MatrixKernels.short { return axpyKernel(n, Double(alpha), x, y) }
        var i = 0
        while i < n {
            y[i] += alpha * x[i]
            i += 1
        }
    }

    /// x = alpha x
    @inline(__always)
    func scale(_ n: Int, _ alpha: T, _ x: UnsafeMutablePointer<T>) {
        if n > MatrixKernels.short { return scaleKernel(n, Double(alpha), x, x) }
        var i = 0
        while i < n {
            x[i] *= alpha
            i += 1
        }
    }

    /// The root of the sum of squares, which may be beyond the range of numbers.
    @inline(__always)
    func norm(_ n: Int, _ x: UnsafePointer<T>) -> T {
        let squares = dot(n, x, x)
        if squares > T.leastNormalMagnitude / T.ulpOfOne, squares < .infinity { return squares.squareRoot() }
        return scaledNorm(n, x)
    }

    @inline(never)
    private func scaledNorm(_ n: Int, _ x: UnsafePointer<T>) -> T {
        var largest = T(0)
        for i in 0..<n {
            if x[i].isNaN { return .nan }
            largest = max(largest, x[i].magnitude)
        }
        if largest == 0 || largest == .infinity { return largest }
        var squares = T(0)
        for i in 0..<n {
            let share = x[i] / largest
            squares += share * share
        }
        return largest * squares.squareRoot()
    }

    /// y = alpha A x + beta y, with elements of x `step` apart.
    @inline(__always)
    func multiply(
        _ alpha: Double, _ a: Columns<T>, _ x: UnsafePointer<T>, step: Int = 1, _ beta: Double,
        _ y: UnsafeMutablePointer<T>
    ) {
        gemvKernel(a.rows, a.columns, alpha, a.pointer, 1, a.stride, x, step, beta, y, 1)
    }

    /// y = alpha A' x + beta y
    @inline(__always)
    func multiplyTransposed(
        _ alpha: Double, _ a: Columns<T>, _ x: UnsafePointer<T>, _ beta: Double, _ y: UnsafeMutablePointer<T>
    ) {
        gemvKernel(a.columns, a.rows, alpha, a.pointer, a.stride, 1, x, 1, beta, y, 1)
    }

    /// C = alpha A B + beta C, by as many threads as it is worth; so do the next two.
    func multiply(_ alpha: Double, _ a: Columns<T>, _ b: Columns<T>, _ beta: Double, _ c: Columns<T>)
        throws(TalwegError)
    {
        try multiply(alpha, a, 1, a.stride, b, 1, b.stride, inner: a.columns, beta, c)
    }

    /// C = alpha A' B + beta C
    func multiply(_ alpha: Double, transposed a: Columns<T>, _ b: Columns<T>, _ beta: Double, _ c: Columns<T>)
        throws(TalwegError)
    {
        try multiply(alpha, a, a.stride, 1, b, 1, b.stride, inner: a.rows, beta, c)
    }

    /// C = alpha A B' + beta C
    func multiply(_ alpha: Double, _ a: Columns<T>, transposed b: Columns<T>, _ beta: Double, _ c: Columns<T>)
        throws(TalwegError)
    {
        try multiply(alpha, a, 1, a.stride, b, b.stride, 1, inner: a.columns, beta, c)
    }

    private func multiply(
        _ alpha: Double, _ a: Columns<T>, _ aRow: Int, _ aColumn: Int, _ b: Columns<T>, _ bRow: Int, _ bColumn: Int,
        inner: Int, _ beta: Double, _ c: Columns<T>
    ) throws(TalwegError) {
        try T.kernels.multiply(
            tk_gemm(
                m: c.rows, n: c.columns, k: inner, alpha: alpha, beta: beta, a: a.pointer, a_row: aRow,
                a_column: aColumn, b: b.pointer, b_row: bRow, b_column: bColumn, c: c.pointer, c_row: 1,
                c_column: c.stride, epilogue: nil))
    }
}
