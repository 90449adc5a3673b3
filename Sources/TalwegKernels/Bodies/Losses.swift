internal import CIntrinsics

// Softmax with cross-entropy, the backward passes of softmax over rows and columns, and the squared error.

/// Elements of a row that are read once for their greatest and, from the first-level cache, again for the
/// sum of their exponentials.
private let blockElements = 2048

/// The greatest of x and the sum of exp(x - greatest), in one pass over memory: a block with a greater
/// element scales the sum of those before it (Milakov, Gimelshein, arXiv:1805.02867).
@inline(__always)
private func sumOfExponentials<V: ElementaryVector>(_ n: Int, _ x: UnsafeRawPointer, _: V.Type)
  -> (greatest: V.Scalar, sum: V.Scalar)
{
  var greatest = -V.Scalar.infinity
  var sum: V.Scalar = 0
  var begin = 0
  while begin < n {
    let p = x + begin &* MemoryLayout<V.Scalar>.size
    let count = min(blockElements, n &- begin)
    let largest = V.greater(V(greatestElement(count, p, V.self)), V(greatest)).lane(0)
    if largest.isInfinite {
      // Infinities have no differences: of them, only whether there is a NaN is still open.
      if sum != sum || hasNaN(count, p, V.self) { return (largest, .nan) }
      greatest = largest
    } else {
      if sum != 0, largest != greatest { sum *= V.naturalExp(V(greatest - largest)).lane(0) }
      greatest = largest
      sum += sumVectors(count) { (i, count) -> V in
        V.naturalExp(loadVector(p, 1, i, count, fill: -.infinity, V.self) - V(greatest))
      }
    }
    begin &+= count
  }
  return (greatest, sum)
}

@inline(__always)
private func crossEntropies<V: ElementaryVector>(
  _ rows: Int, _ classes: Int, _ options: tk_cross_entropy_options, _ logits: UnsafeRawPointer,
  _ labels: UnsafePointer<Int64>, _ losses: UnsafeMutableRawPointer, _ logarithms: UnsafeMutableRawPointer, _: V.Type
) {
  typealias Scalar = V.Scalar
  let size = MemoryLayout<Scalar>.size
  let smoothing = Scalar(options.smoothing)
  // First the greatest and the sum of each row, then the logarithms of many sums at once.
  var row = 0
  while row < rows {
    let (greatest, sum) = sumOfExponentials(classes, logits + row &* classes &* size, V.self)
    losses.storeBytes(of: greatest, toByteOffset: row &* size, as: Scalar.self)
    logarithms.storeBytes(of: greatest.isInfinite && sum == sum ? 1 : sum, toByteOffset: row &* size, as: Scalar.self)
    row &+= 1
  }
  mapVectors(rows, UnsafeRawPointer(logarithms), 1, logarithms, 1) { (sum: V) in V.naturalLog(sum) }
  row = 0
  while row < rows {
    let x = logits + row &* classes &* size
    let greatest = losses.load(fromByteOffset: row &* size, as: Scalar.self)
    let logarithm = logarithms.load(fromByteOffset: row &* size, as: Scalar.self)
    var loss: Scalar = 0
    if labels[row] != options.ignore_index {
      let label = x.load(fromByteOffset: Int(labels[row]) &* size, as: Scalar.self)
      loss = logarithm + (1 - smoothing) * (greatest - label)
      if smoothing != 0 {
        let sum = sumVectors(classes) { (i, count) -> V in
          V(greatest) - loadVector(x, 1, i, count, fill: greatest, V.self)
        }
        loss += smoothing * sum / Scalar(classes)
      }
    }
    losses.storeBytes(of: loss, toByteOffset: row &* size, as: Scalar.self)
    logarithms.storeBytes(of: greatest + logarithm, toByteOffset: row &* size, as: Scalar.self)
    row &+= 1
  }
}

@inline(__always)
private func crossEntropyGradients<V: ElementaryVector>(
  _ rows: Int, _ classes: Int, _ options: tk_cross_entropy_options, _ scale: Double, _ logits: UnsafeRawPointer,
  _ labels: UnsafePointer<Int64>, _ logarithms: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer, _: V.Type
) {
  typealias Scalar = V.Scalar
  let size = MemoryLayout<Scalar>.size
  let factor = V(Scalar(scale)), share = V(Scalar(-scale * options.smoothing / Double(classes)))
  var row = 0
  while row < rows {
    let y = dx + row &* classes &* size
    if labels[row] == options.ignore_index {
      eachVector(classes, V.self) { storeVector(V(0), y, $0, $1) }
    } else {
      let logarithm = V(logarithms.load(fromByteOffset: row &* size, as: Scalar.self))
      mapVectors(classes, logits + row &* classes &* size, 1, y, 1) { (x: V) in
        madd(V.naturalExp(x - logarithm), factor, share)
      }
      let at = Int(labels[row]) &* size
      let rest = y.load(fromByteOffset: at, as: Scalar.self) - Scalar(scale * (1 - options.smoothing))
      y.storeBytes(of: rest, toByteOffset: at, as: Scalar.self)
    }
    row &+= 1
  }
}

/// Rows of `width`; see the reference for what `logarithmic` changes.
@inline(__always)
private func softmaxGradient<V: ElementaryVector>(
  _ rows: Int, _ width: Int, _ y: UnsafeRawPointer, _ g: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer,
  logarithmic: Bool, _: V.Type
) {
  var row = 0
  while row < rows {
    let from = row &* width &* MemoryLayout<V.Scalar>.size
    let y = y + from, g = g + from, dx = dx + from
    let sum = V(
      sumVectors(width) { (i, count) -> V in
        let g = loadVector(g, 1, i, count, fill: 0, V.self)
        return logarithmic ? g : g * loadVector(y, 1, i, count, fill: 0, V.self)
      })
    zipVectors(width, y, 1, g, 1, dx, 1) { (y: V, g: V) in
      logarithmic ? g - V.naturalExp(y) * sum : y * (g - sum)
    }
    row &+= 1
  }
}

/// Calls `body` with the offset of the first of each vector of columns, and their count.
@inline(__always)
private func eachColumns<V: ElementaryVector>(_ columns: Int, _: V.Type, _ body: (Int, Int) -> Void) {
  eachVector(columns, V.self) { i, count in body(i &* MemoryLayout<V.Scalar>.size, count) }
}

@inline(__always)
private func columnSoftmax<V: ElementaryVector>(
  _ n: Int, _ columns: Int, _ stride: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer,
  logarithmic: Bool, _: V.Type
) {
  let step = stride &* MemoryLayout<V.Scalar>.size
  eachColumns(columns, V.self) { offset, count in
    let x = x + offset, y = y + offset
    var greatest = V(-.infinity)
    for i in 0..<n { greatest = V.maximum(greatest, loadVector(x + i &* step, 1, 0, count, fill: 0, V.self)) }
    var sum = V(0), compensation = V(0)
    for i in 0..<n {
      let e = V.naturalExp(loadVector(x + i &* step, 1, 0, count, fill: 0, V.self) - greatest)
      if !logarithmic { storeVector(e, y + i &* step, 0, count) }
      // Kahan's summation: along a column there is one vector of sums.
      let term = e - compensation
      let next = sum + term
      compensation = (next - sum) - term
      sum = next
    }
    if logarithmic {
      let logarithm = V.naturalLog(sum)
      for i in 0..<n {
        let value = loadVector(x + i &* step, 1, 0, count, fill: 0, V.self)
        storeVector((value - greatest) - logarithm, y + i &* step, 0, count)
      }
    } else {
      let scale = V(1) / sum
      for i in 0..<n {
        storeVector(loadVector(y + i &* step, 1, 0, count, fill: 0, V.self) * scale, y + i &* step, 0, count)
      }
    }
  }
}

@inline(__always)
private func columnSoftmaxGradient<V: ElementaryVector>(
  _ n: Int, _ columns: Int, _ stride: Int, _ y: UnsafeRawPointer, _ g: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer, logarithmic: Bool, _: V.Type
) {
  let step = stride &* MemoryLayout<V.Scalar>.size
  eachColumns(columns, V.self) { offset, count in
    let y = y + offset, g = g + offset, dx = dx + offset
    var sum = V(0), compensation = V(0)
    for i in 0..<n {
      let g = loadVector(g + i &* step, 1, 0, count, fill: 0, V.self)
      let product = logarithmic ? g : g * loadVector(y + i &* step, 1, 0, count, fill: 0, V.self)
      let term = product - compensation
      let next = sum + term
      compensation = (next - sum) - term
      sum = next
    }
    for i in 0..<n {
      let y = loadVector(y + i &* step, 1, 0, count, fill: 0, V.self)
      let g = loadVector(g + i &* step, 1, 0, count, fill: 0, V.self)
      storeVector(logarithmic ? g - V.naturalExp(y) * sum : y * (g - sum), dx + i &* step, 0, count)
    }
  }
}

@inline(__always)
private func sumOfSquaredErrors<V: ElementaryVector>(_ n: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _: V.Type) -> Double {
  Double(
    sumVectors(n) { (i, count) -> V in
      let difference = loadVector(a, 1, i, count, fill: 0, V.self) - loadVector(b, 1, i, count, fill: 0, V.self)
      return difference * difference
    })
}

extension LossKernels {
  mutating func setVectorF32() {
    softmaxColumns = { columnSoftmax($0, $1, $2, $3, $4, logarithmic: false, VectorF32.self) }
    logSoftmaxColumns = { columnSoftmax($0, $1, $2, $3, $4, logarithmic: true, VectorF32.self) }
    softmaxBackward = { softmaxGradient($0, $1, $2, $3, $4, logarithmic: false, VectorF32.self) }
    logSoftmaxBackward = { softmaxGradient($0, $1, $2, $3, $4, logarithmic: true, VectorF32.self) }
    softmaxColumnsBackward = { columnSoftmaxGradient($0, $1, $2, $3, $4, $5, logarithmic: false, VectorF32.self) }
    logSoftmaxColumnsBackward = { columnSoftmaxGradient($0, $1, $2, $3, $4, $5, logarithmic: true, VectorF32.self) }
    crossEntropy = { crossEntropies($0, $1, $2.pointee, $3, $4, $5, $6, VectorF32.self) }
    crossEntropyBackward = { crossEntropyGradients($0, $1, $2.pointee, $3, $4, $5, $6, $7, VectorF32.self) }
    squaredError = { sumOfSquaredErrors($0, $1, $2, VectorF32.self) }
    scaledDifference = { n, scale, a, b, y in
      let scale = VectorF32(VectorF32.Scalar(scale))
      zipVectors(n, a, 1, b, 1, y, 1) { (a: VectorF32, b: VectorF32) in (a - b) * scale }
    }
  }

  mutating func setVectorF64() {
    softmaxColumns = { columnSoftmax($0, $1, $2, $3, $4, logarithmic: false, VectorF64.self) }
    logSoftmaxColumns = { columnSoftmax($0, $1, $2, $3, $4, logarithmic: true, VectorF64.self) }
    softmaxBackward = { softmaxGradient($0, $1, $2, $3, $4, logarithmic: false, VectorF64.self) }
    logSoftmaxBackward = { softmaxGradient($0, $1, $2, $3, $4, logarithmic: true, VectorF64.self) }
    softmaxColumnsBackward = { columnSoftmaxGradient($0, $1, $2, $3, $4, $5, logarithmic: false, VectorF64.self) }
    logSoftmaxColumnsBackward = { columnSoftmaxGradient($0, $1, $2, $3, $4, $5, logarithmic: true, VectorF64.self) }
    crossEntropy = { crossEntropies($0, $1, $2.pointee, $3, $4, $5, $6, VectorF64.self) }
    crossEntropyBackward = { crossEntropyGradients($0, $1, $2.pointee, $3, $4, $5, $6, $7, VectorF64.self) }
    squaredError = { sumOfSquaredErrors($0, $1, $2, VectorF64.self) }
    scaledDifference = { n, scale, a, b, y in
      let scale = VectorF64(VectorF64.Scalar(scale))
      zipVectors(n, a, 1, b, 1, y, 1) { (a: VectorF64, b: VectorF64) in (a - b) * scale }
    }
  }
}
