import TalwegKernels

extension Tensor: CustomStringConvertible {
    /// What `text` gives, or dtype and shape where there is no memory for it.
    public var description: String {
        do { return try text() } catch { return "Tensor(\(dtype.name), \(shape))" }
    }

    /// The elements laid out as NumPy 2's `str` lays them out: beyond 1,000
    /// elements only the first and last three along each axis, lines of at most
    /// 75 characters, numbers aligned with up to 8 digits after the point.
    /// Only the elements that are shown are read.
    public func text() throws(TalwegError) -> String { try text(indent: nil) }

    /// The same as NumPy 2's `repr` has it: with commas between the elements, for a text that stands
    /// in brackets behind `prefixLength` characters of the first line.
    public func literal(prefixLength: Int) throws(TalwegError) -> String {
        guard 0...PrintLayout.lineWidth ~= prefixLength else {
            throw .invalid("text: \(prefixLength) characters before it; from 0 to \(PrintLayout.lineWidth) are allowed")
        }
        return try text(indent: prefixLength)
    }

    private func text(indent: Int?) throws(TalwegError) -> String {
        if count == 0 { return "[]" }
        let shown = try ShownElements(view)
        if rank == 0, indent == nil || !dtype.isFloating { return shown.scalarText() }
        let format = shown.format()
        if rank == 0 { return shown.word(format) }
        var layout = PrintLayout(
            shape: shape, isSummarised: shown.isSummarised, wordLength: format.wordLength, indent: indent)
        layout.write { index, text in shown.append(index, format, to: &text) }
        return String(decoding: layout.text, as: UTF8.self)
    }
}

/// The elements that a text shows, copied out in row-major order.
private struct ShownElements {
    let isSummarised: Bool
    private let dtype: DType
    /// As float64 or, for integers and bool, int64 or uint64: what holds every value of the dtype.
    private let values: View

    init(_ view: View) throws(TalwegError) {
        dtype = view.dtype
        isSummarised = view.count > PrintLayout.threshold
        var sizes = PerAxis(repeating: 0)
        for axis in 0..<view.rank { sizes[axis] = PrintLayout.shown(view.shape[axis], isSummarised) }
        let shape = try Shape(sizes: sizes, rank: view.rank, for: "text")
        values = try View(uninitialized: shape, dtype.isFloating ? .float64 : dtype.accumulated)
        let cast = kernels.cast(from: dtype, to: values.dtype)
        var index = PerAxis(repeating: 0)
        for element in 0..<shape.count {
            var offset = 0
            for axis in 0..<view.rank {
                let isTrailing = sizes[axis] < view.shape[axis] && index[axis] >= PrintLayout.edge
                let position = isTrailing ? view.shape[axis] - sizes[axis] + index[axis] : index[axis]
                offset += position * view.strides[axis]
            }
            cast(1, view.pointer + offset * dtype.itemSize, 1, values.pointer + element * 8, 1)
            var axis = view.rank - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < sizes[axis] { break }
                index[axis] = 0
                axis -= 1
            }
        }
    }

    private func double(_ index: Int) -> Double { values.pointer(as: Double.self)[index] }
    private func isTrue(_ index: Int) -> Bool { values.pointer(as: Int64.self)[index] != 0 }

    private func integer(_ index: Int) -> String {
        values.dtype == .uint64
            ? String(values.pointer(as: UInt64.self)[index]) : String(values.pointer(as: Int64.self)[index])
    }

    /// A scalar is printed as NumPy prints a number, with all its digits.
    func scalarText() -> String {
        if dtype == .bool { return isTrue(0) ? "True" : "False" }
        if !dtype.isFloating { return integer(0) }
        return DecimalText.scalar(double(0), PrintPrecision(dtype))
    }

    func format() -> PrintFormat {
        if dtype == .bool { return PrintFormat(width: 5) }
        if dtype.isFloating {
            let numbers = UnsafeBufferPointer(start: values.pointer(as: Double.self), count: values.count)
            return PrintFormat(numbers, PrintPrecision(dtype))
        }
        var width = 0
        for index in 0..<values.count { width = max(width, integer(index).utf8.count) }
        return PrintFormat(width: width)
    }

    /// The only element, as one of an array.
    func word(_ format: PrintFormat) -> String {
        var text: [UInt8] = []
        append(0, format, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func append(_ index: Int, _ format: PrintFormat, to text: inout [UInt8]) {
        if dtype.isFloating {
            format.append(double(index), PrintPrecision(dtype), to: &text)
        } else {
            let word = dtype == .bool ? (isTrue(index) ? "True" : "False") : integer(index)
            for _ in 0..<max(0, format.wordLength - word.utf8.count) { text.append(0x20) }
            text.append(contentsOf: word.utf8)
        }
    }
}

/// Brackets, line breaks and omissions: NumPy's `_formatArray` in
/// numpy/_core/arrayprint.py, for words that are all of one length.
private struct PrintLayout {
    /// More elements than this are summarised.
    static let threshold = 1000
    /// How many are shown at each end of an axis then.
    static let edge = 3
    static let lineWidth = 75

    private let shape: Shape
    private let isSummarised: Bool
    private let wordLength: Int
    /// Of a literal: there are commas, and all lines but the first begin with so many spaces more.
    private let indent: Int?
    private(set) var text: [UInt8] = []
    private var next = 0

    init(shape: Shape, isSummarised: Bool, wordLength: Int, indent: Int?) {
        self.shape = shape
        self.isSummarised = isSummarised
        self.wordLength = wordLength
        self.indent = indent
    }

    /// How many positions of an axis are shown.
    static func shown(_ size: Int, _ isSummarised: Bool) -> Int {
        isSummarised ? min(size, 2 * edge) : size
    }

    /// - Parameter word: appends the text of a shown element, by its number
    mutating func write(_ word: (Int, inout [UInt8]) -> Void) { block(axis: 0, word) }

    /// One axis with what is inside it; at most eight of them, one in another.
    private mutating func block(axis: Int, _ word: (Int, inout [UInt8]) -> Void) {
        let count = PrintLayout.shown(shape[axis], isSummarised)
        text.append(0x5B)
        if axis == shape.rank - 1 {
            row(axis: axis, count, word)
        } else {
            for item in 0..<count {
                if item > 0 { startBlock(axis) }
                if item == PrintLayout.edge, count < shape[axis] {
                    text.append(contentsOf: "...".utf8)
                    startBlock(axis)
                }
                block(axis: axis + 1, word)
            }
        }
        text.append(0x5D)
    }

    private mutating func startBlock(_ axis: Int) {
        if indent != nil { text.append(0x2C) }
        for _ in axis..<(shape.rank - 1) { text.append(0x0A) }
        for _ in 0...(axis + (indent ?? 0)) { text.append(0x20) }
    }

    private mutating func row(axis: Int, _ count: Int, _ word: (Int, inout [UInt8]) -> Void) {
        // Room for the closing brackets, and for the opening ones as an indent.
        let width = PrintLayout.lineWidth - shape.rank - (self.indent == nil ? 0 : 1)
        let separator: [UInt8] = self.indent == nil ? [0x20] : [0x2C, 0x20]
        let indent = axis + 1 + (self.indent ?? 0)
        var length = indent
        func breakLine(before wordLength: Int, _ text: inout [UInt8]) {
            if length + wordLength > width, length > indent {
                while text.last == 0x20 { text.removeLast() }
                text.append(0x0A)
                for _ in 0..<indent { text.append(0x20) }
                length = indent
            }
            length += wordLength
        }
        for item in 0..<count {
            if item > 0 {
                text += separator
                length += separator.count
            }
            if item == PrintLayout.edge, count < shape[axis] {
                breakLine(before: 3, &text)
                text += [0x2E, 0x2E, 0x2E] + separator
                length += separator.count
            }
            breakLine(before: wordLength, &text)
            word(next, &text)
            next += 1
        }
    }
}
