/// An array file of NumPy's (.npy, format 1.0 to 3.0) that is read by rows: one or two axes, C order, the byte order
/// of this machine. The format is NumPy's NEP 1.
struct NpyFile {
    let dtype: DType
    /// 1 or 2 axes.
    let shape: [Int]
    var rows: Int { shape[0] }
    /// Of one axis 1.
    var columns: Int { shape.count == 2 ? shape[1] : 1 }
    var rowBytes: Int { columns * dtype.itemSize }

    private let file: InputFile
    /// Where the elements begin.
    private let start: Int

    /// Of a header as NumPy writes it, which takes 64 or 128 bytes.
    private static let mostHeaderBytes = 1 << 16

    /// Opens a file; its header is checked, and that all elements are there.
    init(path: String, caller: String) throws(TalwegError) {
        let file = try InputFile(path: path, caller: caller)
        let size = try file.size()
        let place = "\(caller): \(path)"
        guard size >= 10 else { throw .format("\(place): is no npy file: it has \(size) bytes") }
        let space = try Storage(byteCount: NpyFile.mostHeaderBytes + 12)
        let bytes = space.pointer.assumingMemoryBound(to: UInt8.self)
        try file.read(at: 0, into: space.pointer, count: min(size, 12))
        let magic: StaticString = "NUMPY"
        guard bytes[0] == 0x93, (0..<5).allSatisfy({ bytes[$0 + 1] == magic.utf8Start[$0] }) else {
            throw .format("\(place): is no npy file")
        }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
            throw .format("\(place): npy format \(bytes[6]).\(bytes[7]) is unknown")
        }
        var length = Int(bytes[8]) | Int(bytes[9]) << 8
        var begin = 10
        if bytes[6] > 1 {
            guard size >= 12 else { throw .format("\(place): the header is cut") }
            length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24
            begin = 12
        }
        guard length <= NpyFile.mostHeaderBytes else { throw .format("\(place): the header has \(length) bytes") }
        guard begin + length <= size else { throw .format("\(place): the header is cut") }
        try file.read(at: begin, into: space.pointer, count: length)
        var header = NpyHeader(UnsafeBufferPointer(start: bytes, count: length))
        guard header.parse(), let descriptor = header.descriptor, let order = header.isFortran, let shape = header.shape
        else { throw .format("\(place): the header is malformed") }
        guard let dtype = NpyFile.dtype(descriptor) else {
            throw .unsupported("\(place): elements of type \(descriptor.debugDescription) cannot be read")
        }
        guard shape.count == 1 || shape.count == 2 else {
            throw .shape("\(place): the array has \(shape.count) axes; 1 or 2 were expected")
        }
        guard !order || shape.count == 1 || shape.contains(where: { $0 <= 1 }) else {
            throw .unsupported("\(place): the array is in Fortran order; save numpy.ascontiguousarray of it")
        }
        var count = dtype.itemSize
        for dim in shape {
            let (next, overflow) = count.multipliedReportingOverflow(by: dim)
            guard !overflow else { throw .format("\(place): the shape overflows") }
            count = next
        }
        guard size - begin - length >= count else {
            throw .format("\(place): \(count) bytes of elements were expected, \(size - begin - length) are there")
        }
        (self.dtype, self.shape, self.file) = (dtype, shape, file)
        start = begin + length
    }

    /// Reads rows that are there.
    func read(rows begin: Int, _ count: Int, into target: UnsafeMutableRawPointer) throws(TalwegError) {
        try file.read(at: start + begin * rowBytes, into: target, count: count * rowBytes)
    }

    private static func dtype(_ descriptor: String) -> DType? {
        switch descriptor {
        case "<f8", "=f8": .float64
        case "<f4", "=f4": .float32
        case "<f2", "=f2": .float16
        case "<i8", "=i8": .int64
        case "<i4", "=i4": .int32
        case "<i2", "=i2": .int16
        case "|i1", "<i1": .int8
        case "<u8", "=u8": .uint64
        case "<u4", "=u4": .uint32
        case "<u2", "=u2": .uint16
        case "|u1", "<u1": .uint8
        case "|b1": .bool
        default: nil
        }
    }
}

/// The dictionary at the head of an npy file, a Python literal: {'descr': '<f8', 'fortran_order': False,
/// 'shape': (3, 4), }.
struct NpyHeader {
    private(set) var descriptor: String?
    private(set) var isFortran: Bool?
    private(set) var shape: [Int]?

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether all of it is understood.
    mutating func parse() -> Bool {
        guard take(0x7B) else { return false }
        while !take(0x7D) {
            guard let key = text(), take(0x3A) else { return false }
            switch key {
            case "descr":
                guard descriptor == nil, let found = text() else { return false }
                descriptor = found
            case "fortran_order":
                guard isFortran == nil else { return false }
                if word("True") { isFortran = true } else if word("False") { isFortran = false } else { return false }
            case "shape":
                guard shape == nil, let found = sizes() else { return false }
                shape = found
            default: return false
            }
            if !take(0x2C) {
                guard take(0x7D) else { return false }
                break
            }
        }
        skip()
        return position == bytes.count
    }

    private mutating func skip() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skip()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: String) -> Bool {
        skip()
        let end = position + word.utf8.count
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8) else { return false }
        position = end
        return true
    }

    /// In single or double quotes, without escapes.
    private mutating func text() -> String? {
        skip()
        guard position < bytes.count, bytes[position] == 0x27 || bytes[position] == 0x22 else { return nil }
        let mark = bytes[position]
        let start = position + 1
        var end = start
        while end < bytes.count, bytes[end] != mark {
            guard bytes[end] != 0x5C, end - start < 64 else { return nil }
            end += 1
        }
        guard end < bytes.count else { return nil }
        position = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A tuple of sizes, of at most 8.
    private mutating func sizes() -> [Int]? {
        guard take(0x28) else { return nil }
        var found: [Int] = []
        while !take(0x29) {
            skip()
            var value = 0
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                let (ten, over) = value.multipliedReportingOverflow(by: 10)
                let (next, overflow) = ten.addingReportingOverflow(Int(bytes[position] - 0x30))
                guard !over, !overflow else { return nil }
                value = next
                position += 1
            }
            guard position > start, found.count < 8 else { return nil }
            found.append(value)
            if !take(0x2C) {
                guard take(0x29) else { return nil }
                break
            }
        }
        return found
    }
}
