/// What of a sparse Cholesky factor depends on the matrix' structure alone: its fronts, the columns of L that have the
/// same rows, in the order of the elimination tree.
struct EliminationTree: ~Copyable {
    /// Block columns first ..< first + columns, and the rows of the front, of which they are the first ones.
    struct Front: BitwiseCopyable {
        var first: Int
        var columns: Int
        /// Where its block rows begin, and how many there are.
        var rows: Int
        var rowCount: Int
        /// In numbers.
        var width: Int
        var height: Int
        /// Where its part of L begins, [height, width], column-major.
        var values: Int
        var parent: Int
    }

    private(set) var fronts = GrowingBuffer<Front>()
    private(set) var rowLists = GrowingBuffer<Int32>()
    /// How many numbers the factor has, updates that wait for their front have at most, and the largest front has.
    private(set) var factorSize = 0
    private(set) var stackMost = 0
    private(set) var frontMost = 0

    /// An order of a graph's variables that eliminates every subtree of its elimination tree at one go.
    /// - Parameters:
    ///   - graph: symmetric, without the diagonal
    ///   - order: of elimination
    static func postordered(_ graph: IndexLists, _ order: PlainArray<Int32>) throws(TalwegError) -> PlainArray<Int32> {
        let n = order.count
        let position = try PlainArray<Int32>(n, filledWith: 0)
        for i in 0..<n { position[Int(order[i])] = Int32(i) }
        let parent = try parents(n) { i, visit in
            for neighbour in graph[Int(order[i])] where position[Int(neighbour)] < Int32(i) {
                visit(Int(position[Int(neighbour)]))
            }
        }
        // Children as linked lists, the first one first.
        let child = try PlainArray<Int32>(n + 1, filledWith: -1)
        let sibling = try PlainArray<Int32>(n, filledWith: -1)
        for i in (0..<n).reversed() {
            let above = parent[i] < 0 ? n : Int(parent[i])
            sibling[i] = child[above]
            child[above] = Int32(i)
        }
        let result = try PlainArray<Int32>(n, filledWith: 0), path = try PlainArray<Int32>(n + 1, filledWith: 0)
        var count = 0, depth = 1
        path[0] = Int32(n)
        while depth > 0 {
            let top = Int(path[depth - 1])
            if child[top] >= 0 {
                path[depth] = child[top]
                child[top] = sibling[Int(child[top])]
                depth += 1
                continue
            }
            depth -= 1
            if top < n {
                result[count] = order[top]
                count += 1
            }
        }
        return result
    }

    /// Parents in the elimination tree (Liu, ACM TOMS 12, 1986).
    /// - Parameter each: calls for each of a row's columns before the diagonal
    private static func parents(_ n: Int, _ each: (Int, (Int) -> Void) -> Void) throws(TalwegError) -> PlainArray<Int32> {
        let parent = try PlainArray<Int32>(n, filledWith: -1), root = try PlainArray<Int32>(n, filledWith: -1)
        for i in 0..<n {
            each(i) { column in
                var j = column
                while true {
                    let above = root[j]
                    if above == Int32(i) { return }
                    root[j] = Int32(i)
                    if above < 0 {
                        parent[j] = Int32(i)
                        return
                    }
                    j = Int(above)
                }
            }
        }
        return parent
    }

    /// - Parameter matrix: its columns in the order of elimination, a postorder
    init(_ matrix: SparseBlockMatrix) throws(TalwegError) {
        let n = matrix.count
        let offset = matrix.offset
        let mark = try PlainArray<Int32>(n, filledWith: -1)
        // Of each column the first front that hands up to it, and of each front the next one that hands up there.
        let child = try PlainArray<Int32>(n, filledWith: -1)
        let sibling = try PlainArray<Int32>(n, filledWith: -1)
        let scratch = try PlainArray<Int32>(n, filledWith: 0)
        var stackSize = 0
        for j in 0..<n {
            // Its rows: those of the matrix and of its children.
            var count = 0
            func add(_ row: Int32) {
                if row < Int32(j) || mark[Int(row)] == Int32(j) { return }
                mark[Int(row)] = Int32(j)
                scratch[count] = row
                count += 1
            }
            for row in matrix.rows[j] { add(row) }
            var next = child[j], children = 0
            while next >= 0 {
                let front = fronts.elements[Int(next)]
                for k in 0..<front.rowCount { add(rowLists.elements[front.rows + k]) }
                children += 1
                next = sibling[Int(next)]
            }
            // It goes on the last front if that is its only child and has one row more.
            let last = fronts.count - 1
            if children == 1, last >= 0, Int(child[j]) == last {
                let front = fronts.elements[last]
                if front.first + front.columns == j, front.rowCount - front.columns == count {
                    fronts.elements[last].columns += 1
                    attach(last, child, sibling)
                    continue
                }
            }
            heapSort(UnsafeMutableBufferPointer(start: scratch.pointer, count: count)) { $0 < $1 }
            try fronts.append(
                Front(
                    first: j, columns: 1, rows: rowLists.count, rowCount: count, width: 0, height: 0, values: 0,
                    parent: -1))
            for k in 0..<count { try rowLists.append(scratch[k]) }
            attach(fronts.count - 1, child, sibling)
        }
        for number in 0..<fronts.count {
            var front = fronts.elements[number]
            front.width = offset[front.first + front.columns] - offset[front.first]
            for k in 0..<front.rowCount {
                let row = Int(rowLists.elements[front.rows + k])
                front.height += offset[row + 1] - offset[row]
            }
            front.values = factorSize
            let (area, overflow) = front.width.multipliedReportingOverflow(by: front.height)
            let (next, over) = factorSize.addingReportingOverflow(area)
            guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
            factorSize = next
            fronts.elements[number] = front
        }
        let frontOf = try PlainArray<Int>(n, filledWith: 0)
        for number in 0..<fronts.count {
            let front = fronts.elements[number]
            for j in front.first..<(front.first + front.columns) { frontOf[j] = number }
        }
        for number in 0..<fronts.count {
            let front = fronts.elements[number]
            if front.rowCount == front.columns { continue }
            fronts.elements[number].parent = frontOf[Int(rowLists.elements[front.rows + front.columns])]
        }
        // The children's updates are taken from the stack, then the front's own is put there.
        let waiting = try PlainArray<Int>(fronts.count, filledWith: 0)
        for number in 0..<fronts.count {
            let front = fronts.elements[number], rest = front.height - front.width
            stackSize -= waiting[number]
            stackSize += rest * rest
            if front.parent >= 0 { waiting[front.parent] += rest * rest }
            stackMost = max(stackMost, stackSize)
            frontMost = max(frontMost, front.height * front.height)
        }
    }

    /// Makes a front the child of the column that its first row below is.
    private func attach(_ number: Int, _ child: PlainArray<Int32>, _ sibling: PlainArray<Int32>) {
        let front = fronts.elements[number]
        child[front.first + front.columns - 1] = -1
        sibling[number] = -1
        guard front.rowCount > front.columns else { return }
        let above = Int(rowLists.elements[front.rows + front.columns])
        sibling[number] = child[above]
        child[above] = Int32(number)
    }
}
