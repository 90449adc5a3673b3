internal import CIntrinsics

// Losses and the backward passes of softmax, computed in double.

/// A row kernel on each column: gathered, computed, scattered.
@inline(__always)
private func eachColumn<T: BinaryFloatingPoint>(
  _ n: Int, _ columns: Int, _ stride: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type,
  _ element: (T, Double) -> T
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  for column in 0..<columns {
    var greatest = -Double.infinity
    for i in 0..<n {
      let value = Double(x[i * stride + column])
      greatest = value.isNaN ? .nan : max(greatest, value)
      if value.isNaN { break }
    }
    var sum = 0.0
    for i in 0..<n { sum += Reference.exp(Double(x[i * stride + column]) - greatest) }
    let logarithm = greatest.isInfinite ? .nan : greatest + Reference.log(sum)
    for i in 0..<n { y[i * stride + column] = element(x[i * stride + column], logarithm) }
  }
}

/// Softmax: dx = y (g - sum(g y)). Its logarithm: dx = g - exp(y) sum(g). Along `n` elements `stride` apart.
@inline(__always)
private func referenceSoftmaxBackward<T: BinaryFloatingPoint>(
  _ lines: Int, _ lineStride: Int, _ n: Int, _ stride: Int, _ y: UnsafeRawPointer, _ g: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer, logarithmic: Bool, _: T.Type
) {
  let y = y.assumingMemoryBound(to: T.self), g = g.assumingMemoryBound(to: T.self)
  let dx = dx.assumingMemoryBound(to: T.self)
  for line in 0..<lines {
    var sum = 0.0
    for i in 0..<n {
      let at = line * lineStride + i * stride
      sum += Double(g[at]) * (logarithmic ? 1 : Double(y[at]))
    }
    for i in 0..<n {
      let at = line * lineStride + i * stride
      dx[at] = T(
        logarithmic ? Double(g[at]) - Reference.exp(Double(y[at])) * sum : Double(y[at]) * (Double(g[at]) - sum))
    }
  }
}

/// For each row with label l and smoothing s:
///
///     logarithm = log(sum exp x),  loss = logarithm - (1 - s) x[l] - s sum(x) / classes
///
/// and 0 where the label is the one to ignore.
@inline(__always)
private func referenceCrossEntropy<T: BinaryFloatingPoint>(
  _ rows: Int, _ classes: Int, _ options: UnsafePointer<tk_cross_entropy_options>, _ logits: UnsafeRawPointer,
  _ labels: UnsafePointer<Int64>, _ losses: UnsafeMutableRawPointer, _ logarithms: UnsafeMutableRawPointer, _: T.Type
) {
  let losses = losses.assumingMemoryBound(to: T.self), logarithms = logarithms.assumingMemoryBound(to: T.self)
  for row in 0..<rows {
    let x = logits.assumingMemoryBound(to: T.self) + row * classes
    let logarithm = referenceLogSumExp(classes, x)
    logarithms[row] = T(logarithm)
    guard labels[row] != options.pointee.ignore_index else {
      losses[row] = 0
      continue
    }
    let smoothing = options.pointee.smoothing
    var sum = 0.0
    if smoothing != 0 { for i in 0..<classes { sum += Double(x[i]) } }
    losses[row] = T(logarithm - (1 - smoothing) * Double(x[Int(labels[row])]) - smoothing * sum / Double(classes))
  }
}

/// dx = scale (exp(x - logarithm) - target), with the target of `tk_cross_entropy_options`.
@inline(__always)
private func referenceCrossEntropyBackward<T: BinaryFloatingPoint>(
  _ rows: Int, _ classes: Int, _ options: UnsafePointer<tk_cross_entropy_options>, _ scale: Double,
  _ logits: UnsafeRawPointer, _ labels: UnsafePointer<Int64>, _ logarithms: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer, _: T.Type
) {
  let x = logits.assumingMemoryBound(to: T.self), dx = dx.assumingMemoryBound(to: T.self)
  let logarithms = logarithms.assumingMemoryBound(to: T.self)
  for row in 0..<rows {
    let ignored = labels[row] == options.pointee.ignore_index
    let smoothing = options.pointee.smoothing
    for i in 0..<classes {
      let at = row * classes + i
      let target = smoothing / Double(classes) + (Int64(i) == labels[row] ? 1 - smoothing : 0)
      dx[at] = ignored ? 0 : T(scale * (Reference.exp(Double(x[at]) - Double(logarithms[row])) - target))
    }
  }
}

@inline(__always)
private func referenceSquaredError<T: BinaryFloatingPoint>(_ n: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _: T.Type)
  -> Double
{
  let a = a.assumingMemoryBound(to: T.self), b = b.assumingMemoryBound(to: T.self)
  var sum = 0.0
  for i in 0..<n { sum += (Double(a[i]) - Double(b[i])) * (Double(a[i]) - Double(b[i])) }
  return sum
}

@inline(__always)
private func referenceScaledDifference<T: BinaryFloatingPoint>(
  _ n: Int, _ scale: Double, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let a = a.assumingMemoryBound(to: T.self), b = b.assumingMemoryBound(to: T.self)
  let y = y.assumingMemoryBound(to: T.self)
  for i in 0..<n { y[i] = (a[i] - b[i]) * T(scale) }
}

extension LossKernels {
  static let referenceF32 = LossKernels(
    softmaxColumns: { eachColumn($0, $1, $2, $3, $4, Float.self) { Float(Reference.exp(Double($0) - $1)) } },
    logSoftmaxColumns: { eachColumn($0, $1, $2, $3, $4, Float.self) { Float(Double($0) - $1) } },
    softmaxBackward: { referenceSoftmaxBackward($0, $1, $1, 1, $2, $3, $4, logarithmic: false, Float.self) },
    logSoftmaxBackward: { referenceSoftmaxBackward($0, $1, $1, 1, $2, $3, $4, logarithmic: true, Float.self) },
    softmaxColumnsBackward: { referenceSoftmaxBackward($1, 1, $0, $2, $3, $4, $5, logarithmic: false, Float.self) },
    logSoftmaxColumnsBackward: { referenceSoftmaxBackward($1, 1, $0, $2, $3, $4, $5, logarithmic: true, Float.self) },
    crossEntropy: { referenceCrossEntropy($0, $1, $2, $3, $4, $5, $6, Float.self) },
    crossEntropyBackward: { referenceCrossEntropyBackward($0, $1, $2, $3, $4, $5, $6, $7, Float.self) },
    squaredError: { referenceSquaredError($0, $1, $2, Float.self) },
    scaledDifference: { referenceScaledDifference($0, $1, $2, $3, $4, Float.self) })

  static let referenceF64 = LossKernels(
    softmaxColumns: { eachColumn($0, $1, $2, $3, $4, Double.self) { Double(Reference.exp(Double($0) - $1)) } },
    logSoftmaxColumns: { eachColumn($0, $1, $2, $3, $4, Double.self) { Double(Double($0) - $1) } },
    softmaxBackward: { referenceSoftmaxBackward($0, $1, $1, 1, $2, $3, $4, logarithmic: false, Double.self) },
    logSoftmaxBackward: { referenceSoftmaxBackward($0, $1, $1, 1, $2, $3, $4, logarithmic: true, Double.self) },
    softmaxColumnsBackward: { referenceSoftmaxBackward($1, 1, $0, $2, $3, $4, $5, logarithmic: false, Double.self) },
    logSoftmaxColumnsBackward: { referenceSoftmaxBackward($1, 1, $0, $2, $3, $4, $5, logarithmic: true, Double.self) },
    crossEntropy: { referenceCrossEntropy($0, $1, $2, $3, $4, $5, $6, Double.self) },
    crossEntropyBackward: { referenceCrossEntropyBackward($0, $1, $2, $3, $4, $5, $6, $7, Double.self) },
    squaredError: { referenceSquaredError($0, $1, $2, Double.self) },
    scaledDifference: { referenceScaledDifference($0, $1, $2, $3, $4, Double.self) })
}
