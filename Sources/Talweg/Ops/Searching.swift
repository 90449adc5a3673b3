import TalwegKernels

extension Tensor {
    /// Where each value would be put into this tensor, 1-d and in ascending order, to keep it so: before what is equal
    /// to it, or (`right`) behind. int64, in the values' shape. NaN is the greatest.
    /// - Parameter sorter: positions that bring this tensor into order, as `argsort` gives them
    public func searchSorted(_ values: Tensor, right: Bool = false, sorter: Tensor? = nil)
        throws(TalwegError) -> Tensor
    {
        guard rank == 1 else { throw .shape("searchsorted: the sorted tensor has shape \(shape), not [n]") }
        var sorted = detach()
        if let sorter {
            guard sorter.shape == shape else {
                throw .shape("searchsorted: a sorter of shape \(sorter.shape) for a tensor of shape \(shape)")
            }
            sorted = try sorted.indexSelect(axis: 0, sorter)
        }
        let (x, y) = try promoted(sorted, values.detach())
        let (from, to) = (try x.view.contiguous(), try y.view.contiguous())
        let places = try View(uninitialized: to.shape, .int64)
        switch from.dtype.itemSize {
        case 1: try search(from, to, to: places, right, UInt8.self)
        case 2: try search(from, to, to: places, right, UInt16.self)
        case 4: try search(from, to, to: places, right, UInt32.self)
        default: try search(from, to, to: places, right, UInt64.self)
        }
        return Tensor(places)
    }

    private func search<Bits: FixedWidthInteger & UnsignedInteger>(
        _ sorted: View, _ values: View, to places: View, _ right: Bool, _: Bits.Type
    ) throws(TalwegError) {
        let (rule, n) = (OrderKeys<Bits>(sorted.dtype), sorted.count)
        let (table, from) = (sorted.pointer(as: Bits.self), values.pointer(as: Bits.self))
        let to = places.pointer(as: Int64.self)
        // Behind what is equal is before what is greater by one, if there is such a key.
        let search: (UnsafePointer<Bits>, OrderKeys<Bits>?) -> Void = { table, rowRule in
            forEachChunk(values.count) { first, count in
                searchKeys(n, table, rowRule, count, from + first, rule, right) { to[first + $0] = Int64($1) }
            }
        }
        // Keys of the table pay where it is looked into often.
        if values.count < n / 8 { return search(table, rule) }
        let keys = try Workspace(byteCount: n * MemoryLayout<Bits>.size)
        let written = keys.pointer.assumingMemoryBound(to: Bits.self)
        rule.fill(n, table, written)
        search(written, nil)
    }

    /// Whether each element is one of those of `elements`, as bool; NaN equals nothing.
    public func isIn(_ elements: Tensor, inverted: Bool = false) throws(TalwegError) -> Tensor {
        let (x, y) = try promoted(detach(), elements.detach())
        let sorted = try y.view.flattened().sorted(axis: 0, false)
        let (values, found) = (try x.view.contiguous(), try View(uninitialized: shape, .bool))
        switch x.dtype.itemSize {
        case 1: try find(values, sorted, to: found, inverted, UInt8.self)
        case 2: try find(values, sorted, to: found, inverted, UInt16.self)
        case 4: try find(values, sorted, to: found, inverted, UInt32.self)
        default: try find(values, sorted, to: found, inverted, UInt64.self)
        }
        return Tensor(found)
    }

    private func find<Bits: FixedWidthInteger & UnsignedInteger>(
        _ values: View, _ sorted: View, to found: View, _ inverted: Bool, _: Bits.Type
    ) throws(TalwegError) {
        let (rule, from, to) = (
            OrderKeys<Bits>(values.dtype), values.pointer(as: Bits.self), found.pointer(as: UInt8.self)
        )
        var n = sorted.count
        let elements = sorted.pointer(as: Bits.self)
        while n > 0, rule.isNaN(elements[n - 1]) { n -= 1 }
        let (yes, no): (UInt8, UInt8) = inverted ? (0, 1) : (1, 0)
        if n == 0 { return found.fill(inverted ? 1 : 0) }
        let keys = try Workspace(byteCount: n * MemoryLayout<Bits>.size)
        let table = keys.pointer.assumingMemoryBound(to: Bits.self)
        rule.fill(n, elements, table)
        let (least, span) = (table[0], table[n - 1] - table[0])
        // Keys that lie close together are marked in a table of all that may be.
        if UInt64(span) < UInt64(Swift.min(8 * (values.count + n), 1 << 26)) {
            let marks = try Workspace(byteCount: Int(span) + 1)
            let marked = marks.pointer.assumingMemoryBound(to: UInt8.self)
            marked.update(repeating: no, count: Int(span) + 1)
            for i in 0..<n { marked[Int(table[i] - least)] = yes }
            forEachChunk(values.count) { first, count in
                for i in first..<(first + count) {
                    let key = rule.key(from[i]) &- least
                    to[i] = key <= span && !rule.isNaN(from[i]) ? marked[Int(key)] : no
                }
            }
            return
        }
        forEachChunk(values.count) { first, count in
            searchKeys(n, table, nil, count, from + first, rule, false) { i, place in
                let value = from[first + i]
                to[first + i] = place < n && table[place] == rule.key(value) && !rule.isNaN(value) ? yes : no
            }
        }
    }
}

/// Calls `found` with each value's number and how many keys of a table, in ascending order, are less than its key, or
/// (`right`) not greater. The table has keys, or elements that `tableRule` makes keys of.
///
/// Four binary searches go side by side, since each waits for memory at every step; a step has no branch.
@inline(__always)
private func searchKeys<Bits: FixedWidthInteger & UnsignedInteger>(
    _ n: Int, _ table: UnsafePointer<Bits>, _ tableRule: OrderKeys<Bits>?, _ count: Int,
    _ values: UnsafePointer<Bits>, _ rule: OrderKeys<Bits>, _ right: Bool, _ found: (Int, Int) -> Void
) {
    @inline(__always) func key(_ place: Int) -> Bits { tableRule?.key(table[place]) ?? table[place] }
    // Not greater than a key is less than the next one; there is none behind the greatest.
    let next: Bits = right ? 1 : 0
    @inline(__always) func finish(_ i: Int, _ place: Int, _ wanted: Bits) {
        if right, wanted == 0 { return found(i, n) }
        found(i, n > 0 && key(place) < wanted ? place &+ 1 : place)
    }
    var i = 0
    while i < count {
        let last = count &- 1
        let a = rule.key(values[i]) &+ next
        let b = rule.key(values[min(i &+ 1, last)]) &+ next
        let c = rule.key(values[min(i &+ 2, last)]) &+ next
        let d = rule.key(values[min(i &+ 3, last)]) &+ next
        var (p, q, r, s) = (0, 0, 0, 0)
        var length = n
        while length > 1 {
            let half = length / 2
            let step = half &- 1
            p = key(p &+ step) < a ? p &+ half : p
            q = key(q &+ step) < b ? q &+ half : q
            r = key(r &+ step) < c ? r &+ half : r
            s = key(s &+ step) < d ? s &+ half : s
            length &-= half
        }
        finish(i, p, a)
        if i &+ 1 < count { finish(i &+ 1, q, b) }
        if i &+ 2 < count { finish(i &+ 2, r, c) }
        if i &+ 3 < count { finish(i &+ 3, s, d) }
        i &+= 4
    }
}
