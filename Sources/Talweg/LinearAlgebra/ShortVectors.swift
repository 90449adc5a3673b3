import TalwegKernels

/// Vector operations in float64 that do not call a kernel for a few elements,
/// where the call would take longer than the work.
struct VectorOperations {
    private let dotKernel = kernels.f64.dot
    private let axpyKernel = kernels.f64.axpy
    private let scaleKernel = kernels.f64.scale

    private static let short = 12

    /// The sum of x[i] y[i].
    @inline(__always)
    func dot(_ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
        if n > VectorOperations.short { return dotKernel(n, x, 1, y, 1) }
        var sum = 0.0
        var i = 0
        while i < n {
            sum += x[i] * y[i]
            i += 1
        }
        return sum
    }

    /// y += alpha x
    @inline(__always)
    func axpy(_ n: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
        if n > VectorOperations.short { return axpyKernel(n, alpha, x, y) }
        var i = 0
        while i < n {
            y[i] += alpha * x[i]
            i += 1
        }
    }

    /// x = alpha x
    @inline(__always)
    func scale(_ n: Int, _ alpha: Double, _ x: UnsafeMutablePointer<Double>) {
        if n > VectorOperations.short { return scaleKernel(n, alpha, x, x) }
        var i = 0
        while i < n {
            x[i] *= alpha
            i += 1
        }
    }
}
