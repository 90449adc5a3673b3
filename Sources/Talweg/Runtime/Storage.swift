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
        pointer = try Allocator.allocate(byteCount)
        self.byteCount = byteCount
        release = nil
    }

    /// The caller's memory; `release` is called once, when nothing uses it any more.
    init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int, release: @escaping @Sendable () -> Void) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.release = release
    }

    /// Whether it is the caller's memory.
    var isBorrowed: Bool { release != nil }

    deinit {
        if let release { release() } else { Allocator.free(pointer, byteCount) }
    }
}

/// Memory for the length of a call, or of the object that has it, 64-byte aligned, from the checked allocator.
struct Workspace: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let byteCount: Int

    init(byteCount: Int) throws(TalwegError) {
        pointer = try Allocator.allocate(byteCount)
        self.byteCount = byteCount
    }

    deinit { Allocator.free(pointer, byteCount) }
}
