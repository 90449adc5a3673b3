internal import CIntrinsics

// The updates of optimizers, one pass over contiguous memory. What they compute is written at the
// reference kernels; a, b and c are the states in their order.

@inline(__always)
private func elements<V: FloatVector>(_ x: UnsafeRawPointer, _ i: Int, _ count: Int) -> V {
  loadVector(x, 1, i, count, fill: 0, V.self)
}

extension FloatVector {
  @inline(__always) private static func splat(_ x: Double) -> Self { Self(Scalar(x)) }

  /// 1 with the sign of this; itself if it is 0 or NaN.
  @inline(__always) private var sign: Self {
    Self.select(Self(0) < magnitude, Self(1).withSign(of: self), self)
  }

  /// The gradients of elements i ..< i + count, whose parameters are `weight`.
  @inline(__always)
  private static func gradient(_ o: tk_update, _ weight: Self, _ g: UnsafeRawPointer, _ i: Int, _ count: Int) -> Self {
    let limit = splat(o.limit)
    let held = (splat(o.factor) * elements(g, i, count)).atLeast(-limit).atMost(limit)
    return madd(splat(o.decay), weight, held) + splat(o.l1) * weight.sign
  }

  /// Puts what `body` makes of each vector of parameters, shrunk, and of gradients in the parameters' place.
  @inline(__always)
  private static func eachUpdate(
    _ n: Int, _ o: tk_update, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ body: (_ i: Int, _ count: Int, _ weight: Self, _ gradient: Self) -> Self
  ) {
    eachVector(n, Self.self) { i, count in
      let weight = splat(o.shrink) * elements(w, i, count)
      storeVector(body(i, count, weight, gradient(o, weight, g, i, count)), w, i, count)
    }
  }

  @inline(__always)
  static func sgd(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    let o = o.pointee
    let rate = splat(-o.rate)
    guard let v = a else { return eachUpdate(n, o, w, g) { _, _, weight, g in madd(rate, g, weight) } }
    let momentum = splat(o.beta1), share = splat(o.beta2), nesterov = o.nesterov != 0
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let velocity = madd(momentum, elements(v, i, count), share * g)
      storeVector(velocity, v, i, count)
      return madd(rate, nesterov ? madd(momentum, velocity, g) : velocity, weight)
    }
  }

  @inline(__always)
  static func rmsprop(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _ c: UnsafeMutableRawPointer?
  ) {
    guard let s = a else { return }
    let o = o.pointee
    let rate = splat(-o.rate), momentum = splat(o.beta1), epsilon = splat(o.epsilon)
    let keep = splat(o.beta2), share = splat(1 - o.beta2)
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let square = madd(keep, elements(s, i, count), share * (g * g))
      storeVector(square, s, i, count)
      var variance = square
      if let b {
        let before: Self = elements(b, i, count)
        let mean = madd(share, g - before, before)
        storeVector(mean, b, i, count)
        variance = madd(-mean, mean, square).atLeast(Self(0))
      }
      var step = g / (variance.squareRoot + epsilon)
      if let c {
        step = madd(momentum, elements(c, i, count), step)
        storeVector(step, c, i, count)
      }
      return madd(rate, step, weight)
    }
  }

  /// Adam's moments of elements i ..< i + count, brought forward.
  @inline(__always)
  private static func moments(
    _ o: tk_update, _ g: Self, _ m: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer, _ i: Int, _ count: Int
  ) -> (Self, Self) {
    let mean = madd(splat(o.beta1), elements(m, i, count), splat(1 - o.beta1) * g)
    let square = madd(splat(o.beta2), elements(v, i, count), splat(1 - o.beta2) * (g * g))
    storeVector(mean, m, i, count)
    storeVector(square, v, i, count)
    return (mean, square)
  }

  @inline(__always)
  static func adam(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _ c: UnsafeMutableRawPointer?
  ) {
    guard let m = a, let v = b else { return }
    let o = o.pointee
    let rate = splat(o.rate), extra = splat(o.extra), scale = splat(o.scale2), epsilon = splat(o.epsilon)
    eachUpdate(n, o, w, g) { i, count, weight, g in
      var (mean, square) = moments(o, g, m, v, i, count)
      if let c {
        square = maximum(square, elements(c, i, count))
        storeVector(square, c, i, count)
      }
      return weight - madd(rate, mean, extra * g) / madd(square.squareRoot, scale, epsilon)
    }
  }

  @inline(__always)
  static func adagrad(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let s = a else { return }
    let o = o.pointee
    let rate = splat(o.rate), epsilon = splat(o.epsilon)
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let sum = madd(g, g, elements(s, i, count))
      storeVector(sum, s, i, count)
      return weight - rate * g / (sum.squareRoot + epsilon)
    }
  }

  @inline(__always)
  static func adadelta(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let s = a, let d = b else { return }
    let o = o.pointee
    let rate = splat(-o.rate), epsilon = splat(o.epsilon), keep = splat(o.beta2), share = splat(1 - o.beta2)
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let square = madd(keep, elements(s, i, count), share * (g * g))
      storeVector(square, s, i, count)
      let steps: Self = elements(d, i, count)
      let step = (steps + epsilon).squareRoot / (square + epsilon).squareRoot * g
      storeVector(madd(keep, steps, share * (step * step)), d, i, count)
      return madd(rate, step, weight)
    }
  }

  @inline(__always)
  static func adamax(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let m = a, let u = b else { return }
    let o = o.pointee
    let rate = splat(o.rate), epsilon = splat(o.epsilon), keep = splat(o.beta2)
    let beta1 = splat(o.beta1), share = splat(1 - o.beta1)
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let mean = madd(beta1, elements(m, i, count), share * g)
      storeVector(mean, m, i, count)
      let greatest = maximum(keep * elements(u, i, count), g.magnitude + epsilon)
      storeVector(greatest, u, i, count)
      return weight - rate * mean / greatest
    }
  }

  @inline(__always)
  static func lion(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let m = a else { return }
    let o = o.pointee
    let rate = splat(-o.rate)
    let (beta1, share1) = (splat(o.beta1), splat(1 - o.beta1))
    let (beta2, share2) = (splat(o.beta2), splat(1 - o.beta2))
    eachUpdate(n, o, w, g) { i, count, weight, g in
      let mean: Self = elements(m, i, count)
      storeVector(madd(beta2, mean, share2 * g), m, i, count)
      return madd(rate, madd(beta1, mean, share1 * g).sign, weight)
    }
  }

  @inline(__always)
  private static func lambStep(_ o: tk_update, _ mean: Self, _ square: Self, _ weight: Self) -> Self {
    let ratio = splat(o.scale1) * mean / madd(square.squareRoot, splat(o.scale2), splat(o.epsilon))
    return madd(splat(o.extra), weight, ratio)
  }

  @inline(__always)
  static func lambMoments(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _ c: UnsafeMutableRawPointer?
  ) {
    guard let m = a, let v = b, let c else { return }
    let o = o.pointee
    let sum = sumVectors(n) { i, count in
      let weight: Self = elements(w, i, count)
      let (mean, square) = moments(o, gradient(o, weight, g, i, count), m, v, i, count)
      let step = lambStep(o, mean, square, weight)
      return step * step
    }
    c.storeBytes(of: Double(sum), as: Double.self)
  }

  @inline(__always)
  static func lamb(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let m = a, let v = b else { return }
    let o = o.pointee
    let rate = splat(-o.rate)
    eachVector(n, Self.self) { i, count in
      let weight: Self = elements(w, i, count)
      let step = lambStep(o, elements(m, i, count), elements(v, i, count), weight)
      storeVector(madd(rate, step, weight), w, i, count)
    }
  }

  @inline(__always)
  static func penalise(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let a else { return }
    let o = o.pointee
    eachVector(n, Self.self) { i, count in
      storeVector(gradient(o, elements(w, i, count), g, i, count), a, i, count)
    }
  }

  @inline(__always)
  static func squares(
    _ n: Int, _ o: UnsafePointer<tk_update>, _: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let a else { return }
    let o = o.pointee
    let keep = splat(o.beta1), share = splat(o.beta2)
    eachVector(n, Self.self) { i, count in
      let x: Self = elements(g, i, count)
      storeVector(madd(keep, elements(a, i, count), share * (x * x)), a, i, count)
    }
  }

  @inline(__always)
  private static func factoredStep(
    _ o: tk_update, _ g: UnsafeRawPointer, _ a: UnsafeMutableRawPointer, _ i: Int, _ count: Int
  ) -> Self {
    let variance = (splat(o.scale1) * elements(a, i, count)).atLeast(splat(o.epsilon))
    return elements(g, i, count) / variance.squareRoot
  }

  @inline(__always)
  static func factoredSquares(
    _ n: Int, _ o: UnsafePointer<tk_update>, _: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let a, let b else { return }
    let o = o.pointee
    let sum = sumVectors(n) { i, count in
      let step = factoredStep(o, g, a, i, count)
      return step * step
    }
    b.storeBytes(of: Double(sum), as: Double.self)
  }

  @inline(__always)
  static func factored(
    _ n: Int, _ o: UnsafePointer<tk_update>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ a: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
  ) {
    guard let a else { return }
    let o = o.pointee
    let rate = splat(-o.rate), shrink = splat(o.shrink)
    eachVector(n, Self.self) { i, count in
      storeVector(madd(rate, factoredStep(o, g, a, i, count), shrink * elements(w, i, count)), w, i, count)
    }
  }

  @inline(__always)
  static func blend(_ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let alpha = splat(alpha)
    zipVectors(n, x, 1, UnsafeRawPointer(y), 1, y, 1) { (x: Self, y: Self) in madd(alpha, x - y, y) }
  }
}

extension UpdateKernels {
  mutating func setVectorF32() {
    sgd = { VectorF32.sgd($0, $1, $2, $3, $4, $5, $6) }
    rmsprop = { VectorF32.rmsprop($0, $1, $2, $3, $4, $5, $6) }
    adam = { VectorF32.adam($0, $1, $2, $3, $4, $5, $6) }
    adagrad = { VectorF32.adagrad($0, $1, $2, $3, $4, $5, $6) }
    adadelta = { VectorF32.adadelta($0, $1, $2, $3, $4, $5, $6) }
    adamax = { VectorF32.adamax($0, $1, $2, $3, $4, $5, $6) }
    lion = { VectorF32.lion($0, $1, $2, $3, $4, $5, $6) }
    lambMoments = { VectorF32.lambMoments($0, $1, $2, $3, $4, $5, $6) }
    lamb = { VectorF32.lamb($0, $1, $2, $3, $4, $5, $6) }
    penalise = { VectorF32.penalise($0, $1, $2, $3, $4, $5, $6) }
    squares = { VectorF32.squares($0, $1, $2, $3, $4, $5, $6) }
    factoredSquares = { VectorF32.factoredSquares($0, $1, $2, $3, $4, $5, $6) }
    factored = { VectorF32.factored($0, $1, $2, $3, $4, $5, $6) }
    blend = { VectorF32.blend($0, $1, $2, $3) }
  }

  mutating func setVectorF64() {
    sgd = { VectorF64.sgd($0, $1, $2, $3, $4, $5, $6) }
    rmsprop = { VectorF64.rmsprop($0, $1, $2, $3, $4, $5, $6) }
    adam = { VectorF64.adam($0, $1, $2, $3, $4, $5, $6) }
    adagrad = { VectorF64.adagrad($0, $1, $2, $3, $4, $5, $6) }
    adadelta = { VectorF64.adadelta($0, $1, $2, $3, $4, $5, $6) }
    adamax = { VectorF64.adamax($0, $1, $2, $3, $4, $5, $6) }
    lion = { VectorF64.lion($0, $1, $2, $3, $4, $5, $6) }
    lambMoments = { VectorF64.lambMoments($0, $1, $2, $3, $4, $5, $6) }
    lamb = { VectorF64.lamb($0, $1, $2, $3, $4, $5, $6) }
    penalise = { VectorF64.penalise($0, $1, $2, $3, $4, $5, $6) }
    squares = { VectorF64.squares($0, $1, $2, $3, $4, $5, $6) }
    factoredSquares = { VectorF64.factoredSquares($0, $1, $2, $3, $4, $5, $6) }
    factored = { VectorF64.factored($0, $1, $2, $3, $4, $5, $6) }
    blend = { VectorF64.blend($0, $1, $2, $3) }
  }
}
