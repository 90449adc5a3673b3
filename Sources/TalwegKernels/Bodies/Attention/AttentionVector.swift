internal import CIntrinsics

/// What attention needs of a vector beside its algebra. (The vectors conform where they are declared; see
/// `TileVector`.)
protocol AttentionVector: TileVector {
  /// 2^x for x at most 0 (or a little above, by rounding); 0 where that would be a denormal. Error at most
  /// 2 ulp.
  static func exponential(_ x: Self) -> Self
  /// log2 x
  static func logarithm(_ x: Self) -> Self
  // `weigh`, `slope` and `multiplyResident`, out of line.
  static func weighRow(
    _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Scalar>, _ mask: UnsafeMutablePointer<Scalar>?,
    _ dropped: UnsafeMutablePointer<Scalar>?, _ greatest: UnsafeMutablePointer<Scalar>,
    _ total: UnsafeMutablePointer<Scalar>
  ) -> Scalar
  static func slopeRow(
    _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Scalar>, _ dp: UnsafeMutablePointer<Scalar>,
    _ mask: UnsafeMutablePointer<Scalar>?, _ dropped: UnsafeMutablePointer<Scalar>?, _ logSum: Scalar,
    _ delta: Scalar)
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<Scalar>, _ b: ResidentB<Scalar>,
    _ c: UnsafeMutablePointer<Scalar>, _ cRow: Int, _ alpha: Scalar, _ adds: Bool)
}

extension VectorF32 {
  @inline(__always) static func exponential(_ x: VectorF32) -> VectorF32 {
    let magic: VectorF32 = 0x1.8p23
    let sum = x + magic
    let f = x - (sum - magic)
    // 2^f on [-1/2, 1/2], minimax, relative error 2e-9 (Remez's algorithm).
    var p = madd(f, 0.00015353362068858489, 0.0013398874393981390)
    p = madd(p, f, 0.0096184373569574206)
    p = madd(p, f, 0.055503324711908572)
    p = madd(p, f, 0.24022647913636852)
    p = madd(p, f, 0.69314720285503165)
    p = madd(p, f, 1)
    // A NaN is neither above nor below; what its bits become is NaN again or is caught here.
    let value = VectorF32(bits: p.bits &+ ((sum.bits &- magic.bits) &<< 23))
    return VectorF32.select(x < -125, 0, VectorF32.select(x == x, value, x))
  }

  @inline(__always) static func logarithm(_ x: VectorF32) -> VectorF32 { log(x) * 1.4426950408889634 }

  @inline(__always) static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<Float>, _ b: ResidentB<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ alpha: Float, _ adds: Bool
  ) {
    multiplyF32(m, n, k, a, b, c, cRow, alpha, adds)
  }

  @inline(__always) static func weighRow(
    _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Float>, _ mask: UnsafeMutablePointer<Float>?,
    _ dropped: UnsafeMutablePointer<Float>?, _ greatest: UnsafeMutablePointer<Float>,
    _ total: UnsafeMutablePointer<Float>
  ) -> Float {
    weighF32(known, depth, x, mask, dropped, greatest, total)
  }

  @inline(__always) static func slopeRow(
    _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Float>, _ dp: UnsafeMutablePointer<Float>,
    _ mask: UnsafeMutablePointer<Float>?, _ dropped: UnsafeMutablePointer<Float>?, _ logSum: Float,
    _ delta: Float
  ) {
    slopeF32(known, end, x, dp, mask, dropped, logSum, delta)
  }
}

extension VectorF64 {
  @inline(__always) static func exponential(_ x: VectorF64) -> VectorF64 {
    let magic: VectorF64 = 0x1.8p52
    let sum = x + magic
    let f = x - (sum - magic)
    // 2^f on [-1/2, 1/2], minimax, relative error 3.4e-18 (Remez's algorithm).
    var p = madd(f, 4.4347712982003767083e-10, 7.0737832485031332991e-9)
    p = madd(p, f, 1.0178199571842137974e-7)
    p = madd(p, f, 1.3215435282308487999e-6)
    p = madd(p, f, 0.000015252733493127489347)
    p = madd(p, f, 0.0001540353045711209086)
    p = madd(p, f, 0.0013333558146774620517)
    p = madd(p, f, 0.0096181291075941200896)
    p = madd(p, f, 0.055504108664820083227)
    p = madd(p, f, 0.2402265069591013126)
    p = madd(p, f, 0.69314718055994532581)
    p = madd(p, f, 1)
    let value = VectorF64(bits: p.bits &+ ((sum.bits &- magic.bits) &<< 52))
    return VectorF64.select(x < -1021, 0, VectorF64.select(x == x, value, x))
  }

  @inline(__always) static func logarithm(_ x: VectorF64) -> VectorF64 { log(x) * 1.4426950408889634074 }

  @inline(__always) static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<Double>, _ b: ResidentB<Double>,
    _ c: UnsafeMutablePointer<Double>, _ cRow: Int, _ alpha: Double, _ adds: Bool
  ) {
    multiplyF64(m, n, k, a, b, c, cRow, alpha, adds)
  }

  @inline(__always) static func weighRow(
    _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Double>, _ mask: UnsafeMutablePointer<Double>?,
    _ dropped: UnsafeMutablePointer<Double>?, _ greatest: UnsafeMutablePointer<Double>,
    _ total: UnsafeMutablePointer<Double>
  ) -> Double {
    weighF64(known, depth, x, mask, dropped, greatest, total)
  }

  @inline(__always) static func slopeRow(
    _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Double>, _ dp: UnsafeMutablePointer<Double>,
    _ mask: UnsafeMutablePointer<Double>?, _ dropped: UnsafeMutablePointer<Double>?, _ logSum: Double,
    _ delta: Double
  ) {
    slopeF64(known, end, x, dp, mask, dropped, logSum, delta)
  }
}

@inline(never)
private func multiplyF32(
  _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<Float>, _ b: ResidentB<Float>,
  _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ alpha: Float, _ adds: Bool
) {
  multiplyResident(m, n, k, a, b, c, cRow, VectorF32(alpha), adds)
}

@inline(never)
private func multiplyF64(
  _ m: Int, _ n: Int, _ k: Int, _ a: ResidentA<Double>, _ b: ResidentB<Double>,
  _ c: UnsafeMutablePointer<Double>, _ cRow: Int, _ alpha: Double, _ adds: Bool
) {
  multiplyResident(m, n, k, a, b, c, cRow, VectorF64(alpha), adds)
}

@inline(never)
private func weighF32(
  _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Float>, _ mask: UnsafeMutablePointer<Float>?,
  _ dropped: UnsafeMutablePointer<Float>?, _ greatest: UnsafeMutablePointer<Float>,
  _ total: UnsafeMutablePointer<Float>
) -> Float {
  VectorF32.weigh(known, depth, x, mask, dropped, greatest, total)
}

@inline(never)
private func slopeF32(
  _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Float>, _ dp: UnsafeMutablePointer<Float>,
  _ mask: UnsafeMutablePointer<Float>?, _ dropped: UnsafeMutablePointer<Float>?, _ logSum: Float, _ delta: Float
) {
  VectorF32.slope(known, end, x, dp, mask, dropped, logSum, delta)
}

@inline(never)
private func weighF64(
  _ known: Int, _ depth: Int, _ x: UnsafeMutablePointer<Double>, _ mask: UnsafeMutablePointer<Double>?,
  _ dropped: UnsafeMutablePointer<Double>?, _ greatest: UnsafeMutablePointer<Double>,
  _ total: UnsafeMutablePointer<Double>
) -> Double {
  VectorF64.weigh(known, depth, x, mask, dropped, greatest, total)
}

@inline(never)
private func slopeF64(
  _ known: Int, _ end: Int, _ x: UnsafeMutablePointer<Double>, _ dp: UnsafeMutablePointer<Double>,
  _ mask: UnsafeMutablePointer<Double>?, _ dropped: UnsafeMutablePointer<Double>?, _ logSum: Double,
  _ delta: Double
) {
  VectorF64.slope(known, end, x, dp, mask, dropped, logSum, delta)
}
