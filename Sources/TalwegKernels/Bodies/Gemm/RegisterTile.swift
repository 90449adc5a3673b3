internal import CIntrinsics

/// What the loops around the innermost ones need to know of a product: how A and B are packed, and the
/// product of what is packed. The loops are `gemm` and `GemmPieces`.
protocol PackedProduct {
  /// Of A, B and what is packed.
  associatedtype Element
  /// Of C, and its vectors.
  associatedtype Vector: TileVector
  static var blocks: GemmBlocks { get }

  /// Packs rows of A into panels of `rows`, or columns of B into panels of `columns`: see Packing.swift.
  static func packA(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Element>, _ rsa: Int, _ csa: Int, _ to: UnsafeMutablePointer<Element>)
  static func packB(
    _ n: Int, _ k: Int, _ b: UnsafePointer<Element>, _ rsb: Int, _ csb: Int, _ to: UnsafeMutablePointer<Element>)

  /// C = alpha A B + beta C for a packed block of A (m x k) and packed columns of B (k x n). With an epilogue
  /// C's elements are finished; (row, column) is where C's corner lies for it.
  static func multiplyPacked(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int, _ csc: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool,
    _ epilogue: UnsafePointer<tk_gemm_epilogue>?, _ row: Int, _ column: Int)
}

extension PackedProduct {
  /// The rows and columns of the register tile.
  @inline(__always) static var rows: Int { blocks.mr }
  @inline(__always) static var columns: Int { blocks.nr }
}

/// A product whose elements are all of one type, by a tile of C that is held in registers: `Rows` of two
/// vectors each. (That they are `Wide` is left to the extensions to say: a protocol that names a generic type
/// keeps its metadata, weak code, in the object.)
protocol RegisterTile: PackedProduct where Element == Vector.Scalar {
  associatedtype Rows: TileRows where Rows.Line.Vector == Vector
}

extension RegisterTile where Rows.Line == Wide<Vector> {
  @inline(__always) static var rows: Int { Rows.count }
  @inline(__always) static var columns: Int { 2 &* Vector.lanes }
}

/// R's product, C = alpha A B + beta C: k columns of A, one `aDepth` after the other, rows `aRow` apart; k rows
/// of B, `bDepth` apart, each of contiguous elements; C's rows are contiguous. Of the last vector of each
/// row the lanes `last` exist, all if nil. Sums run over k in order.
@inline(__always)
func multiplyTile<R: TileRows>(
  _: R.Type, _ k: Int, _ a: UnsafePointer<R.Line.Vector.Scalar>, _ aRow: Int, _ aDepth: Int,
  _ b: UnsafePointer<R.Line.Vector.Scalar>, _ bDepth: Int, _ loaded: R.Line.Vector.Lanes?,
  _ c: UnsafeMutablePointer<R.Line.Vector.Scalar>, _ cRow: Int, _ last: R.Line.Vector.Lanes?,
  _ alpha: R.Line.Vector, _ beta: R.Line.Vector, _ readsC: Bool
) {
  var tile = R()
  var a = a, b = b
  for _ in 0..<k {
    tile.add(a, aRow, R.Line.load(b, loaded))
    a += aDepth
    b += bDepth
  }
  tile.store(c, cRow, last, alpha, beta, readsC)
}

/// Memory that is read soon: from `start` on, `step` bytes further, a line at most, with each step of k.
struct Upcoming {
  var next: UnsafeRawPointer
  let step: Int

  @inline(__always) init(_ start: UnsafeRawPointer, _ step: Int) {
    next = start
    self.step = min(step, 64)
  }
  @inline(__always) mutating func bringNear() {
    tk_prefetch(next)
    next += step
  }
}

/// The same for packed panels of which C's tile is whole. Meanwhile the panels that are multiplied next, which
/// may lie in another core's cache, are brought near.
@inline(__always)
func multiplyWholeTile<R: TileRows>(
  _: R.Type, _ k: Int, _ a: UnsafePointer<R.Line.Vector.Scalar>,
  _ b: UnsafePointer<R.Line.Vector.Scalar>, _ bDepth: Int, _ aNext: Upcoming, _ bNext: Upcoming,
  _ c: UnsafeMutablePointer<R.Line.Vector.Scalar>, _ cRow: Int,
  _ alpha: R.Line.Vector, _ beta: R.Line.Vector, _ readsC: Bool
) {
  var tile = R()
  var a = a, b = b, aNext = aNext, bNext = bNext
  for _ in 0..<k {
    aNext.bringNear()
    bNext.bringNear()
    tile.add(a, 1, R.Line.load(b, nil))
    a += R.count
    b += bDepth
  }
  tile.store(c, cRow, nil, alpha, beta, readsC)
}
