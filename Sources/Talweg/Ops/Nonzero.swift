import TalwegKernels

extension View {
    /// Where the elements are not 0, as places in row-major order: int64 [how many].
    func placesOfTrue() throws(TalwegError) -> View {
        let mask = try cast(to: .bool).contiguous()
        let bytes = mask.pointer(as: UInt8.self)
        let chunks = (count + elementsPerChunk - 1) / elementsPerChunk
        let scratch = try Workspace(byteCount: (chunks + 1) * MemoryLayout<Int>.size)
        let ends = scratch.pointer.assumingMemoryBound(to: Int.self)
        ends[0] = 0
        ThreadPool.run(chunks: chunks) { chunk in
            let first = chunk * elementsPerChunk
            var found = 0
            for i in first..<Swift.min(count, first + elementsPerChunk) { found &+= bytes[i] != 0 ? 1 : 0 }
            ends[chunk + 1] = found
        }
        for chunk in 0..<chunks { ends[chunk + 1] += ends[chunk] }
        let places = try View(uninitialized: Shape([ends[chunks]], for: "nonzero"), .int64)
        let to = places.pointer(as: Int64.self)
        ThreadPool.run(chunks: chunks) { chunk in
            var i = chunk * elementsPerChunk
            let last = Swift.min(count, i + elementsPerChunk)
            var place = ends[chunk]
            let end = ends[chunk + 1]
            // Eight at a time: none is rare in dense masks, and common in sparse ones.
            while place &+ 8 <= end, i &+ 8 <= last {
                if UnsafeRawPointer(bytes + i).loadUnaligned(as: UInt64.self) != 0 {
                    for j in i..<(i &+ 8) {
                        to[place] = Int64(j)
                        place &+= bytes[j] != 0 ? 1 : 0
                    }
                }
                i &+= 8
            }
            while place < end, i < last {
                to[place] = Int64(i)
                place &+= bytes[i] != 0 ? 1 : 0
                i &+= 1
            }
            // Where the caller's memory was written meanwhile: positions all the same.
            while place < end {
                to[place] = 0
                place &+= 1
            }
        }
        return places
    }
}

extension Tensor {
    /// Where the elements are not 0, in row-major order: int64 [axes, how many], the positions along an axis a row.
    public func nonzero() throws(TalwegError) -> Tensor {
        guard rank > 0 else { throw .shape("nonzero: a tensor without axes has no positions") }
        let places = try view.placesOfTrue()
        let n = places.count
        if rank == 1 { return Tensor(places.with(shape: try Shape([1, n]), strides: try Shape([1, n]).rowMajorStrides)) }
        let y = try View(uninitialized: Shape([rank, n], for: "nonzero"), .int64)
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
        try Tensor(view.cast(to: .bool)).sum(axes: axes, keepdims: keepdims)
    }
}
