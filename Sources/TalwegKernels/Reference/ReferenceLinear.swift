// Vector operations of linear algebra.

/// Sum of x[i] y[i] in T, compensated as `compensatedSum`; the products are rounded.
@inline(__always)
func referenceDot<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeRawPointer, _ sy: Int, _: T.Type
) -> Double {
  let y = y.assumingMemoryBound(to: T.self)
  var i = 0
  return Double(
    compensatedSum(n, x, sx) { (value: T) in
      defer { i &+= 1 }
      return value * y[i &* sy]
    })
}

/// y = alpha x + y
@inline(__always)
func referenceAxpy<T: BinaryFloatingPoint>(
  _ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let alpha = T(alpha)
  zipLoop(n, x, 1, UnsafeRawPointer(y), 1, y, 1) { (x: T, y: T) in alpha * x + y }
}

/// y = alpha x
@inline(__always)
func referenceScale<T: BinaryFloatingPoint>(
  _ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let alpha = T(alpha)
  mapLoop(n, x, 1, y, 1) { (x: T) in alpha * x }
}
