internal import CIntrinsics

// The updates of optimizers. Of each element w of the parameter with the element x of its gradient, first
//
//     w = shrink w                                           (decoupled weight decay)
//     g = clamp(factor x, -limit, limit) + decay w + l1 sign(w)
//
// and then what is written at each; m, v and so on are the states in their order. A limit of infinity holds
// nothing back, and NaN stays NaN.

/// The gradient of element i, whose parameter is `weight`.
@inline(__always)
private func gradient<T: BinaryFloatingPoint>(
  _ o: tk_update, _ weight: T, _ g: UnsafeRawPointer, _ i: Int
) -> T {
  let limit = T(o.limit)
  var x = T(o.factor) * g.assumingMemoryBound(to: T.self)[i]
  if x > limit { x = limit }
  if x < -limit { x = -limit }
  return x + T(o.decay) * weight + T(o.l1) * sign(weight)
}

/// 1 with the sign of x; x itself if it is 0 or NaN.
@inline(__always)
private func sign<T: BinaryFloatingPoint>(_ x: T) -> T { x > 0 ? 1 : x < 0 ? -1 : x }

private struct ReferenceUpdates<T: BinaryFloatingPoint> {
  let n: Int, o: tk_update, w: UnsafeMutablePointer<T>, g: UnsafeRawPointer
  let a: UnsafeMutablePointer<T>?, b: UnsafeMutablePointer<T>?, c: UnsafeMutablePointer<T>?

  @inline(__always)
  init(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _ c: UnsafeMutableRawPointer?, _: T.Type
  ) {
    self.n = n
    self.o = o.pointee
    self.w = w.assumingMemoryBound(to: T.self)
    self.g = g
    self.a = a?.assumingMemoryBound(to: T.self)
    self.b = b?.assumingMemoryBound(to: T.self)
    self.c = c?.assumingMemoryBound(to: T.self)
  }

  @inline(__always)
  private func each(_ body: (_ i: Int, _ weight: T, _ gradient: T) -> T) {
    for i in 0..<n {
      let weight = T(o.shrink) * w[i]
      w[i] = body(i, weight, gradient(o, weight, g, i))
    }
  }

  /// Stochastic gradient descent with momentum (Sutskever et al., ICML 2013, for Nesterov's form):
  ///
  ///     v  = beta1 v + beta2 g
  ///     w -= rate (nesterov ? g + beta1 v : v)
  ///
  /// Without a velocity, w -= rate g.
  @inline(__always) func sgd() {
    each { i, weight, g in
      guard let v = a else { return weight - T(o.rate) * g }
      v[i] = T(o.beta1) * v[i] + T(o.beta2) * g
      return weight - T(o.rate) * (o.nesterov != 0 ? g + T(o.beta1) * v[i] : v[i])
    }
  }

  /// RMSprop (Tieleman, Hinton, Lecture 6.5, 2012), centered with a mean m (Graves, arXiv:1308.0850):
  ///
  ///     s  = beta2 s + (1 - beta2) g^2;  m += (1 - beta2) (g - m)
  ///     v  = beta1 v + g / (sqrt(max(s - m^2, 0)) + epsilon)
  ///     w -= rate v
  ///
  /// Without a mean m is 0; without a velocity v is the quotient alone.
  @inline(__always) func rmsprop() {
    guard let s = a else { return }
    let share = T(1 - o.beta2)
    each { i, weight, g in
      s[i] = T(o.beta2) * s[i] + share * (g * g)
      var variance = s[i]
      if let m = b {
        m[i] += share * (g - m[i])
        variance -= m[i] * m[i]
        if variance < 0 { variance = 0 }
      }
      var step = g / (variance.squareRoot() + T(o.epsilon))
      if let v = c {
        step += T(o.beta1) * v[i]
        v[i] = step
      }
      return weight - T(o.rate) * step
    }
  }

  /// Adam (Kingma, Ba, arXiv:1412.6980) and its kin:
  ///
  ///     m  = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
  ///     w -= (rate m + extra g) / (scale2 sqrt(v) + epsilon)
  ///
  /// With a third state, that keeps the greatest v so far and stands for it (AMSGrad: Reddi et al., ICLR 2018).
  @inline(__always) func adam() {
    guard let m = a, let v = b else { return }
    each { i, weight, g in
      m[i] = T(o.beta1) * m[i] + T(1 - o.beta1) * g
      v[i] = T(o.beta2) * v[i] + T(1 - o.beta2) * (g * g)
      var second = v[i]
      if let greatest = c {
        if second > greatest[i] || second.isNaN { greatest[i] = second }
        second = greatest[i]
      }
      return weight - (T(o.rate) * m[i] + T(o.extra) * g) / (second.squareRoot() * T(o.scale2) + T(o.epsilon))
    }
  }

  /// Adagrad (Duchi, Hazan, Singer, JMLR 12, 2011): s += g^2, w -= rate g / (sqrt(s) + epsilon)
  @inline(__always) func adagrad() {
    guard let s = a else { return }
    each { i, weight, g in
      s[i] += g * g
      return weight - T(o.rate) * g / (s[i].squareRoot() + T(o.epsilon))
    }
  }

  /// Adadelta (Zeiler, arXiv:1212.5701), of the squares s and of the steps' squares d:
  ///
  ///     s  = beta2 s + (1 - beta2) g^2
  ///     u  = sqrt(d + epsilon) / sqrt(s + epsilon) g;  d = beta2 d + (1 - beta2) u^2
  ///     w -= rate u
  @inline(__always) func adadelta() {
    guard let s = a, let d = b else { return }
    let share = T(1 - o.beta2), epsilon = T(o.epsilon)
    each { i, weight, g in
      s[i] = T(o.beta2) * s[i] + share * (g * g)
      let step = (d[i] + epsilon).squareRoot() / (s[i] + epsilon).squareRoot() * g
      d[i] = T(o.beta2) * d[i] + share * (step * step)
      return weight - T(o.rate) * step
    }
  }

  /// Adamax (Kingma, Ba, arXiv:1412.6980, section 7.1):
  ///
  ///     m  = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + epsilon)
  ///     w -= rate m / u
  @inline(__always) func adamax() {
    guard let m = a, let u = b else { return }
    each { i, weight, g in
      m[i] = T(o.beta1) * m[i] + T(1 - o.beta1) * g
      let size = g.magnitude + T(o.epsilon), decayed = T(o.beta2) * u[i]
      u[i] = decayed > size || decayed.isNaN ? decayed : size
      return weight - T(o.rate) * m[i] / u[i]
    }
  }

  /// Lion (Chen et al., arXiv:2302.06675):
  ///
  ///     w -= rate sign(beta1 m + (1 - beta1) g)
  ///     m  = beta2 m + (1 - beta2) g
  @inline(__always) func lion() {
    guard let m = a else { return }
    each { i, weight, g in
      let step = sign(T(o.beta1) * m[i] + T(1 - o.beta1) * g)
      m[i] = T(o.beta2) * m[i] + T(1 - o.beta2) * g
      return weight - T(o.rate) * step
    }
  }

  /// LAMB (You et al., arXiv:1904.00962): with the moments of Adam,
  ///
  ///     u  = scale1 m / (scale2 sqrt(v) + epsilon) + extra w
  ///
  /// First the moments and the sum of u^2, with w as it is; then w -= rate u.
  @inline(__always) func lambMoments() {
    guard let m = a, let v = b else { return }
    var sum = 0.0
    for i in 0..<n {
      let g = gradient(o, w[i], g, i)
      m[i] = T(o.beta1) * m[i] + T(1 - o.beta1) * g
      v[i] = T(o.beta2) * v[i] + T(1 - o.beta2) * (g * g)
      let step = Double(lambStep(m[i], v[i], w[i]))
      sum += step * step
    }
    UnsafeMutableRawPointer(c)?.storeBytes(of: sum, as: Double.self)
  }

  @inline(__always) func lamb() {
    guard let m = a, let v = b else { return }
    for i in 0..<n { w[i] -= T(o.rate) * lambStep(m[i], v[i], w[i]) }
  }

  @inline(__always) private func lambStep(_ m: T, _ v: T, _ weight: T) -> T {
    T(o.scale1) * m / (v.squareRoot() * T(o.scale2) + T(o.epsilon)) + T(o.extra) * weight
  }

  /// a = g, with the parameter as it is.
  @inline(__always) func penalise() {
    guard let a else { return }
    for i in 0..<n { a[i] = gradient(o, w[i], g, i) }
  }

  /// a = beta1 a + beta2 x^2 of the gradient x as it is
  @inline(__always) func squares() {
    guard let a else { return }
    let g = g.assumingMemoryBound(to: T.self)
    for i in 0..<n { a[i] = T(o.beta1) * a[i] + T(o.beta2) * (g[i] * g[i]) }
  }

  /// Adafactor (Shazeer, Stern, arXiv:1804.04235), of the gradient x as it is and the columns' variances a:
  ///
  ///     u = x / sqrt(max(scale1 a, epsilon))
  ///
  /// The sum of u^2; then w = shrink w - rate u.
  @inline(__always) func factoredSquares() {
    var sum = 0.0
    for i in 0..<n {
      let step = Double(factoredStep(i))
      sum += step * step
    }
    UnsafeMutableRawPointer(b)?.storeBytes(of: sum, as: Double.self)
  }

  @inline(__always) func factored() {
    for i in 0..<n { w[i] = T(o.shrink) * w[i] - T(o.rate) * factoredStep(i) }
  }

  @inline(__always) private func factoredStep(_ i: Int) -> T {
    guard let a else { return 0 }
    var variance = T(o.scale1) * a[i]
    if variance < T(o.epsilon) { variance = T(o.epsilon) }
    return g.assumingMemoryBound(to: T.self)[i] / variance.squareRoot()
  }
}

/// y += alpha (x - y)
@inline(__always)
private func referenceBlend<T: BinaryFloatingPoint>(
  _ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let alpha = T(alpha)
  zipLoop(n, x, 1, UnsafeRawPointer(y), 1, y, 1) { (x: T, y: T) in y + alpha * (x - y) }
}

extension UpdateKernels {
  static let referenceF32 = UpdateKernels(
    sgd: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).sgd() },
    rmsprop: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).rmsprop() },
    adam: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).adam() },
    adagrad: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).adagrad() },
    adadelta: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).adadelta() },
    adamax: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).adamax() },
    lion: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).lion() },
    lambMoments: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).lambMoments() },
    lamb: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).lamb() },
    penalise: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).penalise() },
    squares: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).squares() },
    factoredSquares: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).factoredSquares() },
    factored: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Float.self).factored() },
    blend: { referenceBlend($0, $1, $2, $3, Float.self) })

  static let referenceF64 = UpdateKernels(
    sgd: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).sgd() },
    rmsprop: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).rmsprop() },
    adam: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).adam() },
    adagrad: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).adagrad() },
    adadelta: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).adadelta() },
    adamax: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).adamax() },
    lion: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).lion() },
    lambMoments: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).lambMoments() },
    lamb: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).lamb() },
    penalise: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).penalise() },
    squares: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).squares() },
    factoredSquares: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).factoredSquares() },
    factored: { ReferenceUpdates($0, $1, $2, $3, $4, $5, $6, Double.self).factored() },
    blend: { referenceBlend($0, $1, $2, $3, Double.self) })
}
