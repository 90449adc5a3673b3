import TalwegKernels

/// A symmetric matrix as Q T Q', T tridiagonal: Householder's reduction by panels (Dongarra, Sorensen and
/// Hammarling 1989), whose updates are gathered and done as matrix products. Half of the work is products of the
/// matrix with a vector, which are bound by memory: each reads the lower triangle once.
struct Tridiagonalization<T: MatrixScalar> {
    /// The lower triangle is the matrix, then, below the diagonal, the reflectors' vectors.
    let a: Columns<T>
    let diagonal: UnsafeMutablePointer<Double>
    /// n - 1 of them.
    let beside: UnsafeMutablePointer<Double>
    let tau: UnsafeMutablePointer<T>
    private let kernels = MatrixKernels<T>()

    private static var panel: Int { 32 }
    /// Columns of which a product with a vector reads one part after another, and of which the diagonal
    /// blocks hold both triangles.
    private static var strip: Int { 64 }
    /// Columns that one matrix product updates: whole strips.
    private static var wide: Int { 128 }

    init(
        _ a: Columns<T>, diagonal: UnsafeMutablePointer<Double>, beside: UnsafeMutablePointer<Double>,
        tau: UnsafeMutablePointer<T>
    ) {
        (self.a, self.diagonal, self.beside, self.tau) = (a, diagonal, beside, tau)
    }

    var reflectors: Reflectors<T> {
        let count = max(a.rows - 1, 0)
        return Reflectors(vectors: a.part(1, count, 0, count), shift: 1, tau: tau)
    }

    /// Copies what is below the diagonal above it, within the diagonal blocks.
    func mirrorBlocks() {
        for j in 0..<a.columns {
            let end = min(a.rows, (j / Tridiagonalization.strip + 1) * Tridiagonalization.strip)
            for i in (j + 1)..<max(end, j + 1) { a[j, i] = a[i, j] }
        }
    }

    /// The diagonal blocks are symmetric.
    func reduce() throws(TalwegError) {
        let n = a.rows
        if n == 0 { return }
        let p = Tridiagonalization.panel
        let strips = (n - 1) / Tridiagonalization.strip + 1
        let workspace = try Workspace(byteCount: slabBytes(2 * n * p, 2 * n * p, n * strips, p))
        var slab = Slab(workspace.pointer)
        let left: UnsafeMutablePointer<T> = slab.elements(2 * n * p)
        let right: UnsafeMutablePointer<T> = slab.elements(2 * n * p)
        let parts: UnsafeMutablePointer<T> = slab.elements(n * strips)
        let small: UnsafeMutablePointer<T> = slab.elements(p)
        var begin = 0
        while begin < n - 1 {
            let width = min(p, n - 1 - begin)
            let rest = n - begin - width
            // Row i of the panel is row begin + i.
            let w = Columns(left, rows: n - begin, columns: width)
            for k in 0..<width {
                let i = begin + k
                let v = a.part(i, n - i, begin, k), done = w.part(k, n - i, 0, k)
                let column = a.column(i) + i
                if k > 0 {
                    kernels.multiply(-1, v, w.pointer + k, step: w.stride, 1, column)
                    kernels.multiply(-1, done, a.pointer + i + begin * a.stride, step: a.stride, 1, column)
                }
                diagonal[i] = Double(column[0])
                let (beta, factor) = reflector(n - i - 1, column + 1, kernels)
                beside[i] = Double(beta)
                tau[i] = factor
                let x = column + 1, y = w.column(k) + (k + 1), m = n - i - 1
                multiplySymmetric(from: i + 1, x, y, parts)
                if k > 0 {
                    let v = a.part(i + 1, m, begin, k), done = w.part(k + 1, m, 0, k)
                    kernels.multiplyTransposed(1, done, x, 0, small)
                    kernels.multiply(-1, v, small, 1, y)
                    kernels.multiplyTransposed(1, v, x, 0, small)
                    kernels.multiply(-1, done, small, 1, y)
                }
                kernels.scale(m, factor, y)
                kernels.axpy(m, -factor / 2 * kernels.dot(m, x, y), x, y)
            }
            // What is left, less V W' + W V' = [V W] [W V]'.
            let end = begin + width
            let first = Columns(right, rows: rest, columns: 2 * width)
            for k in 0..<width {
                first.column(k).update(from: a.column(begin + k) + end, count: rest)
                first.column(width + k).update(from: w.column(k) + width, count: rest)
            }
            // w is not needed any more, but for what has just been copied.
            let other = Columns(left, rows: rest, columns: 2 * width)
            for k in 0..<width {
                other.column(k).update(from: first.column(width + k), count: rest)
                other.column(width + k).update(from: first.column(k), count: rest)
            }
            var c = end
            while c < n {
                let stop = min(n, (c / Tridiagonalization.wide + 1) * Tridiagonalization.wide)
                try kernels.multiply(
                    -1, first.part(c - end, n - c, 0, 2 * width),
                    transposed: other.part(c - end, stop - c, 0, 2 * width), 1, a.part(c, n - c, c, stop - c))
                c = stop
            }
            begin = end
        }
        diagonal[n - 1] = Double(a[n - 1, n - 1])
    }

    /// y = A x for the rows and columns from `start` on, strip by strip: each is read from memory once, for what
    /// is below the diagonal and for its mirror image.
    /// - Parameter parts: room for a vector of each strip
    private func multiplySymmetric(
        from start: Int, _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ parts: UnsafeMutablePointer<T>
    ) {
        let n = a.rows, strip = Tridiagonalization.strip
        let first = start / strip, count = (n - 1) / strip - first + 1
        func run(_ index: Int) {
            let begin = index == 0 ? start : (first + index) * strip
            let end = min(n, (first + index + 1) * strip)
            let part = index == 0 ? y : parts + index * n
            kernels.multiply(1, a.part(begin, n - begin, begin, end - begin), x + (begin - start), 0, part)
            if end < n {
                kernels.multiplyTransposed(
                    1, a.part(end, n - end, begin, end - begin), x + (end - start), 1, part)
            }
        }
        if (n - start) * (n - start) < threadedProduct {
            for index in 0..<count { run(index) }
        } else {
            ThreadPool.run(chunks: count) { run($0) }
        }
        for index in 1..<max(count, 1) {
            let begin = (first + index) * strip
            kernels.axpy(n - begin, 1, parts + index * n, y + (begin - start))
        }
    }
}

/// Elements of a matrix from which its product with a vector is worth sharing out.
let threadedProduct = 1 << 15
