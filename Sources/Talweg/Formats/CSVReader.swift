/// Reads a table block by block. A field that a block cuts is read again when
/// the next block has come.
struct CSVReader<Value: DecimalConvertible>: ~Copyable {
    private let file: InputFile
    private let delimiter: UInt8
    private let caller: String

    private let block: Storage
    private static var blockSize: Int { 1 << 20 }
    private var position = 0
    private var end = 0
    private var isAtEnd = false

    private var values: GrowingBuffer<Value>
    private var line = 1
    private var rows = 0
    private(set) var columns = 0
    /// Of the first row, for messages.
    private var firstLine = 0

    init(path: String, delimiter: UInt8, caller: String) throws(TalwegError) {
        let file = try InputFile(path: path, caller: caller)
        let block = try Storage(byteCount: CSVReader.blockSize)
        self.file = file
        self.block = block
        self.delimiter = delimiter
        self.caller = caller
        values = GrowingBuffer()
    }

    private var bytes: UnsafeMutablePointer<UInt8> { block.pointer.assumingMemoryBound(to: UInt8.self) }

    mutating func read(skipLines: Int, _ dtype: DType) throws(TalwegError) -> View {
        try skipByteOrderMark()
        for _ in 0..<skipLines { try skipLine() }
        while try readRow() {}
        let shape = try Shape([rows, columns], for: caller)
        return View(storage: try values.memory(), dtype: dtype, shape: shape, strides: shape.rowMajorStrides, offset: 0)
    }

    /// Begins a reading by blocks, after the lines to leave out.
    mutating func begin(skipLines: Int) throws(TalwegError) {
        try skipByteOrderMark()
        for _ in 0..<skipLines { try skipLine() }
    }

    /// Reads up to so many rows in place of those read before.
    /// - Returns: how many; 0 at the end of the file.
    mutating func readBlock(_ most: Int) throws(TalwegError) -> Int {
        values.removeAll()
        let before = rows
        while rows - before < most, try readRow() {}
        return rows - before
    }

    /// The rows of the last block, row-major.
    var elements: UnsafeMutableBufferPointer<Value> { values.elements }

    /// Moves what is not yet read to the front of the block and fills it up.
    /// - Returns: false if there is nothing more.
    private mutating func refill() throws(TalwegError) -> Bool {
        if isAtEnd { return false }
        let rest = end - position
        guard rest < CSVReader.blockSize else {
            throw .format("\(place), line \(line): a field is longer than \(CSVReader.blockSize) bytes")
        }
        if rest > 0 { bytes.update(from: bytes + position, count: rest) }
        position = 0
        end = rest
        let got = try file.read(into: block.pointer + rest, count: CSVReader.blockSize - rest)
        end += got
        isAtEnd = got == 0
        return got > 0
    }

    private mutating func skipByteOrderMark() throws(TalwegError) {
        while end < 3, try refill() {}
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    }

    private mutating func skipLine() throws(TalwegError) {
        while true {
            while position < end {
                let byte = bytes[position]
                if byte == 0x0A || byte == 0x0D {
                    try takeLineEnd()
                    return
                }
                position += 1
            }
            guard try refill() else { return }
        }
    }

    /// At LF, CR or the first of CRLF.
    private mutating func takeLineEnd() throws(TalwegError) {
        let wasReturn = bytes[position] == 0x0D
        position += 1
        line += 1
        if wasReturn {
            if position == end { _ = try refill() }
            if position < end, bytes[position] == 0x0A { position += 1 }
        }
    }

    /// - Returns: false at the end of the file.
    private mutating func readRow() throws(TalwegError) -> Bool {
        var column = 0
        while true {
            var found = scanField(isFirst: column == 0)
            while found.needsMore {
                // The end of the file ends a field too: it is read again, knowing that.
                _ = try refill()
                found = scanField(isFirst: column == 0)
            }
            position = found.next
            switch found.kind {
            case .blankLine:
                guard position < end else { return false }
                try takeLineEnd()
                return true
            case .malformed:
                throw .format("\(place), line \(line), column \(column + 1): \(fieldText()) is not a number")
            case .value:
                guard rows == 0 || column < columns else {
                    throw .format(
                        "\(place): line \(line) has more columns than line \(firstLine), which has \(columns)")
                }
                try values.append(found.value)
                column += 1
            }
            if position < end, bytes[position] == delimiter {
                position += 1
                continue
            }
            try finishRow(column)
            if position < end { try takeLineEnd() }
            return true
        }
    }

    private mutating func finishRow(_ count: Int) throws(TalwegError) {
        if rows == 0 {
            columns = count
            firstLine = line
        }
        guard count == columns else {
            throw .format(
                "\(place): line \(line) has \(count) columns, line \(firstLine) has \(columns)")
        }
        rows += 1
    }

    private enum Kind { case value, blankLine, malformed }

    private struct Field {
        var kind: Kind
        var value: Value = .nan
        /// Where the delimiter or the line's end is; for a malformed field, its start.
        var next: Int
        /// The block ended before the field did.
        var needsMore = false
    }

    private func scanField(isFirst: Bool) -> Field {
        var p = bytes + position
        let limit = bytes + end
        skipBlanks(&p, limit)
        var field = Field(kind: .value, next: position)
        if isFirst, p == limit || p.pointee == 0x0A || p.pointee == 0x0D {
            field.kind = .blankLine
        } else if p < limit, p.pointee == 0x22 {
            p += 1
            skipBlanks(&p, limit)
            if p < limit, p.pointee != 0x22 { scanValue(&p, limit, &field) }
            skipBlanks(&p, limit)
            if p < limit, p.pointee == 0x22 { p += 1 } else { field.kind = .malformed }
        } else if p < limit, p.pointee != delimiter, p.pointee != 0x0A, p.pointee != 0x0D {
            scanValue(&p, limit, &field)
        }
        skipBlanks(&p, limit)
        field.needsMore = p == limit && !isAtEnd
        if p < limit, p.pointee != delimiter, p.pointee != 0x0A, p.pointee != 0x0D { field.kind = .malformed }
        if field.kind != .malformed { field.next = p - bytes }
        return field
    }

    private func skipBlanks(_ p: inout UnsafeMutablePointer<UInt8>, _ limit: UnsafeMutablePointer<UInt8>) {
        while p < limit, p.pointee == 0x20 || p.pointee == 0x09, p.pointee != delimiter { p += 1 }
    }

    private func scanValue(
        _ p: inout UnsafeMutablePointer<UInt8>, _ limit: UnsafeMutablePointer<UInt8>, _ field: inout Field
    ) {
        let start = p
        if let number = DecimalNumber.scan(&p, limit) {
            // Many digits or a far exponent are left to the standard library, which rounds
            // exactly too, whatever the locale.
            field.value =
                number.value(as: Value.self)
                ?? Value(String(decoding: UnsafeBufferPointer(start: start, count: p - start), as: UTF8.self)) ?? .nan
            return
        }
        if p == limit, !isAtEnd { return }
        p = start
        let isNegative = p.pointee == 0x2D
        if isNegative || p.pointee == 0x2B { p += 1 }
        if takeWord("nan", &p, limit) {
            field.value = .nan
        } else if takeWord("inf", &p, limit) {
            _ = takeWord("inity", &p, limit)
            field.value = isNegative ? -.infinity : .infinity
        } else {
            field.kind = .malformed
        }
    }

    /// Takes a word in any case, or as much of it as the block holds.
    private func takeWord(
        _ word: StaticString, _ p: inout UnsafeMutablePointer<UInt8>, _ limit: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var q = p
        for offset in 0..<word.utf8CodeUnitCount {
            if q == limit {
                if !isAtEnd { p = q }
                return false
            }
            guard q.pointee | 0x20 == word.utf8Start[offset] else { return false }
            q += 1
        }
        p = q
        return true
    }

    private var place: String { "\(caller): \(file.path)" }

    /// The field at the position, for a message.
    private func fieldText() -> String {
        let rest = UnsafeBufferPointer(start: bytes + position, count: end - position)
        let field = rest.prefix { $0 != delimiter && $0 != 0x0A && $0 != 0x0D }
        return quote(UnsafeBufferPointer(rebasing: field))
    }
}
