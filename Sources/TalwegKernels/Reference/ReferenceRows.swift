// Softmax and its logarithm over a contiguous row, computed in double. The greatest element is taken out
// first, so that no exponential overflows.

@inline(__always)
func referenceLogSumExp<T: BinaryFloatingPoint>(_ n: Int, _ x: UnsafePointer<T>) -> Double {
  var greatest = -Double.infinity
  for i in 0..<n {
    if x[i] != x[i] { return .nan }
    greatest = max(greatest, Double(x[i]))
  }
  if greatest.isInfinite { return greatest }
  var sum = 0.0
  for i in 0..<n { sum += Reference.exp(Double(x[i]) - greatest) }
  return greatest + Reference.log(sum)
}

/// y[0] = log(sum exp x)
@inline(__always)
func referenceLogSumExp<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  y.storeBytes(of: T(referenceLogSumExp(n, x.assumingMemoryBound(to: T.self))), as: T.self)
}

/// y = exp(x - max x) / sum exp(x - max x)
@inline(__always)
func referenceSoftmax<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  // inf - inf is NaN for every element, though exp(-inf) alone is not.
  let logarithm = referenceLogSumExp(n, x)
  let total = logarithm.isInfinite ? .nan : logarithm
  for i in 0..<n { y[i] = T(Reference.exp(Double(x[i]) - total)) }
}

/// y = x - log(sum exp x)
@inline(__always)
func referenceLogSoftmax<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  // inf - inf is NaN for every element, though exp(-inf) alone is not.
  let logarithm = referenceLogSumExp(n, x)
  let total = logarithm.isInfinite ? .nan : logarithm
  for i in 0..<n { y[i] = T(Double(x[i]) - total) }
}
