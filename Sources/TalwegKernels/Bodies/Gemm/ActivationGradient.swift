internal import CIntrinsics

extension TileVector {
  /// d = g f'(x) for rows of contiguous elements, and sums += the columns' sums of d, in the order of the rows:
  /// the backward pass of an epilogue's activation f and of its bias in one pass over memory. `kept` is f(x),
  /// for gelu x; of the identity neither `kept` nor `d` is touched.
  @inline(__always)
  static func activationGradient(
    _ m: Int, _ n: Int, _ activation: Int32, _ g: UnsafePointer<Scalar>, _ rsg: Int,
    _ kept: UnsafePointer<Scalar>, _ rsk: Int, _ d: UnsafeMutablePointer<Scalar>, _ rsd: Int,
    _ sums: UnsafeMutablePointer<Scalar>, _ geluGradient: (Self, Self) -> Self
  ) {
    switch activation {
    case Int32(TK_ACTIVATION_RELU):
      pass(m, n, g, rsg, kept, rsk, d, rsd, sums) { (y: Self, g: Self) in select(Self(0) < y, g, Self(0)) }
    case Int32(TK_ACTIVATION_GELU):
      pass(m, n, g, rsg, kept, rsk, d, rsd, sums) { (x: Self, g: Self) in geluGradient(x, g) }
    case Int32(TK_ACTIVATION_TANH):
      pass(m, n, g, rsg, kept, rsk, d, rsd, sums) { (y: Self, g: Self) in g * (Self(1) - y * y) }
    case Int32(TK_ACTIVATION_SIGMOID):
      pass(m, n, g, rsg, kept, rsk, d, rsd, sums) { (y: Self, g: Self) in g * (y * (Self(1) - y)) }
    default:
      for i in 0..<m {
        forEachVector(n) { j, lanes in
          (load(sums + j, lanes) + load(g + (i &* rsg &+ j), lanes)).store(sums + j, lanes)
        }
      }
    }
  }

  @inline(__always)
  private static func pass(
    _ m: Int, _ n: Int, _ g: UnsafePointer<Scalar>, _ rsg: Int, _ kept: UnsafePointer<Scalar>, _ rsk: Int,
    _ d: UnsafeMutablePointer<Scalar>, _ rsd: Int, _ sums: UnsafeMutablePointer<Scalar>,
    _ slope: (Self, Self) -> Self
  ) {
    for i in 0..<m {
      forEachVector(n) { j, lanes in
        let x = slope(load(kept + (i &* rsk &+ j), lanes), load(g + (i &* rsg &+ j), lanes))
        x.store(d + (i &* rsd &+ j), lanes)
        (load(sums + j, lanes) + x).store(sums + j, lanes)
      }
    }
  }
}
