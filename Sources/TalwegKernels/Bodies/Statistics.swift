// Sums of squares, moments and log-sum-exp of many rows, accumulated in double. See `StatisticKernels`.

extension FloatVector {
  @inline(__always)
  fileprivate static func scalar(_ p: UnsafeRawPointer, _ i: Int) -> Double {
    Double((p + i &* MemoryLayout<Scalar>.size).load(as: Scalar.self))
  }
}

/// Elements of one block of a sum along a row.
private let blockSize = 4096

/// The sum of f(x) along a row: blocks in eight accumulators, added in pairs.
@inline(__always)
private func sumAlong<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ stride: Int, _: V.Type, _ f: (VectorF64) -> VectorF64
) -> Double {
  let size = MemoryLayout<V.Scalar>.size
  let width = 2 &* VectorF64.lanes
  var total = 0.0
  var begin = 0
  while begin < n {
    let end = min(n, begin &+ blockSize)
    var a = VectorF64(0), b = a, c = a, d = a, e = a, g = a, h = a, k = a
    var i = begin
    while i &+ 4 &* width <= end {
      let p = x + i &* stride &* size, by = width &* stride &* size
      let first = V.pair(p, stride), second = V.pair(p + by, stride)
      let third = V.pair(p + 2 &* by, stride), fourth = V.pair(p + 3 &* by, stride)
      a = a + f(first.0)
      b = b + f(first.1)
      c = c + f(second.0)
      d = d + f(second.1)
      e = e + f(third.0)
      g = g + f(third.1)
      h = h + f(fourth.0)
      k = k + f(fourth.1)
      i &+= 4 &* width
    }
    while i &+ width <= end {
      let (low, high) = V.pair(x + i &* stride &* size, stride)
      a = a + f(low)
      b = b + f(high)
      i &+= width
    }
    // At most a pair of vectors is left, element by element.
    var rest = 0.0
    while i < end {
      rest += f(VectorF64(V.scalar(x, i &* stride))).lane(0)
      i &+= 1
    }
    total += (((a + b) + (c + d)) + ((e + g) + (h + k))).sumOfLanes + rest
    begin = end
  }
  return total
}

/// y[i] += the sum of f(column i, x) over the rows, for m columns: four rows at a time.
@inline(__always)
private func sumAcross<V: FloatVector>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutablePointer<Double>,
  _: V.Type, _ f: (Int, VectorF64) -> VectorF64
) {
  let size = MemoryLayout<V.Scalar>.size
  let lanes = VectorF64.lanes
  let by = stride &* size
  var row = 0
  while row < n {
    let rows = min(4, n &- row)
    let base = x + row &* by
    var i = 0
    while i &+ 2 &* lanes <= m {
      let p = base + i &* step &* size
      var (low, high) = V.pair(p, step)
      low = f(i, low)
      high = f(i &+ lanes, high)
      if rows == 4 {
        let b = V.pair(p + by, step), c = V.pair(p + 2 &* by, step), d = V.pair(p + 3 &* by, step)
        low = (low + f(i, b.0)) + (f(i, c.0) + f(i, d.0))
        high = (high + f(i &+ lanes, b.1)) + (f(i &+ lanes, c.1) + f(i &+ lanes, d.1))
      } else {
        var k = 1
        while k < rows {
          let next = V.pair(p + k &* by, step)
          low = low + f(i, next.0)
          high = high + f(i &+ lanes, next.1)
          k &+= 1
        }
      }
      (VectorF64.load(UnsafeRawPointer(y + i)) + low).store(y + i)
      (VectorF64.load(UnsafeRawPointer(y + (i &+ lanes))) + high).store(y + (i &+ lanes))
      i &+= 2 &* lanes
    }
    while i < m {
      let p = base + i &* step &* size
      var sum = f(i, VectorF64(V.scalar(p, 0))).lane(0)
      var k = 1
      while k < rows {
        sum += f(i, VectorF64(V.scalar(p, k &* stride))).lane(0)
        k &+= 1
      }
      y[i] += sum
      i &+= 1
    }
    row &+= rows
  }
}

@inline(__always)
private func sumSquares<V: FloatVector>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutablePointer<Double>, _: V.Type
) {
  if reducesAlong(n, stride, step) {
    var i = 0
    while i < m {
      y[i] = sumAlong(n, x + i &* step &* MemoryLayout<V.Scalar>.size, stride, V.self) { $0 * $0 }
      i &+= 1
    }
  } else {
    clear(m, y)
    sumAcross(n, m, x, stride, step, y, V.self) { $1 * $1 }
  }
}

@inline(__always)
private func meanAndSquares<V: FloatVector>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ mean: UnsafeMutablePointer<Double>,
  _ squares: UnsafeMutablePointer<Double>, _: V.Type
) {
  let count = Double(n)
  var i = 0
  if reducesAlong(n, stride, step) {
    while i < m {
      let row = x + i &* step &* MemoryLayout<V.Scalar>.size
      let average = sumAlong(n, row, stride, V.self) { $0 } / count
      mean[i] = average
      squares[i] = sumAlong(n, row, stride, V.self) { ($0 - VectorF64(average)) * ($0 - VectorF64(average)) }
      i &+= 1
    }
    return
  }
  clear(m, mean)
  sumAcross(n, m, x, stride, step, mean, V.self) { $1 }
  while i < m {
    mean[i] /= count
    i &+= 1
  }
  clear(m, squares)
  sumAcross(n, m, x, stride, step, squares, V.self) { i, x in
    // Behind the last whole pair, columns come one by one, in every lane.
    let isWhole = i | (2 &* VectorF64.lanes &- 1) < m
    let d = x - (isWhole ? VectorF64.load(UnsafeRawPointer(mean + i)) : VectorF64(mean[i]))
    return d * d
  }
}

@inline(__always)
private func clear(_ m: Int, _ y: UnsafeMutablePointer<Double>) {
  var i = 0
  while i < m {
    y[i] = 0
    i &+= 1
  }
}

/// The greatest is taken out first, so that no exponential overflows; NaN and infinities as they come.
@inline(__always)
private func logOfSum<V: FloatVector>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutablePointer<Double>,
  _ exp: (V) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  var i = 0
  if reducesAlong(n, stride, step) {
    while i < m {
      let row = x + i &* step &* size
      let greatest = foldVectors(n, row, stride, V.self, Maximum.self)
      let sum = sumVectors(n) {
        exp(loadVector(row, stride, $0, $1, fill: -.infinity, V.self) - V(greatest))
      }
      y[i] = logarithm(greatest: Double(greatest), sum: Double(sum))
      i &+= 1
    }
    return
  }
  while i < m {
    let count = min(V.lanes, m &- i)
    let p = x + i &* step &* size
    var greatest = V(-.infinity)
    var row = 0
    while row < n {
      greatest = V.maximum(greatest, loadVector(p + row &* stride &* size, step, 0, count, fill: 0, V.self))
      row &+= 1
    }
    // Groups of eight rows, as in `reduceMany`.
    var sum = V(0)
    row = 0
    while row < n {
      let end = min(n, row &+ 8)
      var group = V(0)
      while row < end {
        group = group + exp(loadVector(p + row &* stride &* size, step, 0, count, fill: 0, V.self) - greatest)
        row &+= 1
      }
      sum = sum + group
    }
    var lane = 0
    while lane < count {
      y[i &+ lane] = logarithm(greatest: Double(greatest.lane(lane)), sum: Double(sum.lane(lane)))
      lane &+= 1
    }
    i &+= count
  }
}

@inline(__always)
private func logarithm(greatest: Double, sum: Double) -> Double {
  greatest.isInfinite ? greatest : greatest + log(VectorF64(sum)).lane(0)
}

@inline(__always)
private func merge(
  _ m: Int, _ n: Double, _ mean: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>,
  _ otherN: Double, _ otherMean: UnsafePointer<Double>, _ otherSquares: UnsafePointer<Double>
) {
  let share = otherN / (n + otherN)
  let weight = VectorF64(n * share)
  var i = 0
  while i < m {
    let count = min(VectorF64.lanes, m &- i)
    let load = { (p: UnsafePointer<Double>) in loadVector(UnsafeRawPointer(p), 1, i, count, fill: 0, VectorF64.self) }
    let own = load(mean)
    let shift = load(otherMean) - own
    storeVector(own + VectorF64(share) * shift, mean, i, count)
    storeVector(load(squares) + (load(otherSquares) + weight * shift * shift), squares, i, count)
    i &+= count
  }
}

extension StatisticKernels {
  mutating func setVectorStatisticsF32() {
    squares = { sumSquares($0, $1, $2, $3, $4, $5.assumingMemoryBound(to: Double.self), VectorF32.self) }
    moments = { meanAndSquares($0, $1, $2, $3, $4, $5, $6, VectorF32.self) }
    logSumExp = { logOfSum($0, $1, $2, $3, $4, $5.assumingMemoryBound(to: Double.self), exp as UnaryF32) }
    mergeMoments = { merge($0, $1, $2, $3, $4, $5, $6) }
  }

  mutating func setVectorStatisticsF64() {
    squares = { sumSquares($0, $1, $2, $3, $4, $5.assumingMemoryBound(to: Double.self), VectorF64.self) }
    moments = { meanAndSquares($0, $1, $2, $3, $4, $5, $6, VectorF64.self) }
    logSumExp = { logOfSum($0, $1, $2, $3, $4, $5.assumingMemoryBound(to: Double.self), exp as UnaryF64) }
    mergeMoments = { merge($0, $1, $2, $3, $4, $5, $6) }
  }
}
