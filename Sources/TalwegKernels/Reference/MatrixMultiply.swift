internal import CIntrinsics

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

/// The product with its epilogue.
@inline(__always)
func referenceGemm<T: BinaryFloatingPoint>(_ g: tk_gemm, _: T.Type) {
  referenceGemm(
    g.m, g.n, g.k, g.alpha, g.a, g.a_row, g.a_column, g.b, g.b_row, g.b_column, g.beta, g.c, g.c_row, g.c_column,
    T.self)
  guard let e = g.epilogue?.pointee else { return }
  let c = g.c.assumingMemoryBound(to: T.self)
  for i in 0..<g.m {
    for j in 0..<g.n {
      var x = c[i &* g.c_row &+ j &* g.c_column]
      if let bias = e.bias?.assumingMemoryBound(to: T.self) { x += bias[i &* e.bias_row &+ j &* e.bias_column] }
      if let residual = e.residual?.assumingMemoryBound(to: T.self) {
        x += residual[i &* e.residual_row &+ j &* e.residual_column]
      }
      if let linear = e.linear?.assumingMemoryBound(to: T.self) {
        linear[i &* e.linear_row &+ j &* e.linear_column] = x
      }
      c[i &* g.c_row &+ j &* g.c_column] = T(referenceActivation(e.activation, Double(x)))
    }
  }
}

/// A TK_ACTIVATION of x.
func referenceActivation(_ activation: Int32, _ x: Double) -> Double {
  switch activation {
  case Int32(TK_ACTIVATION_RELU): x > 0 || x.isNaN ? x : 0
  case Int32(TK_ACTIVATION_GELU): Reference.gelu(x)
  case Int32(TK_ACTIVATION_TANH): Reference.tanh(x)
  case Int32(TK_ACTIVATION_SIGMOID): Reference.sigmoid(x)
  default: x
  }
}

/// d = g f'(x) and sums += its columns' sums; `kept` is f(x), for gelu x.
@inline(__always)
func referenceActivationGradient<T: BinaryFloatingPoint>(
  _ m: Int, _ n: Int, _ activation: Int32, _ g: UnsafeRawPointer, _ rsg: Int, _ kept: UnsafeRawPointer, _ rsk: Int,
  _ d: UnsafeMutableRawPointer, _ rsd: Int, _ sums: UnsafeMutableRawPointer, _: T.Type
) {
  let g = g.assumingMemoryBound(to: T.self), kept = kept.assumingMemoryBound(to: T.self)
  let d = d.assumingMemoryBound(to: T.self), sums = sums.assumingMemoryBound(to: T.self)
  for i in 0..<m {
    for j in 0..<n {
      var x = g[i &* rsg &+ j]
      if activation != Int32(TK_ACTIVATION_IDENTITY) {
        x = T(referenceActivationSlope(activation, Double(kept[i &* rsk &+ j]), Double(x)))
        d[i &* rsd &+ j] = x
      }
      sums[j] += x
    }
  }
}

private func referenceActivationSlope(_ activation: Int32, _ kept: Double, _ g: Double) -> Double {
  switch activation {
  case Int32(TK_ACTIVATION_RELU): kept > 0 ? g : 0
  case Int32(TK_ACTIVATION_GELU): Reference.geluGrad(kept, g)
  case Int32(TK_ACTIVATION_TANH): g * (1 - kept * kept)
  default: g * (kept * (1 - kept))
  }
}
