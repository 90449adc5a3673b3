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

/// The locks that are taken before a fork and given back after it, on both sides.
private enum ForkGuard {
    static func add(_ lock: Lock) {
        _ = installed
        own.withLock { locks.append(lock) }
    }

    private static let own = Lock()
    nonisolated(unsafe) private static var locks: [Lock] = []

    private static let installed: Bool = {
        pthread_atfork(
            {
                own.lock()
                for lock in locks { lock.lock() }
            }, release, release) == 0
    }()

    private static let release: @convention(c) () -> Void = {
        for lock in locks.reversed() { lock.unlock() }
        own.unlock()
    }
}
