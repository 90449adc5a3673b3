import CIntrinsics
import TalwegKernels

/// The kernels that a factorisation calls, fetched once. Vectors and columns are contiguous.
struct MatrixKernels<T: MatrixScalar> {
    private let dotKernel: DotFunction
    private let axpyKernel: AxpyFunction
    private let scaleKernel: AxpyFunction
    private let gemvKernel: GemvFunction

    init() {
        let table = T.dtype == .float32 ? kernels.f32 : kernels.f64
        dotKernel = table.dot
        axpyKernel = table.axpy
        scaleKernel = table.scale
        gemvKernel = table.gemv
    }

    /// The sum of x[i] y[i].
    @inline(__always)
    func dot(_ n: Int, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>) -> Double { dotKernel(n, x, 1, y, 1) }

    /// y += alpha x
    @inline(__always)
    func axpy(_ n: Int, _ alpha: Double, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>) {
        axpyKernel(n, alpha, x, y)
    }

    /// x = alpha x
    @inline(__always)
    func scale(_ n: Int, _ alpha: Double, _ x: UnsafeMutablePointer<T>) { scaleKernel(n, alpha, x, x) }

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
        let table = T.dtype == .float32 ? kernels.f32 : kernels.f64
        try table.multiply(
            tk_gemm(
                m: c.rows, n: c.columns, k: inner, alpha: alpha, beta: beta, a: a.pointer, a_row: aRow,
                a_column: aColumn, b: b.pointer, b_row: bRow, b_column: bColumn, c: c.pointer, c_row: 1,
                c_column: c.stride, epilogue: nil))
    }
}
