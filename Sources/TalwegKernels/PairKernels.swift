/// (across, depth, x, stride across, stride along the depth, packed)
public typealias PackPairsFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer
) -> Void

/// (m, n, depth, packed A, packed B, C, its row stride, whether C is added to)
public typealias MultiplyPairsFunction = @convention(c) (
  Int, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer, Int, Bool
) -> Void

/// Products of bfloat16 matrices with sums in float32, by instructions that multiply pairs along the depth. Blocks of
/// A and B are packed into panels of `rows` rows and `columns` columns; a panel takes `panelBytes`, also the last,
/// which may hold fewer. C's rows are contiguous float32.
///
/// The order of the sum of each element of C depends on the depth alone. Within an instruction products are exact,
/// denormals count as zeros, and each sum is rounded: a product of depth k is within k 2^-23 of the sum of |a| |b|.
public struct PairKernels: Sendable {
  public let rows, columns: Int
  /// The greatest depth of a block that fits the caches.
  public let depth: Int
  public let packRows, packColumns: PackPairsFunction
  /// C = A B, or C + A B, for packed blocks.
  public let multiply: MultiplyPairsFunction

  public init(
    rows: Int, columns: Int, depth: Int, packRows: @escaping PackPairsFunction,
    packColumns: @escaping PackPairsFunction, multiply: @escaping MultiplyPairsFunction
  ) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.packRows = packRows
    self.packColumns = packColumns
    self.multiply = multiply
  }

  /// The depth of each of the equal blocks that a depth of k is cut into, the last perhaps less deep; even.
  public func blockDepth(_ k: Int) -> Int {
    let count = max(1, (k - 1) / depth + 1)
    return max(2, ((k - 1) / count + 2) & ~1)
  }

  /// Of a panel of `width` rows or columns.
  public static func panelBytes(_ width: Int, depth: Int) -> Int { width * ((depth + 1) & ~1) * 2 }
}
