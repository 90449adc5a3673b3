import TalwegKernels

/// Updates a triangular factor by rows that are appended below it:
///
///     [R; B] = Q [R'; 0],   R [p, p] upper triangular, B [rows, p]
///
/// and right-hand sides beside them. A reflector of column j touches row j of R
/// and the rows of B only, so a matrix of n rows costs 2 n p^2 operations, block
/// by block, as Householder QR of the whole does: the flat tree of Demmel,
/// Grigori, Hoemmen and Langou, "Communication-optimal parallel and sequential
/// QR and LU factorizations", SIAM J. Sci. Comput. 34 (2012).
///
/// Reflectors are gathered as I - V T V' (Schreiber and Van Loan 1989), by
/// recursion within a block of columns (Elmroth and Gustavson 2000), so that
/// nearly all of the work is matrix multiplies.
struct StackedQR {
    /// [p, p + k]: the factor and, beside it, Q' times the right-hand sides.
    let r: ColumnMajor
    /// [capacity, p + k]: the appended rows; what is left of them afterwards.
    let block: ColumnMajor
    private let p: Int
    private let width: Int
    private let t: ColumnMajor
    private let product: UnsafeMutablePointer<Double>
    private let update: UnsafeMutablePointer<Double>
    private let gemmSpace: UnsafeMutableRawPointer
    private let kernels: FloatKernels

    /// Columns whose reflectors are gathered, and those that are eliminated one by one.
    private static let blockColumns = 32
    private static let leafColumns = 8
    /// Up to this width gathering does not pay.
    private static let plainWidth = 16

    /// Rows that lie one column apart in `block`: off the powers of two, which
    /// would put all columns in the same lines of the cache.
    static func stride(rows: Int) -> Int { ((rows + 7) & ~7) + 8 }

    static func bytes(columns p: Int, width: Int, rows: Int) throws(TalwegError) -> Int {
        let (factor, over) = p.multipliedReportingOverflow(by: width)
        let (block, overBlock) = stride(rows: rows).multipliedReportingOverflow(by: width)
        guard !over, !overBlock else { throw .outOfMemory(bytes: Int.max) }
        let b = blockColumns
        return try slabBytes(factor, block, b * b, b * max(width, b), b * max(width, b)) + gemmBytes(width, rows) + 64
    }

    private static func gemmBytes(_ width: Int, _ rows: Int) -> Int {
        if width <= plainWidth { return 0 }
        let kernels = Talweg.kernels.f64
        let b = blockColumns
        return max(
            kernels.gemmWorkspaceBytes(m: b, n: width, k: rows), kernels.gemmWorkspaceBytes(m: rows, n: width, k: b),
            kernels.gemmWorkspaceBytes(m: b, n: max(width, b), k: b))
    }

    /// - Parameters:
    ///   - memory: `bytes(columns:width:rows:)` bytes, on a cache line
    ///   - keeping: whether the memory holds a factor already; else it starts with zeros
    init(memory: UnsafeMutableRawPointer, columns p: Int, width: Int, rows: Int, keeping: Bool = false) {
        var slab = Slab(memory)
        let b = StackedQR.blockColumns
        self.p = p
        self.width = width
        r = ColumnMajor(slab.doubles(p * width), rows: p, columns: width)
        let stride = StackedQR.stride(rows: rows)
        block = ColumnMajor(slab.doubles(stride * width), rows: rows, columns: width, stride: stride)
        t = ColumnMajor(slab.doubles(b * b), rows: b, columns: b)
        product = slab.doubles(b * max(width, b))
        update = slab.doubles(b * max(width, b))
        gemmSpace = UnsafeMutableRawPointer(slab.doubles(0))
        kernels = Talweg.kernels.f64
        if !keeping { r.fill(0) }
    }

    /// Takes the first `rows` rows of the block in.
    func absorb(rows: Int) {
        if width <= StackedQR.plainWidth {
            eliminate(0, p, updating: width, rows, gathering: nil)
            return
        }
        var a = 0
        while a < p {
            let b = min(a + StackedQR.blockColumns, p)
            factor(a, b, rows, origin: a)
            if b < width { apply(a, b, to: b, width, rows, origin: a) }
            a = b
        }
    }

    /// Factorises columns a..<b, whose reflectors are gathered in T from `origin` on.
    private func factor(_ a: Int, _ b: Int, _ rows: Int, origin: Int) {
        if b - a <= StackedQR.leafColumns {
            eliminate(a, b, updating: b, rows, gathering: origin)
            return
        }
        let middle = a + (b - a) / 2
        factor(a, middle, rows, origin: origin)
        apply(a, middle, to: middle, b, rows, origin: origin)
        factor(middle, b, rows, origin: origin)
        join(a, middle, b, rows, origin: origin)
    }

    /// Columns a..<b one reflector at a time, each applied to the columns up to `end`.
    private func eliminate(_ a: Int, _ b: Int, updating end: Int, _ rows: Int, gathering origin: Int?) {
        for j in a..<b {
            let v = block.column(j)
            let tau = reflector(r.column(j) + j, v, rows)
            if tau != 0 {
                for c in (j + 1)..<max(end, j + 1) {
                    let target = block.column(c)
                    let share = tau * (r[j, c] + kernels.dot(rows, v, 1, target, 1))
                    r[j, c] -= share
                    kernels.axpy(rows, -share, v, target)
                }
            }
            guard let origin else { continue }
            // T of one column more: -tau T V' v above, tau on the diagonal.
            let column = t.column(j - origin)
            for i in a..<j { product[i - a] = -tau * kernels.dot(rows, block.column(i), 1, v, 1) }
            for i in a..<j {
                var sum = 0.0
                for q in i..<j { sum += t[i - origin, q - origin] * product[q - a] }
                column[i - origin] = sum
            }
            column[j - origin] = tau
        }
    }

    /// Turns (alpha; x) into (beta; v), H = I - tau [1; v] [1; v]' the reflector
    /// that takes the one to (beta; 0).
    private func reflector(_ alpha: UnsafeMutablePointer<Double>, _ x: UnsafeMutablePointer<Double>, _ rows: Int)
        -> Double
    {
        let squares = kernels.dot(rows, x, 1, x, 1)
        if squares == 0 {
            x.update(repeating: 0, count: rows)
            return 0
        }
        let head = alpha.pointee
        let norm = (head * head + squares).squareRoot()
        let beta = head > 0 ? -norm : norm
        kernels.scale(rows, 1 / (head - beta), x, x)
        alpha.pointee = beta
        return (beta - head) / beta
    }

    /// T of two neighbours: T12 = -T1 (V1' V2) T2.
    private func join(_ a: Int, _ middle: Int, _ b: Int, _ rows: Int, origin: Int) {
        let first = middle - a, second = b - middle
        kernels.gemm(
            first, second, rows, 1, block.column(a), block.stride, 1, block.column(middle), 1, block.stride,
            0, product, second, 1, gemmSpace)
        // In place, row by row from above, then column by column from the right: the factors are triangular.
        for i in 0..<first {
            for j in 0..<second {
                var sum = 0.0
                for q in i..<first { sum += t[a - origin + i, a - origin + q] * product[q * second + j] }
                product[i * second + j] = sum
            }
        }
        for i in 0..<first {
            for j in 0..<second {
                var sum = 0.0
                for q in 0...j { sum += product[i * second + q] * t[middle - origin + q, middle - origin + j] }
                t[a - origin + i, middle - origin + j] = -sum
            }
        }
    }

    /// Applies the reflectors a..<b to the columns c..<d: C - V T' (V' C).
    private func apply(_ a: Int, _ b: Int, to c: Int, _ d: Int, _ rows: Int, origin: Int) {
        let count = b - a, wide = d - c
        for i in 0..<count {
            for j in 0..<wide { product[i * wide + j] = r[a + i, c + j] }
        }
        kernels.gemm(
            count, wide, rows, 1, block.column(a), block.stride, 1, block.column(c), 1, block.stride,
            1, product, wide, 1, gemmSpace)
        let corner = t.column(a - origin) + (a - origin)
        // T is upper triangular; below its diagonal lies nothing that counts.
        for j in 0..<count {
            for i in (j + 1)..<max(count, j + 1) { corner[i + j * t.stride] = 0 }
        }
        kernels.gemm(
            count, wide, count, 1, corner, t.stride, 1, product, wide, 1, 0, update, wide, 1, gemmSpace)
        for i in 0..<count {
            for j in 0..<wide { r[a + i, c + j] -= update[i * wide + j] }
        }
        kernels.gemm(
            rows, wide, count, -1, block.column(a), 1, block.stride, update, wide, 1,
            1, block.column(c), 1, block.stride, gemmSpace)
    }
}
