#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a thread has of its own.
public final class ThreadState {
    /// Whether operations are recorded on the tape.
    public internal(set) var recording = true
    /// Whether the thread is working on a chunk of the pool's.
    var insidePool = false
    /// Nodes of the tape that wait to be released; see `Node`.
    var released: [Node?] = []
    var releasing = false
    /// The last failed call, kept here for the C API.
    public var lastStatus = Status.ok
    public var lastMessage: UnsafeMutablePointer<CChar>?

    public static var current: ThreadState {
        guard let key else { return shared }
        if let found = pthread_getspecific(key) {
            return Unmanaged<ThreadState>.fromOpaque(found).takeUnretainedValue()
        }
        let made = Unmanaged.passRetained(ThreadState())
        // Without memory for the key's value the thread makes do with the shared state.
        guard pthread_setspecific(key, made.toOpaque()) == 0 else {
            made.release()
            return shared
        }
        return made.takeUnretainedValue()
    }

    /// Of all threads, in a process whose thread keys are used up.
    nonisolated(unsafe) private static let shared = ThreadState()

    deinit { free(lastMessage) }

    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { state in
            #if os(Linux)
            guard let state else { return }
            #endif
            Unmanaged<ThreadState>.fromOpaque(state).release()
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
