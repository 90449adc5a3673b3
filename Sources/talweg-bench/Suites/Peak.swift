import Talweg

/// What the machine can do: the other suites' figures are given as shares of these.
let peakBenchmarks: [Benchmark] = {
    var benchmarks: [Benchmark] = []
    for arithmetic in Machine.Arithmetic.allCases {
        for all in [false, true] {
            benchmarks.append(
                Benchmark(name: "\(arithmetic.rawValue)-\(all ? "all" : "one")") { options, record in
                    let threads = all ? options.threads : 1
                    record.set("cores", threads)
                    let peak = Machine.here.peak(arithmetic, threads: threads)
                    if peak.isNaN { record.set("skipped", "the CPU has no instructions for it") }
                    record.set("gflops", peak / 1e9)
                    record.set("kernels", instructionSets.used)
                })
        }
    }
    for traffic in Machine.Traffic.allCases {
        for all in [false, true] {
            benchmarks.append(
                Benchmark(name: "\(traffic.rawValue)-\(all ? "all" : "one")") { options, record in
                    let threads = all ? options.threads : 1
                    record.set("cores", threads)
                    record.set(
                        "gb_s", Machine.here.bandwidth(traffic, threads: threads, quick: options.quick) / 1e9)
                })
        }
    }
    return benchmarks
}()
