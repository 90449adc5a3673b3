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
    case leastSquaresResult = 10
    case matrixOperator = 11
    case lstsqStream = 12
    case glmResult = 13
    case elasticNetResult = 14
    case robustResult = 15
    case problem = 18
    case constrainedResult = 22
    case totalResult = 23
    case basis = 24
    case glmPathResult = 25
    case stochasticResult = 16
    case keyValueCache = 28
    case schedule = 29
    case averagedWeights = 30
    case eventWriter = 40

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
        case .glmResult: "generalised linear model"
        case .elasticNetResult: "elastic-net result"
        case .glmPathResult: "path of generalised linear models"
        case .robustResult: "robust-regression result"
        case .problem: "problem"
        case .constrainedResult: "constrained least-squares result"
        case .totalResult: "total least-squares result"
        case .basis: "basis"
        case .keyValueCache: "key-value cache"
        case .stochasticResult: "stochastic-descent result"
        case .lstsqStream: "least-squares stream"
        case .leastSquaresResult: "nonlinear least-squares result"
        case .matrixOperator: "operator"
        case .schedule: "schedule"
        case .averagedWeights: "averaged weights"
        case .eventWriter: "event writer"
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
/// A slot's word holds the generation, whether it was kept and the kind, 0 while it is
/// free. The slots lie in blocks that never move, and the free ones make a list
/// (Treiber, "Systems programming: coping with parallelism", 1986), so that making,
/// looking up and freeing a handle take no lock.
enum Handles {
    /// Puts an object in a slot.
    static func insert<T: HandleObject>(_ object: consuming T) throws(TalwegError) -> OpaquePointer {
        let index: Int
        if let free = takeFree() { index = free } else { index = try reserve() }
        guard let slot = slot(index) else {
            throw TalwegError(.internal, "handle: no block for slot \(index)")
        }
        let generation = (slot.pointee.generation &+ 1) & generationMask
        slot.pointee.generation = generation
        slot.pointee.object = Unmanaged<AnyObject>.passRetained(object)
        slot.pointee.word.store(UInt64(generation) << 8 | UInt64(T.handleKind.rawValue), ordering: .releasing)
        let bits = UInt(generation) << 40 | UInt(index) << 8 | UInt(T.handleKind.rawValue) << 1 | 1
        guard let handle = OpaquePointer(bitPattern: bits) else {
            throw TalwegError(.internal, "handle: slot \(index) has no name")
        }
        return handle
    }

    /// The object of a handle, if it is live and of the kind.
    static func object<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type) -> T? {
        guard let object = unmanaged(handle, T.handleKind) else { return nil }
        return unsafeDowncast(object.takeUnretainedValue(), to: T.self)
    }

    @inline(__always)
    private static func unmanaged(_ handle: OpaquePointer, _ kind: HandleKind) -> Unmanaged<AnyObject>? {
        guard let slot = slot(handle), slot.pointee.word.load(ordering: .acquiring) & ~keptBit == word(handle, kind)
        else { return nil }
        return slot.pointee.object
    }

    /// Frees a handle and gives its object; nil if it was none of the kind.
    /// - Parameter unlessKept: leave one alone that `keep` took from its scope.
    static func remove<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type, unlessKept: Bool = false) -> T? {
        guard let object = take(handle, T.handleKind, unlessKept) else { return nil }
        return unsafeDowncast(object.takeRetainedValue(), to: T.self)
    }

    private static func take(_ handle: OpaquePointer, _ kind: HandleKind, _ unlessKept: Bool) -> Unmanaged<AnyObject>? {
        guard let slot = slot(handle) else { return nil }
        let expected = word(handle, kind)
        var found = slot.pointee.word.load(ordering: .relaxed)
        // Of two that free it, one gets it.
        repeat {
            guard found & ~keptBit == expected, !(unlessKept && found & keptBit != 0) else { return nil }
            let (exchanged, original) = slot.pointee.word.compareExchange(
                expected: found, desired: 0, ordering: .acquiringAndReleasing)
            if exchanged { break }
            found = original
        } while true
        let object = slot.pointee.object
        slot.pointee.object = nil
        // A slot whose generations are used up is retired: its handles stay stale for ever.
        if slot.pointee.generation < generationMask { addFree(index(handle), slot) }
        return object
    }

    /// Marks a handle as the caller's, so that its scope leaves it alone.
    static func keep<T: HandleObject>(_ handle: OpaquePointer, as type: T.Type) {
        guard let slot = slot(handle) else { return }
        let expected = word(handle, T.handleKind)
        _ = slot.pointee.word.compareExchange(
            expected: expected, desired: expected | keptBit, ordering: .acquiringAndReleasing)
    }

    /// How many handles are live.
    static var count: Int {
        lock.withLock {
            var live = 0
            for index in 0..<used {
                if let slot = slot(index), slot.pointee.word.load(ordering: .relaxed) != 0 { live += 1 }
            }
            return live
        }
    }

    /// What kind of thing a bad handle is, for messages.
    static func describe(_ handle: OpaquePointer) -> String {
        let bits = UInt(bitPattern: handle)
        guard bits & 1 == 1, let kind = HandleKind(rawValue: UInt8(truncatingIfNeeded: bits >> 1 & 0x7f)),
            index(handle) < maximumBlocks << blockBits
        else { return "is no handle of this library" }
        return unmanaged(handle, kind) == nil ? "is a \(kind.name) that was released before" : "is a \(kind.name)"
    }

    private struct Slot: ~Copyable {
        let word = Atomic<UInt64>(0)
        var generation: UInt32 = 0
        /// Of a free slot: the number of the next free one, plus 1; 0: none.
        let next = Atomic<UInt32>(0)
        var object: Unmanaged<AnyObject>?
    }

    private static let keptBit: UInt64 = 1 << 7
    private static let blockBits = 12
    private static let blockSize = 1 << blockBits
    private static let maximumBlocks = 1 << 14
    private static let generationMask: UInt32 = 0xff_ffff

    /// The first free slot's number plus 1 (0: none), and above it how often this was
    /// changed, so that one which was taken and given back meanwhile is seen.
    private static let free = Atomic<UInt64>(0)

    private static func takeFree() -> Int? {
        var head = free.load(ordering: .acquiring)
        while true {
            let number = Int(head & 0xffff_ffff)
            guard number > 0, let first = slot(number - 1) else { return nil }
            let next = UInt64(first.pointee.next.load(ordering: .relaxed))
            let (exchanged, original) = free.compareExchange(
                expected: head, desired: ((head >> 32) &+ 1) << 32 | next, ordering: .acquiringAndReleasing)
            if exchanged { return number - 1 }
            head = original
        }
    }

    private static func addFree(_ index: Int, _ slot: UnsafeMutablePointer<Slot>) {
        var head = free.load(ordering: .relaxed)
        while true {
            slot.pointee.next.store(UInt32(truncatingIfNeeded: head), ordering: .relaxed)
            let (exchanged, original) = free.compareExchange(
                expected: head, desired: ((head >> 32) &+ 1) << 32 | UInt64(index + 1),
                ordering: .acquiringAndReleasing)
            if exchanged { return }
            head = original
        }
    }

    /// The blocks of slots: made at the first handle, its entries written once.
    nonisolated(unsafe) private static let blocks = Atomic<UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>?>(nil)

    private static let lock = Lock(heldAcrossFork: true)
    /// How many slots were ever used. Guarded by the lock.
    nonisolated(unsafe) private static var used = 0

    /// A slot that was never used.
    private static func reserve() throws(TalwegError) -> Int {
        lock.lock()
        defer { lock.unlock() }
        var table = blocks.load(ordering: .relaxed)
        if table == nil { table = try makeTable() }
        let index = used
        if index & (blockSize - 1) == 0 {
            guard index >> blockBits < maximumBlocks else {
                throw TalwegError(.outOfMemory, "\(index) handles are alive; free some (tw_scope_clear, tw_release)")
            }
            guard let slots = malloc(blockSize * MemoryLayout<Slot>.stride) else {
                throw TalwegError(.outOfMemory, "out of memory: no room for handles")
            }
            let typed = slots.bindMemory(to: Slot.self, capacity: blockSize)
            for place in 0..<blockSize { (typed + place).initialize(to: Slot()) }
            table?[index >> blockBits] = typed
        }
        used += 1
        return index
    }

    private static func makeTable() throws(TalwegError) -> UnsafeMutablePointer<UnsafeMutablePointer<Slot>?> {
        guard let memory = malloc(maximumBlocks * MemoryLayout<UnsafeMutablePointer<Slot>?>.stride) else {
            throw TalwegError(.outOfMemory, "out of memory: no room for handles")
        }
        let table = memory.bindMemory(to: UnsafeMutablePointer<Slot>?.self, capacity: maximumBlocks)
        table.initialize(repeating: nil, count: maximumBlocks)
        blocks.store(table, ordering: .releasing)
        return table
    }

    @inline(__always)
    private static func index(_ handle: OpaquePointer) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: handle) >> 8 & 0xffff_ffff)
    }

    /// What the word of a live handle's slot is, but for the kept bit.
    @inline(__always)
    private static func word(_ handle: OpaquePointer, _ kind: HandleKind) -> UInt64 {
        let bits = UInt(bitPattern: handle)
        guard bits & 0xff == UInt(kind.rawValue) << 1 | 1 else { return UInt64.max }
        return UInt64(bits >> 40) << 8 | UInt64(kind.rawValue)
    }

    @inline(__always)
    private static func slot(_ handle: OpaquePointer) -> UnsafeMutablePointer<Slot>? { slot(index(handle)) }

    @inline(__always)
    private static func slot(_ index: Int) -> UnsafeMutablePointer<Slot>? {
        guard index < maximumBlocks << blockBits, let table = blocks.load(ordering: .acquiring),
            let slots = table[index >> blockBits]
        else { return nil }
        return slots + (index & (blockSize - 1))
    }
}
