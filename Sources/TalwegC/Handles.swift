import Synchronization
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a handle stands for.
enum HandleKind: UInt8 {
    case scope = 1
    case tensor = 2
    case generator = 3
    case module = 4
    case optimizer = 5
    case loader = 6
    case lstsqResult = 7
    case history = 8
    case safetensors = 9

    var name: String {
        switch self {
        case .scope: "scope"
        case .tensor: "tensor"
        case .generator: "generator"
        case .module: "module"
        case .optimizer: "optimizer"
        case .loader: "loader"
        case .lstsqResult: "least-squares result"
        case .history: "history"
        case .safetensors: "safetensors file"
        }
    }
}

/// An object that C programs hold by a handle.
protocol HandleObject: AnyObject {
    static var handleKind: HandleKind { get }
}

/// The handles that C programs hold. A handle is no address but the number of
/// a slot and how often the slot was used, so that a handle which was freed
/// before, is of another kind or is no handle at all is told from a live one.
///
/// A slot's word holds the generation and the kind, 0 while it is free. The
/// slots lie in blocks that never move, so looking one up takes no lock.
enum Handles {
    /// Puts an object in a slot.
    static func insert<T: HandleObject>(_ object: T) throws(TalwegError) -> OpaquePointer {
        lock.lock()
        defer { lock.unlock() }
        let index: Int
        if freeCount > 0 {
            freeCount -= 1
            index = Int(freeList[freeCount])
        } else {
            index = used
            try reserve(index)
            used += 1
        }
        let (block, place) = (index >> blockBits, index & (blockSize - 1))
        guard block < maximumBlocks, let slots = blocks[block] else {
            throw TalwegError(.internal, "handle: no block for slot \(index)")
        }
        let generation = (slots[place].generation &+ 1) & generationMask
        slots[place].generation = generation
        slots[place].object = Unmanaged<AnyObject>.passRetained(object)
        slots[place].state.store(
            UInt64(generation) << 8 | UInt64(T.handleKind.rawValue), ordering: .releasing)
        live += 1
        let bits = UInt(generation) << 40 | UInt(index) << 8 | UInt(T.handleKind.rawValue) << 1 | 1
        guard let handle = OpaquePointer(bitPattern: bits) else {
            throw TalwegError(.internal, "handle: slot \(index) has no name")
        }
        return handle
    }

    /// The object of a handle, if it is live and of the kind.
    static func object<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type) -> T? {
        guard let slot = slot(handle, T.handleKind) else { return nil }
        guard let object = slot.pointee.object else { return nil }
        return unsafeDowncast(object.takeUnretainedValue(), to: T.self)
    }

    /// Frees a handle and gives its object; nil if it was none of the kind.
    /// - Parameter unlessKept: leave one alone that `keep` took from its scope.
    static func remove<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type, unlessKept: Bool = false) -> T? {
        // Without a reference that counts until the lock is free again: the optimiser may
        // drop one early, and what an object releases may be a function of the caller's.
        guard let object = take(handle, T.handleKind, unlessKept) else { return nil }
        return unsafeDowncast(object.takeRetainedValue(), to: T.self)
    }

    private static func take(_ handle: OpaquePointer, _ kind: HandleKind, _ unlessKept: Bool) -> Unmanaged<AnyObject>? {
        lock.lock()
        defer { lock.unlock() }
        guard let slot = slot(handle, kind), let object = slot.pointee.object else { return nil }
        if unlessKept, slot.pointee.kept { return nil }
        slot.pointee.kept = false
        slot.pointee.state.store(0, ordering: .releasing)
        slot.pointee.object = nil
        // A slot whose generations are used up is retired: its handles stay stale for ever.
        if slot.pointee.generation < generationMask {
            freeList[freeCount] = UInt32(index(handle))
            freeCount += 1
        }
        live -= 1
        return object
    }

    /// Marks a handle as the caller's, so that its scope leaves it alone.
    static func keep<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type) {
        lock.lock()
        defer { lock.unlock() }
        slot(handle, T.handleKind)?.pointee.kept = true
    }

    /// How many handles are live.
    static var count: Int {
        lock.lock()
        defer { lock.unlock() }
        return live
    }

    /// What kind of thing a bad handle is, for messages.
    static func describe(_ handle: OpaquePointer) -> String {
        let bits = UInt(bitPattern: handle)
        guard bits & 1 == 1, let kind = HandleKind(rawValue: UInt8(truncatingIfNeeded: bits >> 1 & 0x7f)),
            index(handle) < maximumBlocks << blockBits
        else { return "is no handle of this library" }
        return slot(handle, kind) == nil ? "is a \(kind.name) that was released before" : "is a \(kind.name)"
    }

    private struct Slot: ~Copyable {
        let state = Atomic<UInt64>(0)
        var generation: UInt32 = 0
        var object: Unmanaged<AnyObject>?
        var kept = false
    }

    private static let blockBits = 12
    private static let blockSize = 1 << blockBits
    private static let maximumBlocks = 1 << 14
    private static let generationMask: UInt32 = 0xff_ffff

    private static let lock = Lock(heldAcrossFork: true)
    // Guarded by the lock, but for reading `blocks`, whose entries are written once.
    nonisolated(unsafe) private static let blocks: UnsafeMutablePointer<UnsafeMutablePointer<Slot>?> = {
        let table = UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>.allocate(capacity: maximumBlocks)
        table.initialize(repeating: nil, count: maximumBlocks)
        return table
    }()
    nonisolated(unsafe) private static var freeList = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
    nonisolated(unsafe) private static var freeCount = 0
    nonisolated(unsafe) private static var used = 0
    nonisolated(unsafe) private static var live = 0

    /// Makes room for one more slot, and for its place in the free list.
    private static func reserve(_ index: Int) throws(TalwegError) {
        guard index & (blockSize - 1) == 0 else { return }
        let block = index >> blockBits
        guard block < maximumBlocks else {
            throw TalwegError(.outOfMemory, "\(index) handles are alive; free some (tw_scope_clear, tw_release)")
        }
        guard let list = realloc(freeList, (index + blockSize) * MemoryLayout<UInt32>.stride) else {
            throw TalwegError(.outOfMemory, "out of memory: no room for handles")
        }
        freeList = list.assumingMemoryBound(to: UInt32.self)
        guard let slots = malloc(blockSize * MemoryLayout<Slot>.stride) else {
            throw TalwegError(.outOfMemory, "out of memory: no room for handles")
        }
        let typed = slots.bindMemory(to: Slot.self, capacity: blockSize)
        for place in 0..<blockSize { (typed + place).initialize(to: Slot()) }
        blocks[block] = typed
    }

    private static func index(_ handle: OpaquePointer) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: handle) >> 8 & 0xffff_ffff)
    }

    private static func slot(_ handle: OpaquePointer, _ kind: HandleKind) -> UnsafeMutablePointer<Slot>? {
        let bits = UInt(bitPattern: handle)
        let index = index(handle)
        guard bits & 0xff == UInt(kind.rawValue) << 1 | 1, index < maximumBlocks << blockBits,
            let slots = blocks[index >> blockBits]
        else { return nil }
        let slot = slots + (index & (blockSize - 1))
        let expected = UInt64(bits >> 40) << 8 | UInt64(kind.rawValue)
        return slot.pointee.state.load(ordering: .acquiring) == expected ? slot : nil
    }
}
