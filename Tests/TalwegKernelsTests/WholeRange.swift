#if arch(x86_64)
import Glibc
import TalwegKernels
import Testing

/// The functions whose errors are at most 2 ulp, from one end of the numbers to the other: denormals, infinities and
/// NaN among them. TALWEG_SWEEP=1 (`make sweep`) takes every float32, else one of 4,099, and more float64.
@Suite struct WholeRange {
  struct Function: Sendable, CustomTestStringConvertible {
    let op: UnaryOp
    let single: @Sendable (Double) -> Double
    let double: @Sendable (Float80) -> Float80
    var testDescription: String { "\(op)" }
  }

  static let sweeps = getenv("TALWEG_SWEEP") != nil
  static let bound = 2.0

  static let functions: [Function] = [
    Function(op: .exp, single: { exp($0) }, double: { exp($0) }),
    Function(op: .expm1, single: { expm1($0) }, double: { expm1($0) }),
    Function(op: .log, single: { log($0) }, double: { log($0) }),
    Function(op: .log1p, single: { log1p($0) }, double: { log1p($0) }),
    Function(op: .tanh, single: { tanh($0) }, double: { tanh($0) }),
    Function(op: .sigmoid, single: { 1 / (1 + exp(-$0)) }, double: { 1 / (1 + exp(-$0)) }),
    Function(op: .erf, single: { erf($0) }, double: { erf($0) }),
    Function(op: .sin, single: { sin($0) }, double: { sin($0) }),
    Function(op: .cos, single: { cos($0) }, double: { cos($0) }),
  ]

  /// |found - exact| in spacings of numbers with `digits` bits of which the least normal one is 2^least. An infinity
  /// is where the number after the greatest would be.
  static func error(_ found: Float80, _ exact: Float80, digits: Int, least: Int, most: Int) -> Double {
    if found.isNaN || exact.isNaN { return found.isNaN && exact.isNaN ? 0 : .infinity }
    if exact == 0 { return found == 0 && found.sign == exact.sign ? 0 : .infinity }
    let end = Float80(sign: .plus, exponent: most + 1, significand: 1)
    let a = min(max(found, -end), end), b = min(max(exact, -end), end)
    let exponent = min(max(Int(b.exponent), least), most)
    return Double((a - b).magnitude / Float80(sign: .plus, exponent: exponent - digits, significand: 1))
  }

  @Test(arguments: functions) func float32(_ function: Function) {
    let step: UInt64 = Self.sweeps ? 1 : 4099
    let count = 1 << 14
    var x = [Float](repeating: 0, count: count), y = x
    // The CPU's own table alone in a sweep: it takes minutes.
    for table in Self.sweeps ? tables.suffix(1) : tables[...] {
      let kernel = table.unary(function.op, .float32)!
      var worst = 0.0, at: Float = 0
      var next: UInt64 = 0
      while next < 1 << 32 {
        var filled = 0
        while filled < count, next < 1 << 32 {
          x[filled] = Float(bitPattern: UInt32(next))
          filled += 1
          next += step
        }
        x.withUnsafeBytes { x in y.withUnsafeMutableBytes { kernel(filled, x.baseAddress!, 1, $0.baseAddress!, 1) } }
        for i in 0..<filled {
          // Most are right to half a spacing, which is quicker to see.
          let exact = function.single(Double(x[i]))
          if y[i] == Float(exact), y[i] != 0 { continue }
          let error = Self.error(Float80(y[i]), Float80(exact), digits: 23, least: -126, most: 127)
          if error > worst { (worst, at) = (error, x[i]) }
        }
      }
      print("\(table.name) \(function.op) float32, whole range: \((worst * 100).rounded() / 100) ulp at \(at)")
      #expect(worst <= Self.bound, "\(table.name) \(function.op): \(worst) ulp at \(at)")
    }
  }

  @Test(arguments: functions) func float64(_ function: Function) {
    let count = Self.sweeps ? 20_000_000 : 50_000
    let special: [Double] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    let block = 1 << 12
    var x = [Double](repeating: 0, count: block), y = x
    for table in Self.sweeps ? tables.suffix(1) : tables[...] {
      let kernel = table.unary(function.op, .float64)!
      var worst = 0.0, at = 0.0
      // Any bits; every second time of a size that the functions have something to say to.
      var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
      var done = 0
      while done < count {
        for i in 0..<block {
          bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let mixed = bits ^ (bits >> 29)
          x[i] = Double(bitPattern: mixed)
          if i % 2 == 0 { x[i] = Double(sign: x[i].sign, exponent: Int(mixed >> 52 & 63) - 52, significand: x[i].significand.isFinite ? x[i].significand : 1) }
        }
        if done == 0 { for (i, value) in special.enumerated() { x[i] = value } }
        x.withUnsafeBytes { x in y.withUnsafeMutableBytes { kernel(block, x.baseAddress!, 1, $0.baseAddress!, 1) } }
        for i in 0..<block {
          let exact = function.double(Float80(x[i]))
          let error = Self.error(Float80(y[i]), exact, digits: 52, least: -1022, most: 1023)
          if error > worst { (worst, at) = (error, x[i]) }
        }
        done += block
      }
      print("\(table.name) \(function.op) float64, whole range: \((worst * 100).rounded() / 100) ulp at \(at)")
      #expect(worst <= Self.bound, "\(table.name) \(function.op): \(worst) ulp at \(at)")
    }
  }
}
#endif
