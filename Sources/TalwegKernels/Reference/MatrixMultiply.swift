// Matrix products, a dot product for each element of the result.

/// C = alpha A B + beta C; C is not read if beta is 0, nor A and B if alpha is 0.
@inline(__always)
func referenceGemm<T: BinaryFloatingPoint>(
  _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafeRawPointer, _ rsa: Int, _ csa: Int,
  _ b: UnsafeRawPointer, _ rsb: Int, _ csb: Int, _ beta: Double, _ c: UnsafeMutableRawPointer,
  _ rsc: Int, _ csc: Int, _: T.Type
) {
  let a = a.assumingMemoryBound(to: T.self), b = b.assumingMemoryBound(to: T.self)
  let c = c.assumingMemoryBound(to: T.self)
  let alpha = T(alpha), beta = T(beta)
  for i in 0..<m {
    for j in 0..<n {
      let element = c + (i &* rsc &+ j &* csc)
      var sum: T = 0
      if alpha != 0 {
        for p in 0..<k { sum += a[i &* rsa &+ p &* csa] * b[p &* rsb &+ j &* csb] }
      }
      element.pointee = beta == 0 ? alpha * sum : alpha * sum + beta * element.pointee
    }
  }
}

/// y = alpha A x + beta y
@inline(__always)
func referenceGemv<T: BinaryFloatingPoint>(
  _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafeRawPointer, _ rsa: Int, _ csa: Int,
  _ x: UnsafeRawPointer, _ sx: Int, _ beta: Double, _ y: UnsafeMutableRawPointer, _ sy: Int, _: T.Type
) {
  referenceGemm(m, 1, n, alpha, a, rsa, csa, x, sx, 0, beta, y, sy, 0, T.self)
}
