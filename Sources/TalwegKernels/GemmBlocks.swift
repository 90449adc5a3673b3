/// The block sizes of a matrix multiply, named as in BLIS (Van Zee, van de Geijn: BLIS, a framework for
/// rapidly instantiating BLAS functionality, ACM TOMS 41, 2015): C is computed in tiles of mr x nr held in
/// registers, from an mc x kc block of A packed to stay in the second-level cache and a kc x nc panel of B
/// packed to stay in the third.
public struct GemmBlocks: Sendable, Equatable {
  public let mr, nr, mc, kc, nc: Int
  public let itemSize: Int

  /// mc is a multiple of mr, nc of nr, kc of 8.
  @inlinable @inline(__always) public init(mr: Int, nr: Int, mc: Int, kc: Int, nc: Int, itemSize: Int) {
    self.mr = mr
    self.nr = nr
    self.mc = mc
    self.kc = kc
    self.nc = nc
    self.itemSize = itemSize
  }

  /// The depth of each of the equal blocks, at most kc deep, that k is cut into; the last may be less.
  @inlinable @inline(__always) public func depth(_ k: Int) -> Int {
    if k <= kc { return k }
    let count = (k &+ kc &- 1) / kc
    return ((k &+ count &- 1) / count &+ 7) & ~7
  }

  /// Whether a product of these sizes reads A where it lies: small, or with few rows.
  @inlinable @inline(__always) public func readsInPlace(m: Int, n: Int, k: Int) -> Bool {
    if m <= 2 &* mr { return true }
    let (area, over) = m.multipliedReportingOverflow(by: n)
    let (work, overflow) = area.multipliedReportingOverflow(by: k)
    return !over && !overflow && work <= 64 &* 64 &* 64
  }

  /// Room for a block of A, then a panel of B, each beginning on a line of 64 bytes; also of the transposed
  /// product, which a kernel may compute instead.
  public func workspaceBytes(m: Int, n: Int, k: Int) -> Int {
    let depth = min(k, kc)
    return max(
      packedABytes(rows: m, depth: depth) + packedBBytes(columns: n, depth: depth),
      packedABytes(rows: n, depth: depth) + packedBBytes(columns: m, depth: depth))
  }

  @inlinable @inline(__always) public func packedABytes(rows: Int, depth: Int) -> Int {
    lines(roundedUp(min(rows, mc), mr) &* depth)
  }
  @inlinable @inline(__always) public func packedBBytes(columns: Int, depth: Int) -> Int {
    lines(roundedUp(min(columns, nc), nr) &* depth)
  }

  @inlinable @inline(__always) func lines(_ elements: Int) -> Int { roundedUp(elements &* itemSize, 64) }
}
