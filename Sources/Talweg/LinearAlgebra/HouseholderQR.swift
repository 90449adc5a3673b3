import TalwegKernels

/// A = Q R by Householder reflectors, blocks of columns at a time: each block's reflectors are gathered as
/// I - V T V' (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989), within it panel by panel (Elmroth and
/// Gustavson, IBM J. Res. Dev. 44, 2000), so that all but the panels is multiplies.
struct HouseholderQR {
    let rows: Int
    /// How many reflectors there are.
    let count: Int
    private let kernels: FloatKernels
    private let space: Storage
    /// The row length of V and T of each block.
    private let stride: Int

    /// Columns whose reflectors are gathered, and those of a panel: whole lines.
    private static let blockColumns = 64
    private static let panelColumns = 32
    private static let summedRows = 64

    private init(rows: Int, columns: Int, _ kernels: FloatKernels) throws(TalwegError) {
        self.kernels = kernels
        self.rows = rows
        count = min(rows, columns)
        stride = kernels.panelWidth(min(count, HouseholderQR.blockColumns))
        let blocks = (count + HouseholderQR.blockColumns - 1) / HouseholderQR.blockColumns
        let perBlock = (rows + HouseholderQR.blockColumns) * stride * kernels.itemSize
        let (bytes, overflow) = blocks.multipliedReportingOverflow(by: perBlock)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes)
    }

    /// Factorises A in place: R on and above its diagonal; what is below it stays. No magnitude is above 2^40.
    /// - Parameter first: how many of its columns; the others are only multiplied by Q'. nil: all.
    init(_ a: MatrixBlock, _ kernels: FloatKernels, columns first: Int? = nil) throws(TalwegError) {
        try self.init(rows: a.rows, columns: first ?? a.columns, kernels)
        let workspace = try Workspace(byteCount: roomBytes(a.columns))
        var begin = 0
        while begin < count {
            let (v, t) = reflectors(begin)
            let end = begin + v.columns
            try factorBlock(a.block(begin, v.rows, begin, v.columns), v, t, workspace.pointer)
            if end < a.columns {
                try apply(v, t.transposed, to: a.block(begin, v.rows, end, a.columns - end), workspace.pointer)
            }
            begin = end
        }
    }

    /// Gathers reflectors that were made one by one: their vectors without the leading ones below the diagonal
    /// of A, and their factors.
    init<Scalar: MatrixScalar>(vectors a: MatrixBlock, factors: UnsafePointer<Scalar>) throws(TalwegError) {
        try self.init(rows: a.rows, columns: a.columns, Scalar.kernels)
        var begin = 0
        while begin < count {
            let (v, t) = reflectors(begin)
            v.copy(a.block(begin, v.rows, begin, v.columns))
            v.clearAboveDiagonal()
            v.fillDiagonal(1)
            try gather(v, factors + begin, t)
            begin += v.columns
        }
    }

    /// C = Q C
    func apply(to c: MatrixBlock) throws(TalwegError) {
        let workspace = try Workspace(byteCount: roomBytes(c.columns))
        var begin = (count - 1) / HouseholderQR.blockColumns * HouseholderQR.blockColumns
        while begin >= 0, count > 0 {
            let (v, t) = reflectors(begin)
            try apply(v, t, to: c.block(begin, v.rows, 0, c.columns), workspace.pointer)
            begin -= HouseholderQR.blockColumns
        }
    }

    /// The first columns of Q, as many as the given matrix has: one for each reflector, or for each row.
    func formQ(_ q: MatrixBlock) throws(TalwegError) {
        let workspace = try Workspace(byteCount: roomBytes(q.columns))
        let room = workspace.pointer
        let extra = q.columns - count
        q.block(count, rows - count, count, extra).fill(0)
        q.block(count, rows - count, count, extra).fillDiagonal(1)
        // From the last block on, only where the columns so far are not those of the identity.
        var begin = (count - 1) / HouseholderQR.blockColumns * HouseholderQR.blockColumns
        while begin >= 0, count > 0 {
            let (v, t) = reflectors(begin)
            let width = v.columns
            let end = begin + width, right = q.columns - end
            let top = v.block(0, width, 0, width), below = v.block(width, v.rows - width, 0, width)
            if right > 0 {
                let rest = q.block(end, rows - end, end, right)
                let (w, share) = products(width, right, room)
                try kernels.multiply(below.transposed, rest, adding: 0, to: w)
                try kernels.multiply(t, w, adding: 0, to: share)
                try kernels.multiply(top, share, alpha: -1, adding: 0, to: q.block(begin, width, end, right))
                try kernels.multiply(below, share, alpha: -1, adding: 1, to: rest)
            }
            let (share, _) = products(width, width, room)
            try kernels.multiply(t, top.transposed, adding: 0, to: share)
            let own = q.block(begin, v.rows, begin, width)
            try kernels.multiply(v, share, alpha: -1, adding: 0, to: own)
            for i in 0..<width { own.add(1, at: i) }
            q.block(0, begin, begin, width).fill(0)
            begin -= HouseholderQR.blockColumns
        }
    }

    /// V and T of the block that begins with a column.
    private func reflectors(_ begin: Int) -> (v: MatrixBlock, t: MatrixBlock) {
        let size = HouseholderQR.blockColumns, item = kernels.itemSize
        let start = space.pointer + begin / size * (rows + size) * stride * item
        let width = min(size, count - begin)
        return (
            MatrixBlock(
                start + size * stride * item, rows: rows - begin, columns: width, rowStride: stride, itemSize: item),
            MatrixBlock(start, rows: width, columns: width, rowStride: stride, itemSize: item)
        )
    }

    /// T of reflectors whose vectors are the columns of V.
    private func gather<Scalar: MatrixScalar>(_ v: MatrixBlock, _ factors: UnsafePointer<Scalar>, _ t: MatrixBlock)
        throws(TalwegError)
    {
        try product(v, v, to: t)
        // Column by column: -tau T V' v above the diagonal, tau on it.
        let triangle = t.pointer.assumingMemoryBound(to: Scalar.self)
        for j in 0..<v.columns {
            let factor = factors[j]
            for i in 0..<j {
                // Row q of the product's column j is still there for q >= i.
                var sum = Scalar(0)
                for q in i..<j { sum += triangle[i * stride + q] * triangle[q * stride + j] }
                triangle[i * stride + j] = -factor * sum
            }
            triangle[j * stride + j] = factor
        }
        t.clearBelowDiagonal()
    }

    /// W = V' U, some rows at a time: T must fit V to the last digits, of which long sums of like terms lose some.
    private func product(_ v: MatrixBlock, _ u: MatrixBlock, to w: MatrixBlock) throws(TalwegError) {
        var row = 0
        while row < v.rows {
            let some = min(HouseholderQR.summedRows, v.rows - row)
            try kernels.multiply(
                v.block(row, some, 0, v.columns).transposed, u.block(row, some, 0, u.columns),
                adding: row == 0 ? 0 : 1, to: w)
            row += some
        }
    }

    /// One block: R into A, V and T beside.
    private func factorBlock(_ a: MatrixBlock, _ v: MatrixBlock, _ t: MatrixBlock, _ room: UnsafeMutableRawPointer)
        throws(TalwegError)
    {
        let width = v.columns
        v.copy(a)
        // A panel's lines may be longer than its rows.
        MatrixBlock(
            v.address(0, width), rows: v.rows, columns: stride - width, rowStride: stride, itemSize: v.itemSize
        ).fill(0)
        t.fill(0)
        var begin = 0
        while begin < width {
            let columns = min(HouseholderQR.panelColumns, width - begin)
            let end = begin + columns, below = v.rows - begin
            let panel = v.block(begin, below, begin, columns), corner = t.block(begin, columns, begin, columns)
            let factors = room + (2 * rows + 2 * stride) * kernels.itemSize
            kernels.factors.qr(below, columns, panel.pointer, stride, factors, room)
            for i in 0..<end {
                let from = max(i, begin)
                let part = v.block(i, 1, from, end - from)
                a.block(i, 1, from, end - from).copy(part)
                part.fill(0)
            }
            panel.fillDiagonal(1)
            if kernels.itemSize == 4 {
                try gather(panel, factors.assumingMemoryBound(to: Float.self), corner)
            } else {
                try gather(panel, factors.assumingMemoryBound(to: Double.self), corner)
            }
            if end < width {
                try apply(panel, corner.transposed, to: v.block(begin, below, end, width - end), room)
            }
            if begin > 0 {
                // T of two neighbours: T12 = -T1 (V1' V2) T2.
                let (w, share) = products(begin, columns, room)
                try product(v.block(begin, below, 0, begin), panel, to: w)
                try kernels.multiply(t.block(0, begin, 0, begin), w, adding: 0, to: share)
                try kernels.multiply(share, corner, alpha: -1, adding: 0, to: t.block(0, begin, begin, columns))
            }
            begin = end
        }
    }

    /// C - V T (V' C)
    private func apply(_ v: MatrixBlock, _ t: MatrixBlock, to c: MatrixBlock, _ room: UnsafeMutableRawPointer)
        throws(TalwegError)
    {
        let (w, share) = products(v.columns, c.columns, room)
        try kernels.multiply(v.transposed, c, adding: 0, to: w)
        try kernels.multiply(t, w, adding: 0, to: share)
        try kernels.multiply(v, share, alpha: -1, adding: 1, to: c)
    }

    /// Room for a panel's kernel and its factors, and then for two products of the reflectors with so many columns.
    private func roomBytes(_ columns: Int) -> Int {
        let size = HouseholderQR.blockColumns
        return kernelBytes + 2 * size * max(columns, size) * kernels.itemSize
    }

    private var kernelBytes: Int { ((2 * rows + 3 * stride) * kernels.itemSize + 63) & ~63 }

    private func products(_ reflectors: Int, _ columns: Int, _ room: UnsafeMutableRawPointer)
        -> (MatrixBlock, MatrixBlock)
    {
        let first = room + kernelBytes
        let bytes = reflectors * columns * kernels.itemSize
        func block(_ at: UnsafeMutableRawPointer) -> MatrixBlock {
            MatrixBlock(at, rows: reflectors, columns: columns, rowStride: columns, itemSize: kernels.itemSize)
        }
        return (block(first), block(first + bytes))
    }
}

/// A = Q R of each matrix of a stack [.., m, n]: Q [.., m, k] with orthonormal columns and R [.., k, n] upper triangular,
/// k = min(m, n) or, if `complete`, m. A matrix that is not finite has NaN throughout.
func qrFactors(_ a: View, complete: Bool) throws(TalwegError) -> (q: View, r: View) {
    let kernels = try a.requireMatrices("qr", square: false)
    let (m, n) = (a.matrixRows, a.matrixColumns)
    let k = complete ? m : min(m, n)
    let q = try View(uninitialized: a.stackShape([m, k], for: "qr"), a.dtype)
    let work = try a.copy()
    let r = k == m ? work : try View(uninitialized: a.stackShape([k, n], for: "qr"), a.dtype)
    if q.count == 0 { return (q, r) }
    try forEachMatrix(q.matrixCount, work: m * max(n, k) * min(m, n)) { index throws(TalwegError) in
        let block = MatrixBlock(work, index), result = MatrixBlock(r, index), target = MatrixBlock(q, index)
        let scale = MatrixScale(block.pointer, m * n, a.dtype)
        guard scale.isFinite else {
            target.fill(.nan)
            return result.fill(.nan)
        }
        scale.apply(kernels, block)
        let factors = try HouseholderQR(block, kernels)
        let top = block.block(0, k, 0, n)
        scale.undo(kernels, top)
        if k < m { result.copy(top) }
        result.clearBelowDiagonal()
        try factors.formQ(target)
    }
    return (q, r)
}

/// A P = Q R with column pivoting of each matrix of a stack, as `qrFactors`, and which column of A each of R's is,
/// int64 [.., n].
func pivotedQRFactors(_ a: View, complete: Bool) throws(TalwegError) -> (q: View, r: View, order: View) {
    let kernels = try a.requireMatrices("qr_pivoted", square: false)
    let name = "qr_pivoted"
    let (m, n) = (a.matrixRows, a.matrixColumns)
    let k = complete ? m : min(m, n)
    let q = try View(uninitialized: a.stackShape([m, k], for: name), a.dtype)
    let r = try View(uninitialized: a.stackShape([k, n], for: name), a.dtype)
    let order = try View(uninitialized: Shape(Array(a.shape.dims.dropLast(2)) + [n], for: name), .int64)
    var axes = Array(0..<a.rank)
    axes.swapAt(a.rank - 2, a.rank - 1)
    let columns = try a.permuted(axes).copy()
    try forEachMatrix(a.matrixCount, work: m * n * k) { index throws(TalwegError) in
        let target = MatrixBlock(q, index), result = MatrixBlock(r, index), block = MatrixBlock(columns, index)
        let places = order.pointer(as: Int.self) + index * n
        let scale = MatrixScale(block.pointer, m * n, a.dtype)
        guard scale.isFinite else {
            target.fill(.nan)
            result.fill(.nan)
            for j in 0..<n { places[j] = j }
            return
        }
        scale.apply(kernels, block)
        if a.dtype == .float32 {
            try pivotedQR(Float.self, block, places, target, result)
        } else {
            try pivotedQR(Double.self, block, places, target, result)
        }
        scale.undo(kernels, result)
    }
    return (q, r, order)
}

/// Of one matrix, whose columns are the rows of `block`.
private func pivotedQR<Scalar: MatrixScalar>(
    _: Scalar.Type, _ block: MatrixBlock, _ order: UnsafeMutablePointer<Int>, _ q: MatrixBlock, _ r: MatrixBlock
) throws(TalwegError) {
    let (m, n) = (block.columns, block.rows)
    let space = try Workspace(byteCount: max(3 * n, 1) * MemoryLayout<Scalar>.size)
    let room = space.pointer.assumingMemoryBound(to: Scalar.self)
    let a = Columns(block.pointer.assumingMemoryBound(to: Scalar.self), rows: m, columns: n)
    let factors = try PivotedQR(
        a, Columns(a.pointer, rows: m, columns: 0), order: order, room: room, tolerance: 0)
    for step in factors.rank..<max(min(m, n), factors.rank) { factors.factors[step] = 0 }
    // What is left of dependent columns is zero, and may not have been brought up to date.
    r.fill(0)
    let rows = factors.rank
    r.block(0, rows, 0, n).copy(block.transposed.block(0, rows, 0, n))
    r.clearBelowDiagonal()
    try HouseholderQR(vectors: block.transposed, factors: factors.factors).formQ(q)
}
