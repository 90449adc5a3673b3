import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The free blocks that no thread has for itself, a list of each size class, and
/// what is known of all the memory taken from the system. When more is freed than
/// may be kept, blocks of the class that was used longest ago go back to the system.
final class BlockCache: @unchecked Sendable {
    static let shared = BlockCache()

    private let lock = Lock(heldAcrossFork: true)

    // Guarded by the lock.
    private var chains = InlineArray<312, Chain>(repeating: .empty)
    private var lastUse = InlineArray<312, UInt64>(repeating: 0)
    private var clock: UInt64 = 0
    private var cachedBytes = 0
    /// Of all blocks that are not in the lists: in use, or kept by threads.
    private var outsideBytes = 0
    private var peakBytes = 0
    private var limit = memoryLimit / 2
    private var allocations = 0
    private var systemAllocations = 0
    private var members: UnsafeMutablePointer<ThreadState.Contents>?
    /// Those of threads that a child of fork has not.
    private var forgotten: UnsafeMutablePointer<ThreadState.Contents>?

    private init() {
        ForkGuard.inChild { BlockCache.shared.forgetOtherThreads() }
    }

    /// A block, from the list or the system; nil if there is no memory.
    func take(_ size: SizeClass) -> UnsafeMutableRawPointer? {
        lock.lock()
        touch(size)
        if !size.isSmall { allocations &+= 1 }
        var block = chains[size.index].pop()
        if block != nil { cachedBytes -= size.byteCount }
        outsideBytes += size.byteCount
        let crowded = block == nil && cachedBytes > 0 && isCrowded
        notePeak()
        lock.unlock()
        if block != nil { return block }

        if crowded { releaseAll() }
        block = SystemMemory.allocate(size.byteCount)
        if block == nil {
            // What is kept may be what is missing.
            Allocator.releaseCaches()
            block = SystemMemory.allocate(size.byteCount)
        }
        lock.lock()
        if block == nil { outsideBytes -= size.byteCount } else { systemAllocations &+= 1 }
        lock.unlock()
        return block
    }

    /// Some of the free blocks of a class.
    func takeFree(_ size: SizeClass, atMost count: Int) -> Chain {
        lock.withLock {
            var out = Chain.empty
            while out.count < count, let block = chains[size.index].pop() { out.push(block) }
            cachedBytes -= out.count * size.byteCount
            outsideBytes += out.count * size.byteCount
            return out
        }
    }

    /// Blocks that were freed.
    func give(_ blocks: Chain, _ size: SizeClass) {
        if blocks.count == 0 { return }
        var blocks = blocks
        lock.lock()
        touch(size)
        outsideBytes -= blocks.count * size.byteCount
        cachedBytes += blocks.count * size.byteCount
        while let block = blocks.pop() { chains[size.index].push(block) }
        let surplus = surplus(above: limit)
        lock.unlock()
        release(surplus)
    }

    func setLimit(_ bytes: Int) {
        lock.lock()
        limit = bytes
        let surplus = surplus(above: limit)
        lock.unlock()
        release(surplus)
    }

    /// Gives all free blocks back to the system.
    func releaseAll() {
        lock.lock()
        let surplus = surplus(above: 0)
        lock.unlock()
        release(surplus)
    }

    func add(_ thread: UnsafeMutablePointer<ThreadState.Contents>) {
        lock.withLock {
            thread.pointee.blocks.next = members
            members?.pointee.blocks.previous = thread
            members = thread
        }
    }

    func remove(_ thread: UnsafeMutablePointer<ThreadState.Contents>) {
        lock.withLock {
            let (previous, next) = (thread.pointee.blocks.previous, thread.pointee.blocks.next)
            if let previous { previous.pointee.blocks.next = next } else { members = next }
            next?.pointee.blocks.previous = previous
            allocations &+= thread.pointee.blocks.allocations.load(ordering: .relaxed)
        }
    }

    var statistics: MemoryStatistics {
        lock.withLock {
            let kept = keptByThreads
            notePeak()
            return MemoryStatistics(
                bytesInUse: outsideBytes - kept.bytes, bytesCached: cachedBytes + kept.bytes, peakBytes: peakBytes,
                cacheLimit: limit, allocations: allocations &+ kept.allocations, systemAllocations: systemAllocations)
        }
    }

    // MARK: With the lock held

    private func touch(_ size: SizeClass) {
        clock &+= 1
        lastUse[size.index] = clock
    }

    private var keptByThreads: (bytes: Int, allocations: Int) {
        var sum = (bytes: 0, allocations: 0)
        var member = members
        while let thread = member {
            sum.bytes += thread.pointee.blocks.cachedBytes.load(ordering: .relaxed)
            sum.allocations &+= thread.pointee.blocks.allocations.load(ordering: .relaxed)
            member = thread.pointee.blocks.next
        }
        return sum
    }

    private func notePeak() {
        // The sum over the threads only where there could be a new one.
        if outsideBytes > peakBytes { peakBytes = max(peakBytes, outsideBytes - keptByThreads.bytes) }
    }

    /// Whether new memory could only be had at the cost of what is kept. The kernel
    /// would not refuse what the machine lacks, and what other parts of the program
    /// take within a limit on the address space has no status when it is refused.
    private var isCrowded: Bool {
        if outsideBytes + cachedBytes > memoryLimit { return true }
        guard let most = SystemMemory.addressSpaceLimit else { return false }
        return cachedBytes > most / 8
    }

    /// Takes blocks out of the lists until no more than `bytes` are kept, in a
    /// chain in which each block's second word is its class.
    private func surplus(above bytes: Int) -> Chain {
        var out = Chain.empty
        while cachedBytes > bytes {
            var oldest: Int?
            for index in 0..<SizeClass.count where chains[index].first != nil {
                if let found = oldest, lastUse[found] <= lastUse[index] { continue }
                oldest = index
            }
            guard let oldest else { break }
            while cachedBytes > bytes, let block = chains[oldest].pop() {
                block.storeBytes(of: oldest, toByteOffset: 8, as: Int.self)
                out.push(block)
                cachedBytes -= SizeClass(index: oldest).byteCount
            }
        }
        return out
    }

    /// In a child of fork: what the other threads kept is of no use, since one of them may have been
    /// at work on it.
    private func forgetOtherThreads() {
        let all = keptByThreads
        let own = ThreadState.ofThisThread
        var member = members
        members = nil
        while let thread = member {
            member = thread.pointee.blocks.next
            thread.pointee.blocks.previous = nil
            thread.pointee.blocks.next = thread == own ? nil : forgotten
            if thread == own { members = thread } else { forgotten = thread }
        }
        let left = keptByThreads
        outsideBytes -= all.bytes - left.bytes
        allocations &+= all.allocations &- left.allocations
    }
}

/// Gives blocks back to the system.
private func release(_ surplus: Chain) {
    var rest = surplus
    while let block = rest.pop() {
        SystemMemory.free(block, SizeClass(index: block.load(fromByteOffset: 8, as: Int.self)).byteCount)
    }
}

/// What `Allocator` has done so far.
public struct MemoryStatistics: Sendable {
    /// Of the blocks that tensors and calls have.
    public let bytesInUse: Int
    /// Of free blocks that are kept.
    public let bytesCached: Int
    /// The most that was in use at once, to within 1 MiB a thread.
    public let peakBytes: Int
    /// The most bytes that are kept.
    public let cacheLimit: Int
    /// How many blocks were asked for.
    public let allocations: Int
    /// How many of them had to come from the system.
    public let systemAllocations: Int
}

/// What the allocator has done so far.
public var memoryStatistics: MemoryStatistics { BlockCache.shared.statistics }

/// Sets how many bytes of freed memory are kept for reuse, 0 or more. Below 16 MiB
/// no thread keeps small blocks for itself.
public func setCacheLimit(_ bytes: Int) throws(TalwegError) {
    guard bytes >= 0 else { throw .invalid("set_cache_limit: \(bytes) bytes; 0 or more are possible") }
    Allocator.setCacheLimit(bytes)
}
