internal import CIntrinsics

// Attention as it is defined, a row of scores at a time, in double.

/// What key j gets of query `row`: its score, and what dropout multiplies to its weight.
private struct ReferenceScores<T: BinaryFloatingPoint> {
  let p: tk_attention
  let batch, head, row: Int

  @inline(__always) private func element(_ x: tk_array4, _ head: Int, _ row: Int, _ column: Int) -> T {
    let at = batch &* x.batch &+ head &* x.head &+ row &* x.row &+ column &* x.column
    return x.data!.assumingMemoryBound(to: T.self)[at]
  }

  /// The dot product of row `row` of a and row j of b.
  @inline(__always) func dot(_ a: tk_array4, _ b: tk_array4, _ j: Int, _ width: Int) -> Double {
    var sum = 0.0
    for c in 0..<width { sum += Double(element(a, head, row, c)) * Double(element(b, head / p.group, j, c)) }
    return sum
  }

  @inline(__always) func score(_ j: Int) -> Double {
    if p.causal != 0 && j > row &+ p.keys &- p.queries { return -.infinity }
    if p.keep.data != nil {
      let at = batch &* p.keep.batch &+ head &* p.keep.head &+ row &* p.keep.row &+ j &* p.keep.column
      if p.keep.data!.assumingMemoryBound(to: UInt8.self)[at] == 0 { return -.infinity }
    }
    let bias = p.bias.data == nil ? 0 : Double(element(p.bias, head, row, j))
    return p.scale * dot(p.q, p.k, j, p.width) + bias
  }

  @inline(__always) func kept(_ j: Int) -> Double {
    if p.dropout == 0 { return 1 }
    let row = (batch &* p.heads &+ head) &* p.queries &+ row
    return attentionDropoutFactor(p.dropout, p.seed, p.offset, row: row, key: j, keys: p.keys)
  }

  @inline(__always) func logSum() -> Double {
    var greatest = -Double.infinity
    for j in 0..<p.keys { greatest = max(greatest, score(j)) }
    if greatest == -.infinity { return .infinity }
    var sum = 0.0
    for j in 0..<p.keys { sum += Reference.exp(score(j) - greatest) }
    return greatest + Reference.log(sum)
  }

  @inline(__always) var firstOut: Int { batch &* p.out.batch &+ head &* p.out.head &+ row &* p.out.row }
}

/// out = softmax(scale Q K^T + bias where kept) V for queries begin ..< end, and their log-sums; a query that
/// attends to nothing gives zeros.
@inline(__always)
func referenceAttention<T: BinaryFloatingPoint>(
  _ p: tk_attention, _ batch: Int, _ head: Int, _ begin: Int, _ end: Int, _: T.Type
) {
  let out = p.out.data!.assumingMemoryBound(to: T.self), v = p.v.data!.assumingMemoryBound(to: T.self)
  for row in begin..<end {
    let scores = ReferenceScores<T>(p: p, batch: batch, head: head, row: row)
    let logSum = scores.logSum()
    let at = (batch &* p.heads &+ head) &* p.queries &+ row
    p.log_sums!.assumingMemoryBound(to: T.self)[at] = T(logSum / Reference.log(2))
    for c in 0..<p.value_width {
      var sum = 0.0
      for j in 0..<p.keys {
        let value = batch &* p.v.batch &+ head / p.group &* p.v.head &+ j &* p.v.row &+ c &* p.v.column
        sum += Reference.exp(scores.score(j) - logSum) * scores.kept(j) * Double(v[value])
      }
      out[scores.firstOut &+ c &* p.out.column] = T(sum)
    }
  }
}

/// With the weights P = exp(scores - logSum), what dropout multiplies to them F and the gradient dO of out:
/// dV = (F P)^T dO, dS = P (F (dO V^T) - rowsum(dO O)), dQ = scale dS K, dK = scale dS^T Q, for the keys
/// begin ..< end of a head of K and V and all queries of its group of heads.
@inline(__always)
func referenceAttentionBackward<T: BinaryFloatingPoint>(
  _ p: tk_attention, _ batch: Int, _ keyHead: Int, _ begin: Int, _ end: Int, _: T.Type
) {
  func pointer(_ x: tk_array4, _ head: Int, _ row: Int, _ column: Int) -> UnsafeMutablePointer<T> {
    x.data!.assumingMemoryBound(to: T.self)
      + (batch &* x.batch &+ head &* x.head &+ row &* x.row &+ column &* x.column)
  }
  for j in begin..<end {
    for c in 0..<p.width { pointer(p.dk, keyHead, j, c).pointee = 0 }
    for c in 0..<p.value_width { pointer(p.dv, keyHead, j, c).pointee = 0 }
  }
  for head in keyHead &* p.group..<(keyHead &+ 1) &* p.group {
    for row in 0..<p.queries {
      let scores = ReferenceScores<T>(p: p, batch: batch, head: head, row: row)
      let logSum = scores.logSum()
      var delta = 0.0
      for c in 0..<p.value_width {
        delta += Double(pointer(p.dout, head, row, c).pointee) * Double(pointer(p.out, head, row, c).pointee)
      }
      for c in 0..<p.width { pointer(p.dq, head, row, c).pointee = 0 }
      for j in begin..<end {
        let weight = Reference.exp(scores.score(j) - logSum), kept = scores.kept(j)
        let slope = weight * (kept * scores.dot(p.dout, p.v, j, p.value_width) - delta)
        for c in 0..<p.value_width {
          pointer(p.dv, keyHead, j, c).pointee += T(weight * kept * Double(pointer(p.dout, head, row, c).pointee))
        }
        for c in 0..<p.width {
          pointer(p.dq, head, row, c).pointee += T(p.scale * slope * Double(pointer(p.k, keyHead, j, c).pointee))
          pointer(p.dk, keyHead, j, c).pointee += T(p.scale * slope * Double(pointer(p.q, head, row, c).pointee))
        }
      }
    }
  }
}
