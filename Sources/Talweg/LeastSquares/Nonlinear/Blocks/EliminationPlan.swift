/// Which active blocks the Schur complement eliminates, in which order the others come, and which of these each
/// eliminated one is tied to.
struct EliminationPlan {
    let solver: BlockSolverKind
    /// Of each active block: its number among the eliminated, or -1; and its place among the kept, or -1.
    let eliminatedOf, placeOf: PlainArray<Int32>
    /// The active blocks that are eliminated, and those that are kept, in the order of elimination.
    let eliminated, kept: PlainArray<Int32>
    /// Of each eliminated block: the places of the kept ones that it shares residuals with, ascending.
    let neighbours: IndexLists
    /// The rows of each column of what is left.
    let rows: IndexLists
    /// [kept]
    let sizes: PlainArray<Int>

    /// Up to this many unknowns a matrix is taken for dense.
    private static let smallDense = 96
    /// Up to this many what the Schur complement leaves is.
    private static let smallSchur = 900

    init(_ structure: BlockStructure, _ wanted: BlockSolverKind) throws(TalwegError) {
        let n = structure.activeCount
        let isFirst = try EliminationPlan.independent(structure, wanted)
        var (count, keptSize) = (0, 0)
        for i in 0..<n {
            if isFirst[i] { count += 1 } else { keptSize += structure.tangent[i] }
        }
        var solver = wanted
        if wanted == .automatic {
            // Worth it where little is left.
            if structure.unknowns <= EliminationPlan.smallDense || count == 0 || keptSize * 3 > structure.unknowns {
                solver = structure.unknowns <= EliminationPlan.smallDense ? .denseCholesky : .sparseCholesky
            } else {
                solver = keptSize <= EliminationPlan.smallSchur ? .denseSchur : .sparseSchur
            }
        }
        if solver == .denseCholesky || solver == .sparseCholesky {
            count = 0
            for i in 0..<n { isFirst[i] = false }
        }
        self.solver = solver
        eliminatedOf = try PlainArray(n, filledWith: -1)
        placeOf = try PlainArray(n, filledWith: -1)
        eliminated = try PlainArray(count, filledWith: 0)
        let others = try PlainArray<Int32>(n - count, filledWith: 0)
        var (first, second) = (0, 0)
        for i in 0..<n {
            if isFirst[i] {
                eliminatedOf[i] = Int32(first)
                eliminated[first] = Int32(i)
                first += 1
            } else {
                placeOf[i] = Int32(second)
                others[second] = Int32(i)
                second += 1
            }
        }
        let ties = try EliminationPlan.ties(structure, eliminated, placeOf)
        if solver == .denseCholesky || solver == .denseSchur {
            kept = others
            neighbours = ties
            rows = try EliminationPlan.full(others.count)
        } else {
            let graph = try EliminationPlan.graph(structure, eliminatedOf, placeOf, others, ties)
            let weights = try PlainArray<Int>(others.count, filledWith: 0)
            for i in 0..<others.count { weights[i] = structure.tangent[Int(others[i])] }
            let order = try EliminationTree.postordered(graph, MinimumDegree.order(graph, weights: weights))
            kept = try PlainArray(others.count, filledWith: 0)
            let place = try PlainArray<Int32>(others.count, filledWith: 0)
            for i in 0..<order.count {
                kept[i] = others[Int(order[i])]
                placeOf[Int(kept[i])] = Int32(i)
                place[Int(order[i])] = Int32(i)
            }
            for i in 0..<ties.items.count { ties.items[i] = place[Int(ties.items[i])] }
            for i in 0..<ties.count { heapSort(ties[i]) { $0 < $1 } }
            neighbours = ties
            rows = try EliminationPlan.columns(graph, order, place)
        }
        sizes = try PlainArray(kept.count, filledWith: 0)
        for i in 0..<kept.count { sizes[i] = structure.tangent[Int(kept[i])] }
    }

    /// Blocks no two of which share a residual: those that are asked for, or else as many as a greedy choice finds,
    /// the ones with the fewest residuals first.
    private static func independent(_ structure: BlockStructure, _ wanted: BlockSolverKind)
        throws(TalwegError) -> PlainArray<Bool>
    {
        let n = structure.activeCount, blocks = structure.problem.blocks.elements
        let chosen = try PlainArray<Bool>(n, filledWith: false)
        if wanted == .denseCholesky || wanted == .sparseCholesky { return chosen }
        let order = try PlainArray<Int32>(n, filledWith: 0)
        var isAsked = false
        for i in 0..<n {
            order[i] = Int32(i)
            isAsked = isAsked || blocks[Int(structure.blockOf[i])].elimination == .first
        }
        let uses = structure.uses
        heapSort(UnsafeMutableBufferPointer(start: order.pointer, count: n)) {
            (uses[Int($0)].count, $0) < (uses[Int($1)].count, $1)
        }
        let isTaken = try PlainArray<Bool>(structure.residualBlocks, filledWith: false)
        for k in 0..<n {
            let i = Int(order[k]), elimination = blocks[Int(structure.blockOf[i])].elimination
            if isAsked ? elimination != .first : elimination == .never { continue }
            let (begin, end) = (uses.starts[i], uses.starts[i + 1])
            let other = (begin..<end).first { isTaken[Int(structure.users[$0])] }
            if let other {
                if !isAsked { continue }
                throw .invalid(
                    "problem: residual block \(structure.users[other]) has two parameter blocks that are to be "
                        + "eliminated first, one of them \(structure.blockOf[i])")
            }
            chosen[i] = true
            for use in begin..<end { isTaken[Int(structure.users[use])] = true }
        }
        return chosen
    }

    /// Calls `body` with the active blocks that share a residual with one.
    private static func forEachNeighbour(_ structure: BlockStructure, _ i: Int, _ body: (Int) -> Void) {
        for use in structure.uses.starts[i]..<structure.uses.starts[i + 1] {
            let row = Int(structure.users[use])
            for place in structure.firstArgument[row]..<structure.firstArgument[row + 1] {
                let other = Int(structure.arguments[place])
                if other >= 0, other != i { body(other) }
            }
        }
    }

    /// Ascending lists of what `each` calls for, each number once.
    private static func lists(_ count: Int, _ range: Int, _ each: (Int, (Int) -> Void) -> Void)
        throws(TalwegError) -> IndexLists
    {
        let mark = try PlainArray<Int32>(range, filledWith: -1)
        let sizes = try PlainArray<Int>(count + 1, filledWith: 0)
        for i in 0..<count {
            each(i) {
                if mark[$0] == Int32(i) { return }
                mark[$0] = Int32(i)
                sizes[i + 1] += 1
            }
        }
        let result = try IndexLists(sizes: sizes)
        mark.pointer.update(repeating: -1, count: range)
        for i in 0..<count {
            var next = result.starts[i]
            each(i) {
                if mark[$0] == Int32(i) { return }
                mark[$0] = Int32(i)
                result.items[next] = Int32($0)
                next += 1
            }
            heapSort(result[i]) { $0 < $1 }
        }
        return result
    }

    private static func ties(_ structure: BlockStructure, _ eliminated: PlainArray<Int32>, _ placeOf: PlainArray<Int32>)
        throws(TalwegError) -> IndexLists
    {
        try lists(eliminated.count, structure.activeCount) { e, add in
            forEachNeighbour(structure, Int(eliminated[e])) { add(Int(placeOf[$0])) }
        }
    }

    /// What is tied to what once the eliminated blocks are gone.
    private static func graph(
        _ structure: BlockStructure, _ eliminatedOf: PlainArray<Int32>, _ placeOf: PlainArray<Int32>,
        _ kept: PlainArray<Int32>, _ ties: IndexLists
    ) throws(TalwegError) -> IndexLists {
        try lists(kept.count, kept.count) { i, add in
            forEachNeighbour(structure, Int(kept[i])) { other in
                if eliminatedOf[other] < 0 { return add(Int(placeOf[other])) }
                for place in ties[Int(eliminatedOf[other])] where Int(place) != i { add(Int(place)) }
            }
        }
    }

    /// The rows at and below the diagonal of each column, in the new order.
    private static func columns(_ graph: IndexLists, _ order: PlainArray<Int32>, _ place: PlainArray<Int32>)
        throws(TalwegError) -> IndexLists
    {
        try lists(graph.count, graph.count) { column, add in
            add(column)
            for neighbour in graph[Int(order[column])] where Int(place[Int(neighbour)]) > column {
                add(Int(place[Int(neighbour)]))
            }
        }
    }

    private static func full(_ n: Int) throws(TalwegError) -> IndexLists {
        try lists(n, n) { column, add in
            for row in column..<n { add(row) }
        }
    }
}
