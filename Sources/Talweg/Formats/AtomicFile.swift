import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that comes to be at its path whole or not at all: it is written
/// beside the target, flushed to the disk and renamed over it by `commit`.
/// Without `commit` nothing stays. A device is written directly.
final class AtomicFile {
    private let path: String
    private let caller: String
    /// The target with symbolic links followed, so that a link stays one.
    private let target: String
    /// Empty for a device.
    private var temporary = ""
    private var descriptor: Int32 = -1

    private let buffer: Storage
    private var buffered = 0
    private var written = 0

    init(path: String, caller: String) throws(TalwegError) {
        try checkPath(path, caller)
        self.path = path
        self.caller = caller
        target = AtomicFile.followed(path)
        buffer = try Storage(byteCount: 1 << 18)

        var status = stat()
        let exists = stat(target, &status) == 0
        if exists {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFCHR, S_IFBLK:
                descriptor = open(target, O_WRONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw .system(caller, path, errno) }
                return
            case S_IFDIR: throw .system(caller, path, EISDIR)
            // Writing to a pipe that nobody reads would kill the process.
            default: throw .io("\(caller): \(path): is neither a file nor a device")
            }
            // Renaming would replace a file that may not be written.
            guard access(target, W_OK) == 0 else { throw .system(caller, path, errno) }
        }
        try create()
        if exists {
            // Only the superuser gives files away: for others the new file is the writer's.
            _ = fchown(descriptor, status.st_uid, status.st_gid)
            _ = fchmod(descriptor, status.st_mode & 0o777)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !temporary.isEmpty { unlink(temporary) }
    }

    func write(_ bytes: [UInt8]) throws(TalwegError) {
        // The closures of the standard library throw any error or none.
        let failure: TalwegError? = bytes.withUnsafeBytes { bytes in
            do throws(TalwegError) {
                try write(bytes)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TalwegError) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if bytes.count > buffer.byteCount - buffered {
            try flush()
            if bytes.count > buffer.byteCount {
                try writeThrough(source, bytes.count)
                return
            }
        }
        (buffer.pointer + buffered).copyMemory(from: source, byteCount: bytes.count)
        buffered += bytes.count
    }

    /// Puts the file in its place.
    func commit() throws(TalwegError) {
        try flush()
        if !temporary.isEmpty {
            var result: Int32
            repeat { result = fsync(descriptor) } while result != 0 && errno == EINTR
            // Some file systems have no way to flush; that is no failure of ours.
            guard result == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS else {
                throw .system(caller, path, errno)
            }
        }
        let closing = close(descriptor)
        let code = errno
        descriptor = -1
        // The descriptor is closed even if a signal came in between.
        guard closing == 0 || code == EINTR else { throw .system(caller, path, code) }
        if temporary.isEmpty { return }
        guard rename(temporary, target) == 0 else { throw .system(caller, path, errno) }
        temporary = ""
        // The new name must reach the disk too, where folders can be flushed.
        let folder = open(AtomicFile.folder(of: target), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private func flush() throws(TalwegError) {
        let count = buffered
        buffered = 0
        try writeThrough(buffer.pointer, count)
    }

    private func writeThrough(_ source: UnsafeRawPointer, _ count: Int) throws(TalwegError) {
        // Writing beyond the process's limit would raise SIGXFSZ, which kills.
        var limit = rlimit()
        if getrlimit(AtomicFile.fileSizeLimit, &limit) == 0, limit.rlim_cur < rlim_t(Int.max),
            written + count > Int(limit.rlim_cur), !temporary.isEmpty
        {
            throw .system(caller, path, EFBIG)
        }
        var done = 0
        while done < count {
            #if canImport(Glibc)
            let put = Glibc.write(descriptor, source + done, min(count - done, 1 << 30))
            #else
            let put = Darwin.write(descriptor, source + done, min(count - done, 1 << 30))
            #endif
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw .system(caller, path, put == 0 ? EIO : errno) }
            done += put
        }
        written += count
    }

    private static let serial = Atomic<UInt64>(0)

    #if canImport(Glibc)
    private static let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    #else
    private static let fileSizeLimit = Int32(RLIMIT_FSIZE)
    #endif

    /// Makes the temporary file in the target's folder, under a name that none has.
    private func create() throws(TalwegError) {
        var attempts = 0
        while true {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let number = AtomicFile.serial.wrappingAdd(1, ordering: .relaxed).newValue
            let name = "\(AtomicFile.folder(of: target))/.talweg-\(getpid())-\(number)-\(time.tv_nsec).tmp"
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 {
                temporary = name
                return
            }
            attempts += 1
            guard errno == EINTR || errno == EEXIST, attempts < 100 else { throw .system(caller, path, errno) }
        }
    }

    private static func followed(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        // With the slash, the root is a folder too, and "/." the same as "/".
        return slash == path.startIndex ? "/." : String(path[..<slash])
    }
}
