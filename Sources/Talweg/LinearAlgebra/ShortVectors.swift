import TalwegKernels

extension MatrixScalar {
    static var kernels: FloatKernels { dtype == .float32 ? Talweg.kernels.f32 : Talweg.kernels.f64 }
}

/// Vector operations that do not call a kernel for a few elements, where the call would take longer than
/// the work.
struct VectorOperations<Scalar: MatrixScalar> {
    private let dotKernel = Scalar.kernels.dot
    private let axpyKernel = Scalar.kernels.axpy
    private let scaleKernel = Scalar.kernels.scale

    private static var short: Int { 12 }

    /// The sum of x[i] y[i].
    @inline(__always)
    func dot(_ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>) -> Scalar {
        if n > VectorOperations.short { return Scalar(dotKernel(n, x, 1, y, 1)) }
        var sum = Scalar(0)
        var i = 0
        while i < n {
            sum += x[i] * y[i]
            i += 1
        }
        return sum
    }

    /// y += alpha x
    @inline(__always)
    func axpy(_ n: Int, _ alpha: Scalar, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>) {
        if n > VectorOperations.short { return axpyKernel(n, Double(alpha), x, y) }
        var i = 0
        while i < n {
            y[i] += alpha * x[i]
            i += 1
        }
    }

    /// x = alpha x
    @inline(__always)
    func scale(_ n: Int, _ alpha: Scalar, _ x: UnsafeMutablePointer<Scalar>) {
        if n > VectorOperations.short { return scaleKernel(n, Double(alpha), x, x) }
        var i = 0
        while i < n {
            x[i] *= alpha
            i += 1
        }
    }

    /// x = x / divisor, also where the divisor's reciprocal is no number.
    @inline(__always)
    func divide(_ n: Int, by divisor: Scalar, _ x: UnsafeMutablePointer<Scalar>) {
        let reciprocal = 1 / divisor
        if reciprocal.isFinite { return scale(n, reciprocal, x) }
        var i = 0
        while i < n {
            x[i] /= divisor
            i += 1
        }
    }

    /// The root of the sum of squares, which may be beyond the range of numbers.
    @inline(__always)
    func norm(_ n: Int, _ x: UnsafePointer<Scalar>) -> Scalar {
        let squares = dot(n, x, x)
        if squares > Scalar.leastNormalMagnitude / Scalar.ulpOfOne, squares < .infinity { return squares.squareRoot() }
        return scaledNorm(n, x)
    }

    @inline(never)
    private func scaledNorm(_ n: Int, _ x: UnsafePointer<Scalar>) -> Scalar {
        var largest = Scalar(0)
        for i in 0..<n {
            if x[i].isNaN { return .nan }
            largest = max(largest, x[i].magnitude)
        }
        if largest == 0 || largest == .infinity { return largest }
        var squares = Scalar(0)
        for i in 0..<n {
            let share = x[i] / largest
            squares += share * share
        }
        return largest * squares.squareRoot()
    }
}
