extension KernelTable {
  /// Reductions of n strided elements into one, and the index of an extreme.
  func setReduce() {
    set(ReduceOp.sum, .float32) { $3.storeBytes(of: compensatedSum($0, $1, $2) { (x: Float) in x }, as: Float.self) }
    set(ReduceOp.product, .float32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Float(1)) { (r: Float, x: Float) in r * x }, as: Float.self)
    }
    set(ReduceOp.max, .float32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, -Float.infinity) { (r: Float, x: Float) in r != r || r > x ? r : x }, as: Float.self)
    }
    set(ReduceOp.min, .float32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Float.infinity) { (r: Float, x: Float) in r != r || r < x ? r : x }, as: Float.self)
    }
    set(ReduceOp.sum, .float64) { $3.storeBytes(of: compensatedSum($0, $1, $2) { (x: Double) in x }, as: Double.self) }
    set(ReduceOp.product, .float64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Double(1)) { (r: Double, x: Double) in r * x }, as: Double.self)
    }
    set(ReduceOp.max, .float64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, -Double.infinity) { (r: Double, x: Double) in r != r || r > x ? r : x }, as: Double.self)
    }
    set(ReduceOp.min, .float64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Double.infinity) { (r: Double, x: Double) in r != r || r < x ? r : x }, as: Double.self)
    }
    setArgmax(.float32) { indexLoop($0, $1, $2) { (a: Float, b: Float) in a > b } }
    setArgmin(.float32) { indexLoop($0, $1, $2) { (a: Float, b: Float) in a < b } }
    setArgmax(.float64) { indexLoop($0, $1, $2) { (a: Double, b: Double) in a > b } }
    setArgmin(.float64) { indexLoop($0, $1, $2) { (a: Double, b: Double) in a < b } }
  }
}

/// The sum of f(x), compensated (Neumaier, ZAMM 54, 1974): its error is about one rounding of the result,
/// plus n eps^2 times the sum of magnitudes.
@inline(__always)
func compensatedSum<X, T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ f: (X) -> T
) -> T {
  let x = x.assumingMemoryBound(to: X.self)
  var total: T = 0
  var compensation: T = 0
  for i in 0..<n {
    let term = f(x[i &* sx])
    let next = total + term
    compensation += total.magnitude >= term.magnitude ? (total - next) + term : (term - next) + total
    total = next
  }
  return total.isFinite ? total + compensation : total
}
