import CIntrinsics
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How many cores' worth of time the process may use.
enum AvailableCores {
    /// At the first call: the cores of the machine, or those that its affinity
    /// allows it, and no more than what its control group's quota comes to.
    static let count: Int = {
        let allowed = Int(tk_available_cores())
        let cores = allowed >= 1 ? allowed : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return min(cores, quota { read($0) } ?? cores)
    }()

    /// The least quota of the process's control group and those it lies in, in whole
    /// cores; nil if there is none.
    /// - Parameter read: the content of a file, nil if there is none.
    static func quota(_ read: (String) -> String?) -> Int? {
        var least: Int?
        func heed(_ quota: Int?) {
            if let quota { least = min(least ?? quota, quota) }
        }
        for line in (read("/proc/self/cgroup") ?? "0::/").split(separator: "\n") {
            // hierarchy:controllers:path; version 2 has the hierarchy 0 and no controllers.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let unified = fields[0] == "0" && fields[1].isEmpty
            guard unified || fields[1].split(separator: ",").contains("cpu") else { continue }
            // In a container the mounted tree may begin at the group itself, so a level may be missing.
            var path = fields[2]
            while true {
                while path.last == "/" { path.removeLast() }
                if unified {
                    heed(read("/sys/fs/cgroup\(path)/cpu.max").flatMap(cores))
                } else if let quota = read("/sys/fs/cgroup/cpu\(path)/cpu.cfs_quota_us"),
                    let period = read("/sys/fs/cgroup/cpu\(path)/cpu.cfs_period_us")
                {
                    heed(cores("\(quota) \(period)"))
                }
                guard let slash = path.lastIndex(of: "/") else { break }
                path = path[..<slash]
            }
        }
        return least
    }

    /// The content of cpu.max, "quota period" in microseconds, in whole cores: at
    /// least 1, rounded up, so that no share goes unused; nil if there is no limit.
    static func cores(_ text: String) -> Int? {
        let fields = text.split { $0 == " " || $0 == "\n" }
        // "max" or -1 where there is no limit.
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]), quota > 0, period > 0
        else { return nil }
        return quota / period + (quota % period > 0 ? 1 : 0)
    }

    /// The start of a small file.
    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
