extension View {
    /// Whether elements of both may lie at the same address. Views of different
    /// storages may, where the caller's memory was borrowed twice.
    func mayOverlap(_ other: View) -> Bool {
        if count == 0 || other.count == 0 { return false }
        let (a, b) = (addresses, other.addresses)
        return a.low < b.high && b.low < a.high
    }

    /// From the first byte of the elements to behind the last one.
    private var addresses: (low: Int, high: Int) {
        let first = Int(bitPattern: pointer)
        var (low, high) = (first, first &+ dtype.itemSize)
        for axis in 0..<rank {
            let reach = (shape[axis] - 1) &* strides[axis] &* dtype.itemSize
            if reach < 0 { low = low &+ reach } else { high = high &+ reach }
        }
        return (low, high)
    }
}
