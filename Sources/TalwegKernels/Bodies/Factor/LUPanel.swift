extension FloatVector {
  /// Right-looking: the present column lies contiguous beside the panel, and each pass over the rows below
  /// the pivot subtracts its row.
  @inline(__always)
  static func panelLU(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ width: Int, _ pivots: UnsafeMutablePointer<Int>,
    _ workspace: UnsafeMutablePointer<Scalar>
  ) -> Int {
    let line = 2 &* lanes
    /// The present column, minus its multipliers, and the pivot's row to the right of it.
    let x = workspace, shares = workspace + m, pivotRow = workspace + 2 &* m
    var singular = n
    var i = 0
    while i < m {
      x[i] = n > 0 ? a[i &* width] : 0
      i &+= 1
    }
    var j = 0
    while j < min(m, n) {
      let at = largest(x, j, m)
      pivots[j] = at
      if at != j {
        exchange(width, a + j &* width, a + at &* width)
        let value = x[j]
        x[j] = x[at]
        x[at] = value
      }
      let pivot = x[j], row = a + j &* width
      let next = j &+ 1
      if pivot == 0 {
        singular = min(singular, j)
        i = next
        while i < m, next < n {
          x[i] = a[i &* width &+ next]
          i &+= 1
        }
        j &+= 1
        continue
      }
      divide(m &- next, x + next, pivot, shares + next)
      var c = 0
      while c < width {
        pivotRow[c] = c > j ? row[c] : 0
        c &+= 1
      }
      i = next
      if next < n {
        let head = Self(pivotRow[next])
        while i < m {
          let target = a + i &* width
          target[j] = -shares[i]
          x[i] = madd(Self(shares[i]), head, Self(target[next])).lane(0)
          i &+= 1
        }
      } else {
        while i < m {
          a[i &* width &+ j] = -shares[i]
          i &+= 1
        }
      }
      c = next / line &* line
      while c < n {
        let u0 = load(pivotRow + c), u1 = load(pivotRow + c + lanes)
        var target = a + (next &* width &+ c)
        i = next
        while i < m {
          let share = Self(shares[i])
          madd(share, u0, load(target)).store(target)
          madd(share, u1, load(target + lanes)).store(target + lanes)
          target += width
          i &+= 1
        }
        c &+= line
      }
      j &+= 1
    }
    return singular
  }

  /// Where the first element of the greatest magnitude is.
  @inline(__always)
  private static func largest(_ x: UnsafePointer<Scalar>, _ begin: Int, _ end: Int) -> Int {
    // The greatest of each lane, then its first place.
    var most = Self(0)
    var i = begin
    while i &+ lanes <= end {
      most = most.atLeast(load(x + i).magnitude)
      i &+= lanes
    }
    var greatest = Scalar(0)
    for l in 0..<lanes { greatest = max(greatest, most.lane(l)) }
    while i < end {
      greatest = max(greatest, x[i].magnitude)
      i &+= 1
    }
    i = begin
    while i < end, x[i].magnitude != greatest { i &+= 1 }
    return i < end ? i : begin
  }

  @inline(__always)
  private static func exchange(
    _ width: Int, _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
  ) {
    var c = 0
    while c < width {
      let value = load(x + c)
      load(y + c).store(x + c)
      value.store(y + c)
      c &+= lanes
    }
  }

  /// y = -x / pivot, by its reciprocal where that is a number.
  @inline(__always)
  private static func divide(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ pivot: Scalar, _ y: UnsafeMutablePointer<Scalar>
  ) {
    let divides = pivot.magnitude < 4 * Scalar.leastNormalMagnitude
    let factor = Self(divides ? -pivot : -1 / pivot)
    var i = 0
    while i < n {
      let count = min(lanes, n &- i)
      let value = load(x + i, first: count, fill: 0)
      (divides ? value / factor : value * factor).store(y + i, first: count)
      i &+= lanes
    }
  }
}
