// Products of matrices that lie in the first- or second-level cache: A is read where it lies, an element at a
// time, B in rows of two vectors, C is written in whole tiles. For kernels that keep their own blocks packed,
// padded and hot; the sum of an element of C runs over k in order, whatever m and n are.

/// Four rows x two vectors of sums.
private struct ResidentRows<V: FloatVector> {
  var a0 = V(0), a1 = V(0), b0 = V(0), b1 = V(0), c0 = V(0), c1 = V(0), d0 = V(0), d1 = V(0)

  @inline(__always) init() {}

  @inline(__always)
  mutating func add(_ a: UnsafePointer<V.Scalar>, _ row: Int, _ x0: V, _ x1: V) {
    let p = V(a[0]), q = V(a[row]), r = V(a[2 &* row]), s = V(a[3 &* row])
    a0 = madd(p, x0, a0)
    a1 = madd(p, x1, a1)
    b0 = madd(q, x0, b0)
    b1 = madd(q, x1, b1)
    c0 = madd(r, x0, c0)
    c1 = madd(r, x1, c1)
    d0 = madd(s, x0, d0)
    d1 = madd(s, x1, d1)
  }

  @inline(__always)
  func store(_ c: UnsafeMutablePointer<V.Scalar>, _ row: Int, _ alpha: V, _ adds: Bool) {
    Self.store(a0, a1, c, alpha, adds)
    Self.store(b0, b1, c + row, alpha, adds)
    Self.store(c0, c1, c + 2 &* row, alpha, adds)
    Self.store(d0, d1, c + 3 &* row, alpha, adds)
  }

  @inline(__always)
  private static func store(_ x: V, _ y: V, _ c: UnsafeMutablePointer<V.Scalar>, _ alpha: V, _ adds: Bool) {
    let d = c + V.lanes
    (adds ? madd(alpha, x, V.load(c)) : alpha * x).store(c)
    (adds ? madd(alpha, y, V.load(d)) : alpha * y).store(d)
  }
}

/// A matrix that is read an element at a time.
struct ResidentA<Scalar> {
  let data: UnsafePointer<Scalar>
  let row, depth: Int
  @inline(__always) init(_ data: UnsafeMutablePointer<Scalar>, row: Int, depth: Int) {
    self.data = UnsafePointer(data)
    self.row = row
    self.depth = depth
  }
}

/// A matrix in panels of two vectors' columns: from a panel to the next, and from a row to the next.
struct ResidentB<Scalar> {
  let data: UnsafePointer<Scalar>
  let panel, depth: Int
  @inline(__always) init(_ data: UnsafeMutablePointer<Scalar>, panel: Int, depth: Int) {
    self.data = UnsafePointer(data)
    self.panel = panel
    self.depth = depth
  }
}

/// C = alpha A B, or C += alpha A B. m is a multiple of 4, n of two vectors' lanes; C's rows are contiguous.
@inline(__always)
func multiplyResident<V: FloatVector>(
  _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<V.Scalar>, _ b: ResidentB<V.Scalar>,
  _ c: UnsafeMutablePointer<V.Scalar>, _ cRow: Int, _ alpha: V, _ adds: Bool
) {
  // 24 sums of 32 registers, or 8 of 16.
  let tall = V.lanes &* MemoryLayout<V.Scalar>.size == 64
  var j = 0
  var panel = b.data
  while j < n {
    var i = 0
    var from = a.data
    var to = c + j
    if tall {
      while i &+ 12 <= m {
        multiplyTwelve(k, from, a.row, a.depth, panel, b.depth, to, cRow, alpha, adds)
        i &+= 12
        from += 12 &* a.row
        to += 12 &* cRow
      }
      if i &+ 8 <= m {
        multiplyEight(k, from, a.row, a.depth, panel, b.depth, to, cRow, alpha, adds)
        i &+= 8
        from += 8 &* a.row
        to += 8 &* cRow
      }
    }
    while i < m {
      multiplyFour(k, from, a.row, a.depth, panel, b.depth, to, cRow, alpha, adds)
      i &+= 4
      from += 4 &* a.row
      to += 4 &* cRow
    }
    j &+= 2 &* V.lanes
    panel += b.panel
  }
}

@inline(__always)
private func multiplyTwelve<V: FloatVector>(
  _ k: Int, _ a: UnsafePointer<V.Scalar>, _ aRow: Int, _ aDepth: Int, _ b: UnsafePointer<V.Scalar>,
  _ bDepth: Int, _ c: UnsafeMutablePointer<V.Scalar>, _ cRow: Int, _ alpha: V, _ adds: Bool
) {
  var r0 = ResidentRows<V>(), r1 = ResidentRows<V>(), r2 = ResidentRows<V>()
  var p = a, q = a + 4 &* aRow, r = a + 8 &* aRow
  var b = b
  for _ in 0..<k {
    let x0 = V.load(b), x1 = V.load(b + V.lanes)
    r0.add(p, aRow, x0, x1)
    r1.add(q, aRow, x0, x1)
    r2.add(r, aRow, x0, x1)
    p += aDepth
    q += aDepth
    r += aDepth
    b += bDepth
  }
  r0.store(c, cRow, alpha, adds)
  r1.store(c + 4 &* cRow, cRow, alpha, adds)
  r2.store(c + 8 &* cRow, cRow, alpha, adds)
}

@inline(__always)
private func multiplyEight<V: FloatVector>(
  _ k: Int, _ a: UnsafePointer<V.Scalar>, _ aRow: Int, _ aDepth: Int, _ b: UnsafePointer<V.Scalar>,
  _ bDepth: Int, _ c: UnsafeMutablePointer<V.Scalar>, _ cRow: Int, _ alpha: V, _ adds: Bool
) {
  var r0 = ResidentRows<V>(), r1 = ResidentRows<V>()
  var p = a, q = a + 4 &* aRow
  var b = b
  for _ in 0..<k {
    let x0 = V.load(b), x1 = V.load(b + V.lanes)
    r0.add(p, aRow, x0, x1)
    r1.add(q, aRow, x0, x1)
    p += aDepth
    q += aDepth
    b += bDepth
  }
  r0.store(c, cRow, alpha, adds)
  r1.store(c + 4 &* cRow, cRow, alpha, adds)
}

@inline(__always)
private func multiplyFour<V: FloatVector>(
  _ k: Int, _ a: UnsafePointer<V.Scalar>, _ aRow: Int, _ aDepth: Int, _ b: UnsafePointer<V.Scalar>,
  _ bDepth: Int, _ c: UnsafeMutablePointer<V.Scalar>, _ cRow: Int, _ alpha: V, _ adds: Bool
) {
  var rows = ResidentRows<V>()
  var a = a, b = b
  for _ in 0..<k {
    rows.add(a, aRow, V.load(b), V.load(b + V.lanes))
    a += aDepth
    b += bDepth
  }
  rows.store(c, cRow, alpha, adds)
}
