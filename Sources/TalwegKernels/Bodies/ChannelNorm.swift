internal import CIntrinsics

// Batch norm of one channel. Its elements are read once from memory and then again from the second-level
// cache, where a channel of a common batch fits: first its mean, then its variance about the mean.

/// Two sums in four vectors each, which go over to float64 at the end of a block.
private struct TwoSums<V: FloatVector> {
  var a = (V(0), V(0)), b = (V(0), V(0)), c = (V(0), V(0)), d = (V(0), V(0))
  var totals = (0.0, 0.0)

  @inline(__always) init() {}

  @inline(__always)
  static func add(_ terms: (V, V), to sum: inout (V, V)) {
    sum.0 = sum.0 + terms.0
    sum.1 = sum.1 + terms.1
  }

  @inline(__always)
  mutating func flush() {
    totals.0 += Double(((a.0 + b.0) + (c.0 + d.0)).sumOfLanes)
    totals.1 += Double(((a.1 + b.1) + (c.1 + d.1)).sumOfLanes)
    a = (V(0), V(0))
    b = a
    c = a
    d = a
  }
}

/// Vectors in a block of a sum; a multiple of four.
private let blockVectors = 128

extension FloatVector {
  /// The sums of both terms over a channel; `terms` gets the offset of a vector's first element and its count.
  @inline(__always)
  private static func sums(_ layout: tk_channel_layout, _ terms: (Int, Int) -> (Self, Self)) -> (Double, Double) {
    var sums = TwoSums<Self>()
    let (lanes, size, step) = (Self.lanes, layout.size, layout.step)
    var vectors = 0
    var image = 0
    while image < layout.images {
      let start = image &* layout.stride
      var i = 0
      while i < size {
        let end = min(size, i &+ blockVectors &* lanes)
        vectors &+= (end &- i) / lanes &+ 1
        while i &+ 4 &* lanes <= end {
          TwoSums.add(terms(start &+ i &* step, lanes), to: &sums.a)
          TwoSums.add(terms(start &+ (i &+ lanes) &* step, lanes), to: &sums.b)
          TwoSums.add(terms(start &+ (i &+ 2 &* lanes) &* step, lanes), to: &sums.c)
          TwoSums.add(terms(start &+ (i &+ 3 &* lanes) &* step, lanes), to: &sums.d)
          i &+= 4 &* lanes
        }
        while i < end {
          TwoSums.add(terms(start &+ i &* step, min(lanes, end &- i)), to: &sums.a)
          i &+= lanes
        }
        i = end
        if vectors >= blockVectors {
          sums.flush()
          vectors = 0
        }
      }
      image &+= 1
    }
    sums.flush()
    return sums.totals
  }

  @inline(__always)
  private static func eachVectorOf(_ layout: tk_channel_layout, _ body: (Int, Int) -> Void) {
    var image = 0
    while image < layout.images {
      let start = image &* layout.stride
      eachVector(layout.size, Self.self) { i, count in body(start &+ i &* layout.step, count) }
      image &+= 1
    }
  }

  @inline(__always)
  private static func load(
    _ x: UnsafeRawPointer, _ layout: tk_channel_layout, _ offset: Int, _ count: Int, fill: Scalar = 0
  ) -> Self {
    loadVector(x + offset &* MemoryLayout<Scalar>.size, layout.step, 0, count, fill: fill, Self.self)
  }

  @inline(__always)
  private func store(_ y: UnsafeMutableRawPointer, _ layout: tk_channel_layout, _ offset: Int, _ count: Int) {
    let p = y + offset &* MemoryLayout<Scalar>.size
    if layout.step == 1 { storeVector(self, p, 0, count) } else { store(p, stride: layout.step, first: count) }
  }

  @inline(__always)
  static func channelMoments(_ layout: tk_channel_layout, _ x: UnsafeRawPointer) -> (mean: Double, variance: Double) {
    let share = 1 / Double(layout.images &* layout.size)
    let (sum, _) = sums(layout) { (load(x, layout, $0, $1), Self(0)) }
    let center = Self(Scalar(sum * share))
    // The mean of the deviations is what the center was rounded by.
    let (rest, squares) = sums(layout) { offset, count in
      let deviation = load(x, layout, offset, count, fill: center.lane(0)) - center
      return (deviation, deviation * deviation)
    }
    let correction = rest * share
    return (Double(center.lane(0)) + correction, squares * share - correction * correction)
  }

  @inline(__always)
  static func normalizeChannel(
    _ layout: tk_channel_layout, _ mean: Double, _ scale: Double, _ shift: Double, _ relu: Bool, _ x: UnsafeRawPointer,
    _ residual: UnsafeRawPointer?, _ y: UnsafeMutableRawPointer
  ) {
    let center = Self(Scalar(mean)), scale = Self(Scalar(scale)), shift = Self(Scalar(shift))
    eachVectorOf(layout) { offset, count in
      var value = madd(load(x, layout, offset, count) - center, scale, shift)
      if let residual { value = value + load(residual, layout, offset, count) }
      if relu { value = maximum(value, Self(0)) }
      value.store(y, layout, offset, count)
    }
  }

  /// The gradient, where y is positive if it is given.
  @inline(__always)
  private static func gradient(
    _ g: UnsafeRawPointer, _ y: UnsafeRawPointer?, _ layout: tk_channel_layout, _ offset: Int, _ count: Int
  ) -> Self {
    let g = load(g, layout, offset, count)
    guard let y else { return g }
    return select(Self(0) < load(y, layout, offset, count), g, Self(0))
  }

  @inline(__always)
  static func channelGradientSums(
    _ layout: tk_channel_layout, _ mean: Double, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer?, _ x: UnsafeRawPointer
  ) -> (Double, Double) {
    let center = Self(Scalar(mean))
    return sums(layout) { offset, count in
      let g = gradient(g, y, layout, offset, count)
      return (g, g * (load(x, layout, offset, count) - center))
    }
  }

  @inline(__always)
  static func channelBackward(
    _ layout: tk_channel_layout, _ mean: Double, _ a: Double, _ b: Double, _ c: Double, _ g: UnsafeRawPointer,
    _ y: UnsafeRawPointer?, _ x: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer,
    _ dresidual: UnsafeMutableRawPointer?
  ) {
    let center = Self(Scalar(mean)), a = Self(Scalar(a)), b = Self(Scalar(b)), c = Self(Scalar(c))
    eachVectorOf(layout) { offset, count in
      let g = gradient(g, y, layout, offset, count)
      madd(a, g, madd(b, load(x, layout, offset, count) - center, c)).store(dx, layout, offset, count)
      if let dresidual { g.store(dresidual, layout, offset, count) }
    }
  }
}

extension NormalizationKernels {
  mutating func setVectorF32() {
    rows = { VectorF32.normalizeRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) }
    rowsBackward = { VectorF32.normalizeRowsBackward($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) }
    channelMoments = { ($2.pointee, $3.pointee) = VectorF32.channelMoments($0.pointee, $1) }
    channels = { VectorF32.normalizeChannel($0.pointee, $1, $2, $3, $4, $5, $6, $7) }
    channelGradientSums = {
      ($5.pointee, $6.pointee) = VectorF32.channelGradientSums($0.pointee, $1, $2, $3, $4)
    }
    channelsBackward = { VectorF32.channelBackward($0.pointee, $1, $2, $3, $4, $5, $6, $7, $8, $9) }
  }

  mutating func setVectorF64() {
    rows = { VectorF64.normalizeRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) }
    rowsBackward = { VectorF64.normalizeRowsBackward($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) }
    channelMoments = { ($2.pointee, $3.pointee) = VectorF64.channelMoments($0.pointee, $1) }
    channels = { VectorF64.normalizeChannel($0.pointee, $1, $2, $3, $4, $5, $6, $7) }
    channelGradientSums = {
      ($5.pointee, $6.pointee) = VectorF64.channelGradientSums($0.pointee, $1, $2, $3, $4)
    }
    channelsBackward = { VectorF64.channelBackward($0.pointee, $1, $2, $3, $4, $5, $6, $7, $8, $9) }
  }
}
