/// The type of an element. Raw values are fixed for ever: they are the C API's and the file formats'.
public enum DType: Int32, Sendable, CaseIterable {
  case float32 = 0
  case float64 = 1
  case int32 = 2
  case int64 = 3
  case uint8 = 4
  /// A byte that is 0 or 1.
  case bool = 5
  /// IEEE 754's binary16. Storage: arithmetic on it is float32's, its result rounded.
  case float16 = 6
  /// The upper half of a float32. Storage, as float16 is.
  case bfloat16 = 7
  case int8 = 8
  case int16 = 9
  case uint16 = 10
  case uint32 = 11
  case uint64 = 12

  /// Bytes of an element.
  @inlinable public var itemSize: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  @inlinable public var isFloating: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: false
    }
  }

  /// Floating, but only stored: what computes with it goes by float32.
  @inlinable public var isNarrowFloating: Bool { self == .float16 || self == .bfloat16 }

  /// Neither floating nor bool.
  @inlinable public var isInteger: Bool { !isFloating && self != .bool }

  /// An integer type without negative numbers.
  @inlinable public var isUnsigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64: true
    case .bool, .int8, .int16, .int32, .int64, .float16, .bfloat16, .float32, .float64: false
    }
  }

  /// The name as NumPy spells it, or the package ml_dtypes.
  public var name: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .bool: "bool"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .int8: "int8"
    case .int16: "int16"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    }
  }
}
