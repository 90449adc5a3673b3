/// Two rows of a register tile, each of two vectors. A tile is as many pairs as the CPU's registers hold:
/// see `Tile` in each target's Vector.swift.
struct RowPair<V: FloatVector> {
  var a0 = V(0), a1 = V(0), b0 = V(0), b1 = V(0)

  @inline(__always) init() {}

  /// Adds the product of a column of two elements at `a`, `stride` elements apart, and a row (x0, x1).
  @inline(__always)
  mutating func add(_ a: UnsafePointer<V.Scalar>, _ stride: Int, _ x0: V, _ x1: V) {
    let first = V(a[0]), second = V(a[stride])
    a0 = madd(first, x0, a0)
    a1 = madd(first, x1, a1)
    b0 = madd(second, x0, b0)
    b1 = madd(second, x1, b1)
  }

  /// Row by row: C = alpha sum + beta C.
  @inline(__always)
  func store(_ c: UnsafeMutablePointer<V.Scalar>, _ stride: Int, _ alpha: V, _ beta: V, _ readsC: Bool) {
    Self.store(a0, c, alpha, beta, readsC)
    Self.store(a1, c + V.lanes, alpha, beta, readsC)
    Self.store(b0, c + stride, alpha, beta, readsC)
    Self.store(b1, c + stride + V.lanes, alpha, beta, readsC)
  }

  @inline(__always)
  private static func store(
    _ sum: V, _ c: UnsafeMutablePointer<V.Scalar>, _ alpha: V, _ beta: V, _ readsC: Bool
  ) {
    let scaled = alpha * sum
    (readsC ? madd(beta, V.load(c), scaled) : scaled).store(c)
  }
}

/// A tile of C held in registers: `rows` x two vectors.
protocol RegisterTile {
  associatedtype Vector: FloatVector
  static var rows: Int { get }
  init()
  /// Adds the outer product of a column of `rows` elements at `a` and the row (x0, x1).
  mutating func add(_ a: UnsafePointer<Vector.Scalar>, _ stride: Int, _ x0: Vector, _ x1: Vector)
  func store(
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ stride: Int, _ alpha: Vector, _ beta: Vector, _ readsC: Bool)
}

extension RegisterTile {
  @inline(__always) static var columns: Int { 2 &* Vector.lanes }

  /// C = alpha A B + beta C for one tile: k columns of A, one `aDepth` after the other, rows `aRow` apart;
  /// k rows of B, `bDepth` apart, each of contiguous elements; C's rows are contiguous.
  @inline(__always)
  static func multiply(
    _ k: Int, _ a: UnsafePointer<Vector.Scalar>, _ aRow: Int, _ aDepth: Int,
    _ b: UnsafePointer<Vector.Scalar>, _ bDepth: Int,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ cRow: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    var tile = Self()
    var a = a, b = b
    for _ in 0..<k {
      tile.add(a, aRow, Vector.load(b), Vector.load(b + Vector.lanes))
      a += aDepth
      b += bDepth
    }
    tile.store(c, cRow, alpha, beta, readsC)
  }
}
