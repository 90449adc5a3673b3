#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension TalwegError {
    /// What the system said of a file: `caller: path: reason`.
    static func system(_ caller: String, _ path: String, _ code: Int32) -> TalwegError {
        .io("\(caller): \(path): \(String(cString: strerror(code)))")
    }
}

/// A path that C would read otherwise than Swift is none.
func checkPath(_ path: String, _ caller: String) throws(TalwegError) {
    guard !path.isEmpty else { throw .invalid("\(caller): the path is empty") }
    guard !path.utf8.contains(0) else { throw .invalid("\(caller): the path has a NUL in it") }
}

/// A file open for reading. It is read, not mapped: a mapped file that another
/// program cuts short kills whoever touches the pages that are gone.
final class InputFile: Sendable {
    let path: String
    let caller: String
    private let descriptor: Int32

    init(path: String, caller: String) throws(TalwegError) {
        try checkPath(path, caller)
        var found: Int32
        repeat { found = open(path, O_RDONLY | O_CLOEXEC) } while found < 0 && errno == EINTR
        guard found >= 0 else { throw .system(caller, path, errno) }
        self.path = path
        self.caller = caller
        descriptor = found
    }

    deinit { close(descriptor) }

    /// The size of a regular file, in bytes.
    func size() throws(TalwegError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(caller, path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .io("\(caller): \(path): is not a regular file") }
        return Int(status.st_size)
    }

    /// Reads what comes next, at most `count` bytes; 0 at the end.
    func read(into target: UnsafeMutableRawPointer, count: Int) throws(TalwegError) -> Int {
        while true {
            #if canImport(Glibc)
            let got = Glibc.read(descriptor, target, count)
            #else
            let got = Darwin.read(descriptor, target, count)
            #endif
            if got >= 0 { return got }
            if errno != EINTR { throw .system(caller, path, errno) }
        }
    }

    /// Reads `count` bytes from position `offset` on, all of them.
    func read(at offset: Int, into target: UnsafeMutableRawPointer, count: Int) throws(TalwegError) {
        var done = 0
        while done < count {
            // Systems give at most about 2 GiB a call.
            let got = pread(descriptor, target + done, min(count - done, 1 << 30), off_t(offset + done))
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw .system(caller, path, errno) }
            guard got > 0 else {
                throw .io("\(caller): \(path): ends at byte \(offset + done): it was cut since it was opened")
            }
            done += got
        }
    }
}
