import TalwegKernels

/// Tables of numbers as text: a line a row, a character between the fields.
public enum CSV {
    /// Reads a table as [rows, columns]. Empty fields and nan are NaN; inf and
    /// numbers in quotes are understood; blank lines are left out; lines end
    /// with LF, CRLF or CR. Each number is the nearest of the dtype.
    /// - Parameter skipLines: lines to leave out at the start
    /// - Throws: `.io`, `.format` with line and column
    public static func read(
        _ path: String, delimiter: Character = ",", skipLines: Int = 0, dtype: DType = .float64
    ) throws(TalwegError) -> Tensor {
        let caller = "csv_read"
        let delimiter = try check(delimiter, caller)
        guard skipLines >= 0 else { throw .invalid("\(caller): \(skipLines) lines to skip") }
        switch dtype {
        case .float32:
            var reader = try CSVReader<Float>(path: path, delimiter: delimiter, caller: caller)
            return Tensor(try reader.read(skipLines: skipLines, dtype))
        case .float64:
            var reader = try CSVReader<Double>(path: path, delimiter: delimiter, caller: caller)
            return Tensor(try reader.read(skipLines: skipLines, dtype))
        default: throw .dtype("\(caller): the dtype is float32 or float64, not \(dtype.name)")
        }
    }

    /// Writes a tensor of rank 1 (a column) or 2, each number with the fewest
    /// digits that are read back as the same. The file is replaced as a whole
    /// or not at all.
    public static func write(_ tensor: Tensor, to path: String, delimiter: Character = ",") throws(TalwegError) {
        let caller = "csv_write"
        let delimiter = try check(delimiter, caller)
        let view = tensor.view
        guard view.rank == 1 || view.rank == 2 else {
            throw .shape("\(caller): \(view.shape) has \(view.rank) axes; a table has 1 or 2")
        }
        let file = try AtomicFile(path: path, caller: caller)
        let columns = view.rank == 2 ? view.shape[1] : 1
        let steps = (view.strides[0], view.rank == 2 ? view.strides[1] : 0)
        var text: [UInt8] = []
        // Without columns there is nothing to write, however many rows.
        for row in 0..<(columns == 0 ? 0 : view.shape[0]) {
            for column in 0..<columns {
                if column > 0 { text.append(delimiter) }
                append(view, row * steps.0 + column * steps.1, to: &text)
                if text.count >= 1 << 16 {
                    try file.write(text)
                    text.removeAll(keepingCapacity: true)
                }
            }
            text.append(0x0A)
        }
        try file.write(text)
        try file.commit()
    }

    /// The text of the element that lies `offset` elements from the first.
    private static func append(_ view: View, _ offset: Int, to text: inout [UInt8]) {
        func word<T: CustomStringConvertible>(_: T.Type) -> String { view.pointer(as: T.self)[offset].description }
        let word =
            switch view.dtype {
            case .float32: word(Float.self)
            case .float64: word(Double.self)
            case .float16, .bfloat16: Float(view.double(at: offset)).description
            case .int8: word(Int8.self)
            case .int16: word(Int16.self)
            case .int32: word(Int32.self)
            case .int64: word(Int64.self)
            case .uint8, .bool: word(UInt8.self)
            case .uint16: word(UInt16.self)
            case .uint32: word(UInt32.self)
            case .uint64: word(UInt64.self)
            }
        text.append(contentsOf: word.utf8)
    }

    /// What could be part of a number, a line end or a quote separates nothing.
    static func check(_ delimiter: Character, _ caller: String) throws(TalwegError) -> UInt8 {
        let refused = "+-.\"\n\r\0".utf8
        guard let byte = delimiter.asciiValue, !delimiter.isLetter, !delimiter.isNumber, !refused.contains(byte) else {
            throw .invalid("\(caller): \(delimiter.debugDescription) cannot be a delimiter")
        }
        return byte
    }
}
