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

    /// Uninitialised memory.
    init(byteCount: Int) throws(TalwegError) {
        pointer = try allocate(byteCount)
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
}

/// Memory for the length of a call, 64-byte aligned, from the checked allocator.
struct Workspace: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init(byteCount: Int) throws(TalwegError) {
        pointer = try allocate(byteCount)
    }

    deinit { free(pointer) }
}

/// Whole cache lines, to be given back by `free`. More than there can be is refused
/// at once: an overcommitting kernel would grant it and kill the process at the
/// first touch.
private func allocate(_ byteCount: Int) throws(TalwegError) -> UnsafeMutableRawPointer {
    var block: UnsafeMutableRawPointer?
    guard byteCount >= 0, byteCount <= memoryLimit,
        posix_memalign(&block, 64, max(64, (byteCount + 63) & ~63)) == 0, let block
    else { throw .outOfMemory(bytes: byteCount) }
    return block
}

/// The bytes that the machine has, or that its control group allows (Linux, version 2).
private let memoryLimit: Int = {
    let (bytes, overflow) = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        .multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE))))
    let physical = overflow || bytes <= 0 ? 1 << 46 : bytes
    guard let file = fopen("/sys/fs/cgroup/memory.max", "r") else { return physical }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 32)
    guard fgets(&text, 32, file) != nil else { return physical }
    // "max" where there is no limit, which is no number.
    let limit = strtol(text, nil, 10)
    return limit > 0 ? min(physical, limit) : physical
}()
