import TalwegKernels

// Which dtype holds what two dtypes hold, and what one dtype holds: the array API standard's "Type promotion rules"
// (2024.12), and NumPy's where that leaves it open.

/// The dtype of an operation on two. Integers: the narrowest that holds both (int64 with uint64: float64). An integer
/// or bool beside a floating dtype becomes that; float16 with bfloat16 gives float32.
func promoted(_ a: DType, _ b: DType) -> DType {
    if a == b || b == .bool { return a }
    if a == .bool { return b }
    switch (a.isFloating, b.isFloating) {
    case (true, false): return a
    case (false, true): return b
    case (true, true): return a.itemSize == b.itemSize ? .float32 : a.itemSize > b.itemSize ? a : b
    case (false, false): return promotedInteger(a, b)
    }
}

private func promotedInteger(_ a: DType, _ b: DType) -> DType {
    if a.isUnsigned == b.isUnsigned { return a.itemSize > b.itemSize ? a : b }
    let (signed, unsigned) = a.isUnsigned ? (b, a) : (a, b)
    if signed.itemSize > unsigned.itemSize { return signed }
    switch unsigned.itemSize {
    case 1: return .int16
    case 2: return .int32
    case 4: return .int64
    default: return .float64
    }
}

/// Whether a dtype can hold a value: floating types any, integers the whole numbers in their range.
func holds(_ value: Double, _ dtype: DType) -> Bool {
    switch dtype {
    case .float16, .bfloat16, .float32, .float64: true
    case .bool: value == 0 || value == 1
    case .int8: Int8(exactly: value) != nil
    case .int16: Int16(exactly: value) != nil
    case .int32: Int32(exactly: value) != nil
    case .int64: Int64(exactly: value) != nil
    case .uint8: UInt8(exactly: value) != nil
    case .uint16: UInt16(exactly: value) != nil
    case .uint32: UInt32(exactly: value) != nil
    case .uint64: UInt64(exactly: value) != nil
    }
}

/// Whether a dtype can hold a whole number: floating types any, with their rounding.
func holds(_ value: Int64, _ dtype: DType) -> Bool {
    switch dtype {
    case .float16, .bfloat16, .float32, .float64, .int64: true
    case .uint64: value >= 0
    default: holds(Double(value), dtype)
    }
}

extension DType {
    /// What sums and products of it are in: floating types themselves, unsigned integers uint64, other integers and
    /// bool int64.
    var accumulated: DType { isFloating ? self : isUnsigned ? .uint64 : .int64 }
}
