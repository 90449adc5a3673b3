extension FloatVector {
  /// One pass over the rows for each column: it applies the last reflector to the columns on the right and sums the
  /// products of the one after it with them, from which comes what its reflector does to them.
  @inline(__always)
  static func panelQR(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ width: Int, _ tau: UnsafeMutablePointer<Scalar>,
    _ workspace: UnsafeMutablePointer<Scalar>
  ) {
    let line = 2 &* lanes
    /// The present column, minus the last reflector's vector, its shares of the columns, and the sums.
    let x = workspace, minus = workspace + m, shares = workspace + 2 &* m
    let sums = shares + width
    var i = 0
    while i < width {
      (shares[i], sums[i]) = (0, 0)
      i &+= 1
    }
    i = 0
    while i < n {
      tau[i] = 0
      i &+= 1
    }
    if n == 0 || m == 0 { return }
    i = 0
    while i < m {
      x[i] = a[i &* width]
      i &+= 1
    }
    var c = 0
    while c < n {
      sumLine(1, m, a + c, width, x, sums + c)
      c &+= line
    }
    var j = 0
    while j < min(m, n) {
      let row = a + j &* width
      let next = j &+ 1
      var reflector = Reflector<Scalar>()
      if sums[j] > leastSquares {
        reflector = Reflector(x[j], squares: squares(m &- next, x + next), scale: 1)
        scaleInto(m &- next, x + next, reflector.factor, minus + next)
      } else {
        reflector = rescaled(x, j, m)
        scaleInto(m &- next, x + next, reflector.scale, minus + next)
        scaleInto(m &- next, minus + next, reflector.factor, minus + next)
        // Of the vector itself, whose products have not lost what was below the smallest number.
        c = j / line &* line
        while c < n {
          sumLine(next, m, a + c, width, minus, sums + c)
          c &+= line
        }
        reflector.factor = 1
      }
      tau[j] = reflector.tau
      shares[j] = 0
      c = next
      while c < n {
        shares[c] = reflector.tau * (row[c] - reflector.factor * sums[c])
        row[c] -= shares[c]
        c &+= 1
      }
      row[j] = reflector.beta
      if next >= n {
        i = next
        while i < m {
          a[i &* width &+ j] = -minus[i]
          i &+= 1
        }
        return
      }
      let head = Self(shares[next])
      i = next
      while i < m {
        let target = a + i &* width
        target[j] = -minus[i]
        x[i] = madd(Self(minus[i]), head, Self(target[next])).lane(0)
        i &+= 1
      }
      c = next / line &* line
      while c < n {
        reflectLine(next, m, a + c, width, minus, shares + c, x, sums + c)
        c &+= line
      }
      j &+= 1
    }
  }

  /// The least sum of squares below which products with much smaller columns could underflow.
  @inline(__always)
  private static var leastSquares: Scalar { Scalar.ulpOfOne * Scalar.ulpOfOne / 256 }

  /// Sums are made of the sums of so many rows, whose errors do not grow with the height of the panel.
  @inline(__always)
  private static var rowsPerSum: Int { 32 }

  /// The sum of the squares of x, by compensated sums (Kahan and Babuska; Neumaier 1974): a norm that is wrong by some
  /// units makes a reflector as far from orthogonal, and of like columns all to the same side.
  @inline(__always)
  private static func squares(_ n: Int, _ x: UnsafePointer<Scalar>) -> Scalar {
    var sum = Self(0), lost = Self(0)
    var i = 0
    while i < n {
      let value = load(x + i, first: min(lanes, n &- i), fill: 0)
      let square = value * value
      // Both are not negative, but either may be the smaller one (Knuth's sum of two).
      let next = sum + square
      let kept = next - sum
      lost = lost + ((sum - (next - kept)) + (square - kept))
      sum = next
      i &+= lanes
    }
    var total = Scalar(0), rest = Scalar(0)
    i = 0
    while i < lanes {
      let value = sum.lane(i), next = total + value
      let kept = next - total
      rest += (total - (next - kept)) + (value - kept) + lost.lane(i)
      total = next
      i &+= 1
    }
    return total + rest
  }

  /// y = factor x
  @inline(__always)
  private static func scaleInto(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ factor: Scalar, _ y: UnsafeMutablePointer<Scalar>
  ) {
    let factor = Self(factor)
    var i = 0
    while i < n {
      let count = min(lanes, n &- i)
      (load(x + i, first: count, fill: 0) * factor).store(y + i, first: count)
      i &+= lanes
    }
  }

  /// The reflector of a column whose squares cannot be summed as they are.
  @inline(__always)
  private static func rescaled(_ x: UnsafePointer<Scalar>, _ j: Int, _ m: Int) -> Reflector<Scalar> {
    var largest = Scalar(0)
    var i = j &+ 1
    while i < m {
      largest = max(largest, x[i].magnitude)
      i &+= 1
    }
    if largest == 0 { return Reflector(identity: x[j]) }
    largest = max(largest, x[j].magnitude)
    // A power of two, at most one whose reciprocal is a normal number.
    let exponent = max(largest.exponent, Scalar.leastNormalMagnitude.exponent + 8)
    let scale = Scalar(sign: .plus, exponent: -exponent, significand: 1)
    var squares = Scalar(0)
    i = j &+ 1
    while i < m {
      let end = min(m, i &+ rowsPerSum)
      var part = Scalar(0)
      while i < end {
        let value = x[i] * scale
        part += value * value
        i &+= 1
      }
      squares += part
    }
    return Reflector(x[j] * scale, squares: squares, scale: scale)
  }

  /// sums = the sum of x[i] a[i, ..] over the rows from `begin` on, for two vectors' columns.
  @inline(__always)
  private static func sumLine(
    _ begin: Int, _ m: Int, _ a: UnsafeMutablePointer<Scalar>, _ width: Int, _ x: UnsafePointer<Scalar>,
    _ sums: UnsafeMutablePointer<Scalar>
  ) {
    var sum0 = Self(0), sum1 = Self(0)
    var row = a + begin &* width
    var i = begin
    while i < m {
      let end = min(m, i &+ rowsPerSum)
      var s0 = Self(0), s1 = Self(0), t0 = Self(0), t1 = Self(0)
      while i &+ 2 <= end {
        let p = Self(x[i]), q = Self(x[i &+ 1])
        s0 = madd(p, load(row), s0)
        s1 = madd(p, load(row + lanes), s1)
        t0 = madd(q, load(row + width), t0)
        t1 = madd(q, load(row + width + lanes), t1)
        row += 2 &* width
        i &+= 2
      }
      if i < end {
        let p = Self(x[i])
        s0 = madd(p, load(row), s0)
        s1 = madd(p, load(row + lanes), s1)
        i &+= 1
      }
      sum0 = sum0 + (s0 + t0)
      sum1 = sum1 + (s1 + t1)
    }
    sum0.store(sums)
    sum1.store(sums + lanes)
  }

  /// Adds minus[i] shares to each row from `begin` on, then sums as `sumLine` the rows after it.
  @inline(__always)
  private static func reflectLine(
    _ begin: Int, _ m: Int, _ a: UnsafeMutablePointer<Scalar>, _ width: Int, _ minus: UnsafePointer<Scalar>,
    _ shares: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ sums: UnsafeMutablePointer<Scalar>
  ) {
    let w0 = load(shares), w1 = load(shares + lanes)
    var sum0 = Self(0), sum1 = Self(0)
    var row = a + begin &* width
    if begin < m {
      let v = Self(minus[begin])
      madd(v, w0, load(row)).store(row)
      madd(v, w1, load(row + lanes)).store(row + lanes)
      row += width
    }
    var i = begin &+ 1
    while i < m {
      let end = min(m, i &+ rowsPerSum)
      var s0 = Self(0), s1 = Self(0), t0 = Self(0), t1 = Self(0)
      while i &+ 2 <= end {
        let v = Self(minus[i]), w = Self(minus[i &+ 1])
        let p = Self(x[i]), q = Self(x[i &+ 1])
        let a0 = madd(v, w0, load(row)), a1 = madd(v, w1, load(row + lanes))
        let b0 = madd(w, w0, load(row + width)), b1 = madd(w, w1, load(row + width + lanes))
        a0.store(row)
        a1.store(row + lanes)
        b0.store(row + width)
        b1.store(row + width + lanes)
        s0 = madd(p, a0, s0)
        s1 = madd(p, a1, s1)
        t0 = madd(q, b0, t0)
        t1 = madd(q, b1, t1)
        row += 2 &* width
        i &+= 2
      }
      if i < end {
        let v = Self(minus[i]), p = Self(x[i])
        let a0 = madd(v, w0, load(row)), a1 = madd(v, w1, load(row + lanes))
        a0.store(row)
        a1.store(row + lanes)
        s0 = madd(p, a0, s0)
        s1 = madd(p, a1, s1)
        i &+= 1
      }
      sum0 = sum0 + (s0 + t0)
      sum1 = sum1 + (s1 + t1)
    }
    sum0.store(sums)
    sum1.store(sums + lanes)
  }
}

/// H = I - tau [1; v] [1; v]', which takes (alpha; x) to (beta; 0).
private struct Reflector<Scalar: BinaryFloatingPoint> {
  var tau, beta: Scalar
  /// v = -factor scale x
  var factor, scale: Scalar

  @inline(__always) init() { (tau, beta, factor, scale) = (0, 0, 0, 1) }

  @inline(__always) init(identity alpha: Scalar) { (tau, beta, factor, scale) = (0, alpha, 0, 1) }

  /// From alpha and the sum of the squares below it, both of elements that were scaled.
  @inline(__always) init(_ alpha: Scalar, squares: Scalar, scale: Scalar) {
    let norm = (alpha * alpha + squares).squareRoot()
    let beta = alpha.sign == .minus ? norm : -norm
    tau = (beta - alpha) / beta
    factor = -1 / (alpha - beta)
    self.beta = beta / scale
    self.scale = scale
  }
}
