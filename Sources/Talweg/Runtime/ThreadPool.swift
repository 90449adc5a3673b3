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
        guard chunks > 1, chunks <= Shares.mostChunks, threads > 1, !ThreadState.current.insidePool,
            let team = Team.acquire()
        else {
            var chunk = 0
            while chunk < chunks {
                body(chunk)
                chunk += 1
            }
            return
        }
        defer { Team.yield() }
        // By pointer: a worker may still hold a reference for a moment after it
        // has said that it is done, and the closure may not outlive this call.
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { team.run(chunks: chunks, threads: min(threads, chunks), $0) }
        }
    }

    private static let count = Atomic<Int>(initialCount())

    /// TALWEG_NUM_THREADS, else the cores that the process may run on.
    private static func initialCount() -> Int {
        if let text = getenv("TALWEG_NUM_THREADS"), let wanted = Int(String(cString: text)), wanted >= 1 {
            return min(wanted, maximumThreads)
        }
        return min(AvailableCores.count, maximumThreads)
    }
}

/// How many threads work on one call, the caller's among them.
public var threads: Int { ThreadPool.threads }

/// Sets how many threads work on one call, 1...1024. Results do not depend on it.
public func setThreads(_ count: Int) throws(TalwegError) { try ThreadPool.setThreads(count) }
