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
        return Tensor(try x.view.contiguous().places(of: y.view.contiguous(), right: right))
    }

    /// Whether each element is one of those of `elements`, as bool; NaN equals nothing.
    public func isIn(_ elements: Tensor, inverted: Bool = false) throws(TalwegError) -> Tensor {
        let (x, y) = try promoted(detach(), elements.detach())
        let sorted = try y.view.flattened().sorted(axis: 0, false)
        if sorted.count == 0 { return Tensor(try .full(shape, inverted ? 1 : 0, .bool)) }
        let values = try x.view.contiguous()
        let places = try sorted.places(of: values, right: false)
        let clamped = places.pointer(as: Int64.self)
        let last = Int64(sorted.count - 1)
        forEachChunk(places.count) { first, count in
            for i in first..<(first + count) { clamped[i] = Swift.min(clamped[i], last) }
        }
        let found = try IndexSelect(axis: 0, indices: places).forward(sorted)
        return inverted ? try Tensor(found).isNotEqual(Tensor(values)) : try Tensor(found).isEqual(Tensor(values))
    }
}

extension View {
    /// Where each of some row-major values of one dtype would be put into this row-major vector.
    func places(of values: View, right: Bool) throws(TalwegError) -> View {
        let y = try View(uninitialized: values.shape, .int64)
        switch dtype.itemSize {
        case 1: search(values, to: y, right, OrderKeys<UInt8>(dtype))
        case 2: search(values, to: y, right, OrderKeys<UInt16>(dtype))
        case 4: search(values, to: y, right, OrderKeys<UInt32>(dtype))
        default: search(values, to: y, right, OrderKeys<UInt64>(dtype))
        }
        return y
    }

    private func search<Bits>(_ values: View, to y: View, _ right: Bool, _ rule: OrderKeys<Bits>) {
        let (n, sorted) = (count, pointer(as: Bits.self))
        let (from, to) = (values.pointer(as: Bits.self), y.pointer(as: Int64.self))
        forEachChunk(values.count) { first, count in
            var i = first
            let end = first + count
            while i < end {
                let lanes = min(end - i, 8)
                searchEight(n, sorted, from + i, lanes, to + i, right, rule)
                i += lanes
            }
        }
    }
}

/// Eight binary searches side by side, since each waits for memory at every step. A step goes on without a branch.
@inline(__always)
private func searchEight<Bits>(
    _ n: Int, _ sorted: UnsafePointer<Bits>, _ values: UnsafePointer<Bits>, _ lanes: Int,
    _ places: UnsafeMutablePointer<Int64>, _ right: Bool, _ rule: OrderKeys<Bits>
) {
    var keys = InlineArray<8, Bits>(repeating: 0)
    var bases = InlineArray<8, Int>(repeating: 0)
    for lane in 0..<lanes { keys[lane] = rule.key(values[lane]) }
    var length = n
    while length > 1 {
        let half = length / 2
        for lane in 0..<8 {
            let other = rule.key(sorted[bases[lane] &+ half &- 1])
            bases[lane] &+= other < keys[lane] || (right && other == keys[lane]) ? half : 0
        }
        length &-= half
    }
    for lane in 0..<lanes {
        var place = bases[lane]
        if n > 0 {
            let other = rule.key(sorted[place])
            place &+= other < keys[lane] || (right && other == keys[lane]) ? 1 : 0
        }
        places[lane] = Int64(place)
    }
}
