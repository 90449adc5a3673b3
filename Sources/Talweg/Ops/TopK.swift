import TalwegKernels

extension Tensor {
    /// The k greatest elements of an axis (or the least), as NumPy's order has them: NaN is the greatest, of equal ones
    /// the first come first. With their positions (int64); the gradient goes to where each came from.
    /// - Parameter sorted: in order; else by position
    public func topK(_ k: Int, axis: Int = -1, largest: Bool = true, sorted: Bool = true)
        throws(TalwegError) -> (values: Tensor, indices: Tensor)
    {
        let axis = try shape.axis(axis, for: "top_k")
        guard k >= 0, k <= shape[axis] else {
            throw .invalid("top_k: \(k) of the \(shape[axis]) elements along axis \(axis) of \(shape)")
        }
        let rows = AxisRows(axis, rank)
        let source = try view.permuted(rows.last).contiguous()
        let found = try View(uninitialized: source.shape.replacing(axis: rank - 1, by: k, for: "top_k"), .int64)
        switch dtype.itemSize {
        case 1: try source.select(k, to: found, sorted, OrderKeys<UInt8>(dtype, descending: largest))
        case 2: try source.select(k, to: found, sorted, OrderKeys<UInt16>(dtype, descending: largest))
        case 4: try source.select(k, to: found, sorted, OrderKeys<UInt32>(dtype, descending: largest))
        default: try source.select(k, to: found, sorted, OrderKeys<UInt64>(dtype, descending: largest))
        }
        let indices = try found.permuted(rows.back).contiguous()
        return (try apply(Gather(axis: axis, indices: indices), self), Tensor(indices))
    }
}

extension View {
    /// The positions of the k least keys of each row.
    fileprivate func select<Bits>(_ k: Int, to found: View, _ sorted: Bool, _ rule: OrderKeys<Bits>)
        throws(TalwegError)
    {
        if found.count == 0 { return }
        let n = shape[rank - 1]
        let (from, to) = (pointer(as: Bits.self), found.pointer(as: Int64.self))
        let perTask = max(1, elementsPerChunk / n)
        let rows = count / n
        let size = MemoryLayout<Bits>.size
        // Keys of the row, then of those that are left; keys and positions to sort, twice.
        let bytes = radixCountsBytes + (2 * n * size + 7) / 8 * 8 + 2 * k * 16
        try runTasks((rows + perTask - 1) / perTask, workspaceBytes: bytes) { task, memory in
            let counts = memory.assumingMemoryBound(to: Int.self)
            let keys = (memory + radixCountsBytes).assumingMemoryBound(to: Bits.self)
            let chosen = (memory + radixCountsBytes + (2 * n * size + 7) / 8 * 8).assumingMemoryBound(to: UInt64.self)
            for row in (task * perTask)..<min(rows, (task + 1) * perTask) {
                let (x, places) = (from + row * n, to + row * k)
                for i in 0..<n { keys[i] = rule.key(x[i]) }
                selectLeast(k, n, keys, keys + n, counts, places)
                if !sorted { continue }
                for i in 0..<k { chosen[i] = UInt64(keys[Int(places[i])]) }
                let other = UnsafeMutableRawPointer(chosen + 2 * k).assumingMemoryBound(to: Int64.self)
                if radixSort(k, chosen, chosen + k, places, other, counts) { places.update(from: other, count: k) }
            }
        }
    }
}

/// The positions of the k least of n keys, ascending: the greatest of them is found byte by byte from the highest
/// (radix selection), among ever fewer keys, which `left` has room for.
private func selectLeast<Bits: FixedWidthInteger & UnsignedInteger>(
    _ k: Int, _ n: Int, _ keys: UnsafePointer<Bits>, _ left: UnsafeMutablePointer<Bits>,
    _ counts: UnsafeMutablePointer<Int>, _ places: UnsafeMutablePointer<Int64>
) {
    left.update(from: keys, count: n)
    // The bound is the key number `wanted` (from 1) of those that are left.
    var (remaining, wanted) = (n, k)
    var bound: Bits = 0
    var shift = Bits.bitWidth
    while shift > 0 {
        shift -= 8
        counts.update(repeating: 0, count: 256)
        for i in 0..<remaining { counts[Int(truncatingIfNeeded: left[i] >> Bits(shift) & 0xff)] &+= 1 }
        var value = 0
        while counts[value] < wanted {
            wanted -= counts[value]
            value += 1
        }
        bound |= Bits(value) << Bits(shift)
        if counts[value] == remaining { continue }
        var kept = 0
        for i in 0..<remaining {
            let key = left[i]
            left[kept] = key
            kept &+= Int(truncatingIfNeeded: key >> Bits(shift) & 0xff) == value ? 1 : 0
        }
        remaining = kept
    }
    var (place, equal) = (0, wanted)
    var i = 0
    while place < k, i < n {
        let key = keys[i]
        if key < bound || (key == bound && equal > 0) {
            if key == bound { equal -= 1 }
            places[place] = Int64(i)
            place += 1
        }
        i += 1
    }
}
