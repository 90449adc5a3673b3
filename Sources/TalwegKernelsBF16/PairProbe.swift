#if arch(x86_64)
public import TalwegKernels
internal import CIntrinsics

/// `ProbeKernels.multiplyPairs`.
public func bf16PairProbe() -> MultiplyAddProbe {
  { multiplyPairChains($0, $1) }
}

/// Twelve chains, for the reason that `multiplyAddChains` has as many.
@inline(__always)
private func multiplyPairChains(_ rounds: Int, _ values: UnsafeMutableRawPointer) -> Int {
  let sums = values.assumingMemoryBound(to: Float.self) + 2
  let a = tk_splat_pair(values.assumingMemoryBound(to: UInt16.self))
  let b = tk_splat_pair(values.assumingMemoryBound(to: UInt16.self) + 2)
  var s0 = tk_load_sums(sums), s1 = tk_load_sums(sums + 16)
  var s2 = tk_load_sums(sums + 32), s3 = tk_load_sums(sums + 48)
  var s4 = tk_load_sums(sums + 64), s5 = tk_load_sums(sums + 80)
  var s6 = tk_load_sums(sums + 96), s7 = tk_load_sums(sums + 112)
  var s8 = tk_load_sums(sums + 128), s9 = tk_load_sums(sums + 144)
  var s10 = tk_load_sums(sums + 160), s11 = tk_load_sums(sums + 176)
  var round = 0
  while round < rounds {
    s0 = tk_add_pair_products(s0, a, b)
    s1 = tk_add_pair_products(s1, a, b)
    s2 = tk_add_pair_products(s2, a, b)
    s3 = tk_add_pair_products(s3, a, b)
    s4 = tk_add_pair_products(s4, a, b)
    s5 = tk_add_pair_products(s5, a, b)
    s6 = tk_add_pair_products(s6, a, b)
    s7 = tk_add_pair_products(s7, a, b)
    s8 = tk_add_pair_products(s8, a, b)
    s9 = tk_add_pair_products(s9, a, b)
    s10 = tk_add_pair_products(s10, a, b)
    s11 = tk_add_pair_products(s11, a, b)
    round &+= 1
  }
  tk_store_sums(sums, s0)
  tk_store_sums(sums + 16, s1)
  tk_store_sums(sums + 32, s2)
  tk_store_sums(sums + 48, s3)
  tk_store_sums(sums + 64, s4)
  tk_store_sums(sums + 80, s5)
  tk_store_sums(sums + 96, s6)
  tk_store_sums(sums + 112, s7)
  tk_store_sums(sums + 128, s8)
  tk_store_sums(sums + 144, s9)
  tk_store_sums(sums + 160, s10)
  tk_store_sums(sums + 176, s11)
  return 2 * 192
}
#endif
