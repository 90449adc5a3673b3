internal import CIntrinsics

/// What the register tile and the packing need of a vector beyond its arithmetic. (The vectors conform where
/// they are declared: a conformance in another file keeps their metadata, weak code, in the object.)
protocol TileVector: FloatVector {
  /// Which lanes of an edge exist, made once before a loop.
  associatedtype Lanes
  /// The first n, 0 < n <= lanes.
  static func first(_ n: Int) -> Lanes
  /// The others get 0, and their memory is not touched.
  static func load(_ p: UnsafeRawPointer, _ lanes: Lanes) -> Self
  func store(_ p: UnsafeMutableRawPointer, _ lanes: Lanes)

  /// p, which the compiler may read from only once v is known; see `tk_after_f32`.
  static func after(_ p: UnsafePointer<Scalar>, _ v: Self) -> UnsafePointer<Scalar>

  /// How many rows `storeTransposed` takes at a time; 2 as well always.
  static var transposedRows: Int { get }
  /// Rows as columns: lane l of row r goes to to[l * step + r].
  static func storeTransposed(_ a: Self, _ b: Self, _ to: UnsafeMutablePointer<Scalar>, _ step: Int)
  static func storeTransposed(
    _ a: Self, _ b: Self, _ c: Self, _ d: Self, _ to: UnsafeMutablePointer<Scalar>, _ step: Int)

  /// A square of lanes x lanes: to[j toStride + i] = from[i fromStride + j]
  static func transpose(
    _ from: UnsafePointer<Scalar>, _ fromStride: Int, _ to: UnsafeMutablePointer<Scalar>, _ toStride: Int)

  /// `finishTile` for this type, a function of its own: tiles call it, they do not hold it.
  static func finish(
    _ epilogue: UnsafePointer<tk_gemm_epilogue>, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
    _ c: UnsafeMutablePointer<Scalar>, _ rsc: Int)
}

extension TileVector {
  /// Of the vectors in a row all but the last have every lane: nil, at compile time.
  @inline(__always) static func load(_ p: UnsafeRawPointer, _ lanes: Lanes?) -> Self {
    if let lanes { return load(p, lanes) }
    return load(p)
  }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer, _ lanes: Lanes?) {
    if let lanes { store(p, lanes) } else { store(p) }
  }

  /// Calls `body` with the first element and the lanes of each vector of n contiguous elements.
  @inline(__always)
  static func forEachVector(_ n: Int, _ body: (Int, Lanes?) -> Void) {
    var j = 0
    while j &+ lanes <= n {
      body(j, nil)
      j &+= lanes
    }
    if j < n { body(j, first(n &- j)) }
  }
}

extension VectorF32 {
  @inline(__always) static func first(_ n: Int) -> tk_lanes_f32 { tk_first_lanes_f32(n) }
  @inline(__always) static func load(_ p: UnsafeRawPointer, _ lanes: tk_lanes_f32) -> Self {
    Self(tk_load_lanes_f32(p, lanes))
  }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer, _ lanes: tk_lanes_f32) {
    tk_store_lanes_f32(p, lanes, v)
  }
  @inline(__always) static func after(_ p: UnsafePointer<Float>, _ v: Self) -> UnsafePointer<Float> {
    tk_after_f32(p, v.v).assumingMemoryBound(to: Float.self)
  }

  @inline(__always) static var transposedRows: Int { 4 }
  @inline(__always)
  static func storeTransposed(_ a: Self, _ b: Self, _ to: UnsafeMutablePointer<Float>, _ step: Int) {
    tk_transpose2_f32(a.v, b.v, to, step)
  }
  @inline(__always)
  static func storeTransposed(
    _ a: Self, _ b: Self, _ c: Self, _ d: Self, _ to: UnsafeMutablePointer<Float>, _ step: Int
  ) {
    tk_transpose4_f32(a.v, b.v, c.v, d.v, to, step)
  }

  @inline(__always)
  static func transpose(
    _ from: UnsafePointer<Float>, _ fromStride: Int, _ to: UnsafeMutablePointer<Float>, _ toStride: Int
  ) {
    tk_transpose_f32(from, fromStride, to, toStride)
  }

  @inline(never)
  static func finish(
    _ epilogue: UnsafePointer<tk_gemm_epilogue>, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
    _ c: UnsafeMutablePointer<Float>, _ rsc: Int
  ) {
    finishTile(epilogue, row, column, height, width, c, rsc, VectorF32.self, { gelu($0) }, { tanh($0) }, { sigmoid($0) })
  }
}

extension VectorF64 {
  @inline(__always) static func first(_ n: Int) -> tk_lanes_f64 { tk_first_lanes_f64(n) }
  @inline(__always) static func load(_ p: UnsafeRawPointer, _ lanes: tk_lanes_f64) -> Self {
    Self(tk_load_lanes_f64(p, lanes))
  }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer, _ lanes: tk_lanes_f64) {
    tk_store_lanes_f64(p, lanes, v)
  }
  @inline(__always) static func after(_ p: UnsafePointer<Double>, _ v: Self) -> UnsafePointer<Double> {
    tk_after_f64(p, v.v).assumingMemoryBound(to: Double.self)
  }

  @inline(__always) static var transposedRows: Int { 2 }
  @inline(__always)
  static func storeTransposed(_ a: Self, _ b: Self, _ to: UnsafeMutablePointer<Double>, _ step: Int) {
    tk_transpose2_f64(a.v, b.v, to, step)
  }
  @inline(__always)
  static func storeTransposed(
    _ a: Self, _ b: Self, _ c: Self, _ d: Self, _ to: UnsafeMutablePointer<Double>, _ step: Int
  ) {
    tk_transpose2_f64(a.v, b.v, to, step)
    tk_transpose2_f64(c.v, d.v, to + 2, step)
  }

  @inline(__always)
  static func transpose(
    _ from: UnsafePointer<Double>, _ fromStride: Int, _ to: UnsafeMutablePointer<Double>, _ toStride: Int
  ) {
    tk_transpose_f64(from, fromStride, to, toStride)
  }

  @inline(never)
  static func finish(
    _ epilogue: UnsafePointer<tk_gemm_epilogue>, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
    _ c: UnsafeMutablePointer<Double>, _ rsc: Int
  ) {
    finishTile(epilogue, row, column, height, width, c, rsc, VectorF64.self, { gelu($0) }, { tanh($0) }, { sigmoid($0) })
  }
}
