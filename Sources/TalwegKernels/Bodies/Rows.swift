// Softmax and its logarithm over a contiguous row, in three passes: the greatest element, the sum of the
// exponentials of the differences from it, the result. A NaN, an infinity as the greatest and a row of
// minus infinities give NaN by the arithmetic alone.

extension FloatVector {
  /// The greater; b if a is NaN, and a NaN b if it is: one instruction.
  @inline(__always) static func greater(_ a: Self, _ b: Self) -> Self { select(b < a, a, b) }

  @inline(__always) var greatestLane: Scalar {
    var width = Self.lanes
    var parts = self
    while width > 1 {
      width /= 2
      parts = Self.greater(parts, parts.rotated(by: width))
    }
    return parts.lane(0)
  }
}

/// The greatest of n contiguous elements that are no NaN; -infinity of none.
@inline(__always)
func greatestElement<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _: V.Type) -> V.Scalar {
  var a = V(-.infinity), b = a, c = a, d = a
  var i = 0
  while i &+ 4 &* V.lanes <= n {
    a = V.greater(loadVector(x, 1, i, V.lanes, fill: 0, V.self), a)
    b = V.greater(loadVector(x, 1, i &+ V.lanes, V.lanes, fill: 0, V.self), b)
    c = V.greater(loadVector(x, 1, i &+ 2 &* V.lanes, V.lanes, fill: 0, V.self), c)
    d = V.greater(loadVector(x, 1, i &+ 3 &* V.lanes, V.lanes, fill: 0, V.self), d)
    i &+= 4 &* V.lanes
  }
  while i < n {
    a = V.greater(loadVector(x, 1, i, min(V.lanes, n &- i), fill: -.infinity, V.self), a)
    i &+= V.lanes
  }
  return V.greater(V.greater(a, b), V.greater(c, d)).greatestLane
}

/// Whether one of n contiguous elements is NaN.
@inline(__always)
func hasNaN<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _: V.Type) -> Bool {
  var found = false
  eachVector(n, V.self) { i, count in
    let x = loadVector(x, 1, i, count, fill: 0, V.self)
    found = found || V.any(x != x)
  }
  return found
}

/// The greatest of x and the sum of exp(x - greatest); `each` gets every vector of exponentials.
@inline(__always)
private func sumOfExponentials<V: ElementaryVector>(
  _ n: Int, _ x: UnsafeRawPointer, _: V.Type, _ each: (Int, Int, V) -> Void
) -> (greatest: V.Scalar, sum: V.Scalar) {
  let greatest = greatestElement(n, x, V.self)
  let sum = sumVectors(n) { i, count in
    let value = V.naturalExp(loadVector(x, 1, i, count, fill: -.infinity, V.self) - V(greatest))
    each(i, count, value)
    return value
  }
  return (greatest, sum)
}

extension ElementaryVector {
  @inline(__always)
  static func softmax(_ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let (_, sum) = sumOfExponentials(n, x, Self.self) { i, count, value in storeVector(value, y, i, count) }
    let scale = Self(1 / sum)
    mapVectors(n, UnsafeRawPointer(y), 1, y, 1) { (e: Self) in e * scale }
  }

  @inline(__always)
  static func logSoftmax(_ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let (greatest, sum) = sumOfExponentials(n, x, Self.self) { _, _, _ in }
    let logarithm = naturalLog(Self(sum))
    mapVectors(n, x, 1, y, 1) { (x: Self) in (x - Self(greatest)) - logarithm }
  }

  @inline(__always)
  static func logSumExp(_ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let (greatest, sum) = sumOfExponentials(n, x, Self.self) { _, _, _ in }
    // Of infinities the sum is NaN, whether there is a NaN or not.
    let infinite = greatest.isInfinite && !hasNaN(n, x, Self.self)
    let result = infinite ? Self(greatest) : Self(greatest) + naturalLog(Self(sum))
    y.storeBytes(of: result.lane(0), as: Scalar.self)
  }
}

extension FloatKernels {
  mutating func setVectorRowsF32() {
    softmaxRow = { VectorF32.softmax($0, $1, $2) }
    logSoftmaxRow = { VectorF32.logSoftmax($0, $1, $2) }
    logSumExp = { VectorF32.logSumExp($0, $1, $2) }
  }

  mutating func setVectorRowsF64() {
    softmaxRow = { VectorF64.softmax($0, $1, $2) }
    logSoftmaxRow = { VectorF64.logSoftmax($0, $1, $2) }
    logSumExp = { VectorF64.logSumExp($0, $1, $2) }
  }
}
