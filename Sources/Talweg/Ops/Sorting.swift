import TalwegKernels

// Sorting by keys: each element becomes a whole number of the same order, and its rows are sorted by digits of
// eight bits from the lowest (radix sort: stable, and of a time that no order of the elements makes worse).

extension Tensor {
    /// The positions (int64) that sort an axis; equal elements keep their order. NaN is the greatest, -0 equals 0.
    public func argsort(axis: Int = -1, descending: Bool = false) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "argsort")
        return Tensor(try order(axis, descending))
    }

    /// The elements of an axis in their order, as `argsort` says. The gradient goes to where each came from.
    public func sort(axis: Int = -1, descending: Bool = false) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "sort")
        return try apply(Gather(axis: axis, indices: order(axis, descending)), self)
    }

    private func order(_ axis: Int, _ descending: Bool) throws(TalwegError) -> View {
        var last = Array(0..<rank)
        last.append(last.remove(at: axis))
        var back = last
        for (place, source) in last.enumerated() { back[source] = place }
        let rows = try view.permuted(last)
        let n = shape[axis]
        let order = try View(uninitialized: rows.shape, .int64)
        if order.count > 0 {
            let keys = try sortKeys(rows, descending)
            let otherKeys = try View(uninitialized: rows.shape, .int64)
            let words = (keys.pointer(as: UInt64.self), otherKeys.pointer(as: UInt64.self))
            let places = order.pointer(as: Int64.self)
            let digits = dtype.itemSize
            // A key of four bytes and a position fit into one word.
            let isPacked = digits <= 4 && n <= Int(UInt32.max)
            let otherOrder = isPacked ? order : try View(uninitialized: rows.shape, .int64)
            let otherPlaces = otherOrder.pointer(as: Int64.self)
            forEachRowGroup(order.count / n, width: n) { first, count in
                for start in stride(from: first * n, to: (first + count) * n, by: n) {
                    if isPacked {
                        sortPacked(n, digits, words.0 + start, words.1 + start, places + start)
                    } else {
                        sortRow(n, digits, words.0 + start, words.1 + start, places + start, otherPlaces + start)
                    }
                }
            }
        }
        return try order.permuted(back).contiguous()
    }
}

/// Row-major keys whose order as unsigned numbers is the elements', in as many low bytes as an element has.
private func sortKeys(_ x: View, _ descending: Bool) throws(TalwegError) -> View {
    let source = try x.contiguous()
    let keys = try View(uninitialized: x.shape, .int64)
    let to = keys.pointer(as: UInt64.self)
    /// Negative numbers fall with their bits, positive ones rise.
    func fill<T, Bits: FixedWidthInteger & UnsignedInteger>(_: T.Type, _ key: (T) -> Bits) {
        let from = source.pointer(as: T.self)
        forEachChunk(source.count) { first, count in
            for i in first..<(first + count) { to[i] = UInt64(descending ? ~key(from[i]) : key(from[i])) }
        }
    }
    switch x.dtype {
    case .float32: fill(Float.self) { orderedBits($0.bitPattern, isNaN: $0.isNaN, isZero: $0 == 0) }
    case .float64: fill(Double.self) { orderedBits($0.bitPattern, isNaN: $0.isNaN, isZero: $0 == 0) }
    case .float16:
        fill(UInt16.self) { orderedBits($0, isNaN: $0 & 0x7fff > 0x7c00, isZero: $0 & 0x7fff == 0) }
    case .bfloat16:
        fill(UInt16.self) { orderedBits($0, isNaN: $0 & 0x7fff > 0x7f80, isZero: $0 & 0x7fff == 0) }
    case .int8: fill(UInt8.self) { $0 ^ 0x80 }
    case .int16: fill(UInt16.self) { $0 ^ 0x8000 }
    case .int32: fill(UInt32.self) { $0 ^ 0x8000_0000 }
    case .int64: fill(UInt64.self) { $0 ^ 0x8000_0000_0000_0000 }
    case .uint8, .bool: fill(UInt8.self) { $0 }
    case .uint16: fill(UInt16.self) { $0 }
    case .uint32: fill(UInt32.self) { $0 }
    case .uint64: fill(UInt64.self) { $0 }
    }
    return keys
}

/// A floating-point number's bits as an unsigned number of the same order; one number for all NaN, and for both zeros.
@inline(__always)
private func orderedBits<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits, isNaN: Bool, isZero: Bool) -> Bits {
    let sign: Bits = 1 << (Bits.bitWidth - 1)
    if isNaN { return .max }
    if isZero { return sign }
    return bits & sign != 0 ? ~bits : bits | sign
}

/// Sorts n keys of at most four bytes and gives where each was. Room for as many lies beside.
private func sortPacked(
    _ n: Int, _ digits: Int, _ keys: UnsafeMutablePointer<UInt64>, _ otherKeys: UnsafeMutablePointer<UInt64>,
    _ order: UnsafeMutablePointer<Int64>
) {
    if n <= 32 {
        insertionSort(n, keys, order)
        return
    }
    for i in 0..<n { keys[i] = keys[i] << 32 | UInt64(i) }
    var (from, to) = (keys, otherKeys)
    for digit in 0..<digits {
        let shift = UInt64(32 + digit * 8)
        guard var places = firstPlaces(n, from, shift) else { continue }
        for i in 0..<n {
            let key = from[i]
            let value = Int(key >> shift & 0xff)
            let place = places[value]
            places[value] = place &+ 1
            to[place] = key
        }
        swap(&from, &to)
    }
    for i in 0..<n { order[i] = Int64(from[i] & 0xffff_ffff) }
}

/// Where the first key of each value of a digit goes; nil if all have the same, which orders nothing.
@inline(__always)
private func firstPlaces(_ n: Int, _ keys: UnsafeMutablePointer<UInt64>, _ shift: UInt64) -> InlineArray<256, Int>? {
    var places = InlineArray<256, Int>(repeating: 0)
    for i in 0..<n { places[Int(keys[i] >> shift & 0xff)] &+= 1 }
    if places[Int(keys[0] >> shift & 0xff)] == n { return nil }
    var begin = 0
    for value in 0..<256 {
        let count = places[value]
        places[value] = begin
        begin += count
    }
    return places
}

/// Sorts n keys of so many bytes and gives where each was. Room for as many lies beside either.
private func sortRow(
    _ n: Int, _ digits: Int, _ keys: UnsafeMutablePointer<UInt64>, _ otherKeys: UnsafeMutablePointer<UInt64>,
    _ order: UnsafeMutablePointer<Int64>, _ otherOrder: UnsafeMutablePointer<Int64>
) {
    if n <= 32 {
        insertionSort(n, keys, order)
        return
    }
    for i in 0..<n { order[i] = Int64(i) }
    var (keys, otherKeys, from, to) = (keys, otherKeys, order, otherOrder)
    for digit in 0..<digits {
        let shift = UInt64(digit * 8)
        guard var places = firstPlaces(n, keys, shift) else { continue }
        for i in 0..<n {
            let value = Int(keys[i] >> shift & 0xff)
            let place = places[value]
            places[value] = place &+ 1
            otherKeys[place] = keys[i]
            to[place] = from[i]
        }
        swap(&keys, &otherKeys)
        swap(&from, &to)
    }
    if from != order { order.update(from: from, count: n) }
}

private func insertionSort(_ n: Int, _ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int64>) {
    for i in 0..<n {
        let key = keys[i]
        var place = i
        while place > 0, keys[place - 1] > key {
            keys[place] = keys[place - 1]
            order[place] = order[place - 1]
            place -= 1
        }
        keys[place] = key
        order[place] = Int64(i)
    }
}
