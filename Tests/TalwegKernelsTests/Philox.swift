import Testing
import TalwegKernels

@Suite struct Philox {
  /// Known answers of the authors' Random123 (tests/kat_vectors, philox4x32 10).
  @Test func knownAnswers() {
    #expect(
      philox4x32(counter: .zero, key: .zero)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      philox4x32(counter: .init(repeating: .max), key: .init(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      philox4x32(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }
}

/// Streams are pure functions of key and position.
@Suite struct RandomStreams {
  static func check<T: Equatable>(
    _ zero: T, _ fill: (UInt64, UInt64, Int, UnsafeMutablePointer<T>) -> Void
  ) {
    var whole = [T](repeating: zero, count: 103)
    fill(42, 5, 103, &whole)
    for cut in [1, 2, 3, 50, 101] {
      var parts = [T](repeating: zero, count: 103)
      parts.withUnsafeMutableBufferPointer {
        fill(42, 5, cut, $0.baseAddress!)
        fill(42, 5 + UInt64(cut), 103 - cut, $0.baseAddress! + cut)
      }
      #expect(parts == whole)
    }
    var other = whole
    fill(43, 5, 103, &other)
    #expect(other != whole)
  }

  @Test func splitting() {
    Self.check(UInt32(0)) { randomBits(key: $0, offset: $1, n: $2, out: $3) }
    Self.check(Float(0)) { randomUniform(key: $0, offset: $1, n: $2, out: $3) }
    Self.check(Double(0)) { randomUniform(key: $0, offset: $1, n: $2, out: $3) }
    Self.check(Float(0)) { randomNormal(key: $0, offset: $1, n: $2, out: $3) }
    Self.check(Double(0)) { randomNormal(key: $0, offset: $1, n: $2, out: $3) }
  }

  static let words = KernelTable.reference.f32.random.bits

  /// Every table's words are those of `randomBits`.
  @Test func bits() {
    for table in tables {
      for (offset, n) in [(0, 0), (0, 1), (3, 5), (6, 200), (1, 64), ((1 << 61) - 3, 40)] as [(UInt64, Int)] {
        var found = [UInt32](repeating: 7, count: 256), expected = found
        table.f32.random.bits(n, 42, offset, &found)
        randomBits(key: 42, offset: offset, n: n, out: &expected)
        #expect(found == expected, "\(table.name) \(n) from \(offset)")
      }
    }
  }

  /// One word an element up to 2^32 numbers, two beyond: of a stream of words, what the method makes of them.
  @Test func integers() {
    for span in [1, 6, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 3 << 62, UInt64.max] as [UInt64] {
      Self.check(Int64(0)) {
        randomIntegers(key: $0, offset: $1, n: $2, low: -7, span: span == 1 ? 97 : span, out: $3, bits: Self.words)
      }
      let words = wordsPerInteger(span: span)
      var bits = [UInt32](repeating: 0, count: 2000), found = [Int64](repeating: 0, count: 1000)
      randomBits(key: 11, offset: 6, n: 2000, out: &bits)
      randomIntegers(key: 11, offset: 6 / words, n: 1000, low: -7, span: span, out: &found, bits: Self.words)
      var refused = 0
      for i in 0..<1000 {
        let (value, low, all): (UInt64, UInt64, UInt64)
        if words == 1 {
          let product = UInt64(bits[i]) * span
          (value, low, all) = (product >> 32, product & 0xffff_ffff, (1 << 32) % span)
        } else {
          let product = (UInt64(bits[2 * i + 1]) << 32 | UInt64(bits[2 * i])).multipliedFullWidth(by: span)
          (value, low, all) = (product.high, product.low, (UInt64.max % span + 1) % span)
        }
        if low < all { refused += 1 } else { #expect(found[i] == -7 &+ Int64(bitPattern: value)) }
        #expect(UInt64(bitPattern: found[i] &+ 7) < span)
      }
      // A quarter of the words would favour some of 3 2^62 numbers.
      if span == 3 << 62 { #expect(abs(refused - 250) < 5 * 14) }
    }
  }

  @Test func moments() {
    let n = 200_000
    var u = [Double](repeating: 0, count: n), z = u
    var singles = [Float](repeating: 0, count: n)
    randomUniform(key: 1, offset: 0, n: n, out: &u)
    randomNormal(key: 2, offset: 0, n: n, out: &z)
    #expect(u.allSatisfy { $0 >= 0 && $0 < 1 })
    // Five standard errors of each moment.
    let root = Double(n).squareRoot()
    func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(n) }
    #expect((mean(u) - 0.5).magnitude < 5 * 0.2887 / root)
    #expect(mean(z).magnitude < 5 / root)
    #expect((mean(z.map { $0 * $0 }) - 1).magnitude < 5 * 1.4142 / root)
    #expect((mean(z.map { $0 * $0 * $0 * $0 }) - 3).magnitude < 5 * 9.798 / root)
    randomUniform(key: 3, offset: 0, n: n, out: &singles)
    #expect(singles.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect((mean(singles.map(Double.init)) - 0.5).magnitude < 5 * 0.2887 / root)
    randomNormal(key: 4, offset: 0, n: n, out: &singles)
    #expect((mean(singles.map { Double($0 * $0) }) - 1).magnitude < 5 * 1.4142 / root)
  }
}
