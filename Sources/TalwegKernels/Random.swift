// Counter-based random numbers: element i of a stream is a pure function of (key, offset + i), so that a
// stream can be filled in any order, on any number of threads, and resumed.
//
// The generator is Philox 4x32-10: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3,
// SC 2011. Block b of a stream is Philox of the counter (b, 0) and the key; an element takes one, two or
// four of its 32-bit words. `Bodies/PhiloxVector.swift` makes the same words, several blocks at once.

/// Ten rounds of Philox 4x32.
@inline(__always)
public func philox4x32(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var c = counter
  var k = key
  for _ in 0..<10 {
    let even = UInt64(c[0]) &* 0xD251_1F53
    let odd = UInt64(c[2]) &* 0xCD9E_8D57
    c = SIMD4(
      UInt32(truncatingIfNeeded: odd >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: odd),
      UInt32(truncatingIfNeeded: even >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: even))
    k &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
  }
  return c
}

/// Attempt 0 is the stream; what is refused there is drawn again from the same place of attempt 1, and so on.
@inline(__always)
private func philoxBlock(_ key: UInt64, _ block: UInt64, attempt: UInt32 = 0) -> SIMD4<UInt32> {
  philox4x32(
    counter: SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), attempt, 0),
    key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
}

/// Fills `out` with elements offset ..< offset + n, of which a block gives `perBlock`.
@inline(__always)
private func fill<T>(
  _ key: UInt64, _ offset: UInt64, _ n: Int, _ out: UnsafeMutablePointer<T>, perBlock: Int,
  _ elements: (SIMD4<UInt32>) -> SIMD4<T>
) where T: SIMDScalar {
  var i = 0
  while i < n {
    let position = offset &+ UInt64(i)
    let first = Int(position % UInt64(perBlock))
    let values = elements(philoxBlock(key, position / UInt64(perBlock)))
    let count = min(perBlock - first, n - i)
    for j in 0..<count { out[i + j] = values[first + j] }
    i += count
  }
}

/// Random words.
public func randomBits(key: UInt64, offset: UInt64, n: Int, out: UnsafeMutablePointer<UInt32>) {
  fill(key, offset, n, out, perBlock: 4) { $0 }
}

/// Multiples of 2^-24 in [0, 1).
public func randomUniform(key: UInt64, offset: UInt64, n: Int, out: UnsafeMutablePointer<Float>) {
  fill(key, offset, n, out, perBlock: 4) { words in
    SIMD4<Float>(words &>> 8) * 0x1p-24
  }
}

/// Multiples of 2^-53 in [0, 1).
public func randomUniform(key: UInt64, offset: UInt64, n: Int, out: UnsafeMutablePointer<Double>) {
  fill(key, offset, n, out, perBlock: 2) { words in
    SIMD4(fraction(words[0], words[1]), fraction(words[2], words[3]), 0, 0)
  }
}

/// Standard normal, by Box and Muller (Annals of Mathematical Statistics 29, 1958) in double; at most 6.7
/// in magnitude.
public func randomNormal(key: UInt64, offset: UInt64, n: Int, out: UnsafeMutablePointer<Float>) {
  fill(key, offset, n, out, perBlock: 4) { words in
    let (a, b) = boxMuller((Double(words[0]) + 0.5) * 0x1p-32, Double(words[1]) * 0x1p-32)
    let (c, d) = boxMuller((Double(words[2]) + 0.5) * 0x1p-32, Double(words[3]) * 0x1p-32)
    return SIMD4(Float(a), Float(b), Float(c), Float(d))
  }
}

/// Standard normal, from 53-bit fractions; at most 8.7 in magnitude.
public func randomNormal(key: UInt64, offset: UInt64, n: Int, out: UnsafeMutablePointer<Double>) {
  fill(key, offset, n, out, perBlock: 2) { words in
    let (a, b) = boxMuller(fraction(words[0], words[1]) + 0x1p-54, fraction(words[2], words[3]))
    return SIMD4(a, b, 0, 0)
  }
}

/// The words that an element of `randomIntegers` takes.
public func wordsPerInteger(span: UInt64) -> UInt64 { span <= 1 << 32 ? 1 : 2 }

/// Whole numbers low ..< low + span, for a span of 1 or more, all equally likely: Lemire, Fast random integer
/// generation in an interval, ACM TOMACS 29, 2019. What is refused is drawn again from the same place of another
/// attempt, so that an element is a function of its position alone.
/// - Parameter bits: what makes the words of `randomBits`.
public func randomIntegers(
  key: UInt64, offset: UInt64, n: Int, low: Int64, span: UInt64, out: UnsafeMutablePointer<Int64>, bits: BitsFunction
) {
  let each = wordsPerInteger(span: span)
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 512) { buffer in
    guard let words = buffer.baseAddress else { return }
    var first = 0
    while first < n {
      let count = min(512 / Int(each), n &- first)
      let start = (offset &+ UInt64(first)) &* each
      bits(count &* Int(each), key, start, words)
      for i in 0..<count {
        let value = each == 1
          ? bounded32(words[i], span) { word(key, start &+ UInt64(i), attempt: $0) }
          : bounded64(pair(words[2 &* i], words[2 &* i &+ 1]), span) {
            let place = start &+ 2 &* UInt64(i)
            return pair(word(key, place, attempt: $0), word(key, place &+ 1, attempt: $0))
          }
        out[first &+ i] = low &+ Int64(truncatingIfNeeded: value)
      }
      first &+= count
    }
  }
}

/// The word at a place of an attempt's stream.
private func word(_ key: UInt64, _ place: UInt64, attempt: UInt32) -> UInt32 {
  philoxBlock(key, place / 4, attempt: attempt)[Int(place % 4)]
}

@inline(__always)
private func pair(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }

/// The upper half of word x span, unless its lower half is among the 2^32 mod span that would favour some numbers.
@inline(__always)
private func bounded32(_ word: UInt32, _ span: UInt64, _ again: (UInt32) -> UInt32) -> UInt64 {
  var product = UInt64(word) &* span
  if product & 0xffff_ffff < span {
    let refused = ((1 << 32) &- span) % span
    var attempt: UInt32 = 1
    while product & 0xffff_ffff < refused {
      product = UInt64(again(attempt)) &* span
      attempt &+= 1
    }
  }
  return product >> 32
}

@inline(__always)
private func bounded64(_ word: UInt64, _ span: UInt64, _ again: (UInt32) -> UInt64) -> UInt64 {
  var product = word.multipliedFullWidth(by: span)
  if product.low < span {
    let refused = (0 &- span) % span
    var attempt: UInt32 = 1
    while product.low < refused {
      product = again(attempt).multipliedFullWidth(by: span)
      attempt &+= 1
    }
  }
  return product.high
}

/// The upper 53 bits of two words.
@inline(__always)
private func fraction(_ low: UInt32, _ high: UInt32) -> Double {
  Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
}

/// Two independent normal numbers from u in (0, 1) and v in [0, 1).
@inline(__always)
private func boxMuller(_ u: Double, _ v: Double) -> (Double, Double) {
  let radius = (-2 * Reference.log(u)).squareRoot()
  let angle = 6.283185307179586476925 * v
  return (radius * Reference.cos(angle), radius * Reference.sin(angle))
}
