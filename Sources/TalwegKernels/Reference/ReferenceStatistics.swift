extension KernelTable {
  /// Reductions of many rows of floats, one by one.
  func setReduceMany() {
    setMany(.sum, .float32) { reduceEach($0, $1, $2, $3, $4, $5, 4) { compensatedSum($0, $1, $2) { (x: Float) in x } } }
    setMany(.sum, .float64) { reduceEach($0, $1, $2, $3, $4, $5, 8) { compensatedSum($0, $1, $2) { (x: Double) in x } } }
    setMany(.product, .float32) { foldEach($0, $1, $2, $3, $4, $5, Float(1)) { $0 * $1 } }
    setMany(.product, .float64) { foldEach($0, $1, $2, $3, $4, $5, Double(1)) { $0 * $1 } }
    setMany(.max, .float32) { foldEach($0, $1, $2, $3, $4, $5, -Float.infinity) { $0 != $0 || $0 > $1 ? $0 : $1 } }
    setMany(.max, .float64) { foldEach($0, $1, $2, $3, $4, $5, -Double.infinity) { $0 != $0 || $0 > $1 ? $0 : $1 } }
    setMany(.min, .float32) { foldEach($0, $1, $2, $3, $4, $5, Float.infinity) { $0 != $0 || $0 < $1 ? $0 : $1 } }
    setMany(.min, .float64) { foldEach($0, $1, $2, $3, $4, $5, Double.infinity) { $0 != $0 || $0 < $1 ? $0 : $1 } }
    setManyArgmax(.float32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a > b } }
    setManyArgmin(.float32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a < b } }
    setManyArgmax(.float64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a > b } }
    setManyArgmin(.float64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a < b } }
  }
}

@inline(__always)
private func reduceEach<R>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutableRawPointer, _ size: Int,
  _ reduce: (Int, UnsafeRawPointer, Int) -> R
) {
  for i in 0..<m { y.storeBytes(of: reduce(n, x + i * step * size, stride), toByteOffset: i * size, as: R.self) }
}

enum ReferenceStatistics {
  static let f32 = StatisticKernels(
    squares: { statisticEach($0, $1, $2, $3, $4, $5) { referenceSquares($0, $1, $2, Float.self) } },
    moments: { momentsEach($0, $1, $2, $3, $4, $5, $6, Float.self) },
    logSumExp: { statisticEach($0, $1, $2, $3, $4, $5) { referenceLogSumExp($0, $1, $2, Float.self) } },
    mergeMoments: { referenceMergeMoments($0, $1, $2, $3, $4, $5, $6) })

  static let f64 = StatisticKernels(
    squares: { statisticEach($0, $1, $2, $3, $4, $5) { referenceSquares($0, $1, $2, Double.self) } },
    moments: { momentsEach($0, $1, $2, $3, $4, $5, $6, Double.self) },
    logSumExp: { statisticEach($0, $1, $2, $3, $4, $5) { referenceLogSumExp($0, $1, $2, Double.self) } },
    mergeMoments: { referenceMergeMoments($0, $1, $2, $3, $4, $5, $6) })
}

@inline(__always)
private func statisticEach<X>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutableRawPointer,
  _ f: (Int, UnsafePointer<X>, Int) -> Double
) {
  let x = x.assumingMemoryBound(to: X.self), y = y.assumingMemoryBound(to: Double.self)
  for i in 0..<m { y[i] = f(n, x + i &* step, stride) }
}

@inline(__always)
private func referenceSquares<X: BinaryFloatingPoint>(_ n: Int, _ x: UnsafePointer<X>, _ stride: Int, _: X.Type) -> Double {
  compensatedSum(n, UnsafeRawPointer(x), stride) { (x: X) in Double(x) * Double(x) }
}

@inline(__always)
private func referenceLogSumExp<X: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafePointer<X>, _ stride: Int, _: X.Type
) -> Double {
  let greatest = foldLoop(n, UnsafeRawPointer(x), stride, -Double.infinity) { (r: Double, x: X) in
    r != r || r > Double(x) ? r : Double(x)
  }
  if greatest != greatest || greatest.isInfinite { return greatest }
  let sum = compensatedSum(n, UnsafeRawPointer(x), stride) { (x: X) in Reference.exp(Double(x) - greatest) }
  return greatest + Reference.log(sum)
}

@inline(__always)
private func momentsEach<X: BinaryFloatingPoint>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ mean: UnsafeMutablePointer<Double>,
  _ squares: UnsafeMutablePointer<Double>, _: X.Type
) {
  let x = x.assumingMemoryBound(to: X.self)
  for i in 0..<m {
    let row = UnsafeRawPointer(x + i &* step)
    let average = compensatedSum(n, row, stride) { (x: X) in Double(x) } / Double(n)
    mean[i] = average
    squares[i] = compensatedSum(n, row, stride) { (x: X) in
      let d = Double(x) - average
      return d * d
    }
  }
}

@inline(__always)
func referenceMergeMoments(
  _ m: Int, _ n: Double, _ mean: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>,
  _ otherN: Double, _ otherMean: UnsafePointer<Double>, _ otherSquares: UnsafePointer<Double>
) {
  let share = otherN / (n + otherN)
  for i in 0..<m {
    let shift = otherMean[i] - mean[i]
    mean[i] += share * shift
    squares[i] += otherSquares[i] + n * share * shift * shift
  }
}
