// A register tile is put together of rows, and a row of one or two vectors: `Stack<A, B>` is the rows of A
// above those of B. What is made of it is concrete and inlined; its sums are registers.

/// The vectors of one row: a row of B as it is read, or the sums of a row of C.
protocol TileLine {
  associatedtype Vector: TileVector
  var leading: Vector { get }
  /// The last vector of an edge has `lanes`; a whole one is told by nil, at compile time.
  static func load(_ b: UnsafePointer<Vector.Scalar>, _ last: Vector.Lanes?) -> Self
  init()
  mutating func add(_ scalar: Vector, _ line: Self)
  /// C = alpha sum + beta C
  func store(
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ last: Vector.Lanes?, _ alpha: Vector, _ beta: Vector, _ readsC: Bool)
}

/// Two vectors; of an edge the first is whole.
struct Wide<Vector: TileVector>: TileLine {
  var x0 = Vector(0), x1 = Vector(0)
  @inline(__always) var leading: Vector { x0 }

  @inline(__always) init() {}
  @inline(__always) static func load(_ b: UnsafePointer<Vector.Scalar>, _ last: Vector.Lanes?) -> Self {
    var line = Self()
    line.x0 = Vector.load(b)
    line.x1 = Vector.load(b + Vector.lanes, last)
    return line
  }
  @inline(__always) mutating func add(_ scalar: Vector, _ line: Self) {
    x0 = madd(scalar, line.x0, x0)
    x1 = madd(scalar, line.x1, x1)
  }
  @inline(__always) func store(
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ last: Vector.Lanes?, _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    storeLast(x0, c, nil, alpha, beta, readsC)
    storeLast(x1, c + Vector.lanes, last, alpha, beta, readsC)
  }
}

/// One vector.
struct Narrow<Vector: TileVector>: TileLine {
  var x0 = Vector(0)
  @inline(__always) var leading: Vector { x0 }

  @inline(__always) init() {}
  @inline(__always) static func load(_ b: UnsafePointer<Vector.Scalar>, _ last: Vector.Lanes?) -> Self {
    var line = Self()
    line.x0 = Vector.load(b, last)
    return line
  }
  @inline(__always) mutating func add(_ scalar: Vector, _ line: Self) { x0 = madd(scalar, line.x0, x0) }
  @inline(__always) func store(
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ last: Vector.Lanes?, _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    storeLast(x0, c, last, alpha, beta, readsC)
  }
}

@inline(__always)
private func storeLast<V: TileVector>(
  _ sum: V, _ c: UnsafeMutablePointer<V.Scalar>, _ lanes: V.Lanes?, _ alpha: V, _ beta: V, _ readsC: Bool
) {
  let scaled = alpha * sum
  (readsC ? madd(beta, V.load(c, lanes), scaled) : scaled).store(c, lanes)
}

/// The rows of a tile.
protocol TileRows {
  associatedtype Line: TileLine
  static var count: Int { get }
  /// Of the last row.
  var sums: Line { get }
  init()
  /// Adds the outer product of a column, its elements `stride` apart, and a row.
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, _ stride: Int, _ line: Line)
  /// The same for a column whose elements are `places` from a.
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, places: UnsafePointer<Int>, _ line: Line)
  func store(
    _ c: UnsafeMutablePointer<Line.Vector.Scalar>, _ stride: Int, _ last: Line.Vector.Lanes?,
    _ alpha: Line.Vector, _ beta: Line.Vector, _ readsC: Bool)
}

struct OneRow<Line: TileLine>: TileRows {
  var sums = Line()

  @inline(__always) init() {}
  @inline(__always) static var count: Int { 1 }
  @inline(__always)
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, _ stride: Int, _ line: Line) {
    sums.add(Line.Vector(a[0]), line)
  }
  @inline(__always)
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, places: UnsafePointer<Int>, _ line: Line) {
    sums.add(Line.Vector(a[places[0]]), line)
  }
  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Line.Vector.Scalar>, _ stride: Int, _ last: Line.Vector.Lanes?,
    _ alpha: Line.Vector, _ beta: Line.Vector, _ readsC: Bool
  ) {
    sums.store(c, last, alpha, beta, readsC)
  }
}

struct Stack<Upper: TileRows, Lower: TileRows>: TileRows where Upper.Line == Lower.Line {
  typealias Line = Upper.Line
  var upper = Upper()
  var lower = Lower()
  @inline(__always) var sums: Line { lower.sums }

  @inline(__always) init() {}
  @inline(__always) static var count: Int { Upper.count &+ Lower.count }
  @inline(__always)
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, _ stride: Int, _ line: Line) {
    upper.add(a, stride, line)
    lower.add(a + Upper.count &* stride, stride, line)
  }
  @inline(__always)
  mutating func add(_ a: UnsafePointer<Line.Vector.Scalar>, places: UnsafePointer<Int>, _ line: Line) {
    upper.add(a, places: places, line)
    // One row's scalars after the other: there are no registers for all at once.
    let next = Line.Vector.after(a, upper.sums.leading)
    lower.add(next, places: places + Upper.count, line)
  }
  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Line.Vector.Scalar>, _ stride: Int, _ last: Line.Vector.Lanes?,
    _ alpha: Line.Vector, _ beta: Line.Vector, _ readsC: Bool
  ) {
    upper.store(c, stride, last, alpha, beta, readsC)
    lower.store(c + Upper.count &* stride, stride, last, alpha, beta, readsC)
  }
}

typealias TwoRows<Line: TileLine> = Stack<OneRow<Line>, OneRow<Line>>
typealias FourRows<Line: TileLine> = Stack<TwoRows<Line>, TwoRows<Line>>
typealias SixRows<Line: TileLine> = Stack<FourRows<Line>, TwoRows<Line>>
typealias EightRows<Line: TileLine> = Stack<FourRows<Line>, FourRows<Line>>
typealias TwelveRows<Line: TileLine> = Stack<EightRows<Line>, FourRows<Line>>
