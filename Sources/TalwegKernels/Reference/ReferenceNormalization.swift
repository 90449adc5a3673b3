internal import CIntrinsics

// Normalisation, computed in double.

/// Layer norm (Ba, Kiros, Hinton, arXiv:1607.06450) of each row r of x + residual:
///
///     mean = sum(r) / width,  scale = 1 / sqrt(sum((r - mean)^2) / width + epsilon)
///     y = (r - mean) scale weight + bias
///
/// Not centered, the mean is 0: RMS norm (Zhang, Sennrich, arXiv:1910.07467).
@inline(__always)
func referenceNormalizeRows<T: BinaryFloatingPoint>(
  _ rows: Int, _ width: Int, _ epsilon: Double, _ centered: Bool, _ x: UnsafeRawPointer,
  _ residual: UnsafeRawPointer?, _ weight: UnsafeRawPointer?, _ bias: UnsafeRawPointer?,
  _ y: UnsafeMutableRawPointer, _ means: UnsafeMutableRawPointer, _ scales: UnsafeMutableRawPointer, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), residual = residual?.assumingMemoryBound(to: T.self)
  let weight = weight?.assumingMemoryBound(to: T.self), bias = bias?.assumingMemoryBound(to: T.self)
  let y = y.assumingMemoryBound(to: T.self)
  let means = means.assumingMemoryBound(to: T.self), scales = scales.assumingMemoryBound(to: T.self)
  for row in 0..<rows {
    func value(_ i: Int) -> Double { Double(x[row * width + i]) + (residual.map { Double($0[row * width + i]) } ?? 0) }
    var mean = 0.0
    if centered {
      for i in 0..<width { mean += value(i) }
      mean /= Double(width)
      means[row] = T(mean)
    }
    var squares = 0.0
    for i in 0..<width { squares += (value(i) - mean) * (value(i) - mean) }
    let scale = 1 / (squares / Double(width) + epsilon).squareRoot()
    scales[row] = T(scale)
    for i in 0..<width {
      y[row * width + i] = T(
        (value(i) - mean) * scale * (weight.map { Double($0[i]) } ?? 1) + (bias.map { Double($0[i]) } ?? 0))
    }
  }
}

/// With h = (r - mean) scale and d = gradient weight:
///
///     dx = scale (d - mean(d) - h mean(d h)),  dweight = sum of g h over rows,  dbias = sum of g over rows
///
/// Not centered, mean(d) is left out.
@inline(__always)
func referenceNormalizeRowsBackward<T: BinaryFloatingPoint>(
  _ rows: Int, _ width: Int, _ centered: Bool, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer,
  _ residual: UnsafeRawPointer?, _ weight: UnsafeRawPointer?, _ means: UnsafeRawPointer, _ scales: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer, _ dweight: UnsafeMutableRawPointer?, _ dbias: UnsafeMutableRawPointer?, _: T.Type
) {
  let g = g.assumingMemoryBound(to: T.self), x = x.assumingMemoryBound(to: T.self)
  let residual = residual?.assumingMemoryBound(to: T.self), weight = weight?.assumingMemoryBound(to: T.self)
  let means = means.assumingMemoryBound(to: T.self), scales = scales.assumingMemoryBound(to: T.self)
  let dx = dx.assumingMemoryBound(to: T.self)
  let dweight = dweight?.assumingMemoryBound(to: T.self), dbias = dbias?.assumingMemoryBound(to: T.self)
  for i in 0..<width {
    dweight?[i] = 0
    dbias?[i] = 0
  }
  for row in 0..<rows {
    let mean = centered ? Double(means[row]) : 0, scale = Double(scales[row])
    func h(_ i: Int) -> Double {
      (Double(x[row * width + i]) + (residual.map { Double($0[row * width + i]) } ?? 0) - mean) * scale
    }
    func d(_ i: Int) -> Double { Double(g[row * width + i]) * (weight.map { Double($0[i]) } ?? 1) }
    var sum = 0.0, product = 0.0
    for i in 0..<width {
      sum += d(i)
      product += d(i) * h(i)
    }
    let shift = centered ? sum / Double(width) : 0, slope = product / Double(width)
    for i in 0..<width {
      dx[row * width + i] = T(scale * (d(i) - shift - h(i) * slope))
      dweight?[i] += T(Double(g[row * width + i]) * h(i))
      dbias?[i] += g[row * width + i]
    }
  }
}

extension tk_channel_layout {
  @inline(__always)
  func forEach(_ body: (Int) -> Void) {
    for image in 0..<images {
      for i in 0..<size { body(image * stride + i * step) }
    }
  }
}

@inline(__always)
func referenceChannelMoments<T: BinaryFloatingPoint>(_ layout: tk_channel_layout, _ x: UnsafeRawPointer, _: T.Type)
  -> (Double, Double)
{
  let x = x.assumingMemoryBound(to: T.self), count = Double(layout.images * layout.size)
  var sum = 0.0, squares = 0.0
  layout.forEach { sum += Double(x[$0]) }
  let mean = sum / count
  layout.forEach { squares += (Double(x[$0]) - mean) * (Double(x[$0]) - mean) }
  return (mean, squares / count)
}

@inline(__always)
func referenceNormalizeChannel<T: BinaryFloatingPoint>(
  _ layout: tk_channel_layout, _ mean: Double, _ scale: Double, _ shift: Double, _ relu: Bool, _ x: UnsafeRawPointer,
  _ residual: UnsafeRawPointer?, _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), residual = residual?.assumingMemoryBound(to: T.self)
  let y = y.assumingMemoryBound(to: T.self)
  layout.forEach { i in
    let value = T((Double(x[i]) - mean) * scale + shift + (residual.map { Double($0[i]) } ?? 0))
    // NaN stays.
    y[i] = relu && value < 0 ? 0 : value
  }
}

@inline(__always)
func referenceChannelGradientSums<T: BinaryFloatingPoint>(
  _ layout: tk_channel_layout, _ mean: Double, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer?, _ x: UnsafeRawPointer,
  _: T.Type
) -> (Double, Double) {
  let g = g.assumingMemoryBound(to: T.self), x = x.assumingMemoryBound(to: T.self)
  let y = y?.assumingMemoryBound(to: T.self)
  var sum = 0.0, product = 0.0
  layout.forEach {
    if let y, !(y[$0] > 0) { return }
    sum += Double(g[$0])
    product += Double(g[$0]) * (Double(x[$0]) - mean)
  }
  return (sum, product)
}

@inline(__always)
func referenceChannelBackward<T: BinaryFloatingPoint>(
  _ layout: tk_channel_layout, _ mean: Double, _ a: Double, _ b: Double, _ c: Double, _ g: UnsafeRawPointer,
  _ y: UnsafeRawPointer?, _ x: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer, _ dresidual: UnsafeMutableRawPointer?,
  _: T.Type
) {
  let g = g.assumingMemoryBound(to: T.self), x = x.assumingMemoryBound(to: T.self)
  let y = y?.assumingMemoryBound(to: T.self)
  let dx = dx.assumingMemoryBound(to: T.self), dresidual = dresidual?.assumingMemoryBound(to: T.self)
  layout.forEach { i in
    let gradient = y.map { $0[i] > 0 ? g[i] : 0 } ?? g[i]
    dx[i] = T(a * Double(gradient) + b * (Double(x[i]) - mean) + c)
    dresidual?[i] = gradient
  }
}

extension NormalizationKernels {
  static let referenceF32 = NormalizationKernels(
    rows: { referenceNormalizeRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, Float.self) },
    rowsBackward: {
      referenceNormalizeRowsBackward($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, Float.self)
    },
    channelMoments: { ($2.pointee, $3.pointee) = referenceChannelMoments($0.pointee, $1, Float.self) },
    channels: { referenceNormalizeChannel($0.pointee, $1, $2, $3, $4, $5, $6, $7, Float.self) },
    channelGradientSums: {
      ($5.pointee, $6.pointee) = referenceChannelGradientSums($0.pointee, $1, $2, $3, $4, Float.self)
    },
    channelsBackward: { referenceChannelBackward($0.pointee, $1, $2, $3, $4, $5, $6, $7, $8, $9, Float.self) })

  static let referenceF64 = NormalizationKernels(
    rows: { referenceNormalizeRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, Double.self) },
    rowsBackward: {
      referenceNormalizeRowsBackward($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, Double.self)
    },
    channelMoments: { ($2.pointee, $3.pointee) = referenceChannelMoments($0.pointee, $1, Double.self) },
    channels: { referenceNormalizeChannel($0.pointee, $1, $2, $3, $4, $5, $6, $7, Double.self) },
    channelGradientSums: {
      ($5.pointee, $6.pointee) = referenceChannelGradientSums($0.pointee, $1, $2, $3, $4, Double.self)
    },
    channelsBackward: { referenceChannelBackward($0.pointee, $1, $2, $3, $4, $5, $6, $7, $8, $9, Double.self) })
}
