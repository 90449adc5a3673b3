internal import CIntrinsics

// What is added to a row of scores and multiplied to a row of weights. Scores are in units of log2 e, so that
// 2^x is their exponential.

/// log2 e
@inline(__always) var logE: Double { 1.4426950408889634074 }

extension AttentionVector {
  /// Whether every query of a head has the same row of masks.
  @inline(__always)
  static func masksAreUniform(_ p: tk_attention) -> Bool {
    (p.keep.data == nil || p.keep.row == 0) && (p.bias.data == nil || p.bias.row == 0)
  }

  /// The sum of the masks over keys begin ..< begin + count: -infinity where a query may not attend.
  @inline(__always)
  static func fillMask(
    _ p: tk_attention, _ batch: Int, _ head: Int, _ row: Int, _ begin: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Scalar>
  ) {
    if p.bias.data != nil {
      let bias = p.bias.row(batch, head, row, Scalar.self) + begin &* p.bias.column
      for j in 0..<count { out[j] = bias[j &* p.bias.column] * Scalar(logE) }
    } else {
      for j in 0..<count { out[j] = 0 }
    }
    if p.keep.data != nil {
      let keep = p.keep.row(batch, head, row, UInt8.self) + begin &* p.keep.column
      for j in 0..<count where keep[j &* p.keep.column] == 0 { out[j] = -.infinity }
    }
    // A whole vector is read at the end.
    for j in count..<roundedUp(count, lanes) { out[j] = -.infinity }
  }

  /// `count` without the last keys that a mask excludes.
  @inline(__always)
  static func lastAttended(_ mask: UnsafePointer<Scalar>, _ count: Int) -> Int {
    var count = count
    while count > 0 && mask[count &- 1] == -.infinity { count &-= 1 }
    return count
  }

  /// What dropout multiplies to the weights of a row's keys begin ..< begin + count: 0 or
  /// 1 / (1 - probability). `begin` is a multiple of 64.
  @inline(__always)
  static func fillDropout(
    _ p: tk_attention, _ batch: Int, _ head: Int, _ row: Int, _ begin: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Scalar>
  ) {
    let kept = Scalar(1 / (1 - p.dropout))
    let threshold = attentionDropoutThreshold(p.dropout)
    let row = (batch &* p.heads &+ head) &* p.queries &+ row
    var words = WordBuffer()
    withUnsafeMutablePointer(to: &words) { pointer in
      let words = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt32.self)
      var j = 0
      while j < count {
        attentionRandomWords(p.seed, attentionRandomBlock(p.offset, row: row, key: begin &+ j, keys: p.keys), words)
        for i in 0..<min(64, count &- j) { out[j &+ i] = words[i] < threshold ? 0 : kept }
        j &+= 64
      }
    }
    for j in count..<roundedUp(count, lanes) { out[j] = 0 }
  }
}

/// 64 words.
private struct WordBuffer {
  var words: (SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>)
  @inline(__always) init() {
    let zero = SIMD64<UInt8>.zero
    words = (zero, zero, zero, zero)
  }
}

/// The words of Philox blocks first ..< first + 16: word 0 of each block, then word 1 of each, and so on. Eight
/// counters a step, a 32-bit word in each 64-bit lane.
@inline(__always)
private func attentionRandomWords(_ seed: UInt64, _ first: UInt64, _ out: UnsafeMutablePointer<UInt32>) {
  typealias Words = SIMD8<UInt64>
  let low = Words(repeating: 0xFFFF_FFFF)
  for half in 0..<2 {
    let block = Words(repeating: first &+ UInt64(8 &* half)) &+ Words(0, 1, 2, 3, 4, 5, 6, 7)
    var c0 = block & low, c1 = block &>> 32, c2 = Words.zero, c3 = Words.zero
    var k0 = seed & 0xFFFF_FFFF, k1 = seed >> 32
    for _ in 0..<10 {
      let even = c0 &* Words(repeating: 0xD251_1F53), odd = c2 &* Words(repeating: 0xCD9E_8D57)
      c0 = (odd &>> 32) ^ c1 ^ Words(repeating: k0)
      c1 = odd & low
      c2 = (even &>> 32) ^ c3 ^ Words(repeating: k1)
      c3 = even & low
      k0 = (k0 &+ 0x9E37_79B9) & 0xFFFF_FFFF
      k1 = (k1 &+ 0xBB67_AE85) & 0xFFFF_FFFF
    }
    for i in 0..<8 {
      out[8 &* half &+ i] = UInt32(truncatingIfNeeded: c0[i])
      out[16 &+ 8 &* half &+ i] = UInt32(truncatingIfNeeded: c1[i])
      out[32 &+ 8 &* half &+ i] = UInt32(truncatingIfNeeded: c2[i])
      out[48 &+ 8 &* half &+ i] = UInt32(truncatingIfNeeded: c3[i])
    }
  }
}
