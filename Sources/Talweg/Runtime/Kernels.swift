import TalwegKernels
#if arch(x86_64)
import TalwegKernelsAVX2
import TalwegKernelsAVX512
import TalwegKernelsBF16
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

public typealias DType = TalwegKernels.DType

/// The kernels for the CPU that the process runs on. TALWEG_CPU=baseline, avx2
/// or avx512 asks for an older set than avx512_bf16; one that the CPU has not is not given.
package let kernels: KernelTable = {
    #if arch(x86_64)
    let wanted = getenv("TALWEG_CPU").map { String(cString: $0) } ?? "avx512_bf16"
    if wanted == "avx512_bf16", cpuSupportsAVX512BF16() {
        var table = avx512Table()
        table.name = "avx512_bf16"
        table.pairs = bf16PairKernels()
        table.probes.multiplyPairs = bf16PairProbe()
        return table
    }
    if wanted.hasPrefix("avx512"), cpuSupportsAVX512() { return avx512Table() }
    if wanted != "baseline", cpuSupportsAVX2() { return avx2Table() }
    #endif
    return KernelTable.baseline
}()

/// Whether the kernels in use multiply bfloat16 by instructions of the CPU.
public var multipliesBFloat16: Bool { kernels.pairs != nil }

/// Which kernels are in use and which the CPU could have.
public var instructionSets: (used: String, found: [String]) {
    var found = ["baseline"]
    #if arch(x86_64)
    if cpuSupportsAVX2() { found.append("avx2") }
    if cpuSupportsAVX512() { found.append("avx512") }
    if cpuSupportsAVX512BF16() { found.append("avx512_bf16") }
    #endif
    return ("\(kernels.name)", found)
}
