import TalwegKernels

// Products of float16 and of bfloat16 matrices, summed in float32: those of bfloat16 by the CPU's instructions for pairs
// where it has them, else by float32's multiply of widened copies. How a product is cut up depends on its sizes alone, the order of
// each sum on the inner size alone.

/// a [.., m, k] times b [.., k, n], leading axes broadcast, both of one narrow floating dtype, as a new row-major view
/// of that dtype or of float32.
func multipliedNarrow(_ a: View, _ b: View, as dtype: DType) throws(TalwegError) -> View {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    guard k == b.shape[b.rank - 2] else {
        throw .shape("matmul: \(a.shape) x \(b.shape): inner sizes \(k) and \(b.shape[b.rank - 2]) differ")
    }
    let lead = try Shape.broadcast(
        Shape(a.shape.dims.dropLast(2), for: "matmul"), Shape(b.shape.dims.dropLast(2), for: "matmul"), for: "matmul")
    let y = try View(uninitialized: Shape(lead.dims + [m, n], for: "matmul"), dtype)
    // There may be no elements, but more matrices than a walk over them would end.
    if y.count == 0 { return y }
    if b.rank == 2, lead.count > 1 {
        let rows = try Reshape(target: Shape([y.count / n, k], for: "matmul")).forward(a)
        // Many rows against one matrix are one product.
        try multiplyNarrow(rows, b, adding: 0, to: Reshape(target: Shape([y.count / n, n], for: "matmul")).forward(y))
        return y
    }
    for index in 0..<lead.count {
        try multiplyNarrow(
            a.matrix(index, of: lead), b.matrix(index, of: lead), adding: 0, to: y.matrix(index, of: lead))
    }
    return y
}

extension View {
    /// Matrix number `index` of the leading shape that this one's leading axes broadcast to.
    fileprivate func matrix(_ index: Int, of lead: Shape) throws(TalwegError) -> View {
        var (rest, offset) = (index, offset)
        var axis = lead.rank - 1
        while axis >= 0 {
            let own = axis - (lead.rank - (rank - 2))
            if own >= 0, shape[own] != 1 { offset += rest % lead[axis] * strides[own] }
            rest /= lead[axis]
            axis -= 1
        }
        var steps = PerAxis(repeating: 0)
        steps[0] = strides[rank - 2]
        steps[1] = strides[rank - 1]
        return with(
            shape: try Shape([shape[rank - 2], shape[rank - 1]], for: "matmul"), strides: steps, offset: offset)
    }
}

/// c = a b + beta c for a and b of a narrow floating dtype and any strides; c, of that or float32 and any strides, is
/// not read if beta is 0. A narrow c is rounded once, at the end.
func multiplyNarrow(_ a: View, _ b: View, adding beta: Double, to c: View) throws(TalwegError) {
    if c.count == 0 { return }
    guard a.dtype == .bfloat16, let kernel = kernels.pairs else {
        let (wideA, wideB) = (try a.cast(to: .float32), try b.cast(to: .float32))
        let sums = beta == 0 ? try View(uninitialized: c.shape, .float32) : try c.owned(as: .float32)
        try multiply(wideA, wideB, adding: beta, to: sums)
        return mapUnary(kernels.cast(from: .float32, to: c.dtype), sums, to: c)
    }
    // What is added to is scaled before.
    var sums = c
    if beta != 0 && beta != 1 {
        sums = try elementwise(.multiply, c.owned(as: .float32), View.full(.scalar, beta, .float32), "matmul")
    } else if c.dtype != .float32 || !c.isContiguous {
        sums = beta == 0 ? try View(uninitialized: c.shape, .float32) : try c.owned(as: .float32)
    }
    try PairProduct(kernel, a, b, sums, adds: beta != 0).run(roundedTo: sums.storage === c.storage ? nil : c)
}

/// C = A B, or C + A B, for row-major C of float32.
private struct PairProduct {
    private let kernel: PairKernels
    private let a, b, c: View
    private let adds: Bool
    private let m, n, k: Int
    /// What is packed at a time.
    private let rowGroup, columnGroup, depthGroup: Int
    /// Of a block of the depth.
    private let step: Int
    /// The part of C that one thread computes at a time.
    private let rowBlock, columnBlock: Int

    init(_ kernel: PairKernels, _ a: View, _ b: View, _ c: View, adds: Bool) {
        self.kernel = kernel
        (self.a, self.b, self.c, self.adds) = (a, b, c, adds)
        (m, n, k) = (a.shape[0], b.shape[1], a.shape[1])
        let room = 8 << 20
        step = kernel.blockDepth(k)
        depthGroup = min(k, max(1, room / max(m, n) / step) * step)
        let side = room / max(depthGroup, 1)
        rowGroup = min(m, max(1, side / kernel.rows) * kernel.rows)
        columnGroup = min(n, max(1, side / kernel.columns) * kernel.columns)
        // Of a size that the second-level cache holds, but smaller where that leaves few, if there is work in it.
        var (rows, columns) = (192, 256)
        let depth = max(depthGroup, 1)
        while rows * columns * depth > 1 << 21, parts(rowGroup, rows) * parts(columnGroup, columns) < 16 {
            if rows >= columns { rows /= 2 } else { columns /= 2 }
        }
        rowBlock = PairProduct.even(rowGroup, rows, kernel.rows)
        columnBlock = PairProduct.even(columnGroup, columns, kernel.columns)
    }

    /// About `wanted`, whole panels of `width`, such that `count` is cut into parts of like size.
    private static func even(_ count: Int, _ wanted: Int, _ width: Int) -> Int {
        let panels = parts(count, width)
        let cuts = parts(panels, max(1, wanted / width))
        return parts(panels, cuts) * width
    }

    /// - Parameter target: what gets the sums, rounded to its type, as they are done.
    func run(roundedTo target: View?) throws(TalwegError) {
        let bytesA = PairKernels.panelBytes(parts(rowGroup, kernel.rows) * kernel.rows, depth: depthGroup)
        let bytesB = PairKernels.panelBytes(parts(columnGroup, kernel.columns) * kernel.columns, depth: depthGroup)
        let startB = (bytesA + 63) & ~63
        let workspace = try Workspace(byteCount: startB + bytesB)
        let (roomA, roomB) = (workspace.pointer, workspace.pointer + startB)
        var column = 0
        while column < n {
            let width = min(columnGroup, n - column)
            var start = 0
            repeat {
                let depth = min(depthGroup, k - start)
                var row = 0
                while row < m {
                    let height = min(rowGroup, m - row)
                    let (down, across) = (parts(height, rowBlock), parts(width, columnBlock))
                    // The columns' panels serve for all rows.
                    ThreadPool.run(chunks: down + (row == 0 ? across : 0)) { piece in
                        if piece < down {
                            pack(kernel.packRows, kernel.rows, row, piece * rowBlock, rowBlock, height, a.strides[0],
                                a, a.strides[1], start, depth, roomA)
                        } else {
                            pack(kernel.packColumns, kernel.columns, column, (piece - down) * columnBlock,
                                columnBlock, width, b.strides[1], b, b.strides[0], start, depth, roomB)
                        }
                    }
                    ThreadPool.run(chunks: down * across) { piece in
                        let (i, j) = (piece / across * rowBlock, piece % across * columnBlock)
                        multiply(
                            row + i, min(rowBlock, height - i), column + j, min(columnBlock, width - j), i, j, height,
                            width, start, depth, roomA, roomB, start + depth >= k ? target : nil)
                    }
                    row += rowGroup
                }
                start += depthGroup
            } while start < k
            column += columnGroup
        }
    }

    /// Packs the rows or columns `begin` ..< `begin` + `block` of a group of `count` from `first` on: of each block of
    /// the depth all panels of the group lie together.
    private func pack(
        _ function: PackPairsFunction, _ width: Int, _ first: Int, _ begin: Int, _ block: Int, _ count: Int,
        _ acrossStride: Int, _ x: View, _ depthStride: Int, _ start: Int, _ depth: Int, _ room: UnsafeMutableRawPointer
    ) {
        let padded = parts(count, width) * width
        var p = 0
        while p < depth {
            let length = min(step, depth - p)
            let from = (first + begin) * acrossStride + (start + p) * depthStride
            function(
                min(block, count - begin), length, x.pointer + from * 2, acrossStride, depthStride,
                room + PairKernels.panelBytes(padded, depth: p) + PairKernels.panelBytes(begin, depth: length))
            p += step
        }
    }

    /// Computes `height` x `width` elements of C from (row, column) on, which is (i, j) in the group that is packed.
    private func multiply(
        _ row: Int, _ height: Int, _ column: Int, _ width: Int, _ i: Int, _ j: Int, _ groupHeight: Int,
        _ groupWidth: Int, _ start: Int, _ depth: Int, _ roomA: UnsafeRawPointer, _ roomB: UnsafeRawPointer,
        _ target: View?
    ) {
        let paddedHeight = parts(groupHeight, kernel.rows) * kernel.rows
        let paddedWidth = parts(groupWidth, kernel.columns) * kernel.columns
        let corner = c.pointer + (row * n + column) * 4
        var p = 0
        // Of no depth too, so that C becomes 0.
        repeat {
            let length = min(step, depth - p)
            kernel.multiply(
                height, width, length,
                roomA + PairKernels.panelBytes(paddedHeight, depth: p) + PairKernels.panelBytes(i, depth: length),
                roomB + PairKernels.panelBytes(paddedWidth, depth: p) + PairKernels.panelBytes(j, depth: length),
                corner, n, adds || start + p > 0)
            p += step
        } while p < depth
        guard let target else { return }
        let round = kernels.cast(from: .float32, to: target.dtype)
        let size = target.dtype.itemSize
        for r in 0..<height {
            let to = target.pointer + ((row + r) * target.strides[0] + column * target.strides[1]) * size
            round(width, corner + r * n * 4, 1, to, target.strides[1])
        }
    }
}

/// How many parts of `size`, the last perhaps smaller, make up `count`.
private func parts(_ count: Int, _ size: Int) -> Int { count / size + (count % size == 0 ? 0 : 1) }
