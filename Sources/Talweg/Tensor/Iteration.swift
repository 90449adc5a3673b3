import TalwegKernels

/// Elements that one chunk of a parallel loop handles: enough that handing it
/// over costs little. Part of the result's definition for sums, so a constant.
let elementsPerChunk = 16_384

/// The same where the output has `streamedOutputBytes` or more: long enough for the kernels to write past the
/// caches, which could not keep it.
let elementsPerStreamedChunk = 262_144
let streamedOutputBytes = 16 << 20

/// The walk over operands of one shape (after broadcasting): neighbouring axes
/// are merged where every operand allows, so that the kernels get long runs.
struct Iteration {
    private(set) var rank = 0
    private(set) var sizes = PerAxis(repeating: 1)
    /// Strides in bytes, an operand each.
    private(set) var strides = InlineArray<4, PerAxis>(repeating: PerAxis(repeating: 0))
    private let operands: Int
    /// The axis that is walked together with the last one, in tiles that a cache holds: one that an operand
    /// lies along, or that is too short for runs of its own.
    private var tiledAxis: Int?

    init(_ shape: Shape, _ operands: [(strides: PerAxis, itemSize: Int)]) {
        self.operands = operands.count
        for axis in 0..<shape.rank {
            let size = shape[axis]
            if size == 1 { continue }
            var mergeable = rank > 0
            for (k, operand) in operands.enumerated() where mergeable {
                mergeable = strides[k][rank - 1] == operand.strides[axis] * operand.itemSize * size
            }
            if mergeable {
                sizes[rank - 1] *= size
            } else {
                sizes[rank] = size
                rank += 1
            }
            for (k, operand) in operands.enumerated() {
                strides[k][rank - 1] = operand.strides[axis] * operand.itemSize
            }
        }
        if rank == 0 { rank = 1 }
        chooseTiles()
    }

    private mutating func chooseTiles() {
        let last = rank - 1
        guard last > 0 else { return }
        if sizes[last] <= 8 {
            var longest = 0
            for axis in 1..<last where sizes[axis] > sizes[longest] { longest = axis }
            guard sizes[longest] >= 64 else { return }
            swap(longest, last)
            tiledAxis = longest
        } else if sizes[last] >= 16 {
            for axis in 0..<last where sizes[axis] >= 16 {
                for k in 0..<operands {
                    let stride = strides[k][axis].magnitude
                    if stride > 0, stride < strides[k][last].magnitude { tiledAxis = axis }
                }
            }
        }
    }

    private mutating func swap(_ a: Int, _ b: Int) {
        (sizes[a], sizes[b]) = (sizes[b], sizes[a])
        for k in 0..<operands { (strides[k][a], strides[k][b]) = (strides[k][b], strides[k][a]) }
    }

    /// Calls `body` with the operands' byte offsets and the length of each run
    /// along the last merged axis, in parallel where there is enough to do.
    func run(_ body: (InlineArray<4, Int>, Int) -> Void) {
        let inner = sizes[rank - 1]
        var outer = 1
        for axis in 0..<(rank - 1) { outer *= sizes[axis] }
        if inner == 0 || outer == 0 { return }
        if let tiledAxis {
            runTiles(tiledAxis, body)
            return
        }

        // Pieces of a long run, or groups of short runs.
        let itemSize = Swift.abs(strides[0][rank - 1])
        let isStreamed = inner >= elementsPerStreamedChunk && inner * itemSize >= streamedOutputBytes
        let longest = isStreamed ? elementsPerStreamedChunk : elementsPerChunk
        let pieces = (inner + longest - 1) / longest
        let runsPerChunk = max(1, elementsPerChunk / inner)
        let groups = (outer + runsPerChunk - 1) / runsPerChunk
        let pieceLength = pieces == 1 ? inner : longest
        if groups * pieces == 1 {
            walk(0, outer, 0, inner, body)
            return
        }
        ThreadPool.run(chunks: groups * pieces) { chunk in
            let group = chunk / pieces
            let start = (chunk % pieces) * pieceLength
            walk(group * runsPerChunk, min(outer, (group + 1) * runsPerChunk),
                start, min(pieceLength, inner - start), body)
        }
    }

    /// Tiles of about `elementsPerTile` along an axis and the last one; some of them, one behind the other along the
    /// last axis, are a chunk.
    private func runTiles(_ tiled: Int, _ body: (InlineArray<4, Int>, Int) -> Void) {
        let elementsPerTile = 4096
        let (last, rows, inner) = (rank - 1, sizes[tiled], sizes[rank - 1])
        let tileRows = min(rows, 64)
        let tileLength = elementsPerTile / tileRows
        let pieceLength = tileLength * 4
        let (strips, pieces) = ((rows + tileRows - 1) / tileRows, (inner + pieceLength - 1) / pieceLength)
        var outer = 1
        for axis in 0..<last where axis != tiled { outer *= sizes[axis] }
        ThreadPool.run(chunks: outer * strips * pieces) { chunk in
            let start = chunk % pieces * pieceLength
            let firstRow = chunk / pieces % strips * tileRows
            var rest = chunk / pieces / strips
            var base = InlineArray<4, Int>(repeating: 0)
            var axis = last - 1
            while axis >= 0 {
                if axis != tiled {
                    for k in 0..<operands { base[k] += rest % sizes[axis] * strides[k][axis] }
                    rest /= sizes[axis]
                }
                axis -= 1
            }
            var position = start
            let end = min(inner, start + pieceLength)
            while position < end {
                let length = min(tileLength, end - position)
                var row = firstRow
                while row < min(rows, firstRow + tileRows) {
                    var offsets = base
                    for k in 0..<operands { offsets[k] += row * strides[k][tiled] + position * strides[k][last] }
                    body(offsets, length)
                    row += 1
                }
                position += length
            }
        }
    }

    private func walk(_ first: Int, _ last: Int, _ start: Int, _ length: Int,
        _ body: (InlineArray<4, Int>, Int) -> Void) {
        var index = PerAxis(repeating: 0)
        var offsets = InlineArray<4, Int>(repeating: 0)
        var rest = first
        var axis = rank - 2
        while axis >= 0 {
            index[axis] = rest % sizes[axis]
            rest /= sizes[axis]
            axis -= 1
        }
        for k in 0..<operands {
            offsets[k] = start * strides[k][rank - 1]
            for axis in 0..<(rank - 1) { offsets[k] += index[axis] * strides[k][axis] }
        }
        var run = first
        while run < last {
            body(offsets, length)
            run += 1
            axis = rank - 2
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < sizes[axis] {
                    for k in 0..<operands { offsets[k] += strides[k][axis] }
                    break
                }
                for k in 0..<operands { offsets[k] -= (sizes[axis] - 1) * strides[k][axis] }
                index[axis] = 0
                axis -= 1
            }
        }
    }

    /// The stride of an operand along the runs, in elements of `itemSize`.
    func innerStride(_ operand: Int, _ itemSize: Int) -> Int { strides[operand][rank - 1] / itemSize }
}

/// y = kernel(x), element by element; `x` broadcasts to `y`, which is written.
func mapUnary(_ kernel: UnaryFunction, _ x: View, to y: View) {
    if y.count <= elementsPerChunk, x.shape == y.shape, x.isContiguous, y.isContiguous {
        kernel(y.count, x.pointer, 1, y.pointer, 1)
        return
    }
    let sizes = (x.dtype.itemSize, y.dtype.itemSize)
    let walk = Iteration(y.shape, [(y.strides, sizes.1), (x.strides(broadcastTo: y.shape), sizes.0)])
    let (px, py) = (x.pointer, y.pointer)
    let (sy, sx) = (walk.innerStride(0, sizes.1), walk.innerStride(1, sizes.0))
    walk.run { offsets, n in kernel(n, px + offsets[1], sx, py + offsets[0], sy) }
}

/// y = kernel(a, b), element by element; `a` and `b` broadcast to `y`, which is written.
func mapBinary(_ kernel: BinaryFunction, _ a: View, _ b: View, to y: View) {
    if y.count <= elementsPerChunk, y.isContiguous {
        let same = (a.shape == y.shape && a.isContiguous, b.shape == y.shape && b.isContiguous)
        if (same.0 || a.count == 1) && (same.1 || b.count == 1) {
            kernel(y.count, a.pointer, same.0 ? 1 : 0, b.pointer, same.1 ? 1 : 0, y.pointer, 1)
            return
        }
    }
    let (ia, ib, iy) = (a.dtype.itemSize, b.dtype.itemSize, y.dtype.itemSize)
    let walk = Iteration(
        y.shape,
        [(y.strides, iy), (a.strides(broadcastTo: y.shape), ia), (b.strides(broadcastTo: y.shape), ib)])
    let (pa, pb, py) = (a.pointer, b.pointer, y.pointer)
    let (sy, sa, sb) = (walk.innerStride(0, iy), walk.innerStride(1, ia), walk.innerStride(2, ib))
    walk.run { offsets, n in
        kernel(n, pa + offsets[1], sa, pb + offsets[2], sb, py + offsets[0], sy)
    }
}

/// y = condition ? a : b, element by element; all broadcast to `y`, which is written.
func mapSelect(_ kernel: SelectFunction, _ condition: View, _ a: View, _ b: View, to y: View) {
    let size = y.dtype.itemSize
    let walk = Iteration(
        y.shape,
        [
            (y.strides, size), (condition.strides(broadcastTo: y.shape), 1),
            (a.strides(broadcastTo: y.shape), size), (b.strides(broadcastTo: y.shape), size),
        ])
    let (pc, pa, pb, py) = (condition.pointer, a.pointer, b.pointer, y.pointer)
    let (sy, sc) = (walk.innerStride(0, size), walk.innerStride(1, 1))
    let (sa, sb) = (walk.innerStride(2, size), walk.innerStride(3, size))
    walk.run { offsets, n in
        kernel(n, pc + offsets[1], sc, pa + offsets[2], sa, pb + offsets[3], sb, py + offsets[0], sy)
    }
}
