extension PairKernels {
  /// Plain loops, on panels of one row or column: what the instructions' kernels are tested against.
  public static let reference = PairKernels(
    rows: 1, columns: 1, depth: 512, packRows: { referencePackPairs($0, $1, $2, $3, $4, $5) },
    packColumns: { referencePackPairs($0, $1, $2, $3, $4, $5) },
    multiply: { m, n, depth, a, b, c, stride, adds in
      let a = a.assumingMemoryBound(to: BFloat16.self), b = b.assumingMemoryBound(to: BFloat16.self)
      let c = c.assumingMemoryBound(to: Float.self)
      let length = (depth &+ 1) & ~1
      for i in 0..<m {
        for j in 0..<n {
          var sum: Float = 0
          for p in 0..<length { sum += a[i &* length &+ p].float * b[j &* length &+ p].float }
          c[i &* stride &+ j] = adds ? c[i &* stride &+ j] + sum : sum
        }
      }
    })
}

@inline(__always)
private func referencePackPairs(
  _ across: Int, _ depth: Int, _ x: UnsafeRawPointer, _ acrossStride: Int, _ depthStride: Int,
  _ packed: UnsafeMutableRawPointer
) {
  let x = x.assumingMemoryBound(to: UInt16.self), packed = packed.assumingMemoryBound(to: UInt16.self)
  let length = (depth &+ 1) & ~1
  for i in 0..<across {
    for p in 0..<length {
      packed[i &* length &+ p] = p < depth ? x[i &* acrossStride &+ p &* depthStride] : 0
    }
  }
}
