import Talweg

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs benchmarks and prints a JSON object a line for each.
@main
enum TalwegBench {
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.help {
                print(Options.usage)
                return
            }
            try setThreads(options.threads)
            let chosen = try options.suites.map { try ($0, $0.chosen(options.names)) }
            for (suite, benchmarks) in chosen {
                for benchmark in benchmarks where options.list { print("\(suite.rawValue) \(benchmark.name)") }
                if !options.list { try run(suite, benchmarks, options) }
            }
        } catch let error as UsageError {
            complain(error.message)
            complain("talweg-bench --help says what there is")
            exit(2)
        } catch {
            complain("\(error)")
            exit(1)
        }
    }

    private static func run(_ suite: Suite, _ benchmarks: [Benchmark], _ options: Options) throws {
        for benchmark in benchmarks {
            // Memory is a process's, so each whole training step gets one.
            if suite == .train, options.names.count != 1, !options.inProcess {
                try runAlone(suite, benchmark.name, options)
                continue
            }
            var record = Record(suite: suite.rawValue, name: benchmark.name, threads: options.threads)
            try benchmark.run(options, &record)
            print(record.json)
            fflush(nil)
        }
    }

    private static func complain(_ text: String) {
        let line = Array("talweg-bench: \(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
