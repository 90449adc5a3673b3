internal import CIntrinsics

// The updates of optimizers, with the conventions of PyTorch's torch.optim. g is the gradient times
// gradient_scale.

/// Stochastic gradient descent with momentum (Sutskever et al., ICML 2013, for Nesterov's form):
///
///     g' = g + weightDecay w
///     v  = momentum v + (1 - dampening) g'
///     w -= learningRate (nesterov ? g' + momentum v : v)
///
/// Without a velocity, w -= learningRate g'.
@inline(__always)
func referenceSGD<T: BinaryFloatingPoint>(
  _ n: Int, _ options: UnsafePointer<tk_sgd_options>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
  _ v: UnsafeMutableRawPointer?, _: T.Type
) {
  let w = w.assumingMemoryBound(to: T.self), g = g.assumingMemoryBound(to: T.self)
  let v = v?.assumingMemoryBound(to: T.self)
  let options = options.pointee
  let rate = T(options.learning_rate), decay = T(options.weight_decay)
  let momentum = T(options.momentum), share = T(1 - options.dampening), factor = T(options.gradient_scale)
  for i in 0..<n {
    var step = factor * g[i] + decay * w[i]
    if let v {
      v[i] = momentum * v[i] + share * step
      step = options.nesterov != 0 ? step + momentum * v[i] : v[i]
    }
    w[i] -= rate * step
  }
}

/// RMSprop (Tieleman, Hinton, Lecture 6.5, 2012):
///
///     g' = g + weightDecay w
///     s  = alpha s + (1 - alpha) g'^2
///     v  = momentum v + g' / (sqrt s + epsilon)
///     w -= learningRate v
///
/// Without a velocity, v is the quotient alone.
@inline(__always)
func referenceRMSProp<T: BinaryFloatingPoint>(
  _ n: Int, _ options: UnsafePointer<tk_rmsprop_options>, _ w: UnsafeMutableRawPointer,
  _ g: UnsafeRawPointer, _ s: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer?, _: T.Type
) {
  let w = w.assumingMemoryBound(to: T.self), g = g.assumingMemoryBound(to: T.self)
  let s = s.assumingMemoryBound(to: T.self), v = v?.assumingMemoryBound(to: T.self)
  let options = options.pointee
  let rate = T(options.learning_rate), decay = T(options.weight_decay), momentum = T(options.momentum)
  let alpha = T(options.alpha), share = T(1 - options.alpha), epsilon = T(options.epsilon)
  let factor = T(options.gradient_scale)
  for i in 0..<n {
    let gradient = factor * g[i] + decay * w[i]
    s[i] = alpha * s[i] + share * (gradient * gradient)
    var step = gradient / (s[i].squareRoot() + epsilon)
    if let v {
      step = momentum * v[i] + step
      v[i] = step
    }
    w[i] -= rate * step
  }
}

/// Adam (Kingma, Ba, arXiv:1412.6980) and, decoupled, AdamW (Loshchilov, Hutter, arXiv:1711.05101):
///
///     decoupled: w = (1 - learningRate weightDecay) w;  else: g = g + weightDecay w
///     m  = beta1 m + (1 - beta1) g
///     v  = beta2 v + (1 - beta2) g^2
///     w -= learningRate / c1 * m / (sqrt v / sqrt c2 + epsilon),  c = 1 - beta^step
@inline(__always)
func referenceAdam<T: BinaryFloatingPoint>(
  _ n: Int, _ options: UnsafePointer<tk_adam_options>, _ w: UnsafeMutableRawPointer, _ g: UnsafeRawPointer,
  _ m: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer, _: T.Type
) {
  let w = w.assumingMemoryBound(to: T.self), g = g.assumingMemoryBound(to: T.self)
  let m = m.assumingMemoryBound(to: T.self), v = v.assumingMemoryBound(to: T.self)
  let options = options.pointee
  let decoupled = options.decoupled != 0
  let shrink = T(decoupled ? 1 - options.learning_rate * options.weight_decay : 1)
  let decay = T(decoupled ? 0 : options.weight_decay)
  let beta1 = T(options.beta1), share1 = T(1 - options.beta1)
  let beta2 = T(options.beta2), share2 = T(1 - options.beta2)
  let rate = T(options.learning_rate / options.bias_correction1), factor = T(options.gradient_scale)
  let scale = T(1 / options.bias_correction2.squareRoot()), epsilon = T(options.epsilon)
  for i in 0..<n {
    let weight = shrink * w[i]
    let gradient = factor * g[i] + decay * weight
    m[i] = beta1 * m[i] + share1 * gradient
    v[i] = beta2 * v[i] + share2 * (gradient * gradient)
    w[i] = weight - rate * m[i] / (v[i].squareRoot() * scale + epsilon)
  }
}
