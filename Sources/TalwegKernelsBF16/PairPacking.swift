#if arch(x86_64)
internal import CIntrinsics

// Panels of pairs: for each two steps of the depth, the two elements of each of the panel's `width` rows (of A) or
// columns (of B), side by side. What a panel lacks, and the partner of the last element of an odd depth, is zero.

/// Packs a block of `across` x `depth` elements into panels of `width`, 12 or 32.
@inline(__always)
func packPairs(
  _ across: Int, _ depth: Int, _ x: UnsafePointer<UInt16>, _ acrossStride: Int, _ depthStride: Int, _ width: Int,
  _ packed: UnsafeMutablePointer<UInt16>
) {
  let pairs = (depth &+ 1) / 2
  var to = packed
  var begin = 0
  while begin < across {
    let count = min(width, across &- begin)
    let from = x + begin &* acrossStride
    if acrossStride == 1 {
      packRows(count, depth, from, depthStride, width, to)
    } else if depthStride == 1 {
      packTurned(count, depth, from, acrossStride, width, to)
    } else {
      packStrided(count, 0, depth, from, acrossStride, depthStride, width, to)
    }
    to += 2 &* width &* pairs
    begin &+= width
  }
}

/// Where the panel's width lies contiguous: two rows are woven into one.
@inline(__always)
private func packRows(
  _ count: Int, _ depth: Int, _ x: UnsafePointer<UInt16>, _ depthStride: Int, _ width: Int,
  _ to: UnsafeMutablePointer<UInt16>
) {
  let n = UInt32(truncatingIfNeeded: count)
  var from = x, to = to
  var p = 0
  while p < depth {
    // An odd depth ends with a row of none.
    let isPair = p &+ 1 < depth
    if width == 32 {
      tk_pair_rows(from, from + (isPair ? depthStride : 0), n, isPair ? n : 0, to)
    } else {
      tk_pair_short_rows(from, from + (isPair ? depthStride : 0), n, isPair ? n : 0, to)
    }
    from += 2 &* depthStride
    to += 2 &* width
    p &+= 2
  }
}

/// Where the depth lies contiguous: pairs are in place already, and turned as units, four rows at a time.
@inline(__always)
private func packTurned(
  _ count: Int, _ depth: Int, _ x: UnsafePointer<UInt16>, _ acrossStride: Int, _ width: Int,
  _ to: UnsafeMutablePointer<UInt16>
) {
  let pairs = depth / 2
  var p = 0
  while p < pairs {
    let n = min(16, pairs &- p)
    var i = 0
    while i < width {
      let row = x + (i &* acrossStride &+ 2 &* p)
      tk_turn_pairs(
        row, acrossStride, Int32(truncatingIfNeeded: count &- i), UInt32(truncatingIfNeeded: n),
        to + (p &* 2 &* width &+ 2 &* i), 2 &* width)
      i &+= 4
    }
    p &+= 16
  }
  if depth % 2 != 0 { packStrided(count, depth &- 1, depth, x, acrossStride, 1, width, to) }
}

@inline(__always)
private func packStrided(
  _ count: Int, _ first: Int, _ depth: Int, _ x: UnsafePointer<UInt16>, _ acrossStride: Int, _ depthStride: Int,
  _ width: Int, _ to: UnsafeMutablePointer<UInt16>
) {
  var p = first
  while p < depth {
    let line = to + p &* width
    for i in 0..<width {
      let from = x + (i &* acrossStride &+ p &* depthStride)
      line[2 &* i] = i < count ? from[0] : 0
      line[2 &* i &+ 1] = i < count && p &+ 1 < depth ? from[depthStride] : 0
    }
    p &+= 2
  }
}
#endif
