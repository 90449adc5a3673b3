internal import CIntrinsics

// The updates of optimizers, one pass over contiguous memory. What they compute is written at the
// reference kernels.

@inline(__always)
private func elements<V: FloatVector>(_ x: UnsafeRawPointer, _ i: Int, _ count: Int) -> V {
  loadVector(x, 1, i, count, fill: 0, V.self)
}

extension FloatVector {
  @inline(__always) private static func splat(_ x: Double) -> Self { Self(Scalar(x)) }

  @inline(__always)
  static func sgd(
    _ n: Int, _ options: UnsafePointer<tk_sgd_options>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
    _ v: UnsafeMutableRawPointer?
  ) {
    let options = options.pointee
    let rate = splat(-options.learning_rate), decay = splat(options.weight_decay)
    let momentum = splat(options.momentum), share = splat(1 - options.dampening)
    let nesterov = options.nesterov != 0, factor = splat(options.gradient_scale)
    guard let v else {
      return eachVector(n, Self.self) { i, count in
        let weight: Self = elements(w, i, count)
        let step = madd(decay, weight, factor * elements(g, i, count))
        storeVector(madd(rate, step, weight), w, i, count)
      }
    }
    eachVector(n, Self.self) { i, count in
      let weight: Self = elements(w, i, count)
      let gradient = madd(decay, weight, factor * elements(g, i, count))
      let velocity = madd(momentum, elements(v, i, count), share * gradient)
      storeVector(velocity, v, i, count)
      let step = nesterov ? madd(momentum, velocity, gradient) : velocity
      storeVector(madd(rate, step, weight), w, i, count)
    }
  }

  @inline(__always)
  static func rmsprop(
    _ n: Int, _ options: UnsafePointer<tk_rmsprop_options>, _ w: UnsafeMutableRawPointer,
    _ g: UnsafeRawPointer, _ s: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer?
  ) {
    let options = options.pointee
    let rate = splat(-options.learning_rate), decay = splat(options.weight_decay)
    let momentum = splat(options.momentum), epsilon = splat(options.epsilon)
    let alpha = splat(options.alpha), share = splat(1 - options.alpha), factor = splat(options.gradient_scale)
    eachVector(n, Self.self) { i, count in
      let weight: Self = elements(w, i, count)
      let gradient = madd(decay, weight, factor * elements(g, i, count))
      let square = madd(alpha, elements(s, i, count), share * (gradient * gradient))
      storeVector(square, s, i, count)
      var step = gradient / (square.squareRoot + epsilon)
      if let v {
        step = madd(momentum, elements(v, i, count), step)
        storeVector(step, v, i, count)
      }
      storeVector(madd(rate, step, weight), w, i, count)
    }
  }

  @inline(__always)
  static func adam(
    _ n: Int, _ options: UnsafePointer<tk_adam_options>, _ w: UnsafeMutableRawPointer,
    _ g: UnsafeRawPointer, _ m: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer
  ) {
    let options = options.pointee
    let decoupled = options.decoupled != 0
    let shrink = splat(decoupled ? 1 - options.learning_rate * options.weight_decay : 1)
    let decay = splat(decoupled ? 0 : options.weight_decay)
    let factor = splat(options.gradient_scale)
    let beta1 = splat(options.beta1), share1 = splat(1 - options.beta1)
    let beta2 = splat(options.beta2), share2 = splat(1 - options.beta2)
    let rate = splat(-options.learning_rate / options.bias_correction1)
    let scale = splat(1 / options.bias_correction2.squareRoot()), epsilon = splat(options.epsilon)
    eachVector(n, Self.self) { i, count in
      let weight = shrink * elements(w, i, count)
      let gradient = madd(decay, weight, factor * elements(g, i, count))
      let mean = madd(beta1, elements(m, i, count), share1 * gradient)
      let square = madd(beta2, elements(v, i, count), share2 * (gradient * gradient))
      storeVector(mean, m, i, count)
      storeVector(square, v, i, count)
      let denominator = madd(square.squareRoot, scale, epsilon)
      storeVector(weight + rate * mean / denominator, w, i, count)
    }
  }
}

extension FloatKernels {
  mutating func setVectorOptimizersF32() {
    sgd = { VectorF32.sgd($0, $1, $2, $3, $4) }
    rmsprop = { VectorF32.rmsprop($0, $1, $2, $3, $4, $5) }
    adam = { VectorF32.adam($0, $1, $2, $3, $4, $5) }
  }

  mutating func setVectorOptimizersF64() {
    sgd = { VectorF64.sgd($0, $1, $2, $3, $4) }
    rmsprop = { VectorF64.rmsprop($0, $1, $2, $3, $4, $5) }
    adam = { VectorF64.adam($0, $1, $2, $3, $4, $5) }
  }
}
