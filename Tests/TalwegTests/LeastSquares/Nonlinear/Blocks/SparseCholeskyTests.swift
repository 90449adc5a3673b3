import Testing

@testable import Talweg

/// The sparse factorisation under block problems: orders are permutations, solutions solve, and little is filled in.
@Suite struct SparseCholeskyTests {
    /// Numbers in -1 ... 1 that look random.
    private struct Noise {
        var state: UInt64 = 1
        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 30) - 1
        }
    }

    /// Symmetric neighbour lists of pairs.
    private func graph(_ n: Int, _ pairs: Set<[Int]>) throws -> IndexLists {
        let sizes = try PlainArray<Int>(n + 1, filledWith: 0)
        var lists = [[Int32]](repeating: [], count: n)
        for pair in pairs {
            lists[pair[0]].append(Int32(pair[1]))
            lists[pair[1]].append(Int32(pair[0]))
        }
        for i in 0..<n { sizes[i + 1] = lists[i].count }
        let result = try IndexLists(sizes: sizes)
        for i in 0..<n {
            for (k, j) in lists[i].sorted().enumerated() { result.items[result.starts[i] + k] = j }
        }
        return result
    }

    private func randomPairs(_ n: Int, _ count: Int, _ noise: inout Noise) -> Set<[Int]> {
        var pairs = Set<[Int]>()
        for _ in 0..<count {
            let a = Int((noise.next() + 1) / 2 * Double(n - 1) + 0.5)
            let b = Int((noise.next() + 1) / 2 * Double(n - 1) + 0.5)
            if a != b { pairs.insert([min(a, b), max(a, b)]) }
        }
        return pairs
    }

    /// In the order of elimination: the matrix with random blocks and a diagonal that makes it positive definite.
    private func matrix(_ graph: IndexLists, _ order: PlainArray<Int32>, _ sizes: [Int], _ noise: inout Noise) throws
        -> SparseBlockMatrix
    {
        let n = order.count
        var place = [Int](repeating: 0, count: n)
        for i in 0..<n { place[Int(order[i])] = i }
        let counts = try PlainArray<Int>(n + 1, filledWith: 0), own = try PlainArray<Int>(n, filledWith: 0)
        var columns = [[Int32]](repeating: [], count: n)
        for i in 0..<n {
            own[i] = sizes[Int(order[i])]
            columns[i] = ([i] + graph[Int(order[i])].map { place[Int($0)] }.filter { $0 > i }).sorted().map(Int32.init)
            counts[i + 1] = columns[i].count
        }
        let rows = try IndexLists(sizes: counts)
        for i in 0..<n { for (k, row) in columns[i].enumerated() { rows.items[rows.starts[i] + k] = row } }
        let result = try SparseBlockMatrix(sizes: own, rows: rows)
        for i in 0..<result.values.count { result.values[i] = noise.next() }
        for i in 0..<n {
            let size = own[i], block = result.block(i, i)
            for r in 0..<size {
                for c in 0..<r { block[r * size + c] = block[c * size + r] }
                block[r * size + r] = 8 * Double(graph[Int(order[i])].count + 1)
            }
        }
        return result
    }

    private func product(_ a: SparseBlockMatrix, _ x: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: a.size)
        for i in 0..<a.count {
            for row in a.rows[i] {
                let (j, block) = (Int(row), a.block(Int(row), i))
                for c in 0..<a.size(i) {
                    for r in 0..<a.size(j) {
                        let value = block[c * a.size(j) + r]
                        y[a.offset[j] + r] += value * x[a.offset[i] + c]
                        if i != j { y[a.offset[i] + c] += value * x[a.offset[j] + r] }
                    }
                }
            }
        }
        return y
    }

    @Test(arguments: [(1, 0), (2, 1), (7, 6), (30, 40), (60, 60), (60, 600), (200, 260), (500, 700)])
    func solves(_ n: Int, _ edges: Int) throws {
        var noise = Noise(state: UInt64(n * 1000 + edges))
        for _ in 0..<5 {
            let graph = try graph(n, n > 1 ? randomPairs(n, edges, &noise) : [])
            let sizes = (0..<n).map { _ in Int((noise.next() + 1) * 2) + 1 }
            let weights = try PlainArray<Int>(n, filledWith: 0)
            for i in 0..<n { weights[i] = sizes[i] }
            let order = try MinimumDegree.order(graph, weights: weights)
            let after = try EliminationTree.postordered(graph, order)
            #expect(Set((0..<n).map { Int(order[$0]) }) == Set(0..<n))
            #expect(Set((0..<n).map { Int(after[$0]) }) == Set(0..<n))
            let a = try matrix(graph, after, sizes, &noise)
            let factor = try SparseCholesky(a)
            let x = (0..<a.size).map { _ in noise.next() }
            var b = product(a, x)
            #expect(try factor.factorise(a, tolerance: 0))
            factor.solve(&b)
            for i in 0..<a.size { #expect((b[i] - x[i]).magnitude < 1e-12) }
            // A pivot that is not positive.
            a.block(n / 2, n / 2)[0] = -1
            #expect(try !factor.factorise(a, tolerance: 0))
        }
    }

    /// A chain and a tree fill nothing in; a grid no more than by nested dissection's order, n log n.
    @Test func fillsLittle() throws {
        let n = 1000
        let ones = try PlainArray<Int>(n, filledWith: 1)
        func nonzeros(_ pairs: Set<[Int]>) throws -> Int {
            var noise = Noise()
            let graph = try graph(n, pairs)
            let order = try EliminationTree.postordered(graph, MinimumDegree.order(graph, weights: ones))
            let a = try matrix(graph, order, [Int](repeating: 1, count: n), &noise)
            // The factor's fronts hold whole triangles.
            return try SparseCholesky(a).nonzeros
        }
        let chain = try nonzeros(Set((1..<n).map { [$0 - 1, $0] }))
        #expect(chain <= 2 * n)
        let tree = try nonzeros(Set((1..<n).map { [($0 - 1) / 2, $0] }))
        #expect(tree <= 2 * n)
        var grid = Set<[Int]>()
        for i in 0..<25 {
            for j in 0..<40 {
                if j > 0 { grid.insert([40 * i + j - 1, 40 * i + j]) }
                if i > 0 { grid.insert([40 * i + j - 40, 40 * i + j]) }
            }
        }
        // Row by row it would be 25 n.
        #expect(try nonzeros(grid) < 16 * n)
    }
}
