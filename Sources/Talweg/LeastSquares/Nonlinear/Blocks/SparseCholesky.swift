import TalwegKernels

/// A = L L' of a sparse symmetric matrix of blocks, by fronts: the columns of L that have the same rows are one dense
/// block, and what they take from the rows below is handed up the elimination tree (Duff and Reid, "The multifrontal
/// solution of indefinite sparse symmetric linear equations", ACM TOMS 9, 1983; Liu, SIAM Review 34, 1992).
final class SparseCholesky {
    private typealias Front = EliminationTree.Front

    private let tree: EliminationTree
    private let factor: PlainArray<Double>
    private let stack, work: PlainArray<Double>
    /// [n]: where a block row begins in the front that is being worked on.
    private let local: PlainArray<Int>
    private let offset: PlainArray<Int>
    /// [fronts]: where an update that waits on the stack begins.
    private let waiting: PlainArray<Int>

    /// How many numbers the factor has.
    var nonzeros: Int { factor.count }

    /// - Parameter matrix: its columns in the order of elimination, a postorder
    init(_ matrix: SparseBlockMatrix) throws(TalwegError) {
        tree = try EliminationTree(matrix)
        offset = matrix.offset
        local = try PlainArray(matrix.count, filledWith: 0)
        waiting = try PlainArray(tree.fronts.count, filledWith: 0)
        factor = try PlainArray(tree.factorSize, filledWith: 0)
        stack = try PlainArray(tree.stackMost, filledWith: 0)
        work = try PlainArray(tree.frontMost, filledWith: 0)
    }

    private var fronts: UnsafeMutableBufferPointer<Front> { tree.fronts.elements }
    private var rowLists: UnsafeMutableBufferPointer<Int32> { tree.rowLists.elements }

    /// Gives false where a pivot is not above the tolerance.
    func factorise(_ matrix: SparseBlockMatrix, tolerance: Double) throws(TalwegError) -> Bool {
        var top = 0
        // Updates on the stack, the last one on top: which fronts they are of.
        let open = try PlainArray<Int>(fronts.count, filledWith: 0)
        var openCount = 0
        for number in 0..<fronts.count {
            let front = fronts[number], height = front.height, width = front.width
            let f = ColumnMajor(work.pointer, rows: height, columns: height)
            f.fill(0)
            var place = 0
            for k in 0..<front.rowCount {
                let row = Int(rowLists[front.rows + k])
                local[row] = place
                place += offset[row + 1] - offset[row]
            }
            assemble(matrix, front, f)
            while openCount > 0, fronts[open[openCount - 1]].parent == number {
                openCount -= 1
                let child = open[openCount]
                top = waiting[child]
                add(child, to: f)
            }
            guard try eliminate(f, width, tolerance) else { return false }
            for j in 0..<width {
                (factor.pointer + front.values + j * height).update(from: f.column(j), count: height)
            }
            let rest = height - width
            for j in 0..<rest {
                (stack.pointer + top + j * rest + j).update(from: f.column(width + j) + width + j, count: rest - j)
            }
            waiting[number] = top
            top += rest * rest
            open[openCount] = number
            openCount += 1
        }
        return true
    }

    private func assemble(_ matrix: SparseBlockMatrix, _ front: Front, _ f: ColumnMajor) {
        for j in front.first..<(front.first + front.columns) {
            let width = matrix.size(j)
            for entry in matrix.rows.starts[j]..<matrix.rows.starts[j + 1] {
                let row = Int(matrix.rows.items[entry]), height = matrix.size(row)
                let source = matrix.values.pointer + matrix.place[entry]
                for c in 0..<width {
                    (f.column(local[j] + c) + local[row]).update(from: source + c * height, count: height)
                }
            }
        }
    }

    /// What a child hands up.
    private func add(_ child: Int, to f: ColumnMajor) {
        let front = fronts[child], rest = front.height - front.width
        let source = stack.pointer + waiting[child]
        let rows = rowLists
        var column = 0
        for k in front.columns..<max(front.rowCount, front.columns) {
            let j = Int(rows[front.rows + k]), width = offset[j + 1] - offset[j]
            for c in 0..<width {
                let from = source + (column + c) * rest, to = f.column(local[j] + c)
                // The diagonal block, from the diagonal on.
                for i in c..<width { to[local[j] + i] += from[column + i] }
                var place = column + width
                for q in (k + 1)..<max(front.rowCount, k + 1) {
                    let i = Int(rows[front.rows + q]), height = offset[i + 1] - offset[i]
                    let target = to + local[i]
                    for r in 0..<height { target[r] += from[place + r] }
                    place += height
                }
            }
            column += width
        }
    }

    /// Up to this many rows a front is done column by column.
    private static let small = 48

    /// Cholesky of the first columns, and what the others lose by it.
    private func eliminate(_ f: ColumnMajor, _ width: Int, _ tolerance: Double) throws(TalwegError) -> Bool {
        let height = f.rows
        if height > SparseCholesky.small {
            let kernels = Talweg.kernels.f64, block = MatrixBlock(f)
            let corner = block.block(0, width, 0, width)
            if try kernels.choleskyFactor(corner.transposed, tolerance: tolerance) != nil { return false }
            let below = block.block(width, height - width, 0, width)
            try kernels.solveTriangular(corner, .lower, below.transposed)
            try kernels.subtractSquare(
                below.transposed, from: block.block(width, height - width, width, height - width).transposed)
            return true
        }
        let vectors = MatrixKernels<Double>()
        for k in 0..<width {
            let own = f.column(k)
            guard own[k] > tolerance, own[k].isFinite else { return false }
            let root = own[k].squareRoot()
            own[k] = root
            vectors.scale(height - k - 1, 1 / root, own + k + 1)
            for j in (k + 1)..<max(height, k + 1) where own[j] != 0 {
                vectors.axpy(height - j, -own[j], own + j, f.column(j) + j)
            }
        }
        return true
    }

    /// x = A^-1 x
    func solve(_ x: UnsafeMutablePointer<Double>) {
        let vectors = MatrixKernels<Double>(), t = work.pointer, rows = rowLists
        /// Between x and the front's rows of it.
        func gather(_ front: Front, back: Bool) {
            var place = 0
            for k in 0..<front.rowCount {
                let row = Int(rows[front.rows + k]), size = offset[row + 1] - offset[row]
                let target = x + offset[row]
                if back {
                    target.update(from: t + place, count: size)
                } else {
                    (t + place).update(from: target, count: size)
                }
                place += size
            }
        }
        for number in 0..<fronts.count {
            let front = fronts[number], l = factor.pointer + front.values
            gather(front, back: false)
            for k in 0..<front.width {
                let column = l + k * front.height
                t[k] /= column[k]
                vectors.axpy(front.height - k - 1, -t[k], column + k + 1, t + k + 1)
            }
            gather(front, back: true)
        }
        for number in (0..<fronts.count).reversed() {
            let front = fronts[number], l = factor.pointer + front.values
            gather(front, back: false)
            for k in (0..<front.width).reversed() {
                let column = l + k * front.height
                t[k] = (t[k] - vectors.dot(front.height - k - 1, column + k + 1, t + k + 1)) / column[k]
            }
            gather(front, back: true)
        }
    }
}
