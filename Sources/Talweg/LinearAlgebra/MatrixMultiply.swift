import TalwegKernels

// Matrix products of views by the multiply kernels. The order of the sum in
// each element depends on the inner size alone, so rows may be shared out among
// threads without a change in any bit.

/// a [.., m, k] times b [.., k, n], leading axes broadcast, as a new row-major view.
func multiplied(_ a: View, _ b: View) throws(TalwegError) -> View {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    guard k == b.shape[b.rank - 2] else {
        throw .shape("matmul: \(a.shape) x \(b.shape): inner sizes \(k) and \(b.shape[b.rank - 2]) differ")
    }
    let leadA = try Shape(a.shape.dims.dropLast(2), for: "matmul")
    let leadB = try Shape(b.shape.dims.dropLast(2), for: "matmul")
    let lead = try Shape.broadcast(leadA, leadB, for: "matmul")
    let y = try View(uninitialized: Shape(lead.dims + [m, n], for: "matmul"), a.dtype)
    // There may be no elements, but more matrices than a walk over them would end.
    if y.count == 0 { return y }
    if lead.count == 1 {
        try multiply(a.matrix(0, lead), b.matrix(0, lead), adding: 0, to: y.matrix(0, lead))
        return y
    }
    // Many rows against one matrix are one product.
    if leadB.count == 1, let rowsA = try merged(a, m, k) {
        try multiply(rowsA, b.matrix(0, lead), adding: 0, to: merged(y, m, n) ?? y)
        return y
    }
    for index in 0..<lead.count {
        try multiply(a.matrix(index, lead), b.matrix(index, lead), adding: 0, to: y.matrix(index, lead))
    }
    return y
}

/// c = a b + beta c, for matrices of any strides; c is not read if beta is 0.
func multiply(_ a: View, _ b: View, adding beta: Double, to c: View) throws(TalwegError) {
    let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
    guard let kernel = kernels.float(c.dtype), a.dtype == c.dtype, b.dtype == c.dtype else {
        throw .dtype("matmul: not defined for \(a.dtype.name) and \(b.dtype.name)")
    }
    if m == 0 || n == 0 { return }
    let size = c.dtype.itemSize
    let blocks = kernel.gemmBlocks
    // Shares of whole tiles, along the longer side; at least a few million operations each.
    let byRows = m >= n
    let (side, tile) = byRows ? (m, blocks.mr) : (n, blocks.nr)
    let work = m.multipliedReportingOverflow(by: n).partialValue.multipliedReportingOverflow(by: max(k, 1))
    let wanted = work.overflow || work.partialValue > 1 << 20 ? ThreadPool.threads : 1
    let share = max(tile, ((side + wanted - 1) / wanted + tile - 1) / tile * tile)
    let shares = (side + share - 1) / share
    let bytes = kernel.gemmWorkspaceBytes(m: byRows ? min(share, m) : m, n: byRows ? n : min(share, n), k: k)
    let each = (bytes + 63) & ~63
    let workspace = try Workspace(byteCount: each * shares)
    let (pa, pb, pc) = (a.pointer, b.pointer, c.pointer)
    ThreadPool.run(chunks: shares) { index in
        let start = index * share
        let length = min(share, side - start)
        kernel.gemm(
            byRows ? length : m, byRows ? n : length, k, 1,
            pa + (byRows ? start * a.strides[0] * size : 0), a.strides[0], a.strides[1],
            pb + (byRows ? 0 : start * b.strides[1] * size), b.strides[0], b.strides[1], beta,
            pc + start * (byRows ? c.strides[0] : c.strides[1]) * size, c.strides[0], c.strides[1],
            workspace.pointer + index * each)
    }
}

/// The leading axes and the rows as one, where strides allow.
private func merged(_ x: View, _ m: Int, _ k: Int) throws(TalwegError) -> View? {
    guard k > 0 else { return nil }
    let target = try Shape([x.count / k, k], for: "matmul")
    guard let strides = x.strides(reshapedTo: target) else { return nil }
    return x.with(shape: target, strides: strides)
}

extension View {
    /// Matrix number `index` of the leading shape that this one's leading axes broadcast to.
    fileprivate func matrix(_ index: Int, _ lead: Shape) throws(TalwegError) -> View {
        var rest = index
        var offset = self.offset
        var axis = lead.rank - 1
        while axis >= 0 {
            let place = rest % lead[axis]
            rest /= lead[axis]
            let own = axis - (lead.rank - (rank - 2))
            if own >= 0, shape[own] != 1 { offset += place * strides[own] }
            axis -= 1
        }
        var steps = PerAxis(repeating: 0)
        steps[0] = strides[rank - 2]
        steps[1] = strides[rank - 1]
        return with(
            shape: try Shape([shape[rank - 2], shape[rank - 1]], for: "matmul"), strides: steps, offset: offset)
    }
}
