// Packing copies a block of a matrix with any strides into panels that the register tile reads in order:
// a panel holds `width` rows (of A) or columns (of B), and for each of the k positions along the depth the
// panel's `width` elements one after the other. A panel's missing elements are zeros.

/// Packs a block of `across` x `depth` elements into panels of `width`.
@inline(__always)
func pack<T: BinaryFloatingPoint>(
  _ across: Int, _ depth: Int, _ x: UnsafePointer<T>, _ acrossStride: Int, _ depthStride: Int,
  _ width: Int, _ packed: UnsafeMutablePointer<T>
) {
  var to = packed
  var begin = 0
  while begin < across {
    let count = min(width, across &- begin)
    let from = x + begin &* acrossStride
    if count < width { to.update(repeating: 0, count: width &* depth) }
    if acrossStride == 1 {
      for p in 0..<depth {
        let line = from + p &* depthStride, panel = to + p &* width
        for i in 0..<count { panel[i] = line[i] }
      }
    } else {
      // Along the depth, where neighbours of a transposed matrix lie.
      for i in 0..<count {
        let line = from + i &* acrossStride
        for p in 0..<depth { to[p &* width &+ i] = line[p &* depthStride] }
      }
    }
    to += width &* depth
    begin &+= width
  }
}
