// What is done to a row of scores between the products.

extension AttentionVector {
  /// Turns a row of `known` scores into weights 2^(x - m), zeros from there to `depth`, where m is the
  /// greatest score so far, and adds them to the row's total. Gives the factor that brings what was summed
  /// before to the new m.
  @inline(__always)
  static func weigh(
    _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Scalar>, _ mask: UnsafeMutablePointer<Scalar>?,
    _ dropped: UnsafeMutablePointer<Scalar>?, _ greatest: UnsafeMutablePointer<Scalar>,
    _ total: UnsafeMutablePointer<Scalar>
  ) -> Scalar {
    if let mask { addMask(known, x, mask) }
    let old = greatest.pointee
    let new = greatestElement(known, x, old)
    // A row without a score above -infinity so far has no weight.
    let base = Self(new == -.infinity ? 0 : new)
    let whole = known &- known % lanes
    var sum = Self(0)
    var j = 0
    while j < whole {
      let weight = exponential(load(x + j) - base)
      sum = sum + weight
      weight.store(x + j)
      j &+= lanes
    }
    if j < known {
      let weight = exponential(load(x + j, first: known &- j, fill: -.infinity) - base)
      sum = sum + weight
      weight.store(x + j)
      j &+= lanes
    }
    if j < depth { zero(roundedUp(depth &- j, lanes), x + j) }
    if let dropped { scale(known, x, dropped) }
    greatest.pointee = new
    // Before the first weight there is nothing to correct.
    let correction = old == new || old == -.infinity ? 1 : exponential(Self(old - new)).lane(0)
    total.pointee = total.pointee * correction + sum.sumOfLanes
    return correction
  }

  /// Turns a row of scores x and products dP into weights, dropped out, and slopes dS; zeros from `known` to
  /// `end`.
  @inline(__always)
  static func slope(
    _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Scalar>, _ dp: UnsafeMutablePointer<Scalar>,
    _ mask: UnsafeMutablePointer<Scalar>?, _ dropped: UnsafeMutablePointer<Scalar>?, _ logSum: Scalar,
    _ delta: Scalar
  ) {
    if let mask { addMask(known, x, mask) }
    if let dropped { scale(known, dp, dropped) }
    let logSum = Self(logSum), delta = Self(delta)
    let whole = known &- known % lanes
    var j = 0
    while j < whole {
      let weight = exponential(load(x + j) - logSum)
      (weight * (load(dp + j) - delta)).store(dp + j)
      weight.store(x + j)
      j &+= lanes
    }
    if j < known {
      let weight = exponential(load(x + j, first: known &- j, fill: -.infinity) - logSum)
      (weight * (load(dp + j) - delta)).store(dp + j)
      weight.store(x + j)
      j &+= lanes
    }
    if let dropped { scale(known, x, dropped) }
    if j < end {
      zero(end &- j, x + j)
      zero(end &- j, dp + j)
    }
  }

  /// x += mask; whole vectors.
  @inline(__always)
  private static func addMask(_ n: Int, _ x: UnsafeMutablePointer<Scalar>, _ mask: UnsafePointer<Scalar>) {
    var j = 0
    while j < n {
      (load(x + j) + load(mask + j)).store(x + j)
      j &+= lanes
    }
  }

  /// x *= factors; whole vectors.
  @inline(__always)
  private static func scale(_ n: Int, _ x: UnsafeMutablePointer<Scalar>, _ factors: UnsafePointer<Scalar>) {
    var j = 0
    while j < n {
      (load(x + j) * load(factors + j)).store(x + j)
      j &+= lanes
    }
  }

  @inline(__always)
  private static func greatestElement(_ n: Int, _ x: UnsafePointer<Scalar>, _ initial: Scalar) -> Scalar {
    var a = Self(initial), b = a
    let whole = n &- n % (2 &* lanes)
    var j = 0
    while j < whole {
      let p = load(x + j), q = load(x + j + lanes)
      a = select(a < p, p, a)
      b = select(b < q, q, b)
      j &+= 2 &* lanes
    }
    while j < n {
      let p = loadVector(x, 1, j, min(lanes, n &- j), fill: initial, Self.self)
      a = select(a < p, p, a)
      j &+= lanes
    }
    a = select(a < b, b, a)
    var width = lanes
    while width > 1 {
      width /= 2
      let other = a.rotated(by: width)
      a = select(a < other, other, a)
    }
    return a.lane(0)
  }
}
