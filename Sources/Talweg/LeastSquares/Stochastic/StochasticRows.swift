import TalwegKernels

/// The rows that a stochastic descent goes through, one at a time.
protocol StochasticRows {
    var rows: Int { get }
    var columns: Int { get }
    /// x_i . v
    func dot(_ i: Int, _ v: UnsafePointer<Double>) -> Double
    /// v += factor x_i
    func add(_ i: Int, _ factor: Double, to v: UnsafeMutablePointer<Double>)
    /// |x_i|^2
    func squares(_ i: Int) -> Double
    /// Calls `body` with the places and elements of row i.
    func forEach(_ i: Int, _ body: (Int, Double) -> Void)
}

/// Rows of float64, side by side.
struct DenseRows: StochasticRows {
    let rows: Int
    let columns: Int
    private let x: UnsafePointer<Double>
    private let stride: Int
    /// Holds the memory.
    private let view: View
    private let dotKernel: DotFunction
    private let axpyKernel: AxpyFunction

    /// - Parameter X: [n, p], or [n] with one column, finite
    init(_ X: Tensor) throws(TalwegError) {
        guard X.rank == 1 || X.rank == 2 else {
            throw .shape("stochastic: X \(X.shape) has \(X.rank) axes; [n, p] or [n] was expected")
        }
        let cast = try RegressionData.matrix(X, "stochastic").cast(to: .float64)
        view = cast.shape[1] <= 1 || cast.strides[1] == 1 ? cast : try cast.contiguous()
        (rows, columns) = (view.shape[0], view.shape[1])
        x = UnsafePointer(view.pointer(as: Double.self))
        stride = view.strides[0]
        (dotKernel, axpyKernel) = (kernels.f64.dot, kernels.f64.axpy)
        for i in 0..<rows where !squares(i).isFinite {
            for j in 0..<columns where !x[i * stride + j].isFinite {
                throw .numeric("stochastic: X has \(x[i * stride + j]) in row \(i), column \(j)")
            }
        }
    }

    @inline(__always)
    func dot(_ i: Int, _ v: UnsafePointer<Double>) -> Double { dotKernel(columns, x + i * stride, 1, v, 1) }

    @inline(__always)
    func add(_ i: Int, _ factor: Double, to v: UnsafeMutablePointer<Double>) {
        axpyKernel(columns, factor, x + i * stride, v)
    }

    @inline(__always)
    func squares(_ i: Int) -> Double { dotKernel(columns, x + i * stride, 1, x + i * stride, 1) }

    @inline(__always)
    func forEach(_ i: Int, _ body: (Int, Double) -> Void) {
        let row = x + i * stride
        for j in 0..<columns { body(j, row[j]) }
    }
}

/// Rows of a sparse matrix.
struct SparseRows: StochasticRows {
    let rows: Int
    let columns: Int
    private let offsets: UnsafePointer<Int>
    private let places: UnsafePointer<Int32>
    private let values: UnsafePointer<Double>
    /// Holds the memory.
    private let matrix: SparseMatrix

    init(_ matrix: SparseMatrix) {
        self.matrix = matrix
        (rows, columns) = (matrix.rows, matrix.columns)
        (offsets, places, values) = matrix.elements
    }

    @inline(__always)
    func dot(_ i: Int, _ v: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for k in offsets[i]..<offsets[i + 1] { sum += values[k] * v[Int(places[k])] }
        return sum
    }

    @inline(__always)
    func add(_ i: Int, _ factor: Double, to v: UnsafeMutablePointer<Double>) {
        for k in offsets[i]..<offsets[i + 1] { v[Int(places[k])] += factor * values[k] }
    }

    @inline(__always)
    func squares(_ i: Int) -> Double {
        var sum = 0.0
        for k in offsets[i]..<offsets[i + 1] { sum += values[k] * values[k] }
        return sum
    }

    @inline(__always)
    func forEach(_ i: Int, _ body: (Int, Double) -> Void) {
        for k in offsets[i]..<offsets[i + 1] { body(Int(places[k]), values[k]) }
    }
}
