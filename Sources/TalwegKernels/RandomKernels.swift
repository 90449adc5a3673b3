// Kernels of random numbers. Element i of a call is a pure function of (seed, offset + i), with the words of
// `randomBits`: the same bits in every table, however the elements are cut up.

/// (n, seed, offset, y): 24-bit fractions in [0, 1) in float32, 53-bit ones in float64; see `randomUniform`.
public typealias UniformFunction = @convention(c) (Int, UInt64, UInt64, UnsafeMutableRawPointer) -> Void

/// (n, seed, offset, threshold, scale, x, y): y = x scale where the word's upper 24 bits are `threshold` or
/// more, else 0. One word an element, in float64 as well.
public typealias DropoutFunction = @convention(c) (
  Int, UInt64, UInt64, Int32, Double, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (n, seed, offset, y): the words of `randomBits`.
public typealias BitsFunction = @convention(c) (Int, UInt64, UInt64, UnsafeMutablePointer<UInt32>) -> Void

public struct RandomKernels: Sendable {
  public var bits: BitsFunction
  public var uniform: UniformFunction
  public var dropout: DropoutFunction

  /// The threshold that drops a share p of the elements, to the nearest 2^-24 above.
  public static func threshold(_ p: Double) -> Int32 { Int32((p * 0x1p24).rounded(.up)) }
}
