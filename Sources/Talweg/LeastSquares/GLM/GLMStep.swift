import TalwegKernels

/// The equations of a Newton step, (X' W X + D) step = X' s - D b with the penalty's diagonal D, in factorised form.
///
/// By Cholesky of the matrix with its diagonal scaled to ones, or by the QR of sqrt(W) X with the penalty's rows below
/// it, pivoted: backward stable, and columns that depend on others get no step.
final class GLMStep {
    let width: Int
    /// The penalty of each column, [width].
    let penalty: UnsafeMutablePointer<Double>
    private(set) var rank: Int
    /// By column: its factor, and R's order.
    private let factor: UnsafeMutablePointer<Double>
    private let order: UnsafeMutablePointer<Int>
    private let triangle: ColumnMajor
    private let scratch: UnsafeMutablePointer<Double>
    private let room: UnsafeMutablePointer<Double>
    private let space: Storage
    private var stack: Storage?

    init(width: Int) throws(TalwegError) {
        self.width = width
        rank = width
        let (square, over) = width.multipliedReportingOverflow(by: width)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(width, width, width, square, 2 * width, 3 * width))
        var slab = Slab(space.pointer)
        penalty = slab.doubles(width)
        factor = slab.doubles(width)
        order = slab.integers(width)
        triangle = ColumnMajor(slab.doubles(square), rows: width, columns: width)
        scratch = slab.doubles(2 * width)
        room = slab.doubles(3 * width)
        penalty.update(repeating: 0, count: width)
    }

    /// Of the pass's matrix; false where columns depend on each other, or nearly so.
    func factorise(_ pass: GLMPass) throws(TalwegError) -> Bool {
        for j in 0..<width {
            order[j] = j
            let diagonal = pass.matrix[j * width + j] + penalty[j]
            guard diagonal > 0, diagonal.isFinite else { return false }
            factor[j] = 1 / diagonal.squareRoot()
        }
        for j in 0..<width {
            for i in 0..<j { triangle[i, j] = pass.matrix[j * width + i] * factor[i] * factor[j] }
            triangle[j, j] = 1
        }
        let block = MatrixBlock(
            triangle.pointer, rows: width, columns: width, rowStride: 1, columnStride: width, itemSize: 8)
        rank = width
        return try kernels.f64.choleskyFactor(block, tolerance: 64 * Double(width) * Double.ulpOfOne) == nil
    }

    /// step = (X' W X + D)^-1 g, zeros for columns that depend on others.
    func solve(_ g: UnsafePointer<Double>, _ step: UnsafeMutablePointer<Double>) {
        if rank < width { step.update(repeating: 0, count: width) }
        model.solve(g, step)
    }

    private var model: NormalFactor {
        NormalFactor(UpperTriangle(triangle, size: rank), order: order, factor: factor, scratch: scratch)
    }

    /// By QR, at coefficients b: the loss, X' s in the pass's gradient, and the step.
    func factoriseRows(
        _ pass: GLMPass, _ b: UnsafePointer<Double>, start: Bool, _ step: UnsafeMutablePointer<Double>
    ) throws(TalwegError) -> Double {
        let rows = max(min(pass.rows, pass.data.blockRows), 8)
        let bytes = try StackedQR.bytes(columns: width, width: width + 1, rows: rows)
        if stack == nil { stack = try Storage(byteCount: bytes) }
        guard let stack else { return .infinity }
        let qr = StackedQR(memory: stack.pointer, columns: width, width: width + 1, rows: rows)
        var loss = 0.0, begin = 0
        pass.gradient.update(repeating: 0, count: width)
        while begin < pass.rows {
            let count = min(pass.data.blockRows, pass.rows - begin)
            loss += pass.loadWeighted(rows: begin, count, b, into: qr.block, start: start)
            guard loss.isFinite else { return .infinity }
            for j in 0..<width {
                pass.gradient[j] += kernels.f64.dot(count, qr.block.column(j), 1, qr.block.column(width), 1)
            }
            qr.absorb(rows: count)
            begin += count
        }
        var row = 0
        while row < width {
            let count = min(rows, width - row)
            qr.block.fill(0)
            for i in 0..<count {
                let root = penalty[row + i].squareRoot()
                qr.block[i, row + i] = root
                qr.block[i, width] = -root * b[row + i]
            }
            qr.absorb(rows: count)
            row += count
        }
        // Where only rounding is left of a column it counts as zero.
        for j in 0..<width {
            let column = qr.r.column(j)
            let norm = kernels.f64.dot(width, column, 1, column, 1).squareRoot()
            factor[j] = norm > 0 && norm.isFinite ? 1 / norm : 0
            kernels.f64.scale(width, factor[j], column, column)
        }
        let target = ColumnMajor(qr.r.column(width), rows: width, columns: 1)
        let small = ColumnMajor(qr.r.pointer, rows: width, columns: width, stride: qr.r.stride)
        let automatic = Double(max(pass.rows, width)) * Double.ulpOfOne
        let pivoted = try PivotedQR(small, target, order: order, room: room, tolerance: automatic)
        rank = pivoted.rank
        for j in 0..<width { triangle.column(j).update(from: small.column(j), count: width) }
        scratch.update(from: target.pointer, count: width)
        UpperTriangle(triangle, size: rank).solve(scratch)
        for j in 0..<width { step[order[j]] = j < rank ? scratch[j] * factor[order[j]] : 0 }
        return loss
    }

    /// The diagonal of (X' W X + D)^-1 over the columns that the rank has, NaN of the others; with a penalty, that
    /// of (X' W X + D)^-1 X' W X (X' W X + D)^-1.
    func variances(_ out: UnsafeMutablePointer<Double>) {
        let r = UpperTriangle(triangle, size: rank)
        out.update(repeating: .nan, count: width)
        for i in 0..<rank { out[order[i]] = 0 }
        for j in 0..<rank {
            scratch.update(repeating: 0, count: width)
            scratch[j] = 1
            r.solve(scratch, count: j + 1)
            for i in 0...j { out[order[i]] += scratch[i] * scratch[i] }
        }
        for i in 0..<rank { out[order[i]] *= factor[order[i]] * factor[order[i]] }
        guard rank == width, (0..<width).contains(where: { penalty[$0] > 0 }) else { return }
        // B^-1 - B^-1 D B^-1, B = X' W X + D: e' B^-1 D B^-1 e taken away.
        for j in 0..<width {
            scratch.update(repeating: 0, count: width)
            for i in 0..<width where order[i] == j { scratch[i] = factor[j] }
            r.solveTransposed(scratch)
            r.solve(scratch)
            for i in 0..<width {
                let element = scratch[i] * factor[order[i]]
                out[j] -= penalty[order[i]] * element * element
            }
            out[j] = max(out[j], 0)
        }
    }

    /// v' (X' W X + D)^-1 v, less the penalty's part, for full rank: the variance of v' b.
    func variance(of v: UnsafePointer<Double>) -> Double {
        guard rank == width else { return .nan }
        let r = UpperTriangle(triangle, size: width)
        for i in 0..<width { scratch[i] = v[order[i]] * factor[order[i]] }
        r.solveTransposed(scratch)
        var sum = kernels.f64.dot(width, scratch, 1, scratch, 1)
        r.solve(scratch)
        for i in 0..<width {
            let element = scratch[i] * factor[order[i]]
            sum -= penalty[order[i]] * element * element
        }
        return max(sum, 0)
    }
}
