#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A block of memory that tensors share: 64-byte aligned if it is ours, else
/// the caller's with a function that gives it back.
public final class Storage: @unchecked Sendable {
    public let pointer: UnsafeMutableRawPointer
    public let byteCount: Int

    /// Counts the writes in place, so that the tape can refuse a gradient that
    /// needs elements which are no longer there.
    var version = 0

    private let release: (@Sendable () -> Void)?

    /// Uninitialised memory. More than the machine has is refused at once: an
    /// overcommitting kernel would grant it and kill the process at the first touch.
    init(byteCount: Int) throws(TalwegError) {
        guard byteCount >= 0, byteCount <= Storage.physicalMemory else {
            throw .outOfMemory(bytes: byteCount)
        }
        var block: UnsafeMutableRawPointer?
        let rounded = max(64, (byteCount + 63) & ~63)
        guard posix_memalign(&block, 64, rounded) == 0, let block else {
            throw .outOfMemory(bytes: byteCount)
        }
        pointer = block
        self.byteCount = byteCount
        release = nil
    }

    /// The caller's memory; `release` is called once, when nothing uses it any more.
    init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int, release: @escaping @Sendable () -> Void) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.release = release
    }

    deinit {
        if let release { release() } else { free(pointer) }
    }

    private static let physicalMemory: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        guard pages > 0, size > 0 else { return 1 << 46 }
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
        return overflow ? 1 << 46 : bytes
    }()
}

/// Memory for the length of a call, 64-byte aligned, from the checked allocator.
struct Workspace: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init(byteCount: Int) throws(TalwegError) {
        var block: UnsafeMutableRawPointer?
        guard byteCount >= 0, byteCount < 1 << 46,
            posix_memalign(&block, 64, max(64, byteCount)) == 0, let block
        else { throw .outOfMemory(bytes: byteCount) }
        pointer = block
    }

    deinit { free(pointer) }
}
