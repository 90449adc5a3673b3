import TalwegKernels

extension Tensor {
    /// The positions (int64) that sort an axis; equal elements keep their order. NaN is the greatest, -0 equals 0.
    public func argsort(axis: Int = -1, descending: Bool = false) throws(TalwegError) -> Tensor {
        Tensor(try order(axis: shape.axis(axis, for: "argsort"), descending))
    }

    /// The elements of an axis in their order, as `argsort` says. The gradient goes to where each came from.
    public func sort(axis: Int = -1, descending: Bool = false) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "sort")
        if requiresGrad, ThreadState.current.recording {
            return try apply(Gather(axis: axis, indices: order(axis: axis, descending)), self)
        }
        return Tensor(try view.sorted(axis: axis, descending))
    }

    private func order(axis: Int, _ descending: Bool) throws(TalwegError) -> View {
        let rows = AxisRows(axis, rank)
        let source = try view.permuted(rows.last).contiguous()
        let order = try View(uninitialized: source.shape, .int64)
        switch dtype.itemSize {
        case 1: try source.order(to: order, shape[axis], OrderKeys<UInt8>(dtype, descending: descending))
        case 2: try source.order(to: order, shape[axis], OrderKeys<UInt16>(dtype, descending: descending))
        case 4: try source.order(to: order, shape[axis], OrderKeys<UInt32>(dtype, descending: descending))
        default: try source.order(to: order, shape[axis], OrderKeys<UInt64>(dtype, descending: descending))
        }
        return try order.permuted(rows.back).contiguous()
    }
}

/// The orders of axes that bring one to the end, and back.
struct AxisRows {
    let last: [Int]
    let back: [Int]

    init(_ axis: Int, _ rank: Int) {
        var last = Array(0..<rank)
        last.append(last.remove(at: axis))
        var back = last
        for (place, source) in last.enumerated() { back[source] = place }
        (self.last, self.back) = (last, back)
    }
}

extension View {
    /// The elements of an axis in their order, row-major: those of `order` picked, but without it.
    func sorted(axis: Int, _ descending: Bool) throws(TalwegError) -> View {
        let rows = AxisRows(axis, rank)
        let source = try permuted(rows.last).contiguous()
        let y = try View(uninitialized: source.shape, dtype)
        switch dtype.itemSize {
        case 1: try source.sortRows(to: y, shape[axis], OrderKeys<UInt8>(dtype, descending: descending))
        case 2: try source.sortRows(to: y, shape[axis], OrderKeys<UInt16>(dtype, descending: descending))
        case 4: try source.sortRows(to: y, shape[axis], OrderKeys<UInt32>(dtype, descending: descending))
        default: try source.sortRows(to: y, shape[axis], OrderKeys<UInt64>(dtype, descending: descending))
        }
        return try y.permuted(rows.back).contiguous()
    }

    /// Of row-major rows of n elements: the positions that sort each.
    fileprivate func order<Bits>(to order: View, _ n: Int, _ rule: OrderKeys<Bits>) throws(TalwegError) {
        // A key of four bytes and a position fit into one word.
        let isPacked = Bits.bitWidth <= 32 && n <= Int(UInt32.max)
        let words = isPacked ? 2 : 3
        let (from, to) = (pointer(as: Bits.self), order.pointer(as: Int64.self))
        try forEachRow(n, workspaceBytes: radixCountsBytes + words * n * 8) { row, memory in
            let counts = memory.assumingMemoryBound(to: Int.self)
            let keys = (memory + radixCountsBytes).assumingMemoryBound(to: UInt64.self)
            let (x, places) = (from + row * n, to + row * n)
            if isPacked {
                for i in 0..<n { keys[i] = UInt64(rule.key(x[i])) << 32 | UInt64(i) }
                let sorted = sortKeys(n, keys, keys + n, counts, fromByte: 4)
                for i in 0..<n { places[i] = Int64(sorted[i] & 0xffff_ffff) }
            } else {
                for i in 0..<n {
                    keys[i] = UInt64(rule.key(x[i]))
                    places[i] = Int64(i)
                }
                let other = UnsafeMutableRawPointer(keys + 2 * n).assumingMemoryBound(to: Int64.self)
                if radixSort(n, keys, keys + n, places, other, counts) { places.update(from: other, count: n) }
            }
        }
    }

    fileprivate func sortRows<Bits>(to y: View, _ n: Int, _ rule: OrderKeys<Bits>) throws(TalwegError) {
        let (from, to) = (pointer(as: Bits.self), y.pointer(as: Bits.self))
        try forEachRow(n, workspaceBytes: radixCountsBytes + 2 * n * MemoryLayout<Bits>.size) { row, memory in
            let counts = memory.assumingMemoryBound(to: Int.self)
            let keys = (memory + radixCountsBytes).assumingMemoryBound(to: Bits.self)
            sortElements(n, from + row * n, to + row * n, keys, counts, rule)
        }
    }

    /// Calls `body` with each row of n elements and a workspace, in parallel.
    private func forEachRow(_ n: Int, workspaceBytes: Int, _ body: (Int, UnsafeMutableRawPointer) -> Void)
        throws(TalwegError)
    {
        if count == 0 { return }
        let rows = count / n
        let perTask = max(1, elementsPerChunk / n)
        try runTasks((rows + perTask - 1) / perTask, workspaceBytes: workspaceBytes) { task, memory in
            for row in (task * perTask)..<min(rows, (task + 1) * perTask) { body(row, memory) }
        }
    }
}

/// Sorts n elements by keys alone: NaN are set aside, and the zeros of both signs, whose keys differ, put in the order
/// that they had. `keys` has room for 2 n.
private func sortElements<Bits>(
    _ n: Int, _ x: UnsafePointer<Bits>, _ y: UnsafeMutablePointer<Bits>, _ keys: UnsafeMutablePointer<Bits>,
    _ counts: UnsafeMutablePointer<Int>, _ rule: OrderKeys<Bits>
) {
    var (missing, negativeZeros) = (0, 0)
    for i in 0..<n {
        keys[i] = rule.reversible(x[i])
        missing &+= rule.isNaN(x[i]) ? 1 : 0
        negativeZeros &+= rule.isNegativeZero(x[i]) ? 1 : 0
    }
    var numbers = y
    if missing > 0 {
        // Where they go, in the order that they had.
        var nan = rule.isDescending ? y : y + (n - missing)
        if rule.isDescending { numbers += missing }
        var kept = 0
        for i in 0..<n {
            if rule.isNaN(x[i]) {
                nan.pointee = x[i]
                nan += 1
            } else {
                keys[kept] = rule.reversible(x[i])
                kept += 1
            }
        }
    }
    let count = n - missing
    let sorted = sortKeys(count, keys, keys + n, counts)
    for i in 0..<count { numbers[i] = rule.bits(ofReversible: sorted[i]) }
    if negativeZeros > 0 {
        var place = 0
        while place < count, rule.key(numbers[place]) != rule.key(0) { place += 1 }
        for i in 0..<n where rule.key(x[i]) == rule.key(0) {
            numbers[place] = x[i]
            place += 1
        }
    }
}
