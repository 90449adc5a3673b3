#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that grows, which others may read meanwhile. What is added is gathered and written by `flush`, in pieces that
/// the caller chose: a reader never finds half of one for longer than a write takes.
final class AppendedFile {
    let path: String
    private let caller: String
    private var descriptor: Int32
    private var waiting: [UInt8] = []

    /// Makes a file, which must not be there yet.
    init(path: String, caller: String) throws(TalwegError) {
        try checkPath(path, caller)
        self.path = path
        self.caller = caller
        repeat {
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw .system(caller, path, errno) }
    }

    deinit { if descriptor >= 0 { _ = Self.closed(descriptor) } }

    var isOpen: Bool { descriptor >= 0 }

    func append(_ bytes: [UInt8]) throws(TalwegError) {
        guard isOpen else { throw .state("\(caller): \(path) is closed") }
        waiting += bytes
        if waiting.count >= 1 << 16 { try flush() }
    }

    /// Hands what was added to the system. What could not be written is forgotten.
    func flush() throws(TalwegError) {
        guard isOpen else { return }
        defer { waiting.removeAll(keepingCapacity: true) }
        var done = 0
        while done < waiting.count {
            let put = waiting.withUnsafeBytes { bytes in
                bytes.baseAddress.map { write(descriptor, $0 + done, bytes.count - done) } ?? 0
            }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw .system(caller, path, put == 0 ? EIO : errno) }
            done += put
        }
    }

    /// Writes what waits and closes the file; once more does nothing.
    func close() throws(TalwegError) {
        guard isOpen else { return }
        defer { descriptor = -1 }
        do {
            try flush()
        } catch {
            _ = Self.closed(descriptor)
            throw error
        }
        let result = Self.closed(descriptor)
        guard result == 0 || errno == EINTR else { throw .system(caller, path, errno) }
    }

    private static func closed(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.close(descriptor)
        #else
        Darwin.close(descriptor)
        #endif
    }
}
