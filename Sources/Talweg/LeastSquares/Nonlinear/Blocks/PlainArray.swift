/// A fixed number of plain values in memory from the checked allocator. Loops take its pointer once.
final class PlainArray<Element: BitwiseCopyable> {
    let count: Int
    let pointer: UnsafeMutablePointer<Element>
    private let storage: Storage

    init(_ count: Int, filledWith value: Element) throws(TalwegError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard count >= 0, !overflow else { throw .outOfMemory(bytes: Int.max) }
        storage = try Storage(byteCount: bytes)
        self.count = count
        pointer = storage.pointer.assumingMemoryBound(to: Element.self)
        pointer.update(repeating: value, count: count)
    }

    @inline(__always) subscript(_ i: Int) -> Element {
        get { pointer[i] }
        set { pointer[i] = newValue }
    }
}

/// Lists of 32-bit numbers, one after another: list i is items[starts[i] ..< starts[i + 1]].
struct IndexLists {
    let starts: PlainArray<Int>
    let items: PlainArray<Int32>

    /// - Parameter sizes: [n + 1] the lists' sizes, behind an element that is 0; becomes where they start.
    init(sizes: PlainArray<Int>) throws(TalwegError) {
        for i in 1..<max(sizes.count, 1) { sizes[i] += sizes[i - 1] }
        starts = sizes
        items = try PlainArray(sizes[sizes.count - 1], filledWith: 0)
    }

    var count: Int { starts.count - 1 }

    @inline(__always) subscript(_ i: Int) -> UnsafeMutableBufferPointer<Int32> {
        UnsafeMutableBufferPointer(start: items.pointer + starts[i], count: starts[i + 1] - starts[i])
    }
}

extension UnsafeMutableBufferPointer<Int32> {
    /// Where a value stands in ascending ones that hold it.
    @inline(__always)
    func place(of value: Int32) -> Int {
        var low = 0, high = count - 1
        while low < high {
            let middle = (low + high) >> 1
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
