/// In which order operands are multiplied two by two.
struct EinsumOrder {
    /// Pairs of places in a list that starts as the operands; each pair's product is put at its end.
    private(set) var steps: [(Int, Int)] = []
    private let sizes: [Double]
    private let output: LabelSet

    /// Operands up to which all orders are compared.
    private static let exhaustive = 8

    /// - Parameters:
    ///   - terms: the operands' labels.
    ///   - sizes: of each label.
    init(_ terms: [LabelSet], output: LabelSet, sizes: [Double]) {
        self.sizes = sizes
        self.output = output
        if terms.count <= 2 {
            steps = terms.count == 2 ? [(0, 1)] : []
        } else if terms.count <= Self.exhaustive {
            findBest(terms)
        } else {
            findGreedily(terms)
        }
    }

    /// How many numbers there are for some labels.
    private func volume(_ labels: LabelSet) -> Double {
        var product = 1.0
        var bits = labels.bits
        while bits != 0 {
            product *= sizes[bits.trailingZeroBitCount]
            bits &= bits - 1
        }
        return product
    }

    /// The order of the fewest multiply-adds and elements of products: the best for each subset of the operands comes from the best for the two
    /// parts that its last product joins. Products of more axes than a tensor has are avoided.
    private mutating func findBest(_ terms: [LabelSet]) {
        let all = (1 << terms.count) - 1
        /// The labels of the operands that a set's bits name.
        var labels = [LabelSet](repeating: LabelSet([]), count: all + 1)
        for subset in 1...all {
            let lowest = subset.trailingZeroBitCount
            labels[subset] = labels[subset & (subset - 1)].union(terms[lowest])
        }
        func product(_ subset: Int) -> LabelSet { labels[subset].intersection(output.union(labels[all & ~subset])) }
        var cost = [Double](repeating: 0, count: all + 1)
        var split = [Int](repeating: 0, count: all + 1)
        for subset in 1...all where subset & (subset - 1) != 0 {
            let mine = product(subset)
            var least = Double.infinity
            // Halves with the lowest operand: each pair once.
            let lowest = subset & -subset
            var part = (subset - 1) & subset
            while part > 0 {
                if part & lowest != 0 {
                    let other = subset & ~part
                    let total = cost[part] + cost[other] + volume(product(part).union(product(other)))
                    if total < least || split[subset] == 0 { (least, split[subset]) = (total, part) }
                }
                part = (part - 1) & subset
            }
            cost[subset] = mine.count > maximumRank ? .infinity : least + volume(mine)
        }
        var count = terms.count
        func place(_ subset: Int, _ steps: inout [(Int, Int)]) -> Int {
            if subset & (subset - 1) == 0 { return subset.trailingZeroBitCount }
            let (first, second) = (place(split[subset], &steps), place(subset & ~split[subset], &steps))
            steps.append((first, second))
            count += 1
            return count - 1
        }
        _ = place(all, &steps)
    }

    /// Each time the pair whose product is smallest beside its two factors, the cheapest of equals.
    private mutating func findGreedily(_ terms: [LabelSet]) {
        var live = terms.enumerated().map { (place: $0.offset, labels: $0.element) }
        var next = terms.count
        while live.count > 1 {
            var best = (first: 0, second: 1, growth: Double.infinity, cost: Double.infinity, product: LabelSet([]))
            for i in 0..<(live.count - 1) {
                for j in (i + 1)..<live.count {
                    var needed = output
                    for k in live.indices where k != i && k != j { needed = needed.union(live[k].labels) }
                    let joined = live[i].labels.union(live[j].labels)
                    let product = joined.intersection(needed)
                    let growth = product.count > maximumRank
                        ? Double.infinity : volume(product) - volume(live[i].labels) - volume(live[j].labels)
                    let cost = volume(joined)
                    if growth < best.growth || (growth == best.growth && cost < best.cost) {
                        best = (i, j, growth, cost, product)
                    }
                }
            }
            let (first, second) = (live[best.first], live[best.second])
            steps.append((first.place, second.place))
            live.remove(at: best.second)
            live.remove(at: best.first)
            live.append((next, best.product))
            next += 1
        }
    }
}
