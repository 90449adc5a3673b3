#if arch(x86_64)
internal import CIntrinsics

/// Two vectors of sums of one row of C, and what is added to them: a pair of A times the pairs of a row of B.
struct PairSums {
  var s0 = tk_zero_sums(), s1 = tk_zero_sums()

  @inline(__always) init() {}
  @inline(__always) mutating func add(_ a: tk_pairs, _ b0: tk_pairs, _ b1: tk_pairs) {
    s0 = tk_add_pair_products(s0, a, b0)
    s1 = tk_add_pair_products(s1, a, b1)
  }
  @inline(__always) func store(_ c: UnsafeMutablePointer<Float>, _ readsC: Bool) {
    tk_store_sums(c, readsC ? tk_load_sums(c) + s0 : s0)
    tk_store_sums(c + 16, readsC ? tk_load_sums(c + 16) + s1 : s1)
  }
  /// The first `first` and `second` lanes of the two.
  @inline(__always) func store(_ c: UnsafeMutablePointer<Float>, _ first: UInt32, _ second: UInt32, _ readsC: Bool) {
    tk_store_sums_first(c, first, readsC ? tk_load_sums_first(c, first) + s0 : s0)
    tk_store_sums_first(c + 16, second, readsC ? tk_load_sums_first(c + 16, second) + s1 : s1)
  }
}

/// Four rows of sums.
struct PairRows {
  var r0 = PairSums(), r1 = PairSums(), r2 = PairSums(), r3 = PairSums()

  @inline(__always) init() {}
  @inline(__always) mutating func add(_ a: UnsafePointer<UInt16>, _ b0: tk_pairs, _ b1: tk_pairs) {
    r0.add(tk_splat_pair(a), b0, b1)
    r1.add(tk_splat_pair(a + 2), b0, b1)
    r2.add(tk_splat_pair(a + 4), b0, b1)
    r3.add(tk_splat_pair(a + 6), b0, b1)
  }
  @inline(__always) func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ readsC: Bool) {
    r0.store(c, readsC)
    r1.store(c + stride, readsC)
    r2.store(c + 2 &* stride, readsC)
    r3.store(c + 3 &* stride, readsC)
  }
  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ first: UInt32, _ second: UInt32, _ readsC: Bool
  ) {
    if rows > 0 { r0.store(c, first, second, readsC) }
    if rows > 1 { r1.store(c + stride, first, second, readsC) }
    if rows > 2 { r2.store(c + 2 &* stride, first, second, readsC) }
    if rows > 3 { r3.store(c + 3 &* stride, first, second, readsC) }
  }
}

/// The register tile: 12 rows x 32 columns of sums in 24 registers, over packed panels of pairs.
struct PairTile {
  static var rows: Int { 12 }
  static var columns: Int { 32 }
  var p0 = PairRows(), p1 = PairRows(), p2 = PairRows()

  @inline(__always) init() {}

  /// The sums over `pairs` pairs along the depth. Meanwhile the panel of A from `aNext` on, and of B the bytes from
  /// `bNext` on, `bStep` further with each pair, are brought near: they may lie in another core's cache.
  @inline(__always)
  init(
    _ pairs: Int, _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ aNext: UnsafeRawPointer,
    _ bNext: UnsafeRawPointer, _ bStep: Int
  ) {
    var a = a, b = b, aNext = aNext, bNext = bNext
    for _ in 0..<pairs {
      tk_prefetch_pairs(aNext)
      tk_prefetch_pairs(bNext)
      aNext += 4 &* Self.rows
      bNext += bStep
      let b0 = tk_load_pairs(b), b1 = tk_load_pairs(b + 32)
      p0.add(a, b0, b1)
      p1.add(a + 8, b0, b1)
      p2.add(a + 16, b0, b1)
      a += 2 &* Self.rows
      b += 2 &* Self.columns
    }
  }

  @inline(__always) func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ readsC: Bool) {
    p0.store(c, stride, readsC)
    p1.store(c + 4 &* stride, stride, readsC)
    p2.store(c + 8 &* stride, stride, readsC)
  }

  /// The part of C that exists.
  @inline(__always)
  func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ height: Int, _ width: Int, _ readsC: Bool) {
    let first = UInt32(truncatingIfNeeded: min(16, width)), second = UInt32(truncatingIfNeeded: max(0, width &- 16))
    p0.store(c, stride, height, first, second, readsC)
    p1.store(c + 4 &* stride, stride, height &- 4, first, second, readsC)
    p2.store(c + 8 &* stride, stride, height &- 8, first, second, readsC)
  }
}

/// C = A B, or C + A B if `readsC`, for packed panels: m rows, n columns, `pairs` pairs deep; C's rows are contiguous.
@inline(__always)
func multiplyPanels(
  _ m: Int, _ n: Int, _ pairs: Int, _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>,
  _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ readsC: Bool
) {
  var j = 0
  while j < n {
    let width = min(PairTile.columns, n &- j)
    let bPanel = b + j &* 2 &* pairs
    var i = 0
    while i < m {
      let height = min(PairTile.rows, m &- i)
      // The next panel of A and, half with each of the first two tiles of this column, that of B. Nothing beyond
      // the last panels, which may be no memory at all, and slow to find that out.
      let aPanel = a + i &* 2 &* pairs
      let aNext = UnsafeRawPointer(i &+ PairTile.rows < m ? aPanel + 2 &* PairTile.rows &* pairs : a)
      var bNext = UnsafeRawPointer(bPanel), bStep = 0
      if i < 2 &* PairTile.rows && j &+ PairTile.columns < n {
        bNext += (2 &* PairTile.columns &* 2 &+ i / PairTile.rows &* 64) &* pairs
        bStep = 64
      }
      let tile = PairTile(pairs, aPanel, bPanel, aNext, bNext, bStep)
      let corner = c + (i &* stride &+ j)
      if height == PairTile.rows && width == PairTile.columns {
        tile.store(corner, stride, readsC)
      } else {
        tile.store(corner, stride, height, width, readsC)
      }
      i &+= PairTile.rows
    }
    j &+= PairTile.columns
  }
}
#endif
