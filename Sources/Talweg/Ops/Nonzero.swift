import Synchronization
import TalwegKernels

extension View {
    /// Where the elements are not 0, as places in row-major order: int64 [how many].
    func placesOfTrue() throws(TalwegError) -> View {
        let mask = try cast(to: .bool).contiguous()
        let bytes = mask.pointer(as: UInt8.self)
        let n = count
        let chunks = (n + elementsPerChunk - 1) / elementsPerChunk
        let scratch = try Workspace(byteCount: (chunks + 1) * MemoryLayout<Int>.size)
        let ends = scratch.pointer.assumingMemoryBound(to: Int.self)
        ends[0] = 0
        ThreadPool.run(chunks: chunks) { chunk in
            let first = chunk * elementsPerChunk
            ends[chunk + 1] = countTrue(bytes + first, Swift.min(elementsPerChunk, n - first))
        }
        for chunk in 0..<chunks { ends[chunk + 1] += ends[chunk] }
        let places = try View(uninitialized: Shape([ends[chunks]], for: "nonzero"), .int64)
        let to = places.pointer(as: Int64.self)
        ThreadPool.run(chunks: chunks) { chunk in
            let first = chunk * elementsPerChunk
            writeTrue(
                bytes, first, Swift.min(n, first + elementsPerChunk), to + ends[chunk], ends[chunk + 1] - ends[chunk])
        }
        return places
    }
}

/// One in each byte: a bool's only bit. Eight bools times it has in byte i how many of the first i + 1 are true.
private let ones: UInt64 = 0x0101_0101_0101_0101

/// How many of n bools are true.
private func countTrue(_ bytes: UnsafePointer<UInt8>, _ n: Int) -> Int {
    var found: UInt64 = 0
    var i = 0
    while i &+ 8 <= n {
        let word = UnsafeRawPointer(bytes + i).loadUnaligned(as: UInt64.self) & ones
        found &+= (word &* ones) >> 56
        i &+= 8
    }
    while i < n {
        found &+= UInt64(bytes[i] & 1)
        i &+= 1
    }
    return Int(found)
}

/// Writes which of the bools first ..< last are true, `count` of them.
private func writeTrue(
    _ bytes: UnsafePointer<UInt8>, _ first: Int, _ last: Int, _ to: UnsafeMutablePointer<Int64>, _ count: Int
) {
    var (i, place) = (first, 0)
    // Eight at a time, each to where it belongs if it is true; if not, what comes behind it goes there.
    while place &+ 8 <= count, i &+ 8 <= last {
        let word = UnsafeRawPointer(bytes + i).loadUnaligned(as: UInt64.self) & ones
        if word != 0 {
            let sums = word &* ones
            let before = sums &- word
            let at = to + place
            at[Int(before & 0xff)] = Int64(i)
            at[Int(before >> 8 & 0xff)] = Int64(i &+ 1)
            at[Int(before >> 16 & 0xff)] = Int64(i &+ 2)
            at[Int(before >> 24 & 0xff)] = Int64(i &+ 3)
            at[Int(before >> 32 & 0xff)] = Int64(i &+ 4)
            at[Int(before >> 40 & 0xff)] = Int64(i &+ 5)
            at[Int(before >> 48 & 0xff)] = Int64(i &+ 6)
            at[Int(before >> 56)] = Int64(i &+ 7)
            place &+= Int(sums >> 56)
        }
        i &+= 8
    }
    while place < count, i < last {
        to[place] = Int64(i)
        place &+= Int(bytes[i] & 1)
        i &+= 1
    }
    // Where the caller's memory was written meanwhile: positions all the same.
    while place < count {
        to[place] = 0
        place &+= 1
    }
}

extension Tensor {
    /// Where the elements are not 0, in row-major order: int64 [axes, how many], the positions along an axis a row.
    public func nonzero() throws(TalwegError) -> Tensor {
        guard rank > 0 else { throw .shape("nonzero: a tensor without axes has no positions") }
        let places = try view.placesOfTrue()
        let n = places.count
        let all = try Shape([rank, n], for: "nonzero")
        if rank == 1 { return Tensor(places.with(shape: all, strides: all.rowMajorStrides)) }
        let y = try View(uninitialized: all, .int64)
        let (from, to) = (places.pointer(as: Int64.self), y.pointer(as: Int64.self))
        let width = Swift.max(shape[rank - 1], 1)
        forEachChunk(n) { first, count in
            var (begin, end) = (0, 0)
            var position = PerAxis(repeating: 0)
            for i in first..<(first + count) {
                let place = Int(from[i])
                if place >= end {
                    // A row further on: its positions by division.
                    var rest = place / width
                    begin = rest * width
                    end = begin + width
                    var axis = rank - 2
                    while axis >= 0 {
                        position[axis] = rest % shape[axis]
                        rest /= shape[axis]
                        axis -= 1
                    }
                }
                for axis in 0..<(rank - 1) { to[axis * n + i] = Int64(position[axis]) }
                to[(rank - 1) * n + i] = Int64(place - begin)
            }
        }
        return Tensor(y)
    }

    /// How many elements along some axes (nil: all) are not 0, as int64.
    public func countNonzero(axes: [Int]? = nil, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        let mask = try view.cast(to: .bool)
        guard axes == nil, mask.isContiguous else { return try Tensor(mask).sum(axes: axes, keepdims: keepdims) }
        let bytes = mask.pointer(as: UInt8.self)
        let total = Atomic(0)
        forEachChunk(count) { first, count in total.add(countTrue(bytes + first, count), ordering: .relaxed) }
        let y = try View(uninitialized: shape.reduced(.all(rank), keepdims: keepdims), .int64)
        y.pointer(as: Int64.self).pointee = Int64(total.load(ordering: .relaxed))
        return Tensor(y)
    }
}
