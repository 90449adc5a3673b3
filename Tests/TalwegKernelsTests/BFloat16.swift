import Foundation
import TalwegKernels
import Testing

/// bfloat16 to and from every other type, in every table.
@Suite struct BFloat16Tests {
  static let all = (UInt16.min...UInt16.max).map { $0 }
  static let tablesAndReference = [KernelTable.reference] + tables

  /// What the bits mean, from the format's definition: sign, eight bits of exponent, seven of fraction.
  static func value(_ bits: UInt16) -> Double {
    let sign = bits >> 15 == 0 ? 1.0 : -1.0
    let exponent = Int(bits >> 7 & 0xff), fraction = Double(bits & 0x7f) / 128
    if exponent == 255 { return fraction == 0 ? sign * .infinity : .nan }
    return sign * (exponent == 0 ? fraction * 0x1p-126 : (1 + fraction) * scalbn(1, exponent - 127))
  }

  static func convert<X: BitwiseCopyable, Y: BitwiseCopyable>(
    _ table: KernelTable, _ x: [X], _ from: DType, _ to: DType, _ blank: Y
  ) -> [Y] {
    var y = [Y](repeating: blank, count: x.count)
    x.withUnsafeBytes { x in
      y.withUnsafeMutableBytes { y in
        table.cast(from: from, to: to)(y.count / MemoryLayout<Y>.stride, x.baseAddress!, 1, y.baseAddress!, 1)
      }
    }
    return y
  }

  static func bits<X: BitwiseCopyable>(_ table: KernelTable, _ x: [X], _ from: DType) -> [UInt16] {
    convert(table, x, from, .bfloat16, UInt16(0xA5A5))
  }

  /// The nearest bfloat16 of a finite double, by bisection over the ordered non-negative ones: the definition of
  /// rounding, halves to the even pattern, from half beyond the greatest to infinity.
  static func nearest(_ x: Double) -> UInt16 {
    let sign: UInt16 = x.sign == .minus ? 0x8000 : 0
    let magnitude = x.magnitude
    var low = 0, high = 0x7f80
    // value(low) <= magnitude < value(high), where infinity counts as 2^128.
    func at(_ pattern: Int) -> Double { pattern == 0x7f80 ? 0x1p128 : value(UInt16(pattern)) }
    if magnitude >= 0x1p128 { return sign | 0x7f80 }
    while high - low > 1 {
      let middle = (low + high) / 2
      if at(middle) <= magnitude { low = middle } else { high = middle }
    }
    // Exact: neighbours differ by a power of two, and a double has bits to spare.
    let below = magnitude - at(low), above = at(high) - magnitude
    return sign | UInt16(below < above || (below == above && low % 2 == 0) ? low : high)
  }

  @Test func everyValueOut() {
    for table in Self.tablesAndReference {
      let singles: [Float] = Self.convert(table, Self.all, .bfloat16, .float32, 9)
      let doubles: [Double] = Self.convert(table, Self.all, .bfloat16, .float64, 9)
      let bools: [UInt8] = Self.convert(table, Self.all, .bfloat16, .bool, 9)
      let words: [Int32] = Self.convert(table, Self.all, .bfloat16, .int32, 9)
      let longs: [Int64] = Self.convert(table, Self.all, .bfloat16, .int64, 9)
      let bytes: [UInt8] = Self.convert(table, Self.all, .bfloat16, .uint8, 9)
      for bits in Self.all {
        let i = Int(bits), x = Self.value(bits)
        if x.isNaN {
          #expect(singles[i].isNaN && doubles[i].isNaN && bools[i] == 1)
          #expect(words[i] == 0 && longs[i] == 0 && bytes[i] == 0)
          continue
        }
        let same = doubles[i] == x && doubles[i].sign == x.sign && singles[i] == Float(x) && singles[i].sign == x.sign
        let whole = x.rounded(.towardZero)
        let integers =
          words[i] == (Int32(exactly: whole) ?? (x > 0 ? .max : .min))
          && longs[i] == (Int64(exactly: whole) ?? (x > 0 ? .max : .min))
          && bytes[i] == (UInt8(exactly: whole) ?? (x > 0 ? .max : 0))
        #expect(same && integers && bools[i] == (x == 0 ? 0 : 1), "\(table.name): \(bits)")
      }
    }
  }

  /// Each value itself, halfway to its neighbours, and next to halfway on both sides.
  @Test func everyValueIn() {
    var singles: [Float] = [], doubles: [Double] = []
    for bits in Self.all {
      let x = Self.value(bits)
      if x.isNaN || x.isInfinite { continue }
      let next = bits & 0x7fff == 0x7f7f ? (x > 0 ? 0x1p128 : -0x1p128) : Self.value(bits + 1)
      let half = (x + next) / 2
      doubles += [x, half, half.nextUp, half.nextDown, x.nextUp, x.nextDown]
      singles += [Float(x), Float(half), Float(half).nextUp, Float(half).nextDown]
    }
    doubles += [0x1p128, -0x1p200, 1e-320, -5e-324, 0x1p-134, 0x1p-134.nextUp]
    let expectedSingles = singles.map { $0.isInfinite ? ($0 > 0 ? 0x7f80 : 0xff80) : Self.nearest(Double($0)) }
    let expectedDoubles = doubles.map { Self.nearest($0) }
    for table in Self.tablesAndReference {
      #expect(Self.bits(table, singles, .float32) == expectedSingles, "\(table.name)")
      #expect(Self.bits(table, doubles, .float64) == expectedDoubles, "\(table.name)")
    }
  }

  @Test func infinitiesAndNaN() {
    for table in Self.tablesAndReference {
      #expect(Self.bits(table, [Float.infinity, -.infinity], .float32) == [0x7f80, 0xff80])
      #expect(Self.bits(table, [Double.infinity, -.infinity], .float64) == [0x7f80, 0xff80])
      // Also one whose payload lies in the lower half alone.
      let nans = [Float.nan, -Float.nan, Float(bitPattern: 0x7f80_0001), Float(bitPattern: 0xffff_ffff)]
      for (x, y) in zip(nans, Self.bits(table, nans, .float32)) {
        #expect(Self.value(y).isNaN && (y >> 15 == 1) == (x.sign == .minus))
      }
      for y in Self.bits(table, [Double.nan, -Double.nan], .float64) { #expect(Self.value(y).isNaN) }
    }
  }

  /// Integers are rounded once, not to a float first.
  @Test func integersIn() {
    var longs: [Int64] = [0, 1, -1, .max, .min, 255, 256, 257, 258, 259]
    for shift in 8..<63 {
      for head in [Int64(128), 129, 200, 255] {
        // The half of the last bit, and one beside it, which float32 and perhaps double lose.
        let half = shift >= 8 ? Int64(1) << (shift - 8) : 0
        let x = head << (shift - 7)
        if shift <= 62 { longs += [x, x + half, x + half + 1, x + half - 1, -(x + half + 1), -(x + half)] }
      }
    }
    let words = longs.compactMap { Int32(exactly: $0) }
    let bytes = (0...255).map { UInt8($0) }
    // Beyond 2^53 a double of the integer may be rounded: what decides is whether anything lies below bit 2^10.
    func expected(_ x: Int64) -> UInt16 {
      let magnitude = x.magnitude
      let kept = magnitude < 1 << 53 ? magnitude : (magnitude >> 11 | (magnitude & 0x7ff == 0 ? 0 : 1)) << 11
      return Self.nearest(x < 0 ? -Double(kept) : Double(kept))
    }
    for table in Self.tablesAndReference {
      #expect(Self.bits(table, longs, .int64) == longs.map(expected), "\(table.name)")
      #expect(Self.bits(table, words, .int32) == words.map { expected(Int64($0)) }, "\(table.name)")
      #expect(Self.bits(table, bytes, .uint8) == bytes.map { expected(Int64($0)) }, "\(table.name)")
      #expect(Self.bits(table, [UInt8(0), 1], .bool) == [0, 0x3f80])
    }
  }

  @Test func comparisonsAreThoseOfTheValues() {
    let some: [UInt16] = [0, 0x8000, 0x3f80, 0xbf80, 0x7f80, 0xff80, 0x7fc0, 0xffc1, 1, 0x8001, 0x7f7f, 0x4049]
    let pairs = some.flatMap { a in some.map { (a, $0) } }
    let (a, b) = (pairs.map(\.0), pairs.map(\.1))
    let meaning: [(CompareOp, (Double, Double) -> Bool)] = [
      (.equal, { $0 == $1 }), (.notEqual, { $0 != $1 }), (.less, { $0 < $1 }), (.lessEqual, { $0 <= $1 }),
      (.greater, { $0 > $1 }), (.greaterEqual, { $0 >= $1 }),
    ]
    for table in Self.tablesAndReference {
      for (op, holds) in meaning {
        var y = [UInt8](repeating: 9, count: a.count)
        table.compare(op, .bfloat16)(a.count, a, 1, b, 1, &y, 1)
        #expect(y == pairs.map { holds(Self.value($0.0), Self.value($0.1)) ? 1 : 0 }, "\(table.name) \(op)")
      }
      #expect(table.argmax(.bfloat16)(4, [0x3f80, 0x4000, 0x4000, 0xc000] as [UInt16], 1) == 1)
      #expect(table.argmin(.bfloat16)(4, [0x3f80, 0x4000, 0xff80, 0xc000] as [UInt16], 1) == 2)
      #expect(table.argmax(.bfloat16)(3, [0x3f80, 0x7fc0, 0x7f80] as [UInt16], 1) == 1)
    }
  }
}
