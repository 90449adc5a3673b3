import CIntrinsics
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a thread has of its own. It lies in plain memory and is reached by one
/// instruction, since every operation asks it something.
public struct ThreadState {
    struct Contents: ~Copyable {
        var recording = true
        /// Whether products of float32 take their factors in bfloat16.
        var mixedPrecision = false
        var insidePool = false
        /// Whether results are searched for the first NaN.
        var anomaly = false
        /// Whether that is an infinity, in anomaly mode.
        var anomalySeeksInfinity = false
        /// The innermost module whose forward pass failed in anomaly mode; only compared, never followed.
        var anomalyModule: UnsafeMutableRawPointer?
        /// What collects the nodes that are made; see Checkpoint.swift.
        var region: Unmanaged<NodeCollector>?
        /// Whether a checkpoint's function runs a second time: what the first run changed stays as it left it.
        var recomputing = false
        /// Of the node that was made last.
        var lastSequence: UInt64 = 0
        /// The first of the nodes that wait to be released; see `Node.release`.
        var released: Unmanaged<Node>?
        var releasing = false
        var lastStatus = Status.ok
        var lastMessage: UnsafeMutablePointer<CChar>?
        var blocks = ThreadBlocks()
    }

    let contents: UnsafeMutablePointer<Contents>

    /// The calling thread's.
    public static var current: ThreadState {
        if let found = ofThisThread { return ThreadState(contents: found) }
        return make()
    }

    /// Nil before the thread's first call.
    static var ofThisThread: UnsafeMutablePointer<Contents>? {
        tk_thread_get()?.assumingMemoryBound(to: Contents.self)
    }

    /// Whether operations are recorded on the tape.
    public internal(set) var recording: Bool {
        get { contents.pointee.recording }
        nonmutating set { contents.pointee.recording = newValue }
    }

    /// Whether products of float32 take their factors in bfloat16; see MixedProducts.swift.
    public internal(set) var mixedPrecision: Bool {
        get { contents.pointee.mixedPrecision }
        nonmutating set { contents.pointee.mixedPrecision = newValue }
    }

    /// Whether results are searched for the first NaN; see Anomaly.swift.
    var anomaly: Bool {
        get { contents.pointee.anomaly }
        nonmutating set { contents.pointee.anomaly = newValue }
    }

    var anomalySeeksInfinity: Bool {
        get { contents.pointee.anomalySeeksInfinity }
        nonmutating set { contents.pointee.anomalySeeksInfinity = newValue }
    }

    var anomalyModule: UnsafeMutableRawPointer? {
        get { contents.pointee.anomalyModule }
        nonmutating set { contents.pointee.anomalyModule = newValue }
    }

    /// Whether a checkpoint's function runs a second time, for the gradient: layers that change their own buffers as
    /// they go, such as running statistics, must leave them alone.
    var recomputing: Bool { contents.pointee.recomputing }

    /// Whether the thread is working on a chunk of the pool's.
    var insidePool: Bool {
        get { contents.pointee.insidePool }
        nonmutating set { contents.pointee.insidePool = newValue }
    }

    /// The last failed call, kept here for the C API.
    public var lastStatus: Status {
        get { contents.pointee.lastStatus }
        nonmutating set { contents.pointee.lastStatus = newValue }
    }

    public var lastMessage: UnsafeMutablePointer<CChar>? {
        get { contents.pointee.lastMessage }
        nonmutating set { contents.pointee.lastMessage = newValue }
    }

    /// The thread's first call. Where the system has no memory or no key left, the
    /// thread makes do with a state that such threads share.
    @inline(never)
    private static func make() -> ThreadState {
        guard let key, let memory = malloc(MemoryLayout<Contents>.size) else { return shared }
        guard pthread_setspecific(key, memory) == 0 else {
            free(memory)
            return shared
        }
        let contents = memory.bindMemory(to: Contents.self, capacity: 1)
        contents.initialize(to: Contents())
        tk_thread_set(contents)
        Allocator.join(contents)
        return ThreadState(contents: contents)
    }

    nonisolated(unsafe) private static let shared: ThreadState = {
        let contents = UnsafeMutablePointer<Contents>.allocate(capacity: 1)
        contents.initialize(to: Contents())
        return ThreadState(contents: contents)
    }()

    /// Calls back at a thread's end.
    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { memory in
            #if os(Linux)
            guard let memory else { return }
            #endif
            let contents = memory.assumingMemoryBound(to: Contents.self)
            Allocator.leave(contents)
            // What another key's destructor asks for is made anew.
            tk_thread_set(nil)
            free(contents.pointee.lastMessage)
            contents.deinitialize(count: 1)
            free(contents)
        }
        return status == 0 ? key : nil
    }()
}

/// Runs `body` with recording on the tape switched on or off, for this thread.
public func withRecording<R>(_ recording: Bool, _ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
    let state = ThreadState.current
    let outer = state.recording
    state.recording = recording
    defer { state.recording = outer }
    return try body()
}

/// Switches recording on the tape on or off for this thread; gives what it was.
public func setRecording(_ recording: Bool) -> Bool {
    let state = ThreadState.current
    defer { state.recording = recording }
    return state.recording
}

/// Switches mixed precision on or off for this thread; gives what it was.
public func setMixedPrecision(_ mixed: Bool) -> Bool {
    let state = ThreadState.current
    defer { state.mixedPrecision = mixed }
    return state.mixedPrecision
}
