/// A message in the encoding of Protocol Buffers (protobuf.dev/programming-guides/encoding), as far as TensorBoard's
/// events need it.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    mutating func add(_ field: UInt64, _ value: Int64) {
        addKey(field, .varint)
        addVarint(UInt64(bitPattern: value))
    }

    mutating func add(_ field: UInt64, _ value: Double) {
        addKey(field, .fixed64)
        addLittleEndian(value.bitPattern)
    }

    mutating func add(_ field: UInt64, _ value: Float) {
        addKey(field, .fixed32)
        addLittleEndian(value.bitPattern)
    }

    mutating func add(_ field: UInt64, _ value: String) { add(field, bytes: Array(value.utf8)) }

    mutating func add(_ field: UInt64, _ value: ProtobufMessage) { add(field, bytes: value.bytes) }

    /// Packed: one after the other.
    mutating func add(_ field: UInt64, _ values: [Double]) {
        var packed = ProtobufMessage()
        for value in values { packed.addLittleEndian(value.bitPattern) }
        add(field, bytes: packed.bytes)
    }

    private mutating func add(_ field: UInt64, bytes value: [UInt8]) {
        addKey(field, .lengthDelimited)
        addVarint(UInt64(value.count))
        bytes += value
    }

    private mutating func addKey(_ field: UInt64, _ type: WireType) { addVarint(field << 3 | type.rawValue) }

    /// Seven bits a byte, the lowest first; all but the last byte have the high bit set.
    private mutating func addVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func addLittleEndian<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}
