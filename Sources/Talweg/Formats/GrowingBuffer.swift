/// Plain values one after another in memory from the checked allocator, as many
/// as a file turns out to hold.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private var storage: Storage?
    private(set) var count = 0
    private var capacity = 0

    init() {}

    var elements: UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: storage?.pointer.assumingMemoryBound(to: Element.self), count: count)
    }

    /// The memory that holds the elements, and maybe room for more.
    func memory() throws(TalwegError) -> Storage {
        if let storage { return storage }
        return try Storage(byteCount: 0)
    }

    mutating func append(_ element: Element) throws(TalwegError) {
        if count == capacity { try grow() }
        storage?.pointer.assumingMemoryBound(to: Element.self)[count] = element
        count += 1
    }

    /// Forgets the elements; the memory stays.
    mutating func removeAll() { count = 0 }

    private mutating func grow() throws(TalwegError) {
        let stride = MemoryLayout<Element>.stride
        guard capacity < Int.max / 2 / stride else { throw .outOfMemory(bytes: Int.max) }
        let larger = max(64, capacity * 2)
        let moved = try Storage(byteCount: larger * stride)
        if let storage { moved.pointer.copyMemory(from: storage.pointer, byteCount: count * stride) }
        storage = moved
        capacity = larger
    }
}

/// Sorts in place, without memory and in n log n steps whatever the order given.
func heapSort<Element: BitwiseCopyable>(
    _ elements: UnsafeMutableBufferPointer<Element>, _ precedes: (Element, Element) -> Bool
) {
    func sink(_ start: Int, _ end: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < end else { return }
            if child + 1 < end, precedes(elements[child], elements[child + 1]) { child += 1 }
            guard precedes(elements[parent], elements[child]) else { return }
            elements.swapAt(parent, child)
            parent = child
        }
    }
    var start = elements.count / 2
    while start > 0 {
        start -= 1
        sink(start, elements.count)
    }
    var end = elements.count
    while end > 1 {
        end -= 1
        elements.swapAt(0, end)
        sink(0, end)
    }
}
