import TalwegKernels

/// The rows that positions along neighbouring axes of a view name: in each block (of the axes before them) a row
/// (of the axes behind them) for each position. Any strides.
struct PickedRows {
    private let before: Runs
    /// The axes that a position counts through, in row-major order.
    private let picked: Runs
    private let after: Runs
    private let pointer: UnsafeMutableRawPointer
    private let itemSize: Int

    init(_ x: View, axis: Int, axes: Int) {
        before = Runs(x, where: { $0 < axis })
        picked = Runs(x, where: { $0 >= axis && $0 < axis + axes })
        after = Runs(x, where: { $0 >= axis + axes })
        (pointer, itemSize) = (x.pointer, x.dtype.itemSize)
    }

    /// Copies the rows that `places` (int64, checked) name to a row-major view.
    func read(_ places: View, to y: View) {
        if after.count == 1 {
            switch itemSize {
            case 1: read(places, to: y, as: UInt8.self)
            case 2: read(places, to: y, as: UInt16.self)
            case 4: read(places, to: y, as: UInt32.self)
            default: read(places, to: y, as: UInt64.self)
            }
            return
        }
        let to = y.pointer
        move(places, inParallel: true) { copy(length: $0, from: pointer + $2, $3, to: to + $1, 1) }
    }

    /// Copies a row-major view to the rows that `places` name. Of equal places the last one's row stays, which
    /// needs one thread for each block; `distinct` ones do not.
    func write(_ source: View, _ places: View, distinct: Bool) {
        if after.count == 1 {
            switch itemSize {
            case 1: write(source, places, distinct, as: UInt8.self)
            case 2: write(source, places, distinct, as: UInt16.self)
            case 4: write(source, places, distinct, as: UInt32.self)
            default: write(source, places, distinct, as: UInt64.self)
            }
            return
        }
        let from = source.pointer
        move(places, inParallel: distinct) { copy(length: $0, from: from + $1, 1, to: pointer + $2, $3) }
    }

    /// Rows of one element.
    private func read<T>(_ places: View, to y: View, as _: T.Type) {
        let (from, to) = (pointer.assumingMemoryBound(to: T.self), y.pointer(as: T.self))
        forEachChunk(places, inParallel: true) { first, last in
            forEach(places, first, last) { to[$0] = from[$1] }
        }
    }

    private func write<T>(_ source: View, _ places: View, _ distinct: Bool, as _: T.Type) {
        let (from, to) = (source.pointer(as: T.self), pointer.assumingMemoryBound(to: T.self))
        forEachChunk(places, inParallel: distinct) { first, last in
            forEach(places, first, last) { to[$1] = from[$0] }
        }
    }

    /// Calls `body` with the first row of each chunk and the one behind its last: whole blocks, unless it may be
    /// done in parallel.
    private func forEachChunk(_ places: View, inParallel: Bool, _ body: (Int, Int) -> Void) {
        let (n, width) = (places.count, after.count)
        let total = before.count * n
        if total == 0 || width == 0 { return }
        let rows = max(1, elementsPerChunk / width)
        let perChunk = inParallel ? rows : (rows + n - 1) / n * n
        ThreadPool.run(chunks: (total - 1) / perChunk + 1) { body($0 * perChunk, min(total, ($0 + 1) * perChunk)) }
    }

    /// Calls `body` for each run of elements with its length, its byte offsets in the row-major rows and in the
    /// view, and its stride in the view.
    @inline(__always)
    private func move(_ places: View, inParallel: Bool, _ body: (Int, Int, Int, Int) -> Void) {
        let width = after.count
        let rowBytes = width * itemSize
        let isRun = after.rank <= 1
        let (run, step) = (isRun ? width : after.last?.size ?? 1, after.lastStride)
        let outer = after.outer
        forEachChunk(places, inParallel: inParallel) { first, last in
            forEach(places, first, last) { row, offset in
                if isRun {
                    body(run, row * rowBytes, offset * itemSize, step)
                } else {
                    for piece in 0..<outer.count {
                        let at = offset + outer.offset(piece)
                        body(run, row * rowBytes + piece * run * itemSize, at * itemSize, step)
                    }
                }
            }
        }
    }

    /// Calls `body` with rows `first` ..< `last` of the row-major ones and the offset of each in the view.
    @inline(__always)
    private func forEach(_ places: View, _ first: Int, _ last: Int, _ body: (Int, Int) -> Void) {
        let n = places.count
        let values = places.pointer(as: Int64.self)
        let stride = picked.lastStride
        var row = first
        // By runs of the rows of one block: a division a run.
        while row < last {
            let (block, start) = row.quotientAndRemainder(dividingBy: n)
            let end = min(last, row + n - start)
            let (base, begin) = (before.offset(block), row - start)
            if picked.rank <= 1 {
                while row < end {
                    body(row, base &+ Int(values[row &- begin]) &* stride)
                    row &+= 1
                }
            } else {
                while row < end {
                    body(row, base &+ picked.offset(Int(values[row &- begin])))
                    row &+= 1
                }
            }
        }
    }

    /// Copies elements; strides in elements.
    @inline(__always)
    private func copy(
        length: Int, from: UnsafeMutableRawPointer, _ fromStride: Int, to: UnsafeMutableRawPointer, _ toStride: Int
    ) {
        if fromStride != 1 || toStride != 1 {
            kernels.copy(itemSize: itemSize)(length, from, fromStride, to, toStride)
            return
        }
        switch length * itemSize {
        case 8: to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
        case 4: to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
        case 2: to.storeBytes(of: from.loadUnaligned(as: UInt16.self), as: UInt16.self)
        case 1: to.storeBytes(of: from.load(as: UInt8.self), as: UInt8.self)
        case let bytes: to.copyMemory(from: from, byteCount: bytes)
        }
    }
}
