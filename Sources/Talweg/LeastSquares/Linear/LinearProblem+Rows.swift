import TalwegKernels

extension LinearProblem {
    /// In which form rows are read.
    enum Form {
        /// Multiplied by the column's scale.
        case scaled
        /// Centred, and multiplied by the square root of the row's weight, too.
        case prepared
    }

    /// Copies rows of X and Y, converted and in the form asked for, to the columns
    /// of a block, with zeros behind up to a multiple of 8 rows.
    /// - Parameter roots: room for a row count's square roots of weights, rounded up to 8.
    func load(
        _ form: Form, rows begin: Int, _ count: Int, into block: ColumnMajor, roots: UnsafeMutablePointer<Double>
    ) {
        let padded = (count + 7) & ~7
        let weighted = form == .prepared && weights != nil
        if weighted, let weights {
            for i in 0..<count { roots[i] = weights[begin + i].squareRoot() }
            (roots + count).update(repeating: 0, count: padded - count)
        }
        for j in 0..<width {
            let column = block.column(j)
            read(column: j, rows: begin, count, into: column)
            (column + count).update(repeating: 0, count: padded - count)
            let factor = scale[j]
            let shift = form == .prepared ? mean[j] : 0
            if weighted {
                for i in 0..<padded { column[i] = (column[i] * factor - shift) * roots[i] }
            } else if shift != 0 || factor != 1 {
                for i in 0..<count { column[i] = column[i] * factor - shift }
            }
        }
    }

    /// Copies elements of a column of X or, from p on, of Y, converted.
    private func read(column j: Int, rows begin: Int, _ count: Int, into out: UnsafeMutablePointer<Double>) {
        let source = j < p ? x : y
        let column = j < p ? j : j - p
        let first = begin * source.strides[0] + column * source.strides[1]
        kernels.cast(from: source.dtype, to: .float64)(
            count, source.pointer + first * source.dtype.itemSize, source.strides[0], out, 1)
    }

    /// How the rows are cut for the pool: bounds that depend on the sizes alone.
    /// A chunk has its own factor of p x p, so it has several times p rows.
    static func rowsPerChunk(_ n: Int, _ p: Int, width: Int, block: Int) -> Int {
        let (area, overflow) = width.multipliedReportingOverflow(by: max(p, 1))
        let enoughWork = overflow ? 1 : (1 << 20) / area + 1
        let share = (n + 15) / 16
        let rows = max(share, max(enoughWork, max(1024, 8 * min(width, n))))
        return (rows + block - 1) / block * block
    }

    /// Calls `body` for each block of a chunk's rows.
    func forEachBlock(of chunk: Int, _ body: (_ begin: Int, _ count: Int) -> Void) {
        let end = min(n, (chunk + 1) * rowsPerChunk)
        var begin = chunk * rowsPerChunk
        let step = blockRows
        while begin < end {
            body(begin, min(step, end - begin))
            begin += step
        }
    }

    /// Finds scales and means; throws at a NaN or an infinity.
    func measure() throws(TalwegError) {
        scale.update(repeating: 1, count: width)
        mean.update(repeating: 0, count: width)
        meanRest.update(repeating: 0, count: width)
        let chunks = self.chunks, width = self.width
        let buffer = StackedQR.stride(rows: blockRows)
        // Of each chunk: a column's rows, the sums in two parts, least and greatest.
        let perChunk = try slabBytes(buffer, width, width, width, width)
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: bytes)
        defer { withExtendedLifetime(space) {} }
        let memory = space.pointer

        if scan(memory, perChunk, buffer) {
            // Extreme values, whose sums may have overflown: again, scaled.
            _ = scan(memory, perChunk, buffer)
        } else {
            for j in 0..<width {
                mean[j] *= scale[j]
                meanRest[j] *= scale[j]
            }
        }
        guard (0..<width).allSatisfy({ scale[$0].isFinite && mean[$0].isFinite }) else { throw firstBadElement() }
    }

    /// One pass over the data with the scales as they are: sets the means and new
    /// scales. True if values were met that ask for another pass with them.
    private func scan(_ memory: UnsafeMutableRawPointer, _ perChunk: Int, _ buffer: Int) -> Bool {
        let width = self.width
        let kernels = Talweg.kernels
        guard let greatest = kernels.reduce(.max, .float64), let least = kernels.reduce(.min, .float64) else {
            return false
        }
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let values = slab.doubles(buffer)
            let sum = slab.doubles(width), rest = slab.doubles(width)
            let low = slab.doubles(width), high = slab.doubles(width)
            sum.update(repeating: 0, count: width)
            rest.update(repeating: 0, count: width)
            low.update(repeating: .infinity, count: width)
            high.update(repeating: -.infinity, count: width)
            forEachBlock(of: chunk) { begin, count in
                let padded = (count + 7) & ~7
                for j in 0..<width {
                    read(column: j, rows: begin, count, into: values)
                    (values + count).update(repeating: 0, count: padded - count)
                    if scale[j] != 1 { kernels.f64.scale(count, scale[j], values, values) }
                    var extreme = 0.0
                    least(count, values, 1, &extreme)
                    low[j] = extreme < low[j] || extreme.isNaN ? extreme : low[j]
                    greatest(count, values, 1, &extreme)
                    high[j] = extreme > high[j] || extreme.isNaN ? extreme : high[j]
                    if intercept {
                        var total = Twofold(sum[j], rest[j])
                        total.add(twofoldSum(padded, values, weights: weights.map { UnsafePointer($0 + begin) }))
                        (sum[j], rest[j]) = (total.high, total.low)
                    }
                }
            }
        }
        var extremes = false
        let penalty = ridge.squareRoot()
        for j in 0..<width {
            var total = Twofold()
            var magnitude = 0.0
            var bad = false
            for chunk in 0..<chunks {
                var slab = Slab(memory + chunk * perChunk)
                _ = slab.doubles(buffer)
                let sum = slab.doubles(width), rest = slab.doubles(width)
                let low = slab.doubles(width), high = slab.doubles(width)
                total.add(Twofold(sum[j], rest[j]))
                bad = bad || !low[j].isFinite || !high[j].isFinite
                magnitude = max(magnitude, max(low[j].magnitude, high[j].magnitude))
            }
            let average = total.divided(by: Twofold(sumOfWeights))
            mean[j] = intercept ? average.high : 0
            meanRest[j] = intercept ? average.low : 0
            if bad {
                scale[j] = .nan
                continue
            }
            // The second time the values are near 1, and the scale stays.
            guard scale[j] == 1 else { continue }
            let size = max(magnitude, j < p ? penalty : 0)
            if size > 1e250 || (magnitude > 0 && magnitude < 1e-250) { extremes = true }
            scale[j] = size == 0 ? 1 : LinearProblem.power(min(max(-size.exponent, -1000), 1000))
        }
        return extremes
    }

    /// The error of the first NaN or infinity, in the order of the rows.
    private func firstBadElement() -> TalwegError {
        for i in 0..<n {
            for j in 0..<width {
                var value = 0.0
                read(column: j, rows: i, 1, into: &value)
                if value.isFinite { continue }
                if j < p { return .numeric("\(name): X has \(value) in row \(i), column \(j)") }
                return k == 1
                    ? .numeric("\(name): y has \(value) in row \(i)")
                    : .numeric("\(name): y has \(value) in row \(i), column \(j - p)")
            }
        }
        return .numeric("\(name): the sums of X or y are not finite")
    }
}
