#if arch(x86_64)
public import TalwegKernels

/// The kernels by the instructions of AVX-512 BF16. Use them only if `cpuSupportsAVX512BF16()`.
public func bf16PairKernels() -> PairKernels {
  PairKernels(
    rows: PairTile.rows, columns: PairTile.columns, depth: 512,
    packRows: { packPairs($0, $1, $2.assumingMemoryBound(to: UInt16.self), $3, $4, 12, $5.assumingMemoryBound(to: UInt16.self)) },
    packColumns: {
      packPairs($0, $1, $2.assumingMemoryBound(to: UInt16.self), $3, $4, 32, $5.assumingMemoryBound(to: UInt16.self))
    },
    multiply: {
      multiplyPanels(
        $0, $1, ($2 &+ 1) / 2, $3.assumingMemoryBound(to: UInt16.self), $4.assumingMemoryBound(to: UInt16.self),
        $5.assumingMemoryBound(to: Float.self), $6, $7)
    })
}
#endif
