import TalwegKernels

/// A dtype of the safetensors format.
struct SafetensorsDType {
    let name: StaticString
    let bits: Int
    /// nil for those that Talweg has not yet.
    let dtype: DType?

    static let all: [SafetensorsDType] = [
        .init("F32", 32, .float32), .init("F64", 64, .float64), .init("I32", 32, .int32),
        .init("I64", 64, .int64), .init("U8", 8, .uint8), .init("BOOL", 8, .bool), .init("BF16", 16, .bfloat16),
        .init("F16", 16, .float16), .init("I8", 8, .int8), .init("I16", 16, .int16), .init("U16", 16, .uint16),
        .init("U32", 32, .uint32), .init("U64", 64, .uint64), .init("C64", 64),
        .init("F8_E4M3", 8), .init("F8_E5M2", 8), .init("F8_E8M0", 8),
        .init("F8_E4M3FNUZ", 8), .init("F8_E5M2FNUZ", 8),
        .init("F6_E2M3", 6), .init("F6_E3M2", 6), .init("F4", 4),
    ]

    private init(_ name: StaticString, _ bits: Int, _ dtype: DType? = nil) {
        self.name = name
        self.bits = bits
        self.dtype = dtype
    }
}

/// The file format for named tensors of Hugging Face: eight bytes with the
/// length of a JSON header (little-endian), the header, the elements.
public enum Safetensors {
    /// Writes tensors to a file, which is replaced as a whole or not at all.
    /// Those with larger elements come first, as the format asks so that each
    /// is aligned in the file; else they keep the order given.
    /// - Parameter metadata: texts by key, which the header holds too
    /// - Throws: `.invalidArgument` for names that are reserved or come twice, `.io`
    public static func save(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)] = [], to path: String
    ) throws(TalwegError) {
        let ordered = [8, 4, 2, 1].flatMap { size in tensors.filter { $0.tensor.dtype.itemSize == size } }
        let header = try header(ordered, metadata)
        let file = try AtomicFile(path: path, caller: "safetensors_save")
        try file.write(header)
        for (_, tensor) in ordered {
            let source = try tensor.view.contiguous()
            try file.write(UnsafeRawBufferPointer(start: source.pointer, count: source.count * source.dtype.itemSize))
        }
        try file.commit()
    }

    /// The header with its length before it.
    private static func header(
        _ tensors: [(name: String, tensor: Tensor)], _ metadata: [(key: String, value: String)]
    ) throws(TalwegError) -> [UInt8] {
        var names = Set<[UInt8]>()
        var text: [UInt8] = [0x7B]
        if !metadata.isEmpty {
            text.append(contentsOf: "\"__metadata__\":{".utf8)
            for (place, (key, value)) in metadata.enumerated() {
                if place > 0 { text.append(0x2C) }
                JSONText.append(key, to: &text)
                text.append(0x3A)
                JSONText.append(value, to: &text)
            }
            text.append(0x7D)
        }
        var begin = 0
        for (name, tensor) in tensors {
            guard name != "__metadata__" else { throw .invalid("safetensors_save: the name __metadata__ is reserved") }
            guard names.insert(Array(name.utf8)).inserted else {
                throw .invalid("safetensors_save: the name \"\(name)\" comes twice")
            }
            let (end, overflow) = begin.addingReportingOverflow(tensor.count * tensor.dtype.itemSize)
            guard !overflow, let dtype = SafetensorsDType.all.first(where: { $0.dtype == tensor.dtype }) else {
                throw .invalid("safetensors_save: tensor \"\(name)\" does not fit a file")
            }
            if text.count > 1 { text.append(0x2C) }
            JSONText.append(name, to: &text)
            let shape = tensor.shape.dims.map { String($0) }.joined(separator: ",")
            let rest = ":{\"dtype\":\"\(dtype.name)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
            text.append(contentsOf: rest.utf8)
            begin = end
        }
        text.append(0x7D)
        // Spaces, so that the elements begin at a multiple of 8.
        while text.count % 8 != 0 { text.append(0x20) }
        guard text.count <= SafetensorsHeader.maximumByteCount else {
            throw .invalid("safetensors_save: the header takes \(text.count) bytes, more than the format allows")
        }
        let length = UInt64(text.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + text
    }
}
