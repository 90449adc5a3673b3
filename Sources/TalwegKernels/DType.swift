/// The type of an element. Raw values are fixed for ever: they are the C API's and the file formats'.
///
/// Reserved: float16 = 6, int8 = 8, int16 = 9, uint16 = 10, uint32 = 11, uint64 = 12.
public enum DType: Int32, Sendable, CaseIterable {
  case float32 = 0
  case float64 = 1
  case int32 = 2
  case int64 = 3
  case uint8 = 4
  /// A byte that is 0 or 1.
  case bool = 5
  /// The upper half of a float32. Storage: arithmetic on it is float32's, its result rounded.
  case bfloat16 = 7

  /// Bytes of an element.
  @inlinable public var itemSize: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  @inlinable public var isFloating: Bool { self == .float32 || self == .float64 || self == .bfloat16 }

  /// The name as NumPy spells it, or the package ml_dtypes.
  public var name: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .bool: "bool"
    case .bfloat16: "bfloat16"
    }
  }
}
