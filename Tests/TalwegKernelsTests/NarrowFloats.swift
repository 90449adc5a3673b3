import Foundation
import TalwegKernels
import Testing

/// A floating-point format of 16 bits, by its definition: a sign, bits of exponent, bits of fraction.
struct NarrowFormat: CustomTestStringConvertible, Sendable {
  let type: DType
  let fractionBits: Int

  static let half = NarrowFormat(type: .float16, fractionBits: 10)
  static let brain = NarrowFormat(type: .bfloat16, fractionBits: 7)
  static let all = [half, brain]
  static func of(_ type: DType) -> NarrowFormat { type == .float16 ? half : brain }

  var testDescription: String { "\(type)" }

  /// The exponent of 1.
  var bias: Int { (1 << (14 - fractionBits)) - 1 }
  var infinity: UInt16 { (0x7fff >> UInt16(fractionBits)) << UInt16(fractionBits) }
  var quietNaN: UInt16 { infinity | (1 << UInt16(fractionBits - 1)) }
  /// The power of two beyond the greatest.
  var limit: Double { scalbn(1, bias + 1) }

  func value(_ bits: UInt16) -> Double {
    let sign = bits >> 15 == 0 ? 1.0 : -1.0
    let magnitude = Int(bits & 0x7fff)
    let exponent = magnitude >> fractionBits
    let fraction = scalbn(Double(magnitude & ((1 << fractionBits) - 1)), -fractionBits)
    if magnitude >= Int(infinity) { return fraction == 0 ? sign * .infinity : .nan }
    return sign * (exponent == 0 ? scalbn(fraction, 1 - bias) : scalbn(1 + fraction, exponent - bias))
  }

  /// The nearest of a double, by bisection over the ordered non-negative ones: the definition of rounding, halves to
  /// the even pattern, from half beyond the greatest to infinity.
  func nearest(_ x: Double) -> UInt16 {
    if x.isNaN { return quietNaN }
    let sign: UInt16 = x.sign == .minus ? 0x8000 : 0
    let magnitude = x.magnitude
    var low = 0, high = Int(infinity)
    // value(low) <= magnitude < value(high), where infinity counts as the limit.
    func at(_ pattern: Int) -> Double { pattern == Int(infinity) ? limit : value(UInt16(pattern)) }
    if magnitude >= limit { return sign | infinity }
    while high - low > 1 {
      let middle = (low + high) / 2
      if at(middle) <= magnitude { low = middle } else { high = middle }
    }
    // Exact: neighbours differ by a power of two, and a double has bits to spare.
    let below = magnitude - at(low), above = at(high) - magnitude
    return sign | UInt16(below < above || (below == above && low % 2 == 0) ? low : high)
  }
}

/// float16 and bfloat16 to and from every other type, in every table.
@Suite struct NarrowFloatTests {
  static let all = (UInt16.min...UInt16.max).map { $0 }
  static let tablesAndReference = [KernelTable.reference] + tables

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

  /// Whether each number of the format becomes the whole number towards zero, or the nearest that the type has.
  static func saturates<I: FixedWidthInteger & BitwiseCopyable>(
    _ table: KernelTable, _ format: NarrowFormat, _ type: DType, _: I.Type
  ) -> Bool {
    let found: [I] = convert(table, all, format.type, type, 9)
    return all.allSatisfy { bits in
      let x = format.value(bits)
      if x.isNaN { return found[Int(bits)] == 0 }
      return found[Int(bits)] == I(exactly: x.rounded(.towardZero)) ?? (x > 0 ? .max : .min)
    }
  }

  @Test(arguments: NarrowFormat.all) func everyValueOut(_ format: NarrowFormat) {
    for table in Self.tablesAndReference {
      let singles: [Float] = Self.convert(table, Self.all, format.type, .float32, 9)
      let doubles: [Double] = Self.convert(table, Self.all, format.type, .float64, 9)
      let bools: [UInt8] = Self.convert(table, Self.all, format.type, .bool, 9)
      var right = true
      for bits in Self.all {
        let i = Int(bits), x = format.value(bits)
        if x.isNaN {
          right = right && singles[i].isNaN && doubles[i].isNaN && bools[i] == 1
          right = right && (singles[i].sign == .minus) == (bits >> 15 == 1)
        } else {
          right = right && doubles[i] == x && doubles[i].sign == x.sign && bools[i] == (x == 0 ? 0 : 1)
          right = right && singles[i] == Float(x) && singles[i].sign == x.sign
        }
      }
      #expect(right, "\(table.name)")
      #expect(Self.saturates(table, format, .int8, Int8.self), "\(table.name)")
      #expect(Self.saturates(table, format, .int16, Int16.self), "\(table.name)")
      #expect(Self.saturates(table, format, .int32, Int32.self), "\(table.name)")
      #expect(Self.saturates(table, format, .int64, Int64.self), "\(table.name)")
      #expect(Self.saturates(table, format, .uint8, UInt8.self), "\(table.name)")
      #expect(Self.saturates(table, format, .uint16, UInt16.self), "\(table.name)")
      #expect(Self.saturates(table, format, .uint32, UInt32.self), "\(table.name)")
      #expect(Self.saturates(table, format, .uint64, UInt64.self), "\(table.name)")
    }
  }

  /// Each value itself, halfway to its neighbours, and next to halfway on both sides.
  @Test(arguments: NarrowFormat.all) func everyValueIn(_ format: NarrowFormat) {
    var singles: [Float] = [], doubles: [Double] = []
    for bits in Self.all {
      let x = format.value(bits)
      if x.isNaN || x.isInfinite { continue }
      let next = bits & 0x7fff == format.infinity - 1 ? (x > 0 ? format.limit : -format.limit) : format.value(bits + 1)
      let half = (x + next) / 2
      doubles += [x, half, half.nextUp, half.nextDown, x.nextUp, x.nextDown]
      // Between two float32 of which the lower rounds down and the upper up: what is rounded twice goes wrong here.
      doubles += [Double(Float(half).nextUp) - Double(Float(half).ulp) / 2, half + half.ulp, half - half.ulp]
      singles += [Float(x), Float(half), Float(half).nextUp, Float(half).nextDown]
    }
    doubles += [format.limit, -0x1p200, 1e-320, -5e-324, 0x1p-134, 0x1p-134.nextUp, 0x1p-25, 0x1p-25.nextUp, 0x1p-26]
    singles += [.greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNormalMagnitude, 0x1p-25, 0x1p-26]
    let expectedSingles = singles.map { format.nearest(Double($0)) }
    let expectedDoubles = doubles.map { format.nearest($0) }
    for table in Self.tablesAndReference {
      #expect(Self.convert(table, singles, .float32, format.type, UInt16(9)) == expectedSingles, "\(table.name)")
      #expect(Self.convert(table, doubles, .float64, format.type, UInt16(9)) == expectedDoubles, "\(table.name)")
    }
  }

  /// One format to the other is rounded once.
  @Test(arguments: NarrowFormat.all) func fromTheOther(_ format: NarrowFormat) {
    let other = format.type == .float16 ? NarrowFormat.brain : .half
    let expected = Self.all.map { format.nearest(other.value($0)) }
    for table in Self.tablesAndReference {
      let found: [UInt16] = Self.convert(table, Self.all, other.type, format.type, 9)
      var right = true
      for i in Self.all.indices {
        right = right && (other.value(UInt16(i)).isNaN ? format.value(found[i]).isNaN : found[i] == expected[i])
      }
      #expect(right, "\(table.name)")
    }
  }

  @Test(arguments: NarrowFormat.all) func infinitiesAndNaN(_ format: NarrowFormat) {
    let infinities = [format.infinity, format.infinity | 0x8000]
    for table in Self.tablesAndReference {
      #expect(Self.convert(table, [Float.infinity, -.infinity], .float32, format.type, UInt16(9)) == infinities)
      #expect(Self.convert(table, [Double.infinity, -.infinity], .float64, format.type, UInt16(9)) == infinities)
      // Also one whose payload lies in the lower half alone.
      let nans = [Float.nan, -Float.nan, Float(bitPattern: 0x7f80_0001), Float(bitPattern: 0xffff_ffff)]
      for (x, y) in zip(nans, Self.convert(table, nans, .float32, format.type, UInt16(9))) {
        #expect(format.value(y).isNaN && (y >> 15 == 1) == (x.sign == .minus))
      }
      for y in Self.convert(table, [Double.nan, -Double.nan], .float64, format.type, UInt16(9)) {
        #expect(format.value(y).isNaN)
      }
    }
  }

  /// Every CPU gives a NaN the same bits.
  @Test func payloads() {
    let nans = Self.all.filter { NarrowFormat.half.value($0).isNaN }
    for table in Self.tablesAndReference {
      let singles: [Float] = Self.convert(table, nans, .float16, .float32, 9)
      let back: [UInt16] = Self.convert(table, singles, .float32, .float16, 9)
      for (i, bits) in nans.enumerated() {
        let expected = UInt32(bits & 0x8000) << 16 | 0x7fc0_0000 | UInt32(bits & 0x3ff) << 13
        #expect(singles[i].bitPattern == expected && back[i] == bits | 0x200, "\(table.name)")
      }
    }
  }

  /// Integers are rounded once, not to a float first.
  @Test(arguments: NarrowFormat.all) func integersIn(_ format: NarrowFormat) {
    var longs: [Int64] = [0, 1, -1, .max, .min]
    longs += [255, 256, 257, 258, 259, 65503, 65504, 65519, 65520, 65521, 65535, 65536]
    for bits in [8, 11] {
      for shift in bits..<63 {
        let least = Int64(1) << (bits - 1)
        for head: Int64 in [least, least + 1, 2 * least - 2, 2 * least - 1] {
          // The half of the last bit, and one beside it, which float32 and perhaps double lose.
          let half = Int64(1) << (shift - bits)
          let x: Int64 = head << (shift - bits + 1)
          let between = x + half
          longs += [x, between, between + 1, between - 1, -between - 1, -between]
        }
      }
    }
    var unsigned: [UInt64] = [.max, 1 << 63, (1 << 63) + 1]
    unsigned += longs.map { UInt64(bitPattern: $0) }
    var words: [UInt32] = [.max, .max - 1, 1 << 31]
    words += longs.compactMap { UInt32(exactly: $0) }
    // Beyond 2^53 a double of the integer may be rounded: what decides is whether anything lies below bit 2^11.
    func expected(_ magnitude: UInt64, _ isNegative: Bool) -> UInt16 {
      let gathered = ((magnitude >> 12) | (magnitude & 0xfff == 0 ? 0 : 1)) << 12
      let kept = magnitude < 1 << 53 ? magnitude : gathered
      return format.nearest(isNegative ? -Double(kept) : Double(kept))
    }
    func check<I: FixedWidthInteger & BitwiseCopyable>(_ values: [I], _ type: DType) {
      let expected = values.map { expected(UInt64($0.magnitude), $0 < 0) }
      for table in Self.tablesAndReference {
        #expect(Self.convert(table, values, type, format.type, UInt16(9)) == expected, "\(table.name) \(type)")
      }
    }
    check(longs, .int64)
    check(unsigned, .uint64)
    check(longs.compactMap { Int32(exactly: $0) }, .int32)
    check(words, .uint32)
    check(Array(Int16.min...Int16.max), .int16)
    check(Array(UInt16.min...UInt16.max), .uint16)
    check(Array(Int8.min...Int8.max), .int8)
    check(Array(UInt8.min...UInt8.max), .uint8)
    for table in Self.tablesAndReference {
      #expect(Self.convert(table, [UInt8(0), 1], .bool, format.type, UInt16(9)) == [0, format.nearest(1)])
    }
  }

  @Test(arguments: NarrowFormat.all) func comparisonsAreThoseOfTheValues(_ format: NarrowFormat) {
    let some: [UInt16] =
      [0, 0x8000, 1, 0x8001, format.infinity - 1, format.quietNaN, format.quietNaN | 0x8001]
      + [1.0, -1, .infinity, -.infinity, 3.140625].map { format.nearest($0) }
    let pairs = some.flatMap { a in some.map { (a, $0) } }
    let (a, b) = (pairs.map(\.0), pairs.map(\.1))
    let meaning: [(CompareOp, (Double, Double) -> Bool)] = [
      (.equal, { $0 == $1 }), (.notEqual, { $0 != $1 }), (.less, { $0 < $1 }), (.lessEqual, { $0 <= $1 }),
      (.greater, { $0 > $1 }), (.greaterEqual, { $0 >= $1 }),
    ]
    func bits(_ values: Double...) -> [UInt16] { values.map { format.nearest($0) } }
    for table in Self.tablesAndReference {
      for (op, holds) in meaning {
        var y = [UInt8](repeating: 9, count: a.count)
        table.compare(op, format.type)(a.count, a, 1, b, 1, &y, 1)
        #expect(y == pairs.map { holds(format.value($0.0), format.value($0.1)) ? 1 : 0 }, "\(table.name) \(op)")
      }
      #expect(table.argmax(format.type)(4, bits(1, 2, 2, -2), 1) == 1)
      #expect(table.argmin(format.type)(4, bits(1, 2, -.infinity, -2), 1) == 2)
      #expect(table.argmax(format.type)(3, bits(1, .nan, .infinity), 1) == 1)
    }
  }
}
