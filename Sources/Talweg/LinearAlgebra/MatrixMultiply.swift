import CIntrinsics
import TalwegKernels

// Matrix products by the multiply kernels. The order of the sum in each element
// depends on the inner size alone, so a product may be cut up for threads in
// any way, or be one of a batch, without a change in any bit.

/// a [.., m, k] times b [.., k, n], leading axes broadcast, as a new row-major view.
func multiplied(_ a: View, _ b: View) throws(TalwegError) -> View {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    guard k == b.shape[b.rank - 2] else {
        throw .shape("matmul: \(a.shape) x \(b.shape): inner sizes \(k) and \(b.shape[b.rank - 2]) differ")
    }
    guard let kernel = kernels.float(a.dtype), a.dtype == b.dtype else {
        throw .dtype("matmul: not defined for \(a.dtype.name) and \(b.dtype.name)")
    }
    let batch = try MatrixBatch(a, b, "matmul")
    var sizes = batch.sizes
    sizes[batch.rank] = m
    sizes[batch.rank + 1] = n
    let y = try View(uninitialized: Shape(sizes: sizes, rank: batch.rank + 2, for: "matmul"), a.dtype)
    // There may be no elements, but more matrices than a walk over them would end.
    if y.count == 0 { return y }
    defer { withExtendedLifetime((a, b)) {} }
    var product = tk_gemm(
        m: m, n: n, k: k, alpha: 1, beta: 0,
        a: a.pointer, a_row: a.strides[a.rank - 2], a_column: a.strides[a.rank - 1],
        b: b.pointer, b_row: b.strides[b.rank - 2], b_column: b.strides[b.rank - 1],
        c: y.pointer, c_row: n, c_column: 1, epilogue: nil)
    if batch.count > 1, batch.sharesSecond, let rows = a.matrixOfRows {
        // Many rows against one matrix are one product.
        product.m = rows.rows
        product.a_row = rows.rowStride
    } else if batch.count > 1 {
        try kernel.multiply(product, batch)
        return y
    }
    try kernel.multiply(product)
    return y
}

/// c = a b + beta c, for matrices of any strides; c is not read if beta is 0.
func multiply(
    _ a: View, _ b: View, adding beta: Double, to c: View, _ epilogue: UnsafePointer<tk_gemm_epilogue>? = nil
) throws(TalwegError) {
    guard let kernel = kernels.float(c.dtype), a.dtype == c.dtype, b.dtype == c.dtype else {
        throw .dtype("matmul: not defined for \(a.dtype.name) and \(b.dtype.name)")
    }
    defer { withExtendedLifetime((a, b, c)) {} }
    try kernel.multiply(
        tk_gemm(
            m: a.shape[0], n: b.shape[1], k: a.shape[1], alpha: 1, beta: beta,
            a: a.pointer, a_row: a.strides[0], a_column: a.strides[1],
            b: b.pointer, b_row: b.strides[0], b_column: b.strides[1],
            c: c.pointer, c_row: c.strides[0], c_column: c.strides[1], epilogue: epilogue))
}

extension FloatKernels {
    /// One product, by as many threads as it is worth.
    func multiply(_ given: tk_gemm) throws(TalwegError) {
        if given.m == 0 || given.n == 0 { return }
        if given.epilogue == nil, given.k > 0, given.n == 1 || given.m == 1 {
            return multiplyVector(given.n == 1 ? given : given.turned)
        }
        guard given.c_column != 1, given.c_row == 1 else { return try multiplyByRows(given) }
        var turned = given.turned
        guard let epilogue = given.epilogue else { return try multiplyByRows(turned) }
        try withUnsafePointer(to: epilogue.pointee.turned) { (epilogue) throws(TalwegError) in
            turned.epilogue = epilogue
            try multiplyByRows(turned)
        }
    }

    private func multiplyByRows(_ product: tk_gemm) throws(TalwegError) {
        let blocks = gemmBlocks
        let work = saturating(product.m, product.n, product.k)
        if work < threadedWork { return try multiplySmall(product, work) }
        if try multiplyDeep(product) { return }
        let plan = GemmPlan(blocks, product)
        let workspace = try Workspace(byteCount: plan.workspaceBytes)
        let room = workspace.pointer
        withUnsafePointer(to: product) { product in
            withUnsafePointer(to: plan.sizes) { sizes in
                var step = 0
                while step < plan.steps {
                    ThreadPool.run(chunks: plan.packs(step)) { gemmPack(product, sizes, step, $0, room) }
                    ThreadPool.run(chunks: plan.pieces(step)) { gemmPiece(product, sizes, step, $0, room) }
                    step += 1
                }
            }
        }
    }

    /// A product that is read in place or nearly so, by slices of rows or columns of some
    /// microseconds each.
    private func multiplySmall(_ product: tk_gemm, _ work: Int) throws(TalwegError) {
        let each = serialWorkspaceBytes(product)
        let wanted = product.c_column == 1 ? work / (1 << 17) : 1
        guard wanted > 1 else { return try multiplySerial(product, each) }
        // Whole tiles each, by whichever side gives the smaller part of the work to the slice that has most.
        let (rowTiles, columnTiles) = ((product.m - 1) / gemmBlocks.mr + 1, (product.n - 1) / gemmBlocks.nr + 1)
        let rows = (rowTiles - 1) / wanted + 1, columns = (columnTiles - 1) / wanted + 1
        let byColumns =
            min(columns * gemmBlocks.nr, product.n) * product.m < min(rows * gemmBlocks.mr, product.m) * product.n
        let slices = byColumns ? (columnTiles - 1) / columns + 1 : (rowTiles - 1) / rows + 1
        guard slices > 1 else { return try multiplySerial(product, each) }
        let workspace = try Workspace(byteCount: each * slices)
        let room = workspace.pointer
        let size = gemmBlocks.itemSize
        let (height, width) = byColumns
            ? (product.m, columns * gemmBlocks.nr) : (rows * gemmBlocks.mr, product.n)
        ThreadPool.run(chunks: slices) { index in
            let (row, column) = byColumns ? (0, index * width) : (index * height, 0)
            var slice = product.part(
                row, min(height, product.m - row), column, min(width, product.n - column), itemSize: size)
            let epilogue = product.epilogue?.pointee.moved(row, column, itemSize: size) ?? tk_gemm_epilogue()
            withUnsafePointer(to: epilogue) { epilogue in
                if slice.epilogue != nil { slice.epilogue = epilogue }
                withUnsafePointer(to: slice) { gemmFinished($0, room + index * each) }
            }
        }
    }

    /// By one thread, with a workspace of `bytes`.
    private func multiplySerial(_ product: tk_gemm, _ bytes: Int) throws(TalwegError) {
        guard bytes > 0 else {
            // Nothing is written there.
            withUnsafePointer(to: product) { gemmFinished($0, product.c) }
            return
        }
        let workspace = try Workspace(byteCount: bytes)
        withUnsafePointer(to: product) { gemmFinished($0, workspace.pointer) }
    }

    /// A product of little area and great depth, as a weight's gradient is: each
    /// block of the depth by itself, then their sum in the order that the serial
    /// product has it. False where that is not worth while.
    private func multiplyDeep(_ product: tk_gemm) throws(TalwegError) -> Bool {
        let (m, n, k) = (product.m, product.n, product.k)
        let size = gemmBlocks.itemSize
        let depth = gemmBlocks.depth(k)
        guard m <= 256, n <= 256, product.alpha != 0, k >= 4 * depth, product.c_column == 1 else { return false }
        let parts = (k - 1) / depth + 1
        let round = min(parts, 32)
        let area = (m * n * size + 63) & ~63
        let each = serialWorkspaceBytes(product)
        let workspace = try Workspace(byteCount: round * (area + each))
        let room = workspace.pointer
        var first = 0
        while first < parts {
            let count = min(round, parts - first)
            ThreadPool.run(chunks: count) { index in
                let begin = (first + index) * depth
                var part = product
                part.k = min(depth, k - begin)
                part.a = product.a + begin * product.a_column * size
                part.b = product.b + begin * product.b_row * size
                part.epilogue = nil
                if begin > 0 {
                    part.beta = 0
                    (part.c, part.c_row) = (room + index * area, n)
                }
                withUnsafePointer(to: part) { gemmFinished($0, room + round * area + index * each) }
            }
            ThreadPool.run(chunks: (m - 1) / 16 + 1) { chunk in
                for row in chunk * 16..<min(m, chunk * 16 + 16) {
                    for index in (first == 0 ? 1 : 0)..<count {
                        axpy(n, 1, room + index * area + row * n * size, product.c + row * product.c_row * size)
                    }
                }
            }
            first += count
        }
        if product.epilogue != nil {
            // C as it is, finished.
            var last = product
            (last.k, last.beta) = (0, 1)
            withUnsafePointer(to: last) { gemmFinished($0, room) }
        }
        return true
    }

    /// A product with a column (n = 1): by rows, each bound by memory.
    private func multiplyVector(_ product: tk_gemm) {
        let size = gemmBlocks.itemSize
        // A few hundred kilobytes of A each, of whole strips.
        let share = max(128, (1 << 16) / product.k / 128 * 128)
        ThreadPool.run(chunks: (product.m - 1) / share + 1) { index in
            let begin = index * share
            gemv(
                min(share, product.m - begin), product.k, product.alpha,
                product.a + begin * product.a_row * size, product.a_row, product.a_column,
                product.b, product.b_row, product.beta,
                product.c + begin * product.c_row * size, product.c_row)
        }
    }

    /// A product for each matrix of a batch: large ones one after the other,
    /// small ones shared out.
    fileprivate func multiply(_ first: tk_gemm, _ batch: MatrixBatch) throws(TalwegError) {
        let size = gemmBlocks.itemSize
        func product(_ index: Int) -> tk_gemm {
            let (a, b) = batch.offsets(index)
            var product = first
            product.a = first.a + a * size
            product.b = first.b + b * size
            product.c = first.c + index * first.m * first.n * size
            return product
        }
        let work = saturating(first.m, first.n, first.k)
        if work >= 4 * threadedWork {
            for index in 0..<batch.count { try multiply(product(index)) }
            return
        }
        let share = max((batch.count - 1) / 64 + 1, min(batch.count, threadedWork / 4 / max(work, 1)))
        let chunks = (batch.count - 1) / share + 1
        let each = serialWorkspaceBytes(first)
        let workspace = try Workspace(byteCount: each * chunks)
        let room = workspace.pointer
        ThreadPool.run(chunks: chunks) { chunk in
            var index = chunk * share
            let end = min(index + share, batch.count)
            while index < end {
                withUnsafePointer(to: product(index)) { gemmFinished($0, room + chunk * each) }
                index += 1
            }
        }
    }

    /// None where A and B are read where they lie.
    private func serialWorkspaceBytes(_ product: tk_gemm) -> Int {
        let blocks = gemmBlocks
        let inPlace = blocks.readsInPlace(m: product.m, n: product.n, k: product.k)
        if inPlace, product.c_column == 1, product.b_column == 1 { return 0 }
        return (gemmWorkspaceBytes(m: product.m, n: product.n, k: product.k) + 63) & ~63
    }
}

/// Multiply-adds from which a product is worth sharing out.
private let threadedWork = 1 << 20

private func saturating(_ m: Int, _ n: Int, _ k: Int) -> Int {
    let (area, over) = m.multipliedReportingOverflow(by: n)
    let (work, overflow) = area.multipliedReportingOverflow(by: k)
    return over || overflow ? Int.max : work
}

/// How two stacks of matrices go together: the broadcast sizes of their leading
/// axes and each one's strides along them.
struct MatrixBatch {
    var sizes = PerAxis(repeating: 0)
    let rank: Int
    private(set) var count = 1
    private var first = PerAxis(repeating: 0)
    private var second = PerAxis(repeating: 0)
    /// Whether there is one second matrix for all.
    private(set) var sharesSecond = true

    init(_ a: View, _ b: View, _ name: String) throws(TalwegError) {
        rank = max(a.rank, b.rank) - 2
        for axis in 0..<rank {
            let inA = axis - (rank - (a.rank - 2)), inB = axis - (rank - (b.rank - 2))
            let x = inA >= 0 ? a.shape[inA] : 1, y = inB >= 0 ? b.shape[inB] : 1
            guard x == y || x == 1 || y == 1 else {
                throw .shape("\(name): \(a.shape) and \(b.shape) do not broadcast: sizes \(x) and \(y) differ")
            }
            sizes[axis] = x == 1 ? y : x
            if inA >= 0, x != 1 { first[axis] = a.strides[inA] }
            if inB >= 0, y != 1 {
                second[axis] = b.strides[inB]
                sharesSecond = false
            }
        }
        // Checked for overflow with the rest of the shape.
        for axis in 0..<rank { count = count &* sizes[axis] }
    }

    /// Where the matrices of number `index` begin, in elements from the first.
    func offsets(_ index: Int) -> (Int, Int) {
        var rest = index, a = 0, b = 0
        var axis = rank - 1
        while axis >= 0 {
            let place = rest % sizes[axis]
            rest /= sizes[axis]
            a += place * first[axis]
            b += place * second[axis]
            axis -= 1
        }
        return (a, b)
    }
}

extension View {
    /// All axes but the last as rows, equally far apart, where strides allow.
    var matrixOfRows: (rows: Int, rowStride: Int)? {
        var rows = 1, rowStride = 0
        var axis = rank - 2
        while axis >= 0 {
            let size = shape[axis]
            if size != 1 {
                if rows == 1 { rowStride = strides[axis] } else if strides[axis] != rows * rowStride { return nil }
                rows *= size
            }
            axis -= 1
        }
        return (rows, rowStride)
    }
}
