#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder of checkpoints, which are named after the updates made.
struct CheckpointFolder {
    let path: String

    /// Whether there is a folder at a path.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// - Parameter create: make the folder (not those above it) if there is none.
    init(_ path: String, create: Bool) throws(TalwegError) {
        try checkPath(path, "checkpoint")
        self.path = path
        guard create, !CheckpointFolder.exists(path) else { return }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw .system("checkpoint", path, errno) }
    }

    private static let prefix = "step-"
    private static let suffix = ".safetensors"

    func file(step: Int) -> String {
        let digits = String(step)
        let zeros = String(repeating: "0", count: max(0, 12 - digits.utf8.count))
        return "\(path)/\(CheckpointFolder.prefix)\(zeros)\(digits)\(CheckpointFolder.suffix)"
    }

    /// The updates that the checkpoints were written after, ascending.
    func steps() throws(TalwegError) -> [Int] {
        var found: [Int] = []
        for name in try names() {
            guard name.hasPrefix(CheckpointFolder.prefix), name.hasSuffix(CheckpointFolder.suffix) else { continue }
            let digits = name.dropFirst(CheckpointFolder.prefix.count).dropLast(CheckpointFolder.suffix.count)
            // Another spelling of a number is no file of ours.
            if let step = Int(digits), step >= 0, file(step: step) == "\(path)/\(name)" { found.append(step) }
        }
        return found.sorted()
    }

    /// Removes all but the newest of those up to a step.
    func prune(keep: Int, upTo step: Int) throws(TalwegError) {
        let steps = try steps().filter { $0 <= step }
        guard keep > 0, steps.count > keep else { return }
        for step in steps.dropLast(keep) { unlink(file(step: step)) }
    }

    /// Removes what processes that were killed while they wrote have left.
    func removeRemains() throws(TalwegError) {
        for name in try names() where name.hasPrefix(".talweg-") && name.hasSuffix(".tmp") {
            let parts = name.dropFirst(".talweg-".count).split(separator: "-")
            guard let first = parts.first, let owner = pid_t(first), owner > 0, owner != getpid() else { continue }
            // One that lives, or that may not be asked, may still be writing.
            if kill(owner, 0) != 0, errno == ESRCH { unlink("\(path)/\(name)") }
        }
    }

    /// The newest checkpoint that can be read and comes after a step.
    func newest(after step: Int) throws(TalwegError) -> String? {
        for later in try steps().reversed() where later > step {
            if (try? CheckpointFile(path: file(step: later))) != nil { return file(step: later) }
        }
        return nil
    }

    /// The newest checkpoint that can be read; nil if the folder has none at all.
    /// - Throws: what is wrong with the newest, if there are some and none can be read.
    func newest() throws(TalwegError) -> CheckpointFile? {
        var first: TalwegError?
        for step in try steps().reversed() {
            do {
                return try CheckpointFile(path: file(step: step))
            } catch {
                if first == nil { first = error }
            }
        }
        if let first { throw first }
        return nil
    }

    private func names() throws(TalwegError) -> [String] {
        guard let folder = opendir(path) else { throw .system("checkpoint", path, errno) }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            found.append(name)
        }
        return found
    }
}
