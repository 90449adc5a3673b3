import CIntrinsics
import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The process's threads. Work is given as a number of chunks that does not
/// depend on how many threads there are, so results do not either.
enum ThreadPool {
    static let maximumThreads = 1024

    /// How many threads work on one call, the caller's among them.
    static var threads: Int { count.load(ordering: .relaxed) }

    static func setThreads(_ wanted: Int) throws(TalwegError) {
        guard (1...maximumThreads).contains(wanted) else {
            throw .invalid("set_num_threads: \(wanted) is outside 1...\(maximumThreads)")
        }
        count.store(wanted, ordering: .relaxed)
    }

    /// Calls `body` once for each chunk, on several threads, and returns when
    /// all are done. Calls from inside a chunk, and calls while another thread
    /// has the pool, run in place.
    static func run(chunks: Int, _ body: (Int) -> Void) {
        let wanted = min(threads, chunks)
        guard wanted > 1, !ThreadState.current.insidePool, let team = Team.acquire() else {
            var chunk = 0
            while chunk < chunks {
                body(chunk)
                chunk += 1
            }
            return
        }
        defer { team.yield() }
        // By pointer: a worker may still hold a reference for a moment after it
        // has said that it is done, and the closure may not outlive this call.
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { team.run(chunks: chunks, threads: wanted, $0) }
        }
    }

    private static let count = Atomic<Int>(initialCount())

    /// TALWEG_NUM_THREADS, else the cores that the process may run on.
    private static func initialCount() -> Int {
        if let text = getenv("TALWEG_NUM_THREADS"), let wanted = Int(String(cString: text)), wanted >= 1 {
            return min(wanted, maximumThreads)
        }
        let allowed = Int(tk_available_cores())
        if allowed >= 1 { return min(allowed, maximumThreads) }
        return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), maximumThreads)
    }
}

/// What is called for each chunk.
private typealias Job = UnsafePointer<(Int) -> Void>

/// The worker threads, and the one job they share at a time.
private final class Team: @unchecked Sendable {
    /// The team of this process, if no other thread has it. A child of fork
    /// makes its own: its parent's threads did not come along.
    static func acquire() -> Team? {
        lock.withLock {
            if current == nil || current?.process != getpid() { current = Team() }
            guard let found = current, !found.busy else { return nil }
            found.busy = true
            return found
        }
    }

    func yield() { Team.lock.withLock { busy = false } }

    func run(chunks: Int, threads wanted: Int, _ body: Job) {
        grow(to: wanted - 1)
        pthread_mutex_lock(mutex)
        job = body
        self.chunks = chunks
        next.store(0, ordering: .relaxed)
        helpers = min(wanted - 1, workers)
        unfinished = helpers
        generation &+= 1
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)

        work(body, chunks)

        pthread_mutex_lock(mutex)
        while unfinished > 0 { pthread_cond_wait(done, mutex) }
        job = nil
        pthread_mutex_unlock(mutex)
    }

    private static let lock = Lock(heldAcrossFork: true)
    nonisolated(unsafe) private static var current: Team?

    private let process = getpid()
    private var busy = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var workers = 0
    private let next = Atomic<Int>(0)

    // Guarded by the mutex.
    private var job: Job?
    private var chunks = 0
    private var helpers = 0
    private var unfinished = 0
    private var generation: UInt64 = 0

    private init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        pthread_cond_init(done, nil)
    }

    /// Starts threads up to `wanted`. Where the system gives no more, fewer serve.
    private func grow(to wanted: Int) {
        while workers < wanted {
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            let start = Unmanaged.passRetained(Seat(team: self, index: workers, after: generation))
            #if os(Linux)
            var thread = pthread_t()
            #else
            var thread: pthread_t?
            #endif
            let status = pthread_create(
                &thread, &attributes,
                { argument in
                    #if os(Linux)
                    guard let argument else { return nil }
                    #endif
                    let seat = Unmanaged<Seat>.fromOpaque(argument).takeRetainedValue()
                    seat.team.serve(seat)
                    return nil
                }, start.toOpaque())
            pthread_attr_destroy(&attributes)
            guard status == 0 else {
                start.release()
                return
            }
            workers += 1
        }
    }

    private func serve(_ seat: Seat) {
        ThreadState.current.insidePool = true
        var seen = seat.after
        while true {
            pthread_mutex_lock(mutex)
            while generation == seen { pthread_cond_wait(wake, mutex) }
            seen = generation
            let mine = seat.index < helpers ? job : nil
            let count = chunks
            pthread_mutex_unlock(mutex)
            guard let mine else { continue }
            work(mine, count)
            pthread_mutex_lock(mutex)
            unfinished -= 1
            if unfinished == 0 { pthread_cond_signal(done) }
            pthread_mutex_unlock(mutex)
        }
    }

    private func work(_ body: Job, _ chunks: Int) {
        let state = ThreadState.current
        let outer = state.insidePool
        state.insidePool = true
        defer { state.insidePool = outer }
        while true {
            let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if chunk >= chunks { return }
            body.pointee(chunk)
        }
    }

    private final class Seat {
        let team: Team
        let index: Int
        let after: UInt64
        init(team: Team, index: Int, after: UInt64) {
            self.team = team
            self.index = index
            self.after = after
        }
    }
}

/// How many threads work on one call, the caller's among them.
public var threads: Int { ThreadPool.threads }

/// Sets how many threads work on one call, 1...1024. Results do not depend on it.
public func setThreads(_ count: Int) throws(TalwegError) { try ThreadPool.setThreads(count) }
