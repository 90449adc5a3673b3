#if arch(x86_64)
// Exported, so that the files of Bodies/, which are also part of TalwegKernels, need no import of it.
@_exported public import TalwegKernels

/// The kernels for x86-64-v3. Call it once, and only if `cpuSupportsAVX2()`.
public func avx2Table() -> KernelTable {
  var table = KernelTable(name: "avx2", copying: .reference)
  table.setVectorKernels()
  return table
}
#endif
