import TalwegKernels

/// The prepared problem by an orthogonal transformation made small:
///
///     |y - A b|^2 = |z - M b|^2 + tail
///
/// with M [m, p], m = min(n, p): the triangular factor of A if that is tall, else
/// A itself. Chunks of rows are factorised side by side, each block by block, and
/// their factors then in order (Demmel, Grigori, Hoemmen and Langou, "Communication-
/// optimal parallel and sequential QR and LU factorizations", SIAM J. Sci. Comput.
/// 34, 2012).
struct Factorisation {
    /// [m, p]
    let matrix: ColumnMajor
    /// [m, k]
    let target: ColumnMajor
    /// What no coefficients can explain, of each target.
    let tail: UnsafeMutablePointer<Double>
    /// Squares of the prepared targets.
    let total: UnsafeMutablePointer<Double>
    private let space: Storage

    /// A factor that was made already, in the storage.
    init(
        matrix: ColumnMajor, target: ColumnMajor, tail: UnsafeMutablePointer<Double>,
        total: UnsafeMutablePointer<Double>, in space: Storage
    ) {
        (self.matrix, self.target, self.tail, self.total, self.space) = (matrix, target, tail, total, space)
    }

    init(_ problem: LinearProblem) throws(TalwegError) {
        let n = problem.n, p = problem.p, k = problem.k, width = problem.width
        if n <= p {
            let (area, overflow) = StackedQR.stride(rows: n).multipliedReportingOverflow(by: width)
            guard !overflow else { throw .outOfMemory(bytes: Int.max) }
            space = try Storage(byteCount: slabBytes(area, n + 8, k, k))
            var slab = Slab(space.pointer)
            let all = ColumnMajor(slab.doubles(area), rows: n, columns: width, stride: StackedQR.stride(rows: n))
            problem.load(.prepared, rows: 0, n, into: all, roots: slab.doubles(n + 8))
            matrix = ColumnMajor(all.pointer, rows: n, columns: p, stride: all.stride)
            target = ColumnMajor(all.column(p), rows: n, columns: k, stride: all.stride)
            tail = slab.doubles(k)
            total = slab.doubles(k)
            for t in 0..<k {
                tail[t] = 0
                total[t] = kernels.f64.dot(n, target.column(t), 1, target.column(t), 1)
            }
            return
        }
        // Chunks' factors come in as blocks of up to p rows, too.
        let rows = problem.chunks > 1 ? max(problem.blockRows, p) : problem.blockRows
        let factor = try StackedQR.bytes(columns: p, width: width, rows: rows)
        let rest = try slabBytes(rows + 8, k, k)
        let perChunk = (factor + rest + 63) & ~63
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: problem.chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes)
        let memory = space.pointer

        func chunkSlab(_ chunk: Int) -> Slab { Slab(memory + chunk * perChunk + factor) }
        func makeFactor(_ chunk: Int) -> StackedQR {
            StackedQR(memory: memory + chunk * perChunk, columns: p, width: width, rows: rows)
        }
        /// The squares of what is left of the targets' first rows in the block.
        func addSquares(_ factor: StackedQR, _ rows: Int, _ sums: UnsafeMutablePointer<Double>) {
            for t in 0..<k {
                let column = factor.block.column(p + t)
                sums[t] += kernels.f64.dot(rows, column, 1, column, 1)
            }
        }
        ThreadPool.run(chunks: problem.chunks) { chunk in
            var slab = chunkSlab(chunk)
            let roots = slab.doubles(rows + 8)
            let tail = slab.doubles(k), total = slab.doubles(k)
            tail.update(repeating: 0, count: k)
            total.update(repeating: 0, count: k)
            let factor = makeFactor(chunk)
            problem.forEachBlock(of: chunk) { begin, count in
                problem.load(.prepared, rows: begin, count, into: factor.block, roots: roots)
                addSquares(factor, count, total)
                factor.absorb(rows: count)
                addSquares(factor, count, tail)
            }
        }
        let first = StackedQR(memory: memory, columns: p, width: width, rows: rows, keeping: true)
        var slab = chunkSlab(0)
        _ = slab.doubles(rows + 8)
        tail = slab.doubles(k)
        total = slab.doubles(k)
        for chunk in 1..<max(problem.chunks, 1) {
            let other = StackedQR(
                memory: memory + chunk * perChunk, columns: p, width: width, rows: rows, keeping: true)
            for j in 0..<width { first.block.column(j).update(from: other.r.column(j), count: p) }
            first.absorb(rows: p)
            addSquares(first, p, tail)
            var slab = chunkSlab(chunk)
            _ = slab.doubles(rows + 8)
            let otherTail = slab.doubles(k), otherTotal = slab.doubles(k)
            for t in 0..<k {
                tail[t] += otherTail[t]
                total[t] += otherTotal[t]
            }
        }
        matrix = ColumnMajor(first.r.pointer, rows: p, columns: p, stride: first.r.stride)
        target = ColumnMajor(first.r.column(p), rows: p, columns: k, stride: first.r.stride)
    }
}
