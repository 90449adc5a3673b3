import Synchronization

/// Where the memory of tensors comes from. Every block is aligned to a cache line and
/// of a size class. Freed blocks are kept for the next request of their class:
/// small ones by the thread that freed them, without a lock, the others in
/// `BlockCache`. So a training loop takes no memory from the system after its
/// first steps, and no page is faulted in twice.
///
/// A block may be freed by another thread than the one that took it.
enum Allocator {
    /// Uninitialised memory, to be given back with the same `byteCount`. More than there can be
    /// is refused at once: an overcommitting kernel would grant it and kill the process at the
    /// first touch.
    static func allocate(_ byteCount: Int) throws(TalwegError) -> UnsafeMutableRawPointer {
        if byteCount >= 0, byteCount <= largestSmall {
            let size = SizeClass(holding: byteCount)
            if let block = ThreadState.current.contents.pointee.blocks.take(size) { return block }
            return try refill(size, byteCount)
        }
        guard byteCount >= 0, byteCount <= memoryLimit else { throw .outOfMemory(bytes: byteCount) }
        guard let block = BlockCache.shared.take(SizeClass(holding: byteCount)) else {
            throw .outOfMemory(bytes: byteCount)
        }
        return block
    }

    static func free(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        let size = SizeClass(holding: byteCount)
        if size.isSmall, ThreadState.current.contents.pointee.blocks.give(block, size) { return }
        giveBack(block, size)
    }

    private static let largestSmall = SizeClass(index: SizeClass.smallCount - 1).byteCount

    /// A small block for a thread that has none of its class: the thread gets a few more with it.
    @inline(never)
    private static func refill(_ size: SizeClass, _ byteCount: Int) throws(TalwegError) -> UnsafeMutableRawPointer {
        let thread = ThreadState.current.contents
        if thread.pointee.blocks.isOutdated { flush(thread) }
        guard let block = BlockCache.shared.take(size) else { throw .outOfMemory(bytes: byteCount) }
        thread.pointee.blocks.countAllocation()
        let wanted = thread.pointee.blocks.room(for: size) / 2
        if wanted > 0 { thread.pointee.blocks.add(BlockCache.shared.takeFree(size, atMost: wanted), size) }
        return block
    }

    /// A block that its thread has no room for, or a large one.
    @inline(never)
    private static func giveBack(_ block: UnsafeMutableRawPointer, _ size: SizeClass) {
        let thread = ThreadState.current.contents
        var chain = Chain.empty
        if size.isSmall {
            if thread.pointee.blocks.isOutdated {
                flush(thread)
                if thread.pointee.blocks.give(block, size) { return }
            }
            // Half of a full list goes along, so that the next frees find room.
            chain = thread.pointee.blocks.removeHalf(size)
        }
        chain.push(block)
        BlockCache.shared.give(chain, size)
    }

    /// Gives all that is kept back to the system; other threads do at their next call.
    static func releaseCaches() {
        ThreadBlocks.epoch.wrappingAdd(1, ordering: .relaxed)
        flush(ThreadState.current.contents)
        BlockCache.shared.releaseAll()
    }

    static func setCacheLimit(_ bytes: Int) {
        ThreadBlocks.budget.store(bytes < 16 << 20 ? 0 : ThreadBlocks.mostBytes, ordering: .relaxed)
        ThreadBlocks.epoch.wrappingAdd(1, ordering: .relaxed)
        flush(ThreadState.current.contents)
        BlockCache.shared.setLimit(bytes)
    }

    /// Gives what a thread keeps to the threads in common.
    private static func flush(_ thread: UnsafeMutablePointer<ThreadState.Contents>) {
        for index in 0..<SizeClass.smallCount {
            let size = SizeClass(index: index)
            BlockCache.shared.give(thread.pointee.blocks.removeAll(size), size)
        }
        thread.pointee.blocks.renew()
    }

    /// A thread's first call.
    static func join(_ thread: UnsafeMutablePointer<ThreadState.Contents>) {
        BlockCache.shared.add(thread)
        thread.pointee.blocks.isMember = true
        thread.pointee.blocks.renew()
    }

    /// A thread's end.
    static func leave(_ thread: UnsafeMutablePointer<ThreadState.Contents>) {
        thread.pointee.blocks.isMember = false
        flush(thread)
        BlockCache.shared.remove(thread)
    }
}

/// Free blocks of one class, of which each begins with the address of the next.
struct Chain: @unchecked Sendable {
    var first: UnsafeMutableRawPointer?
    var count: Int

    static let empty = Chain(first: nil, count: 0)

    mutating func pop() -> UnsafeMutableRawPointer? {
        guard let block = first else { return nil }
        first = block.load(as: UnsafeMutableRawPointer?.self)
        count &-= 1
        return block
    }

    mutating func push(_ block: UnsafeMutableRawPointer) {
        block.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
        first = block
        count &+= 1
    }
}

/// The small blocks that a thread keeps for itself: a list of each class, and 1 MiB
/// of them in all.
struct ThreadBlocks: ~Copyable {
    static let mostBytes = 1 << 20

    /// Tells the threads to give back what they keep: a thread's number is
    /// compared with it at each call. 0 is no thread's.
    static let epoch = Atomic<Int>(1)
    /// How many bytes a thread may keep.
    static let budget = Atomic<Int>(mostBytes)

    private var chains = InlineArray<56, Chain>(repeating: .empty)
    /// The epoch that this thread's blocks are of; 0: it keeps none.
    private var own = 0
    private var mostKept = 0
    /// Whether `BlockCache` knows of it.
    var isMember = false
    var previous: UnsafeMutablePointer<ThreadState.Contents>?
    var next: UnsafeMutablePointer<ThreadState.Contents>?

    // Written by their thread, read by any that asks for the sums.
    let cachedBytes = Atomic<Int>(0)
    let allocations = Atomic<Int>(0)

    var isOutdated: Bool { own != ThreadBlocks.epoch.load(ordering: .relaxed) }

    @inline(__always)
    mutating func take(_ size: SizeClass) -> UnsafeMutableRawPointer? {
        guard !isOutdated, let block = chains[size.index].pop() else { return nil }
        cachedBytes.store(cachedBytes.load(ordering: .relaxed) &- size.byteCount, ordering: .relaxed)
        countAllocation()
        return block
    }

    /// Whether the block was kept.
    @inline(__always)
    mutating func give(_ block: UnsafeMutableRawPointer, _ size: SizeClass) -> Bool {
        let bytes = cachedBytes.load(ordering: .relaxed) &+ size.byteCount
        guard bytes <= mostKept, !isOutdated, chains[size.index].count < ThreadBlocks.most(size) else { return false }
        chains[size.index].push(block)
        cachedBytes.store(bytes, ordering: .relaxed)
        return true
    }

    @inline(__always)
    func countAllocation() {
        allocations.store(allocations.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// How many blocks of a class are kept at most: 128 KiB of them.
    @inline(__always)
    private static func most(_ size: SizeClass) -> Int { min((1 << 17) / size.byteCount, 256) }

    /// How many more of a class fit.
    func room(for size: SizeClass) -> Int {
        let bytes = max(0, mostKept - cachedBytes.load(ordering: .relaxed))
        return max(0, min(ThreadBlocks.most(size) - chains[size.index].count, bytes / size.byteCount))
    }

    mutating func add(_ more: Chain, _ size: SizeClass) {
        var more = more
        let bytes = more.count * size.byteCount
        while let block = more.pop() { chains[size.index].push(block) }
        cachedBytes.store(cachedBytes.load(ordering: .relaxed) + bytes, ordering: .relaxed)
    }

    mutating func removeHalf(_ size: SizeClass) -> Chain { remove((chains[size.index].count + 1) / 2, size) }

    mutating func removeAll(_ size: SizeClass) -> Chain { remove(chains[size.index].count, size) }

    private mutating func remove(_ count: Int, _ size: SizeClass) -> Chain {
        var out = Chain.empty
        while out.count < count, let block = chains[size.index].pop() { out.push(block) }
        cachedBytes.store(cachedBytes.load(ordering: .relaxed) - out.count * size.byteCount, ordering: .relaxed)
        return out
    }

    /// Heeds the present epoch and budget. The lists are empty.
    mutating func renew() {
        guard isMember else {
            (own, mostKept) = (0, 0)
            return
        }
        own = ThreadBlocks.epoch.load(ordering: .relaxed)
        mostKept = ThreadBlocks.budget.load(ordering: .relaxed)
    }
}
