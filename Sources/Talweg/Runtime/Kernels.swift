import TalwegKernels
#if arch(x86_64)
import TalwegKernelsAVX2
import TalwegKernelsAVX512
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

public typealias DType = TalwegKernels.DType

/// The kernels for the CPU that the process runs on. TALWEG_CPU=baseline, avx2
/// or avx512 asks for an older set; one that the CPU has not is not given.
package let kernels: KernelTable = {
    #if arch(x86_64)
    let wanted = getenv("TALWEG_CPU").map { String(cString: $0) } ?? "avx512"
    if wanted == "avx512", cpuSupportsAVX512() { return avx512Table() }
    if wanted != "baseline", cpuSupportsAVX2() { return avx2Table() }
    #endif
    return KernelTable.baseline
}()

/// Which kernels are in use and which the CPU could have.
public var instructionSets: (used: String, found: [String]) {
    var found = ["baseline"]
    #if arch(x86_64)
    if cpuSupportsAVX2() { found.append("avx2") }
    if cpuSupportsAVX512() { found.append("avx512") }
    #endif
    return ("\(kernels.name)", found)
}
