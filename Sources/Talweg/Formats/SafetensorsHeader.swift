#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The header of a safetensors file, checked as the reference implementation
/// checks it (github.com/huggingface/safetensors, safetensors/src/tensor.rs):
/// the tensors' data follow one another from the header to the end of the file,
/// without holes or overlap, and each has the size that shape and dtype say.
/// Beyond the reference, a name that comes twice is refused.
struct SafetensorsHeader: ~Copyable {
    /// A tensor as the header describes it.
    struct Entry: BitwiseCopyable {
        var name: JSONScanner.Slice
        /// Where the text of the shape begins.
        var shapeStart: UInt32
        /// Index into the list of dtypes.
        var dtype: UInt8
        /// Where its data begin and end, from the end of the header on.
        var begin: Int
        var end: Int
    }

    /// A text that belongs to no tensor.
    private struct Metadatum: BitwiseCopyable {
        var key: JSONScanner.Slice
        var value: JSONScanner.Slice
    }

    static let maximumByteCount = 100_000_000

    /// The header's text, with the names unescaped.
    private let text: Storage
    private let byteCount: Int
    private let label: String
    /// In the order of the data.
    private var entries: GrowingBuffer<Entry>
    /// Numbers of entries, in the order of the names.
    private var byName: GrowingBuffer<UInt32>
    private var metadataPairs: GrowingBuffer<Metadatum>

    var count: Int { entries.count }
    func entry(_ index: Int) -> Entry { entries.elements[index] }

    /// - Parameters:
    ///   - text: holds the header's `byteCount` bytes, which are overwritten
    ///   - dataByteCount: the rest of the file
    init(_ text: Storage, byteCount: Int, dataByteCount: Int, label: String) throws(TalwegError) {
        self.text = text
        self.byteCount = byteCount
        self.label = label
        entries = GrowingBuffer()
        byName = GrowingBuffer()
        metadataPairs = GrowingBuffer()
        try checkText()
        try parse()
        try sortByName()
        try checkLayout(dataByteCount)
    }

    private var bytes: UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(start: text.pointer.assumingMemoryBound(to: UInt8.self), count: byteCount)
    }

    private func checkText() throws(TalwegError) {
        guard bytes.first == 0x7B else { throw .format("\(label): the header does not begin with '{'") }
        do {
            _ = try UTF8Span(validating: UnsafeBufferPointer(bytes).span)
        } catch {
            throw .format("\(label): the header is not valid UTF-8")
        }
    }

    private mutating func parse() throws(TalwegError) {
        var json = JSONScanner(bytes, label: "\(label): header")
        var hasMetadata = false
        try json.object { (json, name) throws(TalwegError) in
            if equals(name, "__metadata__") {
                guard !hasMetadata else { throw json.error("__metadata__ comes twice") }
                hasMetadata = true
                try json.object { (json, key) throws(TalwegError) in
                    try metadataPairs.append(Metadatum(key: key, value: try json.string()))
                }
            } else {
                try entries.append(try parseEntry(&json, name))
            }
        }
        try json.expectEnd()
    }

    private func parseEntry(_ json: inout JSONScanner, _ name: JSONScanner.Slice) throws(TalwegError) -> Entry {
        var dtype: UInt8?
        var shapeStart: UInt32?
        var offsets: (begin: Int, end: Int)?
        try json.object { (json, key) throws(TalwegError) in
            if equals(key, "dtype") {
                guard dtype == nil else { throw json.error("dtype comes twice") }
                let name = try json.string()
                dtype = SafetensorsDType.all.firstIndex { equals(name, $0.name) }.map { UInt8($0) }
                if dtype == nil { throw json.error("unknown dtype \(quoted(name))") }
            } else if equals(key, "shape") {
                guard shapeStart == nil else { throw json.error("shape comes twice") }
                shapeStart = UInt32(json.position)
                try json.array { (json) throws(TalwegError) in _ = try json.unsigned() }
            } else if equals(key, "data_offsets") {
                guard offsets == nil else { throw json.error("data_offsets comes twice") }
                try json.expect("[")
                let begin = try json.unsigned()
                try json.expect(",")
                let end = try json.unsigned()
                try json.expect("]")
                offsets = (Int(clamping: begin), Int(clamping: end))
            } else {
                try json.skipValue()
            }
        }
        guard let dtype, let shapeStart, let offsets else {
            throw json.error("tensor \(quoted(name)) lacks its dtype, shape or data_offsets")
        }
        return Entry(
            name: name, shapeStart: shapeStart, dtype: dtype, begin: offsets.begin, end: offsets.end)
    }

    private mutating func sortByName() throws(TalwegError) {
        heapSort(entries.elements) { a, b in
            // Empty tensors share their offsets: those keep the header's order.
            (a.begin, a.end, a.name.start) < (b.begin, b.end, b.name.start)
        }
        for index in 0..<count { try byName.append(UInt32(index)) }
        let (bytes, entries) = (bytes, entries.elements)
        func compare(_ a: UInt32, _ b: UInt32) -> Int {
            SafetensorsHeader.compare(
                SafetensorsHeader.slice(bytes, entries[Int(a)].name),
                SafetensorsHeader.slice(bytes, entries[Int(b)].name))
        }
        heapSort(byName.elements) { compare($0, $1) < 0 }
        for i in 1..<max(1, count) where compare(byName.elements[i - 1], byName.elements[i]) == 0 {
            throw .format("\(label): the name \(quoted(entries[Int(byName.elements[i])].name)) comes twice")
        }
    }

    private func checkLayout(_ dataByteCount: Int) throws(TalwegError) {
        var position = 0
        for entry in entries.elements {
            guard entry.begin == position, entry.end >= entry.begin else {
                throw .format(
                    "\(label): invalid offsets \(entry.begin) to \(entry.end) of tensor \(quoted(entry.name)): "
                        + "the data before it end at \(position)")
            }
            position = entry.end
            var elements: UInt64 = 1
            var overflow = false
            try forEachSize(entry) { size in
                let (product, over) = elements.multipliedReportingOverflow(by: size)
                elements = product
                overflow = overflow || over
            }
            let dtype = SafetensorsDType.all[Int(entry.dtype)]
            let (bits, over) = elements.multipliedReportingOverflow(by: UInt64(dtype.bits))
            guard !over, !overflow else {
                throw .format("\(label): the size of tensor \(quoted(entry.name)) overflows")
            }
            guard bits % 8 == 0, bits / 8 == UInt64(entry.end - entry.begin) else {
                throw .format(
                    "\(label): tensor \(quoted(entry.name)) has \(entry.end - entry.begin) bytes of data; "
                        + "its shape and dtype \(dtype.name) need \(bits) bits")
            }
        }
        guard position == dataByteCount else {
            let what = position < dataByteCount ? "more than the tensors' data" : "truncated"
            throw .format("\(label): \(what): the header describes \(position) bytes, \(dataByteCount) follow it")
        }
    }

    /// Reads the sizes of a shape again from the text, where they were checked.
    private func forEachSize(_ entry: Entry, _ body: (UInt64) -> Void) throws(TalwegError) {
        var json = JSONScanner(bytes, at: Int(entry.shapeStart), label: label)
        try json.array { (json) throws(TalwegError) in body(try json.unsigned()) }
    }

    func name(_ index: Int) -> String {
        String(decoding: SafetensorsHeader.slice(bytes, entry(index).name), as: UTF8.self)
    }

    /// The text of a key of the metadata, the first if there are several.
    func metadata(_ key: String) -> String? {
        var key = key
        return key.withUTF8 { wanted in
            for pair in metadataPairs.elements
            where SafetensorsHeader.compare(SafetensorsHeader.slice(bytes, pair.key), wanted) == 0 {
                return String(decoding: SafetensorsHeader.slice(bytes, pair.value), as: UTF8.self)
            }
            return nil
        }
    }

    /// The shape, if Talweg can have such a tensor.
    func shape(_ entry: Entry) throws(TalwegError) -> Shape {
        var sizes = InlineArray<8, Int>(repeating: 0)
        var rank = 0
        try forEachSize(entry) { size in
            if rank < maximumRank { sizes[rank] = Int(clamping: size) }
            rank += 1
        }
        guard rank <= maximumRank else {
            throw .shape("\(label): tensor \(quoted(entry.name)) has \(rank) axes; the most is \(maximumRank)")
        }
        return try Shape(sizes: sizes, rank: rank, for: label)
    }

    /// The number of the tensor with a name, by binary search.
    func index(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                let found = Int(byName.elements[middle])
                let order = SafetensorsHeader.compare(
                    SafetensorsHeader.slice(bytes, entry(found).name), wanted)
                if order == 0 { return found }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }
}

// Names are compared as bytes: those of Unicode that look the same are different ones.
extension SafetensorsHeader {
    private static func slice(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ slice: JSONScanner.Slice)
        -> UnsafeBufferPointer<UInt8>
    {
        UnsafeBufferPointer(rebasing: UnsafeBufferPointer(bytes)[Int(slice.start)..<Int(slice.start + slice.count)])
    }

    private static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        let common = min(a.count, b.count)
        if common > 0, let first = a.baseAddress, let second = b.baseAddress {
            let order = memcmp(first, second, common)
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    private func equals(_ slice: JSONScanner.Slice, _ word: StaticString) -> Bool {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        return SafetensorsHeader.compare(SafetensorsHeader.slice(bytes, slice), word) == 0
    }

    private func quoted(_ slice: JSONScanner.Slice) -> String {
        quote(SafetensorsHeader.slice(bytes, slice))
    }
}
