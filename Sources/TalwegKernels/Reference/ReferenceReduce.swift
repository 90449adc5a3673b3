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
    set(ReduceOp.sum, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64(0)) { (r: Int64, x: Int64) in r &+ x }, as: Int64.self)
    }
    set(ReduceOp.product, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64(1)) { (r: Int64, x: Int64) in r &* x }, as: Int64.self)
    }
    set(ReduceOp.max, .int32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int32.min) { (r: Int32, x: Int32) in r > x ? r : x }, as: Int32.self)
    }
    set(ReduceOp.min, .int32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int32.max) { (r: Int32, x: Int32) in r < x ? r : x }, as: Int32.self)
    }
    set(ReduceOp.max, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64.min) { (r: Int64, x: Int64) in r > x ? r : x }, as: Int64.self)
    }
    set(ReduceOp.min, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64.max) { (r: Int64, x: Int64) in r < x ? r : x }, as: Int64.self)
    }
    set(ReduceOp.max, .uint8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8.min) { (r: UInt8, x: UInt8) in r > x ? r : x }, as: UInt8.self)
    }
    set(ReduceOp.min, .uint8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8.max) { (r: UInt8, x: UInt8) in r < x ? r : x }, as: UInt8.self)
    }
    set(ReduceOp.max, .bool) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(0)) { (r: UInt8, x: UInt8) in r | x }, as: UInt8.self)
    }
    set(ReduceOp.min, .bool) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(1)) { (r: UInt8, x: UInt8) in r & x }, as: UInt8.self)
    }
    set(ReduceOp.any, .bool) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(0)) { (r: UInt8, x: UInt8) in r | x }, as: UInt8.self)
    }
    set(ReduceOp.all, .bool) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(1)) { (r: UInt8, x: UInt8) in r & x }, as: UInt8.self)
    }
    setArgmax(.float32) { indexLoop($0, $1, $2) { (a: Float, b: Float) in a > b } }
    setArgmin(.float32) { indexLoop($0, $1, $2) { (a: Float, b: Float) in a < b } }
    setArgmax(.float64) { indexLoop($0, $1, $2) { (a: Double, b: Double) in a > b } }
    setArgmin(.float64) { indexLoop($0, $1, $2) { (a: Double, b: Double) in a < b } }
    setArgmax(.int32) { indexLoop($0, $1, $2) { (a: Int32, b: Int32) in a > b } }
    setArgmin(.int32) { indexLoop($0, $1, $2) { (a: Int32, b: Int32) in a < b } }
    setArgmax(.int64) { indexLoop($0, $1, $2) { (a: Int64, b: Int64) in a > b } }
    setArgmin(.int64) { indexLoop($0, $1, $2) { (a: Int64, b: Int64) in a < b } }
    setArgmax(.uint8) { indexLoop($0, $1, $2) { (a: UInt8, b: UInt8) in a > b } }
    setArgmin(.uint8) { indexLoop($0, $1, $2) { (a: UInt8, b: UInt8) in a < b } }
    setArgmax(.bool) { indexLoop($0, $1, $2) { (a: UInt8, b: UInt8) in a > b } }
    setArgmin(.bool) { indexLoop($0, $1, $2) { (a: UInt8, b: UInt8) in a < b } }
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
