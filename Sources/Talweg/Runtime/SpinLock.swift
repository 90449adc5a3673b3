import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A lock for a few instructions.
public final class SpinLock: Sendable {
    private let taken = Atomic<Bool>(false)

    /// - Parameter heldAcrossFork: fork waits until no thread has the lock, so
    ///   that the child finds it free and what it guards whole. For globals,
    ///   which live for ever.
    public init(heldAcrossFork: Bool = false) {
        if heldAcrossFork { ForkGuard.add(self) }
    }

    public func lock() {
        var spins = 0
        while taken.exchange(true, ordering: .acquiring) {
            spins += 1
            if spins & 63 == 0 { sched_yield() }
        }
    }

    public func unlock() { taken.store(false, ordering: .releasing) }

    public func withLock<R>(_ body: () -> R) -> R {
        lock()
        defer { unlock() }
        return body()
    }
}

/// The locks that are taken before a fork and given back after it, on both sides.
private enum ForkGuard {
    static func add(_ lock: SpinLock) {
        _ = installed
        own.withLock { locks.append(lock) }
    }

    private static let own = SpinLock()
    nonisolated(unsafe) private static var locks: [SpinLock] = []

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
