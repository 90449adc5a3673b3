import TalwegKernels

/// A matrix of at least as many rows as columns as Q B P', B upper bidiagonal: Householder's reduction by panels
/// (Golub and Kahan 1965; Dongarra, Sorensen and Hammarling 1989), whose updates are gathered and done as matrix
/// products. Half of the work is products with vectors, bound by memory. The two of a step, with A' and with A,
/// are done strip by strip, so that the second finds its strip in the cache (Howell et al., ACM TOMS 34, 2008).
struct Bidiagonalization<T: MatrixScalar> {
    /// The matrix, then, on and below the diagonal, the vectors of Q.
    let a: Columns<T>
    /// [n, n]: below the diagonal the vectors of P.
    let rows: Columns<T>
    let diagonal: UnsafeMutablePointer<Double>
    /// n - 1 of them.
    let beside: UnsafeMutablePointer<Double>
    let leftTau: UnsafeMutablePointer<T>
    let rightTau: UnsafeMutablePointer<T>
    private let kernels = MatrixKernels<T>()

    private static var panel: Int { 32 }
    /// Bytes of a strip: they stay in a core's second-level cache.
    private static var stripBytes: Int { 1 << 18 }

    init(
        _ a: Columns<T>, rows: Columns<T>, diagonal: UnsafeMutablePointer<Double>,
        beside: UnsafeMutablePointer<Double>, leftTau: UnsafeMutablePointer<T>, rightTau: UnsafeMutablePointer<T>
    ) {
        (self.a, self.rows, self.diagonal, self.beside) = (a, rows, diagonal, beside)
        (self.leftTau, self.rightTau) = (leftTau, rightTau)
    }

    var left: Reflectors<T> { Reflectors(vectors: a, shift: 0, tau: leftTau) }
    var right: Reflectors<T> {
        let count = max(a.columns - 1, 0)
        return Reflectors(vectors: rows.part(1, count, 0, count), shift: 1, tau: rightTau)
    }

    func reduce() throws(TalwegError) {
        let (m, n, p) = (a.rows, a.columns, Bidiagonalization.panel)
        if n == 0 { return }
        let strip = max(8, Bidiagonalization.stripBytes / (m * MemoryLayout<T>.size))
        let strips = (n - 1) / strip + 1
        let workspace = try Workspace(
            byteCount: slabBytes(m * p, n * p, 2 * m * p, 2 * n * p, m * strips, p, p, p))
        var slab = Slab(workspace.pointer)
        let leftSpace: UnsafeMutablePointer<T> = slab.elements(m * p)
        let rightSpace: UnsafeMutablePointer<T> = slab.elements(n * p)
        let first: UnsafeMutablePointer<T> = slab.elements(2 * m * p)
        let second: UnsafeMutablePointer<T> = slab.elements(2 * n * p)
        let parts: UnsafeMutablePointer<T> = slab.elements(m * strips)
        let (small, other): (UnsafeMutablePointer<T>, UnsafeMutablePointer<T>) = (slab.elements(p), slab.elements(p))
        let row: UnsafeMutablePointer<T> = slab.elements(p)
        var begin = 0
        while begin < n {
            let width = min(p, n - begin), end = begin + width
            // A is what it was less U Y' + X V'. Row i of either is row begin + i.
            let x = Columns(leftSpace, rows: m - begin, columns: width)
            let y = Columns(rightSpace, rows: n - begin, columns: width)
            for k in 0..<width {
                let i = begin + k
                let column = a.column(i) + i
                let u = a.part(i, m - i, begin, k), xs = x.part(k, m - i, 0, k)
                if k > 0 {
                    kernels.multiply(-1, u, y.pointer + k, step: y.stride, 1, column)
                    kernels.multiply(-1, xs, rows.pointer + i + begin * rows.stride, step: rows.stride, 1, column)
                }
                let (beta, factor) = reflector(m - i, column, kernels)
                diagonal[i] = Double(beta)
                leftTau[i] = factor
                if i == n - 1 { break }
                if k > 0 {
                    kernels.multiplyTransposed(1, u, column, 0, small)
                    kernels.multiplyTransposed(1, xs, column, 0, other)
                }
                // Row i of U, whose last element is 1, of X, and of A.
                for q in 0...k { row[q] = a[i, begin + q] }
                let target = rows.column(i)
                let sum = x.column(k) + (k + 1)
                let count = (n - i - 2) / strip + 1
                /// Some columns: y, the row of A that is left, and their share of A times that row.
                func run(_ index: Int) {
                    let from = i + 1 + index * strip, size = min(strip, n - from)
                    let own = y.column(k) + (from - begin)
                    let ys = y.part(from - begin, size, 0, k), vs = rows.part(from, size, begin, k)
                    kernels.multiplyTransposed(1, a.part(i, m - i, from, size), column, 0, own)
                    if k > 0 {
                        kernels.multiply(-1, ys, small, 1, own)
                        kernels.multiply(-1, vs, other, 1, own)
                    }
                    kernels.scale(size, factor, own)
                    for j in 0..<size { target[from + j] = a[i, from + j] }
                    kernels.multiply(-1, y.part(from - begin, size, 0, k + 1), row, 1, target + from)
                    if k > 0 { kernels.multiply(-1, vs, x.pointer + k, step: x.stride, 1, target + from) }
                    kernels.multiply(
                        1, a.part(i + 1, m - i - 1, from, size), target + from, 0, index == 0 ? sum : parts + index * m)
                }
                if (m - i) * (n - i) < threadedProduct {
                    for index in 0..<count { run(index) }
                } else {
                    ThreadPool.run(chunks: count) { run($0) }
                }
                for index in 1..<max(count, 1) { kernels.axpy(m - i - 1, 1, parts + index * m, sum) }
                let v = target + (i + 1), length = n - i - 1
                let head = v[0]
                let (next, rightFactor) = reflector(length, v, kernels)
                // A row whose reciprocal is no number is nothing beside the matrix, which is scaled to 1.
                let isNothing = rightFactor != 0 && (head - next).magnitude < T.leastNormalMagnitude / .ulpOfOne
                beside[i] = isNothing ? 0 : Double(next)
                rightTau[i] = isNothing ? 0 : rightFactor
                if rightTau[i] == 0 {
                    sum.update(repeating: 0, count: m - i - 1)
                    continue
                }
                // A v, where v is the row divided by head - beta but for its first element, 1.
                let scale = 1 / (head - next)
                kernels.scale(m - i - 1, scale, sum)
                kernels.axpy(m - i - 1, -next * scale, a.column(i + 1) + (i + 1), sum)
                kernels.multiplyTransposed(1, y.part(k + 1, length, 0, k + 1), v, 0, small)
                kernels.multiply(-1, a.part(i + 1, m - i - 1, begin, k + 1), small, 1, sum)
                if k > 0 {
                    kernels.multiplyTransposed(1, rows.part(i + 1, length, begin, k), v, 0, small)
                    kernels.multiply(-1, x.part(k + 1, m - i - 1, 0, k), small, 1, sum)
                }
                kernels.scale(m - i - 1, rightFactor, sum)
            }
            if end < n {
                let ux = Columns(first, rows: m - end, columns: 2 * width)
                let yv = Columns(second, rows: n - end, columns: 2 * width)
                for k in 0..<width {
                    ux.column(k).update(from: a.column(begin + k) + end, count: m - end)
                    ux.column(width + k).update(from: x.column(k) + width, count: m - end)
                    yv.column(k).update(from: y.column(k) + width, count: n - end)
                    yv.column(width + k).update(from: rows.column(begin + k) + end, count: n - end)
                }
                try kernels.multiply(-1, ux, transposed: yv, 1, a.part(end, m - end, end, n - end))
            }
            begin = end
        }
    }
}
