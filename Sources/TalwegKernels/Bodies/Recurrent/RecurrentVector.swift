internal import CIntrinsics

/// What recurrent layers need of a vector beside attention's needs. (The vectors conform where they are
/// declared; see `TileVector`.)
protocol RecurrentVector: AttentionVector {
  static func logistic(_ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
}

extension VectorF32 {
  @inline(__always) static func logistic(_ x: VectorF32) -> VectorF32 { sigmoid(x) }
  @inline(__always) static func hyperbolicTangent(_ x: VectorF32) -> VectorF32 { tanh(x) }
}

extension VectorF64 {
  @inline(__always) static func logistic(_ x: VectorF64) -> VectorF64 { sigmoid(x) }
  @inline(__always) static func hyperbolicTangent(_ x: VectorF64) -> VectorF64 { tanh(x) }
}

extension RecurrentVector {
  typealias Elements = UnsafeMutablePointer<Scalar>

  /// B [k, n] of any strides in panels of `columns`.
  @inline(__always)
  static func packPanels(
    _ k: Int, _ n: Int, _ b: UnsafePointer<Scalar>, _ row: Int, _ column: Int, _ packed: Elements
  ) {
    if column == 1 {
      packRows(k, n, b, row, column, packed, k &* columns)
    } else {
      packTransposed(n, k, b, column, row, packed)
    }
  }

  /// One vector of a row, of which `count` elements exist.
  @inline(__always)
  static func part(_ x: UnsafePointer<Scalar>, _ count: Int) -> Self {
    count == lanes ? load(x) : load(x, first: count, fill: 0)
  }

  @inline(__always)
  static func put(_ value: Self, _ x: Elements, _ count: Int) {
    if count == lanes { value.store(x) } else { value.store(x, first: count) }
  }

  /// y (1 - y): the slope of the logistic function that gave y.
  @inline(__always)
  static func logisticSlope(_ y: Self) -> Self { y * (Self(1) - y) }

  /// 1 - y^2: the slope of the hyperbolic tangent that gave y.
  @inline(__always)
  static func tangentSlope(_ y: Self) -> Self { madd(-y, y, Self(1)) }
}

/// A recurrent pass's arrays for the rows begin ..< end of the batch.
struct RecurrentRows<V: RecurrentVector> {
  typealias Elements = UnsafeMutablePointer<V.Scalar>
  let width, gates, batch, begin, rows: Int
  /// Rows of the padded copies, a multiple of 4.
  let padded: Int
  /// Of the products' rows.
  let productRow: Int
  let weights: Elements

  @inline(__always)
  init(_ p: tk_recurrent, gates: Int, _ begin: Int, _ end: Int) {
    width = p.width
    self.gates = gates &* p.width
    batch = p.batch
    self.begin = begin
    rows = end &- begin
    padded = roundedUp(rows, 4)
    productRow = roundedUp(gates &* p.width, V.columns)
    weights = UnsafeMutableRawPointer(mutating: p.weights!).assumingMemoryBound(to: V.Scalar.self)
  }

  /// Row `row` of this share at a step of [steps, batch, columns].
  @inline(__always)
  func at(_ array: UnsafeMutableRawPointer?, _ step: Int, _ row: Int, _ columns: Int) -> Elements {
    array!.assumingMemoryBound(to: V.Scalar.self) + ((step &* batch &+ begin &+ row) &* columns)
  }
}
