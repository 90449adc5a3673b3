import Talweg

/// What the command line asks for.
struct Options {
    var suites: [Suite] = []
    /// Empty means all.
    var names: [String] = []
    var threads = Talweg.threads
    var repeats = 5
    /// Seconds that one repeat takes at least.
    var minTime = 0.1
    /// Small sizes and the small models only.
    var quick = false
    var list = false
    var help = false
    /// Runs a training workload in this process even beside others.
    var inProcess = false

    static let usage = """
        usage: talweg-bench SUITE [NAME...] [options]

        Runs benchmarks and prints a JSON object a line. The suites:

          peak      multiply-add peak of one core and of all, memory bandwidth
          gemm      matrix products; names are DTYPE-MxKxN, with tn, nt or tt where an input is transposed
          conv      convolutions: forward, the gradient to the input, the gradient to the weights
          ops       element-wise operations, reductions and fused rows, on 10 million elements and within L2
          overhead  small operations through the C interface
          train     whole training steps: forward, loss, backward, update; each in a process of its own
          fit       the same small steps by a loop of one's own, through modules, and by the fit loop
          lstsq     least squares: linear, logistic, lasso, curves, sparse; `objective` is what is made least
          linalg    factorisations, linear systems, inverses
          all       all of them

        Without names a suite runs whole; a name that ends in * runs all that begin so.

          --threads N    threads to use (default: TALWEG_NUM_THREADS, or the cores that the process may run on)
          --repeats R    repeats, of which the best counts (default 5)
          --min-time S   seconds that a repeat takes at least (default 0.1)
          --quick        small sizes and small models, to see that all runs: the figures mean nothing
          --list         print suites and names, run nothing
          --help         this

        Fields: s and step_s are seconds a call and a training step; gflops and gb_s 10^9 operations and bytes a
        second; peak_share the share of the multiply-add peak of `threads` cores, measured in the same process;
        bandwidth_share that of the bandwidth of reading, copying or adding two arrays (triad), whichever the
        operation does; peak_rss_mb the most memory that the process had, in 2^20 bytes.
        """

    init(_ arguments: some Sequence<String>) throws {
        var words: [String] = []
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": help = true
            case "--list": list = true
            case "--quick": quick = true
            case "--in-process": inProcess = true
            case "--threads": threads = try Options.number(argument, &rest) { 1...1024 ~= $0 }
            case "--repeats": repeats = try Options.number(argument, &rest) { 1...1_000_000 ~= $0 }
            case "--min-time": minTime = try Options.number(argument, &rest) { 0...3600 ~= $0 }
            default:
                if argument.hasPrefix("-") { throw UsageError("there is no option \(argument)") }
                words.append(argument)
            }
        }
        if help { return }
        guard let first = words.first else {
            throw UsageError("name a suite: \(Suite.allCases.map(\.rawValue).joined(separator: ", ")) or all")
        }
        names = Array(words.dropFirst())
        if let suite = Suite(rawValue: first) {
            suites = [suite]
        } else if first == "all" {
            suites = Suite.allCases
            if !names.isEmpty { throw UsageError("all takes no names") }
        } else {
            let known = Suite.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("there is no suite \(first); the suites are \(known) and all")
        }
    }

    private static func number<T: LosslessStringConvertible>(
        _ option: String, _ rest: inout ArraySlice<String>, _ holds: (T) -> Bool
    ) throws -> T {
        guard let text = rest.popFirst() else { throw UsageError("\(option) needs a value") }
        guard let value = T(text), holds(value) else { throw UsageError("\(option) cannot be \(text)") }
        return value
    }
}

/// A command line that cannot be served.
struct UsageError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
