/// An order of elimination that keeps a sparse Cholesky factor small: again and again the variable of the least
/// approximate degree in the quotient graph (Amestoy, Davis and Duff, "An approximate minimum degree ordering
/// algorithm", SIAM J. Matrix Anal. Appl. 17, 1996).
///
/// An eliminated variable becomes an element, whose list holds the variables that it ties together. A variable's list
/// holds first variables that it is tied to directly, then elements.
struct MinimumDegree {
    private let n: Int
    /// [n]: how many numbers a variable stands for; 0 once it is eliminated or merged.
    private let weight: PlainArray<Int>
    /// [n]: of an element, the weight of its variables.
    private let elementWeight: PlainArray<Int>
    private let isElement: PlainArray<Bool>
    /// [n]: where a list begins, and how many variables and elements it has.
    private let start, variables, elements: PlainArray<Int>
    /// The lists, and room to move them to.
    private var lists, spare: PlainArray<Int32>
    private var used: Int
    private let mark, degree, share: PlainArray<Int>
    private var tag = 0
    /// Variables of each degree: doubly linked, -1 at the ends.
    private let head, next, previous: PlainArray<Int32>
    private var least = 0
    /// Those that go with another, behind it.
    private let follower, last: PlainArray<Int32>

    /// - Parameters:
    ///   - graph: each variable's neighbours, without itself; symmetric
    ///   - weights: how many numbers each stands for
    private init(_ graph: IndexLists, _ weights: PlainArray<Int>) throws(TalwegError) {
        n = graph.count
        let total = (0..<n).reduce(0) { $0 + weights[$1] }
        weight = try PlainArray(n, filledWith: 0)
        elementWeight = try PlainArray(n, filledWith: 0)
        isElement = try PlainArray(n, filledWith: false)
        start = try PlainArray(n, filledWith: 0)
        variables = try PlainArray(n, filledWith: 0)
        elements = try PlainArray(n, filledWith: 0)
        let room = graph.items.count + graph.items.count / 5 + n
        lists = try PlainArray(room, filledWith: 0)
        spare = try PlainArray(room, filledWith: 0)
        used = graph.items.count
        mark = try PlainArray(n, filledWith: 0)
        degree = try PlainArray(n, filledWith: 0)
        share = try PlainArray(n, filledWith: 0)
        head = try PlainArray(total + 1, filledWith: -1)
        next = try PlainArray(n, filledWith: -1)
        previous = try PlainArray(n, filledWith: -1)
        follower = try PlainArray(n, filledWith: -1)
        last = try PlainArray(n, filledWith: 0)
        lists.pointer.update(from: graph.items.pointer, count: graph.items.count)
        for i in 0..<n {
            (weight[i], start[i], variables[i], last[i]) = (weights[i], graph.starts[i], graph[i].count, Int32(i))
            for j in graph[i] { degree[i] += weights[Int(j)] }
        }
        // From the last on, so that of equal ones the first is taken first.
        for i in (0..<n).reversed() { insert(i) }
    }

    /// The variables in the order in which to eliminate them.
    static func order(_ graph: IndexLists, weights: PlainArray<Int>) throws(TalwegError) -> PlainArray<Int32> {
        var work = try MinimumDegree(graph, weights)
        let result = try PlainArray<Int32>(graph.count, filledWith: 0)
        var count = 0
        while let pivot = work.takeLeast() {
            try work.eliminate(pivot)
            var member = Int32(pivot)
            while member >= 0 {
                result[count] = member
                count += 1
                member = work.follower[Int(member)]
            }
        }
        return result
    }

    // MARK: Degrees

    private func insert(_ i: Int) {
        let d = degree[i], first = head[d]
        (next[i], previous[i]) = (first, -1)
        if first >= 0 { previous[Int(first)] = Int32(i) }
        head[d] = Int32(i)
    }

    private func remove(_ i: Int) {
        let (before, after) = (previous[i], next[i])
        if after >= 0 { previous[Int(after)] = before }
        if before >= 0 { next[Int(before)] = after } else { head[degree[i]] = after }
    }

    private mutating func takeLeast() -> Int? {
        while least < head.count {
            if head[least] >= 0 {
                let found = Int(head[least])
                remove(found)
                return found
            }
            least += 1
        }
        return nil
    }

    // MARK: Elimination

    private mutating func eliminate(_ pivot: Int) throws(TalwegError) {
        let count = try gather(pivot)
        let begin = start[pivot]
        countShares(pivot, begin, count)
        for place in begin..<(begin + count) { update(Int(lists[place]), pivot) }
        merge(begin, count)
        // What is left of the element.
        var kept = begin
        for place in begin..<(begin + count) {
            let i = Int(lists[place])
            if weight[i] == 0 { continue }
            lists[kept] = Int32(i)
            kept += 1
            degree[i] = min(degree[i] + elementWeight[pivot] - weight[i], head.count - 1)
            insert(i)
            least = min(least, degree[i])
        }
        variables[pivot] = kept - begin
    }

    /// Makes the pivot an element: of the variables that it and its elements are tied to. Gives how many these are.
    private mutating func gather(_ pivot: Int) throws(TalwegError) -> Int {
        var most = variables[pivot]
        let own = lists.pointer + start[pivot]
        for k in 0..<elements[pivot] { most += variables[Int(own[variables[pivot] + k])] }
        if used + most > lists.count { try compact(for: most) }
        let source = lists.pointer + start[pivot], begin = used
        tag += 1
        var count = 0, total = 0
        func take(_ from: UnsafePointer<Int32>, _ number: Int) {
            for k in 0..<number {
                let i = Int(from[k])
                if weight[i] == 0 || mark[i] == tag { continue }
                mark[i] = tag
                lists[begin + count] = Int32(i)
                count += 1
                total += weight[i]
                remove(i)
            }
        }
        weight[pivot] = 0
        take(source, variables[pivot])
        for k in 0..<elements[pivot] {
            let element = Int(source[variables[pivot] + k])
            take(lists.pointer + start[element], variables[element])
            isElement[element] = false
        }
        (start[pivot], variables[pivot], elements[pivot]) = (begin, count, 0)
        elementWeight[pivot] = total
        isElement[pivot] = true
        used = begin + count
        return count
    }

    /// For each element beside the pivot: how much of it lies outside the pivot's; in `share`, valid where `mark` of
    /// the element is the tag.
    private func countShares(_ pivot: Int, _ begin: Int, _ count: Int) {
        for place in begin..<(begin + count) {
            let i = Int(lists[place])
            let own = lists.pointer + start[i] + variables[i]
            for k in 0..<elements[i] {
                let element = Int(own[k])
                if !isElement[element] { continue }
                if mark[element] != tag {
                    mark[element] = tag
                    share[element] = elementWeight[element]
                }
                share[element] -= weight[i]
            }
        }
    }

    /// A neighbour's list without what the pivot's element covers, and its degree but for that element's part.
    private func update(_ i: Int, _ pivot: Int) {
        let own = lists.pointer + start[i]
        var kept = 0, sum = 0
        for k in 0..<variables[i] {
            let j = Int(own[k])
            if weight[j] == 0 || mark[j] == tag { continue }
            own[kept] = Int32(j)
            kept += 1
            sum += weight[j]
        }
        let first = variables[i], count = elements[i]
        variables[i] = kept
        for k in 0..<count {
            let element = Int(own[first + k])
            if !isElement[element] { continue }
            // One that lies within the pivot's element tells nothing more.
            if share[element] == 0 { continue }
            own[kept] = Int32(element)
            kept += 1
            sum += share[element]
        }
        own[kept] = Int32(pivot)
        elements[i] = kept - variables[i] + 1
        degree[i] = min(sum, degree[i])
    }

    /// Variables of the element that are tied to the same ones become one; those whose lists have the same sum are
    /// compared.
    private func merge(_ begin: Int, _ count: Int) {
        let order = UnsafeMutableBufferPointer(start: lists.pointer + begin, count: count)
        for item in order {
            let i = Int(item), own = lists.pointer + start[i]
            var sum = 0
            for k in 0..<(variables[i] + elements[i]) { sum += Int(own[k]) }
            share[i] = sum
        }
        let sums = share.pointer
        heapSort(order) { (sums[Int($0)], $0) < (sums[Int($1)], $1) }
        var first = 0
        while first < count {
            let i = Int(order[first])
            first += 1
            if weight[i] == 0 { continue }
            var other = first
            while other < count, sums[Int(order[other])] == sums[i] {
                let j = Int(order[other])
                other += 1
                if weight[j] > 0, isSame(i, j) { absorb(j, into: i) }
            }
        }
    }

    private func isSame(_ i: Int, _ j: Int) -> Bool {
        guard variables[i] == variables[j], elements[i] == elements[j] else { return false }
        let (a, b) = (lists.pointer + start[i], lists.pointer + start[j])
        let (va, count) = (variables[i], variables[i] + elements[i])
        // Both lists are short; neither is in any order.
        for k in 0..<count {
            var found = false
            let (low, high) = k < va ? (0, va) : (va, count)
            for q in low..<high where b[q] == a[k] {
                found = true
                break
            }
            if !found { return false }
        }
        return true
    }

    private func absorb(_ j: Int, into i: Int) {
        weight[i] += weight[j]
        weight[j] = 0
        follower[Int(last[i])] = Int32(j)
        last[i] = last[j]
    }

    /// Moves the lists that are still needed together, with room for `wanted` more items.
    private mutating func compact(for wanted: Int) throws(TalwegError) {
        var needed = wanted
        for i in 0..<n where weight[i] > 0 || isElement[i] { needed += variables[i] + elements[i] }
        if needed > spare.count { spare = try PlainArray(needed + needed / 4, filledWith: 0) }
        var place = 0
        for i in 0..<n where weight[i] > 0 || isElement[i] {
            let count = variables[i] + elements[i]
            (spare.pointer + place).update(from: lists.pointer + start[i], count: count)
            start[i] = place
            place += count
        }
        (lists, spare) = (spare, lists)
        used = place
    }
}
