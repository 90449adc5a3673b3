import CIntrinsics
import TalwegKernels

/// Brings the singular values of a matrix near 1 by steps X = a X + (b + c X X^T) X X^T X (Jordan et al., 2024;
/// the iteration is of Kovarik, 1970, and Björck and Bowie, 1971, with coefficients that converge quickly to a
/// neighbourhood of 1).
struct NewtonSchulz {
    private let a: Double
    private let b: Double
    private let c: Double
    private let steps: Int
    /// The least norm that the matrix is divided by.
    private let floor: Double

    init(_ options: OptimizerOptions) {
        a = options[.coefficientA]
        b = options[.coefficientB]
        c = options[.coefficientC]
        steps = Int(exactly: options[.iterations]) ?? 5
        floor = options[.epsilon1]
    }

    /// - Parameter x: a row-major matrix, which is overwritten.
    func orthogonal(_ x: View) throws(TalwegError) -> View {
        guard let kernel = kernels.float(x.dtype) else { throw .internal("muon: \(x.dtype.name)") }
        let (rows, columns) = (x.shape[0], x.shape[1])
        if x.count == 0 { return x }
        try scale(x, kernel)
        // By the shorter side; a tall matrix is read as its transpose.
        let (short, long) = (min(rows, columns), max(rows, columns))
        let (row, column) = rows > columns ? (1, columns) : (columns, 1)
        let square = try Shape([short, short])
        let (gram, polynomial) = (try View(uninitialized: square, x.dtype), try View(uninitialized: square, x.dtype))
        var (from, to) = (x, try View(uninitialized: x.shape, x.dtype))
        for _ in 0..<steps {
            try kernel.multiply(
                tk_gemm(
                    m: short, n: short, k: long, alpha: 1, beta: 0, a: from.pointer, a_row: row, a_column: column,
                    b: from.pointer, b_row: column, b_column: row, c: gram.pointer, c_row: short, c_column: 1,
                    epilogue: nil))
            polynomial.assign(gram)
            try kernel.multiply(
                tk_gemm(
                    m: short, n: short, k: short, alpha: c, beta: b, a: gram.pointer, a_row: short, a_column: 1,
                    b: gram.pointer, b_row: short, b_column: 1, c: polynomial.pointer, c_row: short, c_column: 1,
                    epilogue: nil))
            to.assign(from)
            try kernel.multiply(
                tk_gemm(
                    m: short, n: long, k: short, alpha: 1, beta: a, a: polynomial.pointer, a_row: short, a_column: 1,
                    b: from.pointer, b_row: row, b_column: column, c: to.pointer, c_row: row, c_column: column,
                    epilogue: nil))
            swap(&from, &to)
        }
        return from
    }

    /// Divides by the Frobenius norm, which no singular value exceeds.
    private func scale(_ x: View, _ kernel: FloatKernels) throws(TalwegError) {
        let chunks = (x.count + elementsPerChunk - 1) / elementsPerChunk
        let room = try Workspace(byteCount: chunks * MemoryLayout<Double>.size)
        let sums = room.pointer.assumingMemoryBound(to: Double.self)
        let size = x.dtype.itemSize
        forEachChunk(x.count) { chunk, start, count in
            sums[chunk] = sumOfSquares(count, x.pointer + start * size, x.dtype)
        }
        var sum = 0.0
        for chunk in 0..<chunks { sum += sums[chunk] }
        let factor = 1 / max(sum.squareRoot(), max(floor, .leastNormalMagnitude))
        forEachChunk(x.count) { _, start, count in
            kernel.scale(count, factor, x.pointer + start * size, x.pointer + start * size)
        }
    }
}
