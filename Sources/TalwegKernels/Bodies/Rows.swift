// Softmax and its logarithm over a contiguous row, in three passes: the greatest element, the sum of the
// exponentials of the differences from it, the result. A NaN, an infinity as the greatest and a row of
// minus infinities give NaN by the arithmetic alone.

/// The greatest of x and the sum of exp(x - greatest); `each` gets every vector of exponentials.
@inline(__always)
private func sumOfExponentials<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ exp: (V) -> V, _ each: (Int, Int, V) -> Void
) -> (greatest: V.Scalar, sum: V.Scalar) {
  let greatest = foldVectors(n, x, 1, V.self, Maximum.self)
  let sum = sumVectors(n) { i, count in
    let value: V = exp(loadVector(x, 1, i, count, fill: -.infinity, V.self) - V(greatest))
    each(i, count, value)
    return value
  }
  return (greatest, sum)
}

@inline(__always)
private func softmax<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ exp: (V) -> V
) {
  let (_, sum) = sumOfExponentials(n, x, exp) { i, count, value in storeVector(value, y, i, count) }
  let scale = V(1 / sum)
  mapVectors(n, UnsafeRawPointer(y), 1, y, 1) { (e: V) in e * scale }
}

@inline(__always)
private func logSoftmax<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ exp: (V) -> V, _ log: (V) -> V
) {
  let (greatest, sum) = sumOfExponentials(n, x, exp) { _, _, _ in }
  let logarithm = log(V(sum))
  mapVectors(n, x, 1, y, 1) { (x: V) in (x - V(greatest)) - logarithm }
}

@inline(__always)
private func logarithmOfSum<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ exp: (V) -> V, _ log: (V) -> V
) {
  let (greatest, sum) = sumOfExponentials(n, x, exp) { _, _, _ in }
  let result = greatest.isInfinite ? V(greatest) : V(greatest) + log(V(sum))
  y.storeBytes(of: result.lane(0), as: V.Scalar.self)
}

extension FloatKernels {
  mutating func setVectorRowsF32() {
    softmaxRow = { softmax($0, $1, $2) { (x: VectorF32) in exp(x) } }
    logSoftmaxRow = { logSoftmax($0, $1, $2, { (x: VectorF32) in exp(x) }, { log($0) }) }
    logSumExp = { logarithmOfSum($0, $1, $2, { (x: VectorF32) in exp(x) }, { log($0) }) }
  }

  mutating func setVectorRowsF64() {
    softmaxRow = { softmax($0, $1, $2) { (x: VectorF64) in exp(x) } }
    logSoftmaxRow = { logSoftmax($0, $1, $2, { (x: VectorF64) in exp(x) }, { log($0) }) }
    logSumExp = { logarithmOfSum($0, $1, $2, { (x: VectorF64) in exp(x) }, { log($0) }) }
  }
}
