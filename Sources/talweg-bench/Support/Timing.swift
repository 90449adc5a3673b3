#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Seconds since some moment.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// The least seconds that a call of `work` took, over repeats of as many calls as fill `minTime`. What is
/// first touched or compiled in a call is not counted: two go before.
func bestTime(_ options: Options, _ work: () throws -> Void) rethrows -> Double {
    func timed(_ calls: Int) throws -> Double {
        let start = now()
        for _ in 0..<calls { try work() }
        return now() - start
    }
    _ = try timed(options.quick ? 1 : 2)
    var calls = 1
    var once = try timed(1)
    var best = once
    while once < options.minTime, calls < 100_000_000 {
        calls = max(calls + 1, min(10 * calls, Int(1.1 * options.minTime / max(once, 1e-9) * Double(calls))))
        once = try timed(calls)
        best = min(best, once / Double(calls))
    }
    for _ in 0..<options.repeats { best = min(best, try timed(calls) / Double(calls)) }
    return best
}
