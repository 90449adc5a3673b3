#if arch(x86_64)
import Glibc
import TalwegKernels
import Testing

/// The errors of the elementary functions in ulp, against 64-bit mantissas of the C library.
@Suite struct Accuracy {
  struct Case: Sendable {
    let op: UnaryOp
    let exact: @Sendable (Float80) -> Float80
    let low, high: Double
    /// With and without fused multiply-add.
    let bounds: (f32: Double, f64: Double)
  }

  static let cases: [Case] = [
    Case(op: .exp, exact: { exp($0) }, low: -87, high: 88.7, bounds: (1, 1)),
    Case(op: .exp, exact: { exp($0) }, low: -1, high: 1, bounds: (1, 1)),
    Case(op: .expm1, exact: { expm1($0) }, low: -20, high: 88, bounds: (2, 2)),
    Case(op: .expm1, exact: { expm1($0) }, low: -1, high: 1, bounds: (2, 2)),
    Case(op: .log, exact: { log($0) }, low: 1e-30, high: 1e4, bounds: (1.2, 1)),
    Case(op: .log, exact: { log($0) }, low: 0.5, high: 2, bounds: (1.2, 1)),
    Case(op: .log1p, exact: { log1p($0) }, low: -0.999, high: 3, bounds: (2, 2)),
    Case(op: .log1p, exact: { log1p($0) }, low: -1e-3, high: 1e-3, bounds: (2, 2)),
    Case(op: .log2, exact: { log2($0) }, low: 1e-30, high: 1e4, bounds: (0.52, 2)),
    Case(op: .log2, exact: { log2($0) }, low: 0.5, high: 2, bounds: (0.52, 2)),
    Case(op: .log2, exact: { log2($0) }, low: 0.99, high: 1.01, bounds: (0.52, 2)),
    Case(op: .log10, exact: { log10($0) }, low: 1e-30, high: 1e4, bounds: (0.52, 2)),
    Case(op: .log10, exact: { log10($0) }, low: 0.5, high: 2, bounds: (0.52, 2)),
    Case(op: .log10, exact: { log10($0) }, low: 0.99, high: 1.01, bounds: (0.52, 2)),
    Case(op: .sin, exact: { sin($0) }, low: -4, high: 4, bounds: (0.52, 1)),
    Case(op: .sin, exact: { sin($0) }, low: -1000, high: 1000, bounds: (0.52, 1)),
    Case(op: .sin, exact: { sin($0) }, low: -1e6, high: 1e6, bounds: (0.52, 1)),
    Case(op: .sin, exact: { sin($0) }, low: 1e6, high: 1e9, bounds: (0.52, 1)),
    Case(op: .cos, exact: { cos($0) }, low: -4, high: 4, bounds: (0.52, 1)),
    Case(op: .cos, exact: { cos($0) }, low: -1000, high: 1000, bounds: (0.52, 1)),
    Case(op: .cos, exact: { cos($0) }, low: -1e6, high: 1e6, bounds: (0.52, 1)),
    Case(op: .cos, exact: { cos($0) }, low: 1e6, high: 1e9, bounds: (0.52, 1)),
    Case(op: .tan, exact: { tan($0) }, low: -2, high: 2, bounds: (0.52, 1)),
    Case(op: .tan, exact: { tan($0) }, low: -1e6, high: 1e6, bounds: (0.52, 1)),
    Case(op: .asin, exact: { asin($0) }, low: -1, high: 1, bounds: (0.55, 2)),
    Case(op: .acos, exact: { acos($0) }, low: -1, high: 1, bounds: (0.55, 2)),
    Case(op: .asin, exact: { asin($0) }, low: -0.1, high: 0.1, bounds: (0.55, 2)),
    Case(op: .acos, exact: { acos($0) }, low: -0.1, high: 0.1, bounds: (0.55, 2)),
    Case(op: .asin, exact: { asin($0) }, low: 0.99, high: 1, bounds: (0.55, 2)),
    Case(op: .acos, exact: { acos($0) }, low: 0.99, high: 1, bounds: (0.55, 2)),
    Case(op: .acos, exact: { acos($0) }, low: -1, high: -0.9, bounds: (0.55, 2)),
    Case(op: .atan, exact: { atan($0) }, low: -1, high: 1, bounds: (0.52, 1.5)),
    Case(op: .atan, exact: { atan($0) }, low: -1e3, high: 1e3, bounds: (0.52, 1.5)),
    Case(op: .sinh, exact: { sinh($0) }, low: -1, high: 1, bounds: (0.52, 2)),
    Case(op: .sinh, exact: { sinh($0) }, low: -5, high: 5, bounds: (0.52, 2)),
    Case(op: .sinh, exact: { sinh($0) }, low: -89, high: 89, bounds: (0.52, 2)),
    Case(op: .cosh, exact: { cosh($0) }, low: -1, high: 1, bounds: (0.52, 2)),
    Case(op: .cosh, exact: { cosh($0) }, low: -5, high: 5, bounds: (0.52, 2)),
    Case(op: .cosh, exact: { cosh($0) }, low: -89, high: 89, bounds: (0.52, 2)),
    Case(op: .asinh, exact: { asinh($0) }, low: -1, high: 1, bounds: (0.52, 2)),
    Case(op: .asinh, exact: { asinh($0) }, low: -1e6, high: 1e6, bounds: (0.52, 2)),
    Case(op: .acosh, exact: { acosh($0) }, low: 1, high: 1.1, bounds: (0.52, 2)),
    Case(op: .acosh, exact: { acosh($0) }, low: 1, high: 1e6, bounds: (0.52, 2)),
    Case(op: .atanh, exact: { atanh($0) }, low: -0.1, high: 0.1, bounds: (0.52, 2)),
    Case(op: .atanh, exact: { atanh($0) }, low: -1, high: 1, bounds: (0.52, 2)),
    Case(op: .tanh, exact: { tanh($0) }, low: -10, high: 10, bounds: (2, 2)),
    Case(op: .tanh, exact: { tanh($0) }, low: -1, high: 1, bounds: (2, 2)),
    Case(op: .sigmoid, exact: { 1 / (1 + exp(-$0)) }, low: -80, high: 20, bounds: (2, 2)),
    Case(op: .softplus, exact: { log1p(exp($0)) }, low: -80, high: 20, bounds: (2, 2)),
    Case(op: .erf, exact: { erf($0) }, low: -4, high: 4, bounds: (2, 2)),
    Case(op: .gelu, exact: { $0 * 0.5 * erfc(-$0 / Float80(2).squareRoot()) }, low: -12, high: 8, bounds: (5, 5)),
    Case(op: .gelu, exact: { $0 * 0.5 * erfc(-$0 / Float80(2).squareRoot()) }, low: -1, high: 1, bounds: (4, 4)),
  ]

  @Test(arguments: floatTypes) func errorsInUlp(type: DType) {
    let n = 40_000
    for table in tables {
      for c in Self.cases {
        let x = Row(type, count: n, stride: 1) { i in
          c.low + (c.high - c.low) * (Double(i) + 0.5 + 0.4 * uniform(i)) / Double(n)
        }
        var y = Row(type, count: n, stride: 1)
        let kernel = table.unary(c.op, type)!
        x.withPointer { x in y.withMutablePointer { kernel(n, x, 1, $0, 1) } }
        var worst = 0.0, at = 0.0
        for i in 0..<n {
          let exact = c.exact(Float80(x[i]))
          let error = Double((Float80(y[i]) - exact).magnitude / Float80(ulp(Double(exact), type)))
          // A NaN must not hide.
          if !(error <= worst) { (worst, at) = (error, x[i]) }
        }
        let bound = type == .float32 ? c.bounds.f32 : c.bounds.f64
        print("\(table.name) \(c.op) \(type.name) [\(c.low), \(c.high)]: \((worst * 100).rounded() / 100) ulp at \(at)")
        #expect(worst <= bound, "\(table.name) \(c.op) \(type) at \(at)")
      }
    }
  }

  /// Where a method changes: limits, overflow, underflow, denormals.
  @Test(arguments: floatTypes) func edges(type: DType) {
    let isSingle = type == .float32
    let tiny = isSingle ? Double(Float.leastNonzeroMagnitude) : .leastNonzeroMagnitude
    let least = isSingle ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
    let most = isSingle ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    let top = isSingle ? 88.72283 : 709.782712893384
    let bottom = isSingle ? -103.5 : -744.5
    let values: [Double] = [
      0, -0.0, tiny, -tiny, least / 4, -least / 4, least, -least, most, -most, .infinity, -.infinity, .nan,
      top, top * 1.001, -top, bottom, bottom * 1.01, bottom * 10, 1, -1, 0.625, -0.625, 0.9375, 0.84375, 1.25,
      20, -20, 40, -40, 10, -10, 6, -6, -1 + 1e-6, 0.5, -0.5, 0x1p20, -0x1p20, 0x1.00001p20, 1e22, 1.5707963267948966,
      355, 89.4, -89.4, 710.3, -710.3,
    ]
    for table in tables {
      for op in [
        UnaryOp.exp, .expm1, .log, .log1p, .log2, .log10, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh,
        .sigmoid, .softplus, .erf,
      ] {
        let x = Row(type, count: values.count, stride: 1) { values[$0] }
        var y = Row(type, count: values.count, stride: 1)
        var expected = y
        x.withPointer { x in
          y.withMutablePointer { table.unary(op, type)!(values.count, x, 1, $0, 1) }
          expected.withMutablePointer { KernelTable.reference.unary(op, type)!(values.count, x, 1, $0, 1) }
        }
        for i in 0..<values.count {
          #expect(
            isNear(y[i], expected[i], 3, type) && (y[i].isNaN || y[i].sign == expected[i].sign),
            "\(table.name) \(op) \(type): f(\(x[i])) = \(y[i]), not \(expected[i])")
        }
      }
    }
  }

  /// Of powers and angles, over bases and exponents whose results are numbers.
  @Test(arguments: floatTypes) func errorsOfPairs(type: DType) {
    let n = 20_000
    let powers = { (a: Float80, b: Float80) in pow(a, b) }, angles = { (a: Float80, b: Float80) in atan2(a, b) }
    let sides = { (a: Float80, b: Float80) in hypot(a, b) }
    let sums = { (a: Float80, b: Float80) in max(a, b) + log1p(exp(-abs(a - b))) }
    let cases: [(BinaryOp, (Float80, Float80) -> Float80, ClosedRange<Double>, ClosedRange<Double>, Double)] = [
      (.power, powers, 0...4, -5...5, 1.5), (.power, powers, 0.9...1.1, -700...700, 1.5),
      (.power, powers, 0...1e10, -9...3, 1.5), (.power, powers, 0.01...40, -20...20, 1.5),
      (.atan2, angles, -4...4, -5...5, 2), (.atan2, angles, -1...1, -1e-5...1e-5, 2), (.atan2, angles, -1e-6...1e-6, -1...1, 2),
      (.hypot, sides, -4...4, -5...5, 1), (.hypot, sides, -1e30...1e30, -1...1, 1),
      (.logaddexp, sums, 1...20, -5...20, 2),
    ]
    for table in tables {
      for (op, exact, first, second, bound) in cases {
        func spread(_ range: ClosedRange<Double>, _ seed: Int) -> Row {
          Row(type, count: n, stride: 1) { i in
            range.lowerBound + (range.upperBound - range.lowerBound) * (0.5 + 0.5 * uniform(i, seed: seed))
          }
        }
        let a = spread(first, 1), b = spread(second, 50)
        var y = Row(type, count: n, stride: 1)
        a.withPointer { a in b.withPointer { b in y.withMutablePointer { table.binary(op, type)!(n, a, 1, b, 1, $0, 1) } } }
        var worst = 0.0, at = (0.0, 0.0)
        for i in 0..<n {
          let value = exact(Float80(a[i]), Float80(b[i]))
          let error = Double((Float80(y[i]) - value).magnitude / Float80(ulp(Double(value), type)))
          if !(error <= worst) { (worst, at) = (error, (a[i], b[i])) }
        }
        #expect(worst <= (type == .float32 ? 0.52 : bound), "\(table.name) \(op) \(type): \(worst) ulp at \(at)")
      }
    }
  }

  /// Signed zeros, infinities, NaN, whole and half exponents, denormals: each with each, as the C library has it.
  @Test(arguments: floatTypes) func edgesOfPairs(type: DType) {
    let isSingle = type == .float32
    let tiny = isSingle ? Double(Float.leastNonzeroMagnitude) : .leastNonzeroMagnitude
    let most = isSingle ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    let positive: [Double] = [0, tiny, tiny * 3, 1e-30, 0.5, 0.999, 1, 1.5, 2, 3, 4, 1e9, 0x1p53, most / 2, most, .infinity]
    let values = positive + positive.map { -$0 } + [.nan]
    for table in tables {
      for op in [BinaryOp.power, .atan2, .hypot, .logaddexp, .copysign] {
        let kernel = table.binary(op, type)!, reference = KernelTable.reference.binary(op, type)!
        for first in values {
          let a = Row(type, count: values.count, stride: 1) { _ in first }
          let b = Row(type, count: values.count, stride: 1) { values[$0] }
          var y = Row(type, count: values.count, stride: 1), expected = y
          a.withPointer { a in
            b.withPointer { b in
              y.withMutablePointer { kernel(values.count, a, 1, b, 1, $0, 1) }
              expected.withMutablePointer { reference(values.count, a, 1, b, 1, $0, 1) }
            }
          }
          for i in values.indices {
            #expect(
              isNear(y[i], expected[i], 2, type) && (y[i].isNaN || y[i].sign == expected[i].sign),
              "\(table.name) \(op) \(type): f(\(a[i]), \(b[i])) = \(y[i]), not \(expected[i])")
          }
        }
      }
    }
  }
}
#endif
