#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A lock for a few instructions.
///
/// The system's, by calls that the optimiser cannot see into: with an atomic
/// flag instead it moved the retain of what was read behind the unlocking.
public final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// - Parameter heldAcrossFork: fork waits until no thread has the lock, so
    ///   that the child finds it free and what it guards whole. For globals,
    ///   which live for ever.
    public init(heldAcrossFork: Bool = false) {
        pthread_mutex_init(mutex, nil)
        if heldAcrossFork { ForkGuard.add(self) }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func lock() { pthread_mutex_lock(mutex) }

    public func unlock() { pthread_mutex_unlock(mutex) }

    public func withLock<R>(_ body: () -> R) -> R {
        lock()
        defer { unlock() }
        return body()
    }
}

/// What a fork must heed: the locks that are taken before it and given back after
/// it, on both sides, and what the child forgets of its parent's other threads,
/// which did not come along.
enum ForkGuard {
    static func add(_ lock: Lock) {
        _ = installed
        own.withLock { locks.append(lock) }
    }

    /// Calls `body` in every child, while it has all the locks.
    static func inChild(_ body: @escaping @Sendable () -> Void) {
        _ = installed
        own.withLock { bodies.append(body) }
    }

    private static let own = Lock()
    nonisolated(unsafe) private static var locks: [Lock] = []
    nonisolated(unsafe) private static var bodies: [@Sendable () -> Void] = []

    private static let installed: Bool = {
        pthread_atfork(
            {
                own.lock()
                for lock in locks { lock.lock() }
            }, release,
            {
                for body in bodies { body() }
                release()
            }) == 0
    }()

    private static let release: @convention(c) () -> Void = {
        for lock in locks.reversed() { lock.unlock() }
        own.unlock()
    }
}
