#if arch(x86_64)
// Exported, so that the files of Bodies/, which are also part of TalwegKernels, need no import of it.
@_exported public import TalwegKernels

/// The kernels for x86-64-v4. Call it once, and only if `cpuSupportsAVX512()`.
public func avx512Table() -> KernelTable {
  var table = KernelTable(name: "avx512", copying: .reference)
  table.setVectorKernels()
  return table
}
#endif
