// Layer norm and RMS norm over contiguous rows. A row is read again from the first-level cache for each of
// its sums: a variance about the mean loses nothing to cancellation.

@inline(__always)
private func element<V: FloatVector>(
  _ x: UnsafeRawPointer, _ residual: UnsafeRawPointer?, _ i: Int, _ count: Int, fill: V.Scalar
) -> V {
  let value = loadVector(x, 1, i, count, fill: fill, V.self)
  guard let residual else { return value }
  return value + loadVector(residual, 1, i, count, fill: 0, V.self)
}

/// Elements of a row that are summed before the sum goes over to the row's: rounding does not grow with rows.
private let blockVectors = 128

/// The sums of four rows, side by side: one row's additions wait for each other.
@inline(__always)
private func sumsOfFour<V: FloatVector>(_ n: Int, _ term: (Int, Int, Int) -> V) -> (
  V.Scalar, V.Scalar, V.Scalar, V.Scalar
) {
  var totals: (V.Scalar, V.Scalar, V.Scalar, V.Scalar) = (0, 0, 0, 0)
  var i = 0
  while i < n {
    let end = min(n, i &+ blockVectors &* V.lanes)
    var a0 = V(0), a1 = V(0), a2 = V(0), a3 = V(0)
    var b0 = V(0), b1 = V(0), b2 = V(0), b3 = V(0)
    while i &+ 2 &* V.lanes <= end {
      a0 = a0 + term(0, i, V.lanes)
      a1 = a1 + term(1, i, V.lanes)
      a2 = a2 + term(2, i, V.lanes)
      a3 = a3 + term(3, i, V.lanes)
      i &+= V.lanes
      b0 = b0 + term(0, i, V.lanes)
      b1 = b1 + term(1, i, V.lanes)
      b2 = b2 + term(2, i, V.lanes)
      b3 = b3 + term(3, i, V.lanes)
      i &+= V.lanes
    }
    while i < end {
      let count = min(V.lanes, end &- i)
      a0 = a0 + term(0, i, count)
      a1 = a1 + term(1, i, count)
      a2 = a2 + term(2, i, count)
      a3 = a3 + term(3, i, count)
      i &+= V.lanes
    }
    totals.0 += (a0 + b0).sumOfLanes
    totals.1 += (a1 + b1).sumOfLanes
    totals.2 += (a2 + b2).sumOfLanes
    totals.3 += (a3 + b3).sumOfLanes
  }
  return totals
}

extension FloatVector {
  @inline(__always)
  static func normalizeRows(
    _ rows: Int, _ width: Int, _ epsilon: Double, _ centered: Bool, _ x: UnsafeRawPointer,
    _ residual: UnsafeRawPointer?, _ weight: UnsafeRawPointer?, _ bias: UnsafeRawPointer?,
    _ y: UnsafeMutableRawPointer, _ means: UnsafeMutableRawPointer, _ scales: UnsafeMutableRawPointer
  ) {
    let size = MemoryLayout<Scalar>.size
    let share = 1 / Scalar(width)
    var row = 0
    while row < rows {
      let count = min(4, rows &- row)
      // In a group of fewer than four the last row stands in for the others.
      func from(_ r: Int) -> Int { (row &+ min(r, count &- 1)) &* width &* size }
      let offsets = (from(0), from(1), from(2), from(3))
      var centers: (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
      if centered {
        centers = sumsOfFour(width) { (r, i, count) -> Self in
          let at = r == 0 ? offsets.0 : r == 1 ? offsets.1 : r == 2 ? offsets.2 : offsets.3
          return element(x + at, residual.map { $0 + at }, i, count, fill: 0)
        }
        centers = (centers.0 * share, centers.1 * share, centers.2 * share, centers.3 * share)
      }
      let squares = sumsOfFour(width) { (r, i, count) -> Self in
        let at = r == 0 ? offsets.0 : r == 1 ? offsets.1 : r == 2 ? offsets.2 : offsets.3
        let center = r == 0 ? centers.0 : r == 1 ? centers.1 : r == 2 ? centers.2 : centers.3
        let deviation = element(x + at, residual.map { $0 + at }, i, count, fill: center) - Self(center)
        return deviation * deviation
      }
      var r = 0
      while r < count {
        let at = (row &+ r) &* width &* size
        let center = r == 0 ? centers.0 : r == 1 ? centers.1 : r == 2 ? centers.2 : centers.3
        let sum = r == 0 ? squares.0 : r == 1 ? squares.1 : r == 2 ? squares.2 : squares.3
        let scale = 1 / (sum * share + Scalar(epsilon)).squareRoot()
        if centered { means.storeBytes(of: center, toByteOffset: (row &+ r) &* size, as: Scalar.self) }
        scales.storeBytes(of: scale, toByteOffset: (row &+ r) &* size, as: Scalar.self)
        eachVector(width, Self.self) { i, count in
          var value = (element(x + at, residual.map { $0 + at }, i, count, fill: 0) - Self(center)) * Self(scale)
          if let weight { value = value * loadVector(weight, 1, i, count, fill: 0, Self.self) }
          if let bias { value = value + loadVector(bias, 1, i, count, fill: 0, Self.self) }
          storeVector(value, y + at, i, count)
        }
        r &+= 1
      }
      row &+= 4
    }
  }

  /// With h = (x - mean) scale and d = gradient weight: scale (d - mean(d) - h mean(d h)). Rows go in groups of
  /// four, so that the gradients of weight and bias are read and written once for four rows.
  @inline(__always)
  static func normalizeRowsBackward(
    _ rows: Int, _ width: Int, _ centered: Bool, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer,
    _ residual: UnsafeRawPointer?, _ weight: UnsafeRawPointer?, _ means: UnsafeRawPointer,
    _ scales: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer, _ dweight: UnsafeMutableRawPointer?,
    _ dbias: UnsafeMutableRawPointer?
  ) {
    let size = MemoryLayout<Scalar>.size
    if let dweight { eachVector(width, Self.self) { storeVector(Self(0), dweight, $0, $1) } }
    if let dbias { eachVector(width, Self.self) { storeVector(Self(0), dbias, $0, $1) } }
    func coefficients(_ row: Int) -> RowCoefficients<Self> {
      RowCoefficients(
        row, width, centered, g + row &* width &* size, x + row &* width &* size,
        residual.map { $0 + row &* width &* size }, weight, means, scales)
    }
    var row = 0
    while row &+ 4 <= rows {
      let c0 = coefficients(row), c1 = coefficients(row &+ 1)
      let c2 = coefficients(row &+ 2), c3 = coefficients(row &+ 3)
      let target = dx + row &* width &* size
      eachVector(width, Self.self) { i, count in
        let w = weight.map { loadVector($0, 1, i, count, fill: 0, Self.self) } ?? Self(1)
        let (g0, h0) = c0.store(target, w, i, count)
        let (g1, h1) = c1.store(target + width &* size, w, i, count)
        let (g2, h2) = c2.store(target + 2 &* width &* size, w, i, count)
        let (g3, h3) = c3.store(target + 3 &* width &* size, w, i, count)
        if let dweight {
          let sum = madd(g0, h0, g1 * h1) + madd(g2, h2, g3 * h3)
          storeVector(loadVector(dweight, 1, i, count, fill: 0, Self.self) + sum, dweight, i, count)
        }
        if let dbias {
          let sum = (g0 + g1) + (g2 + g3)
          storeVector(loadVector(dbias, 1, i, count, fill: 0, Self.self) + sum, dbias, i, count)
        }
      }
      row &+= 4
    }
    while row < rows {
      let c = coefficients(row)
      let target = dx + row &* width &* size
      eachVector(width, Self.self) { i, count in
        let w = weight.map { loadVector($0, 1, i, count, fill: 0, Self.self) } ?? Self(1)
        let (g, h) = c.store(target, w, i, count)
        if let dweight {
          storeVector(madd(g, h, loadVector(dweight, 1, i, count, fill: 0, Self.self)), dweight, i, count)
        }
        if let dbias { storeVector(loadVector(dbias, 1, i, count, fill: 0, Self.self) + g, dbias, i, count) }
      }
      row &+= 1
    }
  }
}

/// One row of the backward pass.
private struct RowCoefficients<V: FloatVector> {
  let g, x: UnsafeRawPointer
  let residual: UnsafeRawPointer?
  let mean, scale: V
  private(set) var shift = V(0), slope = V(0)

  /// The two means of the row.
  @inline(__always)
  init(
    _ row: Int, _ width: Int, _ centered: Bool, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer,
    _ residual: UnsafeRawPointer?, _ weight: UnsafeRawPointer?, _ means: UnsafeRawPointer, _ scales: UnsafeRawPointer
  ) {
    self.g = g
    self.x = x
    self.residual = residual
    let size = MemoryLayout<V.Scalar>.size
    mean = centered ? V(means.load(fromByteOffset: row &* size, as: V.Scalar.self)) : V(0)
    scale = V(scales.load(fromByteOffset: row &* size, as: V.Scalar.self))
    var a = V(0), b = V(0), c = V(0), d = V(0)
    var i = 0
    while i < width {
      // Two vectors at a time: four sums, whose order depends on the width alone.
      let first = min(V.lanes, width &- i)
      add(i, first, weight, &a, &b)
      i &+= first
      if i < width {
        let second = min(V.lanes, width &- i)
        add(i, second, weight, &c, &d)
        i &+= second
      }
    }
    let share = 1 / V.Scalar(width)
    shift = V(centered ? (a + c).sumOfLanes * share : 0)
    slope = scale * V((b + d).sumOfLanes * share)
  }

  /// Adds d and d (x - mean) to two sums.
  @inline(__always)
  private func add(_ i: Int, _ count: Int, _ weight: UnsafeRawPointer?, _ sum: inout V, _ product: inout V) {
    var d = loadVector(g, 1, i, count, fill: 0, V.self)
    if let weight { d = d * loadVector(weight, 1, i, count, fill: 0, V.self) }
    sum = sum + d
    product = madd(d, element(x, residual, i, count, fill: 0) - mean, product)
  }

  /// Stores the gradient of x; gives the gradient and h.
  @inline(__always)
  func store(_ dx: UnsafeMutableRawPointer, _ weight: V, _ i: Int, _ count: Int) -> (V, V) {
    let g = loadVector(g, 1, i, count, fill: 0, V.self)
    let h = (element(x, residual, i, count, fill: 0) - mean) * scale
    storeVector(scale * (madd(g, weight, -shift) - h * slope), dx, i, count)
    return (g, h)
  }
}
