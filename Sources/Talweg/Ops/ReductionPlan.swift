import TalwegKernels

/// Elements that one chunk of a reduction handles: part of a result's definition, so a constant.
let elementsPerReduction = 32_768

/// How a reduction along one run of elements (axes that one stride walks) is cut into pieces, by the shape
/// alone: chunks for the threads, each a call of a kernel for `ReduceManyFunction`'s geometry.
///
/// A long reduction is cut into blocks, whose results are reduced in turn: the sum of sums has the rounding
/// error of pairwise summation (Higham, "Accuracy and Stability of Numerical Algorithms", 4.2).
struct ReductionPlan {
    /// The reduced run.
    let n: Int
    let stride: Int
    /// The outputs: a row of m, `step` apart in the input, for each position of `outer`.
    let m: Int
    let step: Int
    let outer: Runs

    private let rowsPerBlock: Int
    private let columnsPerPiece: Int
    private let pieces: Int
    private let outersPerChunk: Int
    /// Blocks that each output's elements are cut into. 1: the results are final.
    let blocks: Int

    /// Of the elements that `reduced`, a single run or none, walks, for each position of `kept`.
    init(reduced: Runs, kept: Runs) {
        let n = reduced.count
        let m = kept.last?.size ?? 1
        (self.n, stride) = (n, reduced.lastStride)
        (self.m, step) = (m, kept.last?.stride ?? 0)
        outer = kept.outer
        let budget = elementsPerReduction
        if reducesAlong(n, stride, step) {
            rowsPerBlock = max(1, min(n, budget))
            columnsPerPiece = max(1, min(m, budget / rowsPerBlock))
        } else {
            columnsPerPiece = max(1, min(m, 2048))
            rowsPerBlock = max(1, min(n, max(32, budget / columnsPerPiece)))
        }
        blocks = n == 0 ? 1 : (n - 1) / rowsPerBlock + 1
        pieces = m == 0 ? 0 : (m - 1) / columnsPerPiece + 1
        let whole = max(1, min(n, rowsPerBlock)) * max(1, m)
        outersPerChunk = blocks * pieces == 1 ? max(1, budget / whole) : 1
    }

    /// Calls body(n, m, from, block, to) for each piece: from is the offset of its first element, in elements;
    /// its results are for outputs `to` ..< to + m, from the elements of `block`.
    func run(_ body: (_ n: Int, _ m: Int, _ from: Int, _ block: Int, _ to: Int) -> Void) {
        if outer.count == 1 && blocks * pieces == 1 {
            body(n, m, 0, 0, 0)
            return
        }
        let groups = (outer.count + outersPerChunk - 1) / outersPerChunk
        ThreadPool.run(chunks: groups * blocks * pieces) { chunk in
            let piece = chunk % pieces
            let block = chunk / pieces % blocks
            let group = chunk / pieces / blocks
            let row = block * rowsPerBlock
            let column = piece * columnsPerPiece
            var position = group * outersPerChunk
            let end = min(outer.count, position + outersPerChunk)
            while position < end {
                body(
                    min(rowsPerBlock, n - row), min(columnsPerPiece, m - column),
                    outer.offset(position) + row * stride + column * step, block, position * m + column)
                position += 1
            }
        }
    }

    /// The elements of a block.
    func count(ofBlock block: Int) -> Int { min(rowsPerBlock, n - block * rowsPerBlock) }

    /// Where the results of a block for outputs from `to` on belong among all blocks' results: those of a
    /// position of `outer` lie block by block.
    func place(_ block: Int, _ to: Int) -> Int {
        let position = to / max(m, 1)
        return (position * blocks + block) * m + (to - position * m)
    }

    /// The reduction of the blocks' results.
    var ofBlocks: ReductionPlan {
        var reduced = Runs(sizes: blocks, stride: m)
        var kept = Runs(sizes: outer.count, stride: blocks * m)
        if m == 1 {
            reduced = Runs(sizes: blocks, stride: 1)
        } else {
            kept.append(size: m, stride: 1)
        }
        return ReductionPlan(reduced: reduced, kept: kept)
    }
}

/// Some axes of a view, neighbours merged where one stride walks both.
struct Runs {
    private(set) var rank = 0
    private(set) var sizes = PerAxis(repeating: 1)
    private(set) var strides = PerAxis(repeating: 0)
    private(set) var count = 1

    init(_ x: View, where chosen: (Int) -> Bool) {
        for axis in 0..<x.rank where chosen(axis) { append(size: x.shape[axis], stride: x.strides[axis]) }
    }

    init(sizes size: Int, stride: Int) {
        append(size: size, stride: stride)
    }

    /// Adds an axis behind the others.
    mutating func append(size: Int, stride: Int) {
        count *= size
        if size == 1 { return }
        if rank > 0, strides[rank - 1] == stride * size {
            sizes[rank - 1] *= size
            strides[rank - 1] = stride
        } else {
            sizes[rank] = size
            strides[rank] = stride
            rank += 1
        }
    }

    var last: (size: Int, stride: Int)? { rank == 0 ? nil : (sizes[rank - 1], strides[rank - 1]) }
    var lastStride: Int { rank == 0 ? 0 : strides[rank - 1] }

    /// The offset, in elements, of position `index` in row-major order.
    func offset(_ index: Int) -> Int {
        var rest = index
        var offset = 0
        var axis = rank - 1
        while axis > 0 {
            offset += rest % sizes[axis] * strides[axis]
            rest /= sizes[axis]
            axis -= 1
        }
        return rank > 0 ? offset + rest * strides[0] : 0
    }

    /// Without the last axis.
    var outer: Runs {
        var runs = self
        guard rank > 0 else { return runs }
        runs.rank -= 1
        runs.count = 1
        for axis in 0..<runs.rank { runs.count *= sizes[axis] }
        return runs
    }
}

extension View {
    /// The reduced axes, of those in `axes`, that belong to the last run: that which lies closest together
    /// comes first, so that later passes have little to do.
    func lastRun(of axes: AxisSet) -> AxisSet {
        var found = AxisSet()
        var next: Int?
        var axis = rank - 1
        while axis >= 0 {
            if axes.contains(axis) {
                if shape[axis] != 1 {
                    if let next, strides[axis] != next { return found }
                    next = strides[axis] * shape[axis]
                }
                found.insert(axis)
            }
            axis -= 1
        }
        return found
    }
}
