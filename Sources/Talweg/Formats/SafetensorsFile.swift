import TalwegKernels

/// An opened safetensors file: its header is read and checked, its tensors are
/// read when they are asked for.
public final class SafetensorsFile: @unchecked Sendable {
    private let file: InputFile
    private let header: SafetensorsHeader
    /// Where the elements begin in the file.
    private let dataStart: Int

    /// - Throws: `.io` if the file cannot be read, `.format` if it is malformed or truncated
    public init(path: String) throws(TalwegError) {
        let caller = "safetensors_open"
        file = try InputFile(path: path, caller: caller)
        let label = "\(caller): \(path)"
        let size = try file.size()
        guard size >= 8 else { throw .format("\(label): header too small: the file has \(size) bytes, not even 8") }
        let prefix = try Storage(byteCount: 8)
        try file.read(at: 0, into: prefix.pointer, count: 8)
        let length = UInt64(littleEndian: prefix.pointer.load(as: UInt64.self))
        guard length <= SafetensorsHeader.maximumByteCount else {
            throw .format(
                "\(label): header too large: \(length) bytes, the most is \(SafetensorsHeader.maximumByteCount)")
        }
        let byteCount = Int(length)
        guard byteCount <= size - 8 else {
            throw .format("\(label): truncated: the header has \(byteCount) bytes, the file \(size)")
        }
        let text = try Storage(byteCount: byteCount)
        try file.read(at: 8, into: text.pointer, count: byteCount)
        dataStart = 8 + byteCount
        header = try SafetensorsHeader(text, byteCount: byteCount, dataByteCount: size - dataStart, label: label)
    }

    /// How many tensors there are.
    public var count: Int { header.count }

    /// The names, in the order of the data.
    public var names: [String] { (0..<count).map { header.name($0) } }

    /// The text of a key of the metadata.
    public func metadata(_ key: String) -> String? { header.metadata(key) }

    /// The name of tensor number `index`, in the order of the data.
    public func name(at index: Int) throws(TalwegError) -> String {
        guard index >= 0, index < count else {
            throw .index("safetensors_name: index \(index) is out of range for \(count) tensors")
        }
        return header.name(index)
    }

    /// Reads a tensor.
    /// - Throws: `.index` if there is none of that name, `.dtype` if its type is
    ///   one that Talweg has not, `.io`
    public func tensor(named name: String) throws(TalwegError) -> Tensor {
        let caller = "safetensors_tensor"
        guard let index = header.index(of: name) else {
            throw .index("\(caller): \(file.path) has no tensor \"\(name)\"")
        }
        let entry = header.entry(index)
        let found = SafetensorsDType.all[Int(entry.dtype)]
        guard let dtype = found.dtype else {
            throw .dtype("\(caller): tensor \"\(name)\" is \(found.name), which this version does not have")
        }
        let view = try View(uninitialized: try header.shape(entry), dtype)
        try file.read(at: dataStart + entry.begin, into: view.pointer, count: entry.end - entry.begin)
        if dtype == .bool {
            // A byte other than 0 and 1 is true.
            kernels.cast(from: .uint8, to: .bool)(view.count, view.pointer, 1, view.pointer, 1)
        }
        return Tensor(view)
    }
}
