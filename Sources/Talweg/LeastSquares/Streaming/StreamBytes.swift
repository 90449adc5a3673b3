/// A stream's state as bytes: "TWSTREAM", then numbers of 8 bytes each in little-endian order: version, features,
/// targets, flags; rows, rows in use, the weights' exponent; ridge, rank tolerance, forgetting; the weights' sum in two
/// parts and that of their logarithms; scales and shifts [p + k], tails [k], the factor [columns, p' + k] by columns.
extension LeastSquaresStream {
    private static let magic: UInt64 = 0x4D41_4552_5453_5754
    private static let version: UInt64 = 1
    private static let headWords = 14

    /// How many bytes `save` writes.
    public var byteCount: Int { 8 * (LeastSquaresStream.headWords + 2 * (features + targets) + targets + area) }

    private var area: Int { state.columns * state.width }

    public func save(to bytes: UnsafeMutableRawPointer) {
        var place = bytes
        func put(_ word: UInt64) {
            place.storeBytes(of: word.littleEndian, as: UInt64.self)
            place += 8
        }
        func put(_ values: UnsafePointer<Double>, _ count: Int) {
            for i in 0..<count { put(values[i].bitPattern) }
        }
        let totals = state.totals
        put(LeastSquaresStream.magic)
        put(LeastSquaresStream.version)
        put(UInt64(features))
        put(UInt64(targets))
        put((options.intercept ? 1 : 0) | (manyTargets ? 2 : 0) | (totals.isWeighted ? 4 : 0))
        put(UInt64(totals.rows))
        put(UInt64(totals.rowsInUse))
        put(UInt64(bitPattern: Int64(totals.exponent)))
        for value in [options.ridge, options.rankTolerance, options.forgetting] { put(value.bitPattern) }
        for value in [totals.sum.high, totals.sum.low, totals.logarithms] { put(value.bitPattern) }
        put(state.scale, features + targets)
        put(state.shift, features + targets)
        put(state.tail, targets)
        for j in 0..<state.width { put(state.stack.r.column(j), state.columns) }
    }

    /// A stream that goes on from what `save` wrote.
    /// - Throws: `.format` for bytes that no stream wrote
    public static func load(_ bytes: UnsafeRawBufferPointer) throws(TalwegError) -> LeastSquaresStream {
        func wrong(_ what: String) -> TalwegError { .format("lstsq_stream_load: \(what)") }
        var place = 0
        func word() -> UInt64 {
            defer { place += 8 }
            return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
        func number() -> Double { Double(bitPattern: word()) }
        guard bytes.count >= 8 * headWords, word() == magic else { throw wrong("these are no bytes of a stream") }
        let found = word()
        guard found == version else { throw wrong("version \(found) is unknown") }
        let sizes = (word(), word()), flags = word()
        let counts = (word(), word()), exponent = Int64(bitPattern: word())
        guard sizes.0 < 1 << 31, sizes.1 > 0, sizes.1 < 1 << 31, flags < 8, counts.0 < 1 << 62, counts.1 <= counts.0,
            exponent.magnitude <= 600
        else { throw wrong("the head is malformed") }
        var options = StreamOptions()
        options.intercept = flags & 1 == 1
        options.ridge = number()
        options.rankTolerance = number()
        options.forgetting = number()
        try options.check()
        let (p, k) = (Int(sizes.0), Int(sizes.1))
        // Before memory is taken for sizes that may be made up: 8 bytes each of at least that many numbers.
        let columns = p + (options.intercept ? 1 : 0)
        let (area, overflow) = columns.multipliedReportingOverflow(by: columns + k)
        guard !overflow, area < 1 << 58, bytes.count == 8 * (headWords + 2 * (p + k) + k + area),
            flags & 2 == 2 || k == 1
        else { throw wrong("\(bytes.count) bytes do not fit \(p) features and \(k) targets") }
        let state = try StreamState(features: p, targets: k, intercept: options.intercept)
        state.totals.rows = Int(counts.0)
        state.totals.rowsInUse = Int(counts.1)
        state.totals.exponent = Int(exponent)
        state.totals.sum = Twofold(number(), number())
        state.totals.logarithms = number()
        state.totals.isWeighted = flags & 4 == 4
        var isFinite = state.totals.sum.value.isFinite && state.totals.logarithms.isFinite
        func take(_ out: UnsafeMutablePointer<Double>, _ count: Int) {
            for i in 0..<count {
                out[i] = number()
                isFinite = isFinite && out[i].isFinite
            }
        }
        take(state.scale, p + k)
        take(state.shift, p + k)
        take(state.tail, k)
        for j in 0..<state.width { take(state.stack.r.column(j), state.columns) }
        guard isFinite else { throw wrong("a number is not finite") }
        for j in 0..<(p + k) {
            let scale = state.scale[j]
            guard scale == 0 || scale > 0 && scale.significand == 1 && scale.isNormal else {
                throw wrong("a scale is \(scale)")
            }
        }
        for t in 0..<k where state.tail[t] < 0 { throw wrong("a sum of squares is \(state.tail[t])") }
        for j in 0..<state.columns {
            for i in (j + 1)..<max(state.columns, j + 1) where state.stack.r[i, j] != 0 {
                throw wrong("the factor is not triangular")
            }
        }
        return LeastSquaresStream(state, manyTargets: flags & 2 == 2, options)
    }
}
