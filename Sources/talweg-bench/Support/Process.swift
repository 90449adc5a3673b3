#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The most memory that this process had, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1024
    #else
    getrusage(RUSAGE_SELF, &usage)
    return Int(usage.ru_maxrss)
    #endif
}

/// The memory that this process has, in bytes; 0 where the system does not say.
func currentMemory() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 128)
    let length = fread(&text, 1, text.count, file)
    let words = String(decoding: text.prefix(length), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
}

/// Runs one benchmark in a process of its own, which prints for itself.
func runAlone(_ suite: Suite, _ name: String, _ options: Options) throws {
    var words = [
        CommandLine.arguments[0], suite.rawValue, name, "--in-process", "--threads", "\(options.threads)",
        "--repeats", "\(options.repeats)", "--min-time", "\(options.minTime)",
    ]
    if options.quick { words.append("--quick") }
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    #if os(Linux)
    let program = "/proc/self/exe"
    #else
    let program = CommandLine.arguments[0]
    #endif
    var process = pid_t()
    guard posix_spawn(&process, program, nil, nil, arguments, environ) == 0 else {
        throw BenchmarkError("cannot start a process for \(suite.rawValue) \(name)")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { break }
    }
    guard status == 0 else { throw BenchmarkError("\(suite.rawValue) \(name) failed") }
}

/// A measurement that could not be made.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
