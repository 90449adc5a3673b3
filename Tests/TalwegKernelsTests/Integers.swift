import TalwegKernels
import Testing

/// Integer and bool kernels: what they give at the limits, where a mistake would trap or differ from NumPy.
@Suite struct Integers {
  static func unary<T: BitwiseCopyable>(_ op: UnaryOp, _ type: DType, _ x: T) -> T {
    var y = x
    withUnsafePointer(to: x) { KernelTable.baseline.unary(op, type)!(1, $0, 1, &y, 1) }
    return y
  }
  static func binary<T: BitwiseCopyable>(_ op: BinaryOp, _ type: DType, _ a: T, _ b: T) -> T {
    var y = a
    withUnsafePointer(to: a) { a in
      withUnsafePointer(to: b) { b in KernelTable.baseline.binary(op, type)!(1, a, 1, b, 1, &y, 1) }
    }
    return y
  }

  @Test func wrapping() {
    #expect(Self.unary(.absolute, .int32, Int32.min) == .min)
    #expect(Self.unary(.negative, .int64, Int64.min) == .min)
    #expect(Self.unary(.negative, .uint8, UInt8(1)) == 255)
    #expect(Self.unary(.negative, .uint64, UInt64(1)) == .max)
    #expect(Self.unary(.negative, .int8, Int8.min) == .min)
    #expect(Self.unary(.absolute, .int16, Int16.min) == .min)
    #expect(Self.unary(.absolute, .uint32, UInt32.max) == .max)
    #expect(Self.unary(.sign, .int32, Int32(-7)) == -1)
    #expect(Self.unary(.sign, .uint64, UInt64.max) == 1)
    #expect(Self.unary(.square, .int8, Int8(12)) == -112)
    #expect(Self.unary(.relu, .int16, Int16(-3)) == 0)
    #expect(Self.binary(.add, .uint8, UInt8(200), 100) == 44)
    #expect(Self.binary(.multiply, .int32, Int32.max, 2) == -2)
    #expect(Self.binary(.subtract, .int64, Int64.min, 1) == .max)
    #expect(Self.binary(.subtract, .uint16, UInt16(0), 1) == .max)
    #expect(Self.binary(.add, .int8, Int8.max, 1) == .min)
    #expect(Self.binary(.multiply, .uint64, UInt64.max, UInt64.max) == 1)
    #expect(Self.binary(.maximum, .uint64, UInt64.max, 1) == .max)
    #expect(Self.binary(.minimum, .uint32, UInt32.max, 1) == 1)
  }

  @Test func division() {
    for (a, b, quotient, remainder) in [
      (7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, 3, 2, 0), (5, 0, 0, 0),
      (Int64.min, -1, Int64.min, 0),
    ] as [(Int64, Int64, Int64, Int64)] {
      #expect(Self.binary(.floorDivide, .int64, a, b) == quotient)
      #expect(Self.binary(.remainder, .int64, a, b) == remainder)
    }
    #expect(Self.binary(.floorDivide, .int32, Int32.min, -1) == .min)
    #expect(Self.binary(.floorDivide, .uint8, UInt8(255), 2) == 127)
    #expect(Self.binary(.remainder, .uint8, UInt8(9), 0) == 0)
    #expect(Self.binary(.floorDivide, .int8, Int8.min, -1) == .min)
    #expect(Self.binary(.remainder, .int16, Int16(-7), 3) == 2)
    #expect(Self.binary(.floorDivide, .uint64, UInt64.max, 2) == UInt64.max / 2)
    #expect(Self.binary(.floorDivide, .uint64, UInt64.max, UInt64.max) == 1)
    #expect(Self.binary(.remainder, .uint32, UInt32.max, 10) == 5)
  }

  @Test func powers() {
    #expect(Self.binary(.power, .int64, Int64(3), 4) == 81)
    #expect(Self.binary(.power, .int64, Int64(2), -1) == 0)
    #expect(Self.binary(.power, .int64, Int64(-1), -3) == -1)
    #expect(Self.binary(.power, .int64, Int64(-1), -4) == 1)
    #expect(Self.binary(.power, .int32, Int32(0), 0) == 1)
    #expect(Self.binary(.power, .int32, Int32(2), 31) == .min)
    #expect(Self.binary(.power, .uint8, UInt8(2), 9) == 0)
    #expect(Self.binary(.power, .int8, Int8(-1), -3) == -1)
    #expect(Self.binary(.power, .uint64, UInt64(2), 63) == 1 << 63)
    #expect(Self.binary(.power, .uint64, UInt64(2), .max) == 0)
  }

  @Test func floatDivision() {
    // Values of Python's // and %.
    for (a, b, quotient, remainder) in [
      (7.0, 2.0, 3.0, 1.0), (-7, 2, -4, 1), (7, -2, -4, -1), (1, 0.1, 9, 0.09999999999999995), (-0.5, 2, -1, 1.5),
    ] {
      #expect(Self.binary(.floorDivide, .float64, a, b) == quotient)
      #expect(Self.binary(.remainder, .float64, a, b) == remainder)
    }
    #expect(Self.binary(.floorDivide, .float64, 1.0, 0.0) == .infinity)
    #expect(Self.binary(.remainder, .float64, 1.0, 0.0).isNaN)
  }

  @Test func reductions() {
    let x: [Int64] = [3, -1, 4, -1, 5]
    func reduce(_ op: ReduceOp, _ n: Int) -> Int64 {
      var y: Int64 = 77
      KernelTable.baseline.reduce(op, .int64)!(n, x, 1, &y)
      return y
    }
    #expect([reduce(.sum, 5), reduce(.product, 5), reduce(.max, 5), reduce(.min, 5)] == [10, 60, 5, -1])
    #expect([reduce(.sum, 0), reduce(.product, 0), reduce(.max, 0), reduce(.min, 0)] == [0, 1, .min, .max])
    #expect(KernelTable.baseline.argmax(.int64)(5, x, 1) == 4)
    #expect(KernelTable.baseline.argmin(.int64)(5, x, 1) == 1)
    let flags: [UInt8] = [0, 1, 0]
    var y: UInt8 = 9
    KernelTable.baseline.reduce(.any, .bool)!(3, flags, 1, &y)
    #expect(y == 1)
    KernelTable.baseline.reduce(.all, .bool)!(3, flags, 1, &y)
    #expect(y == 0)
    KernelTable.baseline.reduce(.all, .bool)!(0, flags, 1, &y)
    #expect(y == 1)
  }

  @Test func casts() {
    func cast<S: BitwiseCopyable, D: BitwiseCopyable>(_ x: S, _ from: DType, _ to: DType, _ initial: D) -> D {
      var y = initial
      withUnsafePointer(to: x) { KernelTable.baseline.cast(from: from, to: to)(1, $0, 1, &y, 1) }
      return y
    }
    for (x, expected) in [(1.9, 1), (-1.9, -1), (.nan, 0), (1e20, .max), (-1e20, .min), (2147483647.5, .max)] as [(Double, Int32)] {
      #expect(cast(x, .float64, .int32, Int32(9)) == expected)
    }
    for (x, expected) in [(0x1p63, .max), (-0x1p63, .min), (.infinity, .max), (-.infinity, .min)] as [(Float, Int64)] {
      #expect(cast(x, .float32, .int64, Int64(9)) == expected)
    }
    #expect(cast(-0.5, .float64, .uint8, UInt8(9)) == 0)
    #expect(cast(Int64(300), .int64, .uint8, UInt8(9)) == 44)
    #expect(cast(Float.nan, .float32, .bool, UInt8(9)) == 1)
    #expect(cast(UInt8(1), .bool, .float32, Float(9)) == 1)
    for from in DType.allCases { for to in DType.allCases { _ = KernelTable.baseline.cast(from: from, to: to) } }
  }

  @Test func moves() {
    let table = KernelTable.baseline
    for size in [1, 2, 4, 8] {
      let a = (0..<UInt8(80)).map { $0 }, b = (0..<UInt8(80)).map { 255 - $0 }
      let condition: [UInt8] = [1, 0, 0, 1, 1, 0, 1, 0, 1, 0]
      for strides in [(1, 1, 1), (1, 0, 1), (-1, 1, 1)] {
        var y = [UInt8](repeating: 7, count: 80)
        a.withUnsafeBytes { a in
          let a = a.baseAddress! + (strides.0 < 0 ? 9 * size : 0)
          table.select(itemSize: size)(10, condition, 1, a, strides.0, b, strides.1, &y, strides.2)
        }
        for i in 0..<10 {
          let from = condition[i] != 0 ? a : b
          let at = condition[i] != 0 ? (strides.0 < 0 ? 9 - i : i) : i * strides.1
          #expect(Array(y[i * size..<(i + 1) * size]) == Array(from[at * size..<(at + 1) * size]))
        }
      }
      var copied = [UInt8](repeating: 0, count: 80)
      table.copy(itemSize: size)(10, a, 1, &copied, 1)
      #expect(Array(copied[..<(10 * size)]) == Array(a[..<(10 * size)]))
      table.fill(itemSize: size)(5, b, &copied, 2)
      for i in 0..<5 { #expect(Array(copied[2 * i * size..<(2 * i + 1) * size]) == Array(b[..<size])) }
    }
  }

  /// What one integer type has, all have; but sums and products, which are of 64 bits.
  @Test func everyWidth() {
    for table in [KernelTable.reference] + tables {
      for type in integerTypes {
        for op in UnaryOp.allCases {
          #expect((table.unary(op, type) != nil) == (table.unary(op, .int64) != nil), "\(table.name) \(op) \(type)")
        }
        for op in BinaryOp.allCases {
          #expect((table.binary(op, type) != nil) == (table.binary(op, .int64) != nil), "\(table.name) \(op) \(type)")
        }
        for op in ReduceOp.allCases {
          let isDefined = table.reduce(op, .int64) != nil && (type.itemSize == 8 || (op != .sum && op != .product))
          #expect((table.reduce(op, type) != nil) == isDefined, "\(table.name) \(op) \(type)")
          #expect((table.reduceMany(op, type) != nil) == isDefined, "\(table.name) \(op) \(type)")
        }
      }
    }
  }

  /// Operations that are not defined have no kernel.
  @Test func undefined() {
    for table in tables {
      #expect(table.unary(.sin, .int32) == nil)
      #expect(table.binary(.divide, .int64) == nil)
      #expect(table.binary(.bitAnd, .float32) == nil)
      #expect(table.reduce(.sum, .uint8) == nil)
      #expect(table.unary(.negative, .bool) == nil)
      #expect(table.unary(.sqrt, .uint64) == nil)
      // What has no arithmetic of its own goes by float32.
      #expect(table.binary(.add, .float16) == nil)
      #expect(table.float(.int32) == nil)
    }
  }
}
