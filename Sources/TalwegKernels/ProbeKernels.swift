/// What a machine is measured by: each keeps one part of it busy, so that a kernel's speed can be given as
/// a share of what that part can do.
public struct ProbeKernels: Sendable {
  /// (rounds, values) -> n, the multiply-adds of a round: values[2 + i] = values[0] values[2 + i] + values[1], `rounds` times over, for
  /// i in 0 ..< n, the elements of as many registers as hide the latency of a multiply-add; at most
  /// `elements`.
  public var multiplyAddF32: MultiplyAddProbe = { referenceMultiplyAdd($0, $1, Float.self) }
  public var multiplyAddF64: MultiplyAddProbe = { referenceMultiplyAdd($0, $1, Double.self) }
  /// Where the CPU multiplies pairs of bfloat16. (rounds, values of float32) -> n, the multiply-adds of a round:
  /// to each of values[2 + i], i in 0 ..< n / 2, is added, `rounds` times over, the product of the pairs that
  /// the 32 bits of values[0] and of values[1] are.
  public var multiplyPairs: MultiplyAddProbe?
  /// The room that `values` has after its first two.
  public static var elements: Int { 12 * 16 }

  // Of n float32 at addresses that are multiples of 64 bytes, n a multiple of 128.

  /// (n, x) -> the sum of x
  public var read: ReadProbe = { referenceRead($0, $1) }
  /// (n, y): y = 1
  public var write: WriteProbe = { referenceWrite($0, $1) }
  /// (n, x, y): y = x
  public var copy: CopyProbe = { referenceCopy($0, $1, $2) }
  /// (n, x, z, y): y = x + 3 z
  public var triad: TriadProbe = { referenceTriad($0, $1, $2, $3) }

  public init() {}
}

public typealias MultiplyAddProbe = @convention(c) (Int, UnsafeMutableRawPointer) -> Int
public typealias ReadProbe = @convention(c) (Int, UnsafeRawPointer) -> Float
public typealias WriteProbe = @convention(c) (Int, UnsafeMutableRawPointer) -> Void
public typealias CopyProbe = @convention(c) (Int, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
public typealias TriadProbe = @convention(c) (
  Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void
