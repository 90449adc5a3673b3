import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes scalars and histograms to an event file that TensorBoard shows: records with a masked CRC-32C each
/// (tensorflow/core/lib/io/record_writer.h), which hold Event messages (tensorflow/core/util/event.proto,
/// tensorflow/core/framework/summary.proto).
public final class EventWriter {
    private let file: AppendedFile
    private static let serial = Atomic<UInt64>(0)

    /// Begins a file of its own in a folder, which is made (not those above it) if there is none.
    /// - Throws: io
    public init(folder: String) throws(TalwegError) {
        try checkPath(folder, "event_writer")
        if !CheckpointFolder.exists(folder), mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw .system("event_writer", folder, errno)
        }
        let number = EventWriter.serial.wrappingAdd(1, ordering: .relaxed).newValue
        // TensorBoard takes what has "tfevents" in its name, in the order of the names.
        let name = "events.out.tfevents.\(Int(EventWriter.wallTime)).\(EventWriter.host).\(getpid()).\(number)"
        file = try AppendedFile(path: "\(folder)/\(name)", caller: "event_writer")
        var event = ProtobufMessage()
        event.add(1, EventWriter.wallTime)
        event.add(3, "brain.Event:2")
        try add(event)
        try file.flush()
    }

    deinit { try? file.close() }

    public var path: String { file.path }

    /// A number at a step, under a name; slashes in it make groups.
    public func addScalar(_ tag: String, _ value: Double, step: Int) throws(TalwegError) {
        var entry = ProtobufMessage()
        entry.add(1, tag)
        entry.add(2, Float(value))
        try add(entry, step)
    }

    /// How the elements of a tensor are distributed: counts in intervals of one width from the least to the greatest.
    /// - Throws: numeric for elements that are not finite, invalidArgument for a count of intervals outside 1...10,000
    public func addHistogram(_ tag: String, _ values: Tensor, step: Int, bins: Int = 64) throws(TalwegError) {
        guard bins >= 1, bins <= 10_000 else {
            throw .invalid("event_writer: \(bins) intervals; there may be 1 to 10000")
        }
        let x = try values.detach().view.cast(to: .float64).contiguous()
        let elements = UnsafeBufferPointer(start: x.pointer(as: Double.self), count: x.count)
        var (least, greatest, sum, squares) = (Double.infinity, -Double.infinity, 0.0, 0.0)
        for value in elements {
            guard value.isFinite else {
                throw .numeric("event_writer: \"\(tag)\" \(values.shape) holds \(value), which no histogram shows")
            }
            (least, greatest) = (min(least, value), max(greatest, value))
            sum += value
            squares += value * value
        }
        if elements.isEmpty { (least, greatest) = (0, 0) }
        // Divided first, so that the width is finite whatever the range.
        let width = greatest / Double(bins) - least / Double(bins)
        var counts = [Double](repeating: 0, count: width > 0 ? bins : 1)
        for value in elements {
            let place = width > 0 ? (value / width - least / width).rounded(.down) : 0
            counts[min(counts.count - 1, max(0, Int(place)))] += 1
        }
        var limits: [Double] = []
        for place in counts.indices {
            limits.append(place == counts.count - 1 ? greatest : least + width * Double(place + 1))
        }
        withExtendedLifetime(x) {}
        var histogram = ProtobufMessage()
        for (place, number) in [least, greatest, Double(elements.count), sum, squares].enumerated() {
            histogram.add(UInt64(place + 1), number)
        }
        histogram.add(6, limits)
        histogram.add(7, counts)
        var entry = ProtobufMessage()
        entry.add(1, tag)
        entry.add(5, histogram)
        try add(entry, step)
    }

    /// Hands all that was added to the system.
    public func flush() throws(TalwegError) { try file.flush() }

    /// Ends the file; what is added later is an error of state.
    public func close() throws(TalwegError) { try file.close() }

    private func add(_ entry: ProtobufMessage, _ step: Int) throws(TalwegError) {
        var summary = ProtobufMessage()
        summary.add(1, entry)
        var event = ProtobufMessage()
        event.add(1, EventWriter.wallTime)
        event.add(2, Int64(step))
        event.add(5, summary)
        try add(event)
    }

    private func add(_ event: ProtobufMessage) throws(TalwegError) { try file.append(EventWriter.record(event.bytes)) }

    /// The length with its check, the data with theirs.
    static func record(_ data: [UInt8]) -> [UInt8] {
        func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let length = littleEndian(UInt64(data.count))
        return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
    }

    private static var wallTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "host" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let allowed = bytes.filter { byte in
            let lower = byte | 0x20
            return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D
        }
        return allowed.isEmpty ? "host" : String(decoding: allowed, as: UTF8.self)
    }
}
