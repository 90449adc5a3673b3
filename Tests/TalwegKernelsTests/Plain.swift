import Glibc
import TalwegKernels
import Testing

/// The loops that the compiler vectorises, in every table: each result is that of Swift's own operators, whatever the
/// length, the strides and the lanes that a register has.
@Suite struct PlainLoops {
  static let strides = [(1, 1, 1), (1, 0, 1), (0, 1, 1), (2, 3, 1), (-1, 1, 2), (1, -2, -1)]
  static let lengths = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 131, 257]

  /// Whole numbers that fit the type, both signs where it has two.
  static func whole(_ i: Int, _ type: DType, _ seed: Int) -> Double {
    let t = (i &* 7919 &+ seed &* 104_729) % 251
    switch type {
    case .bool: return Double(t % 2)
    case .uint8: return Double(t)
    case .int8: return Double(t - 125)
    case .int16: return Double((t - 125) * 261)
    case .uint16: return Double(t * 261)
    case .uint32, .uint64: return Double(t * 1003)
    default: return Double((t - 125) * 1003)
    }
  }

  /// What is left of a number in a type's bits.
  static func wrapped(_ exact: Int64, _ type: DType) -> Double {
    switch type {
    case .int8: Double(Int8(truncatingIfNeeded: exact))
    case .int16: Double(Int16(truncatingIfNeeded: exact))
    case .int32: Double(Int32(truncatingIfNeeded: exact))
    case .uint8, .bool: Double(UInt8(truncatingIfNeeded: exact))
    case .uint16: Double(UInt16(truncatingIfNeeded: exact))
    case .uint32: Double(UInt32(truncatingIfNeeded: exact))
    case .uint64: Double(UInt64(truncatingIfNeeded: exact))
    default: Double(exact)
    }
  }

  static func zip(
    _ table: KernelTable, _ function: BinaryFunction, _ type: DType, _ result: DType, _ f: (Int64, Int64) -> Int64
  ) {
    for n in lengths {
      for (sa, sb, sy) in strides {
        let a = Row(type, count: n, stride: sa) { whole(sa == 0 ? 0 : $0, type, 1) }
        let b = Row(type, count: n, stride: sb) { whole(sb == 0 ? 0 : $0, type, 2) }
        var y = Row(result, count: n, stride: sy)
        a.withPointer { a in b.withPointer { b in y.withMutablePointer { function(n, a, sa, b, sb, $0, sy) } } }
        var right = y.isRestUntouched
        for i in 0..<n {
          let expected = wrapped(f(Int64(a[i]), Int64(b[i])), result)
          right = right && y[i] == expected
        }
        #expect(right, "\(table.name) \(type), \(n) elements, strides \(sa) \(sb) \(sy)")
      }
    }
  }

  @Test func integerArithmetic() {
    let operations: [(BinaryOp, (Int64, Int64) -> Int64)] = [
      (.add, { $0 &+ $1 }), (.subtract, { $0 &- $1 }), (.multiply, { $0 &* $1 }), (.maximum, { max($0, $1) }),
      (.minimum, { min($0, $1) }), (.bitAnd, { $0 & $1 }), (.bitOr, { $0 | $1 }), (.bitXor, { $0 ^ $1 }),
    ]
    for table in tables {
      for type in integerTypes {
        for (op, f) in operations { Self.zip(table, table.binary(op, type)!, type, type, f) }
      }
      for (op, f) in [(.logicalAnd, { $0 & $1 }), (.logicalOr, { $0 | $1 }), (.logicalXor, { $0 ^ $1 })]
        as [(BinaryOp, (Int64, Int64) -> Int64)]
      {
        Self.zip(table, table.binary(op, .bool)!, .bool, .bool, f)
      }
    }
  }

  /// Any number of bits is defined: as if the type had more than enough.
  @Test func shifts() {
    func bits(_ type: DType) -> Int64 { Int64(type.itemSize * 8) }
    let amounts: [Int64] = [0, 1, 3, 7, 8, 31, 32, 63, 64, 127, -1, -5]
    for table in tables {
      for type in integerTypes {
        for n in Self.lengths {
          for (sa, sb, sy) in Self.strides {
            let a = Row(type, count: n, stride: sa) { Self.whole(sa == 0 ? 0 : $0, type, 1) }
            let b = Row(type, count: n, stride: sb) {
              let amount = amounts[(sb == 0 ? 3 : $0) % amounts.count]
              return Double(type.isUnsigned ? max(amount, 0) : amount)
            }
            var left = Row(type, count: n, stride: sy), right = left
            a.withPointer { a in
              b.withPointer { b in
                left.withMutablePointer { table.binary(.leftShift, type)!(n, a, sa, b, sb, $0, sy) }
                right.withMutablePointer { table.binary(.rightShift, type)!(n, a, sa, b, sb, $0, sy) }
              }
            }
            var fits = left.isRestUntouched && right.isRestUntouched
            for i in 0..<n {
              let (x, by) = (Int64(a[i]), Int64(b[i]))
              let inside = by >= 0 && by < bits(type)
              let up = inside ? x << by : 0, down = inside ? x >> by : x < 0 ? -1 : 0
              fits = fits && left[i] == Self.wrapped(up, type) && right[i] == Double(down)
            }
            #expect(fits, "\(table.name) \(type), \(n) elements, strides \(sa) \(sb) \(sy)")
          }
        }
      }
    }
  }

  /// min(max(x, low), high) of every type; NaN if any of the three is.
  @Test func clips() {
    let bounds: [(Double, Double)] = [(-2, 2), (3, -1), (-.infinity, 0.5), (.nan, 1), (0, .nan)]
    for table in tables {
      for type in integerTypes + floatTypes {
        for n in Self.lengths + [5003] {
          for (sx, sl, sy) in [(1, 0, 1), (1, 1, 1), (2, 0, 1), (-1, 1, 3), (0, -1, 1)] {
            for (low, high) in bounds where type.isFloating || (low.isFinite && high.isFinite && (low > 0 || !type.isUnsigned)) {
              let highest = type.isUnsigned ? 9 : high
              let x = Row(type, count: n, stride: sx) { type.isFloating ? sample($0, type) : Self.whole($0, type, 1) / 200 }
              let a = Row(type, count: n, stride: sl) { _ in low }
              let b = Row(type, count: n, stride: sl) { _ in highest }
              var y = Row(type, count: n, stride: sy)
              x.withPointer { x in
                a.withPointer { a in
                  b.withPointer { b in
                    y.withMutablePointer { table.clip(type)!(n, x, sx, a, sl, b, sl, $0, sy) }
                  }
                }
              }
              var right = y.isRestUntouched
              for i in 0..<n {
                let (value, from, to) = (x[i], a[i], b[i])
                let isNaN = value.isNaN || from.isNaN || to.isNaN
                right = right && (isNaN ? y[i].isNaN : y[i] == min(max(value, from), to))
              }
              #expect(right, "\(table.name) \(type), \(n) elements, strides \(sx) \(sl) \(sy), \(low) \(high)")
            }
          }
        }
      }
    }
  }

  /// Neighbours as the C library has them; of bfloat16 by their bits.
  @Test func neighbours() {
    let values: [Double] = [0, -0.0, 1, -1, .infinity, -.infinity, .nan, 0x1p-149, -0x1p-149, 0x1.fffffep127, 2.5]
    for table in tables {
      for x in values {
        for towards in values {
          var (single, double) = (Float(0), 0.0)
          withUnsafePointer(to: Float(x)) { a in
            withUnsafePointer(to: Float(towards)) { b in table.binary(.nextafter, .float32)!(1, a, 1, b, 1, &single, 1) }
          }
          withUnsafePointer(to: x) { a in
            withUnsafePointer(to: towards) { b in table.binary(.nextafter, .float64)!(1, a, 1, b, 1, &double, 1) }
          }
          let (expectedSingle, expectedDouble) = (nextafterf(Float(x), Float(towards)), nextafter(x, towards))
          #expect(single == expectedSingle && single.sign == expectedSingle.sign || single.isNaN && expectedSingle.isNaN)
          #expect(double == expectedDouble && double.sign == expectedDouble.sign || double.isNaN && expectedDouble.isNaN)
        }
      }
      let cases: [(UInt16, UInt16, UInt16)] = [
        (0x3f80, 0x4000, 0x3f81), (0x3f80, 0, 0x3f7f), (0xbf80, 0, 0xbf7f), (0xbf80, 0xff80, 0xbf81), (0, 0x3f80, 1),
        (0, 0xbf80, 0x8001), (0x8000, 0x3f80, 1), (0x8001, 0, 0x8000), (0x7f7f, 0x7f80, 0x7f80), (0x7f80, 0, 0x7f7f),
        (0x8000, 0, 0), (0x4000, 0x4000, 0x4000),
      ]
      for (a, b, expected) in cases {
        var y: UInt16 = 0
        withUnsafePointer(to: a) { a in
          withUnsafePointer(to: b) { b in table.binary(.nextafter, .bfloat16)!(1, a, 1, b, 1, &y, 1) }
        }
        #expect(y == expected, "\(table.name) \(a) towards \(b)")
      }
      for (a, b, expected) in [(0x3c00, 0x4000, 0x3c01), (0, 0xbc00, 0x8001), (0x7bff, 0x7c00, 0x7c00)] as [(UInt16, UInt16, UInt16)] {
        var y: UInt16 = 0
        withUnsafePointer(to: a) { a in
          withUnsafePointer(to: b) { b in table.binary(.nextafter, .float16)!(1, a, 1, b, 1, &y, 1) }
        }
        #expect(y == expected, "\(table.name) \(a) towards \(b)")
      }
    }
  }

  @Test func integerComparisons() {
    let operations: [(CompareOp, (Int64, Int64) -> Bool)] = [
      (.equal, { $0 == $1 }), (.notEqual, { $0 != $1 }), (.less, { $0 < $1 }), (.lessEqual, { $0 <= $1 }),
      (.greater, { $0 > $1 }), (.greaterEqual, { $0 >= $1 }),
    ]
    for table in tables {
      for type in integerTypes + [.bool] {
        for (op, holds) in operations {
          Self.zip(table, table.compare(op, type), type, .bool) { holds($0, $1) ? 1 : 0 }
        }
      }
    }
  }

  /// What a value becomes, from the conversions' contract.
  static func converted(_ x: Double, _ from: DType, _ to: DType) -> Double {
    func integer<I: FixedWidthInteger>(_: I.Type) -> Double {
      if from.isFloating {
        if x.isNaN { return 0 }
        return Double(I(exactly: x.rounded(.towardZero)) ?? (x > 0 ? .max : .min))
      }
      return Double(I(truncatingIfNeeded: Int64(x)))
    }
    switch to {
    case .float32: return Double(Float(x))
    case .float64: return x
    case .int8: return integer(Int8.self)
    case .int16: return integer(Int16.self)
    case .int32: return integer(Int32.self)
    case .int64: return integer(Int64.self)
    case .uint8: return integer(UInt8.self)
    case .uint16: return integer(UInt16.self)
    case .uint32: return integer(UInt32.self)
    case .uint64: return integer(UInt64.self)
    case .bool: return x == 0 ? 0 : 1
    case .float16, .bfloat16: return NarrowFormat.of(to).value(NarrowFormat.of(to).nearest(x))
    }
  }

  @Test func casts() {
    let edges: [Double] = [
      0, -0.0, 0.5, -0.5, 0.99, -0.99, 1.5, -1.5, 254.9, 255, 255.5, 256, -1, 2_147_483_520, 2_147_483_648,
      -2_147_483_648, -2_147_484_160, 0x1p62, 0x1p63, -0x1p63, -0x1.1p63, 1e30, -1e30, .infinity, -.infinity, .nan, 1e-40,
      127, 127.5, 128, -128, -128.5, -129, 32767, 32767.5, 32768, -32768, -32768.75, -32769, 65504, 65520, 65535, 65535.5,
      65536, 0x1p31, 0x1.fffffep31, 4_294_967_295, 4_294_967_295.5, 0x1p32, 0x1.fffffep63, 0x1.fffffffffffffp63, 0x1p64,
    ]
    for table in tables {
      for from in DType.allCases {
        for to in DType.allCases {
          for (n, sx, sy) in [(0, 1, 1), (1, 1, 1), (29, 1, 1), (64, 1, 1), (131, 1, 1), (77, 2, 3), (50, -1, 1), (40, 0, 1)] {
            let x = Row(from, count: n, stride: sx) { i in
              if !from.isFloating { return Self.whole(sx == 0 ? 0 : i, from, 3) }
              return sx == 0 ? 2.75 : i % 2 == 0 ? edges[i / 2 % edges.count] : sample(i, .float32) * 40
            }
            var y = Row(to, count: n, stride: sy)
            x.withPointer { x in y.withMutablePointer { table.cast(from: from, to: to)(n, x, sx, $0, sy) } }
            var right = y.isRestUntouched
            for i in 0..<n {
              if to.isFloating, x[i].isNaN {
                right = right && y[i].isNaN
              } else {
                right = right && y[i] == Self.converted(x[i], from, to)
              }
            }
            #expect(right, "\(table.name): \(n) from \(from) to \(to), strides \(sx) \(sy)")
          }
        }
      }
    }
  }

  @Test func integerReductions() {
    for table in tables {
      for n in Self.lengths + [1023, 1024, 1025, 3000] {
        for stride in [1, 2, -1] {
          for type in integerTypes + [.bool] {
            // The extreme comes twice, so that the first of equals is told.
            let values = (0..<n).map { $0 % 997 == 5 ? Self.whole($0 % 997, type, 1) : Self.whole($0, type, 4) }
            let x = Row(type, count: n, stride: stride) { values[$0] }
            let greatest = values.max(), least = values.min()
            x.withPointer { x in
              #expect(table.argmax(type)(n, x, stride) == greatest.map { values.firstIndex(of: $0)! } ?? 0)
              #expect(table.argmin(type)(n, x, stride) == least.map { values.firstIndex(of: $0)! } ?? 0)
            }
            func reduced(_ op: ReduceOp) -> Double {
              var y = Row(type, count: 1, stride: 1)
              x.withPointer { x in y.withMutablePointer { table.reduce(op, type)!(n, x, stride, $0) } }
              return y[0]
            }
            if n > 0 { #expect(reduced(.max) == greatest && reduced(.min) == least, "\(table.name) \(type) \(n)") }
            if type == .int64 || type == .uint64 { #expect(reduced(.sum) == values.reduce(0, +)) }
            if type == .bool {
              #expect(reduced(.any) == (values.contains(1) ? 1 : 0) && reduced(.all) == (values.contains(0) ? 0 : 1))
            }
          }
        }
      }
    }
  }

  @Test func moves() {
    for table in tables {
      for type in [DType.uint8, .int16, .int32, .int64] {
        let size = type.itemSize
        let value = { (i: Int, seed: Int) -> Double in Double((i * 37 + seed * 11) % 128) }
        for n in Self.lengths {
          for (sa, sb, sy) in Self.strides {
            let a = Row(type, count: n, stride: sa) { value(sa == 0 ? 0 : $0, 1) }
            let b = Row(type, count: n, stride: sb) { value(sb == 0 ? 0 : $0, 2) }
            var copied = Row(type, count: n, stride: sy), chosen = copied, filled = copied
            let condition = Row(.bool, count: n, stride: 1) { Double($0 % 3 % 2) }
            a.withPointer { a in
              copied.withMutablePointer { table.copy(itemSize: size)(n, a, sa, $0, sy) }
              filled.withMutablePointer { table.fill(itemSize: size)(n, a, $0, sy) }
              b.withPointer { b in
                condition.withPointer { c in
                  chosen.withMutablePointer { table.select(itemSize: size)(n, c, 1, a, sa, b, sb, $0, sy) }
                }
              }
            }
            var right = copied.isRestUntouched && chosen.isRestUntouched && filled.isRestUntouched
            for i in 0..<n {
              right = right && copied[i] == a[i] && filled[i] == a[0] && chosen[i] == (condition[i] != 0 ? a[i] : b[i])
            }
            #expect(right, "\(table.name) \(type), \(n) elements, strides \(sa) \(sb) \(sy)")
          }
        }
      }
    }
  }
}
