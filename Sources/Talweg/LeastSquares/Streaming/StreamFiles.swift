import TalwegKernels

/// How a file's columns are shared out.
public struct StreamFileOptions {
    /// The first of the targets' columns, which lie side by side; negative: they are the table's last.
    public var targetColumn = -1
    /// The weights' column; negative: none.
    public var weightColumn = -1
    /// npy: the targets', and the weights', own files, [n] or [n, k], whose columns are then not in the first.
    public var targetPath: String?
    public var weightPath: String?
    /// CSV.
    public var delimiter: Character = ","
    public var skipLines = 0
    /// Called after each block with the rows so far; true ends the reading.
    public var callback: ((Int) -> Bool)?

    public init() {}
}

extension LeastSquaresStream {
    /// Bytes that are read at a time, about.
    private static let blockBytes = 1 << 22

    /// Takes in the rows of a CSV file, block by block; on an error none.
    public func push(csv path: String, _ options: StreamFileOptions = StreamFileOptions()) throws(TalwegError) {
        let name = "lstsq_stream_push_csv"
        guard options.targetPath == nil, options.weightPath == nil else {
            throw .invalid("\(name): targets and weights are columns of the table; only npy files have their own")
        }
        guard options.skipLines >= 0 else { throw .invalid("\(name): \(options.skipLines) lines to skip") }
        let delimiter = try CSV.check(options.delimiter, name)
        var reader = try CSVReader<Double>(path: path, delimiter: delimiter, caller: name)
        try reader.begin(skipLines: options.skipLines)
        let most = max(1, LeastSquaresStream.blockBytes / 8 / (features + targets + 1))
        let saved = try state.copied()
        var row = 0
        do throws(TalwegError) {
            while true {
                let count = try reader.readBlock(most)
                if count == 0 { break }
                guard let start = reader.elements.baseAddress else { break }
                let split = try Split(
                    self, columns: reader.columns, hasTargets: true, options, "\(name): \(path)")
                let block = split.block(count, start, .float64)
                try push(block, name, from: row)
                row += count
                if let callback = options.callback, callback(row) { throw cancelled(name, row) }
            }
        } catch {
            state.take(saved)
            throw error
        }
    }

    /// Takes in the rows of an npy file, block by block, never as a whole; on an error none.
    public func push(npy path: String, _ options: StreamFileOptions = StreamFileOptions()) throws(TalwegError) {
        let name = "lstsq_stream_push_npy"
        let table = try NpyFile(path: path, caller: name)
        let targetFile = try NpyFile.ifAny(options.targetPath, name)
        let weightFile = try NpyFile.ifAny(options.weightPath, name)
        for file in [targetFile, weightFile] {
            guard let file, file.rows != table.rows else { continue }
            throw .shape("\(name): \(path) has \(table.rows) rows, a file beside it \(file.rows)")
        }
        if let targetFile, targetFile.columns != targets {
            throw .shape("\(name): the targets' file has \(targetFile.columns) columns; the stream has \(targets)")
        }
        if let weightFile, weightFile.columns != 1 {
            throw .shape("\(name): the weights' file has \(weightFile.columns) columns")
        }
        guard weightFile == nil || options.weightColumn < 0 else {
            throw .invalid("\(name): weights are given as a column and as a file")
        }
        let split = try Split(
            self, columns: table.columns, hasTargets: targetFile == nil, options, "\(name): \(path)")
        let blocks = LeastSquaresStream.blockBytes / max(table.rowBytes, 1) / state.blockRows
        let most = min(max(1, blocks) * state.blockRows, max(table.rows, 1))
        let (bytes, over) = table.rowBytes.multipliedReportingOverflow(by: most)
        let (more, overflow) = (targetFile?.rowBytes ?? 0).multipliedReportingOverflow(by: most)
        guard !over, !overflow, bytes < 1 << 42, more < 1 << 42 else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: bytes + more + 8 * most + 192)
        let targetSpace = space.pointer + (bytes + 63) & ~63
        let weightSpace = targetSpace + (more + 63) & ~63
        let saved = try state.copied()
        do throws(TalwegError) {
            for begin in stride(from: 0, to: table.rows, by: most) {
                let count = min(most, table.rows - begin)
                try table.read(rows: begin, count, into: space.pointer)
                var block = split.block(count, space.pointer, table.dtype)
                if let targetFile {
                    try targetFile.read(rows: begin, count, into: targetSpace)
                    block = StreamBlock(
                        count: count, features: block.features,
                        targets: .init(targetSpace, targetFile.dtype, rowStride: targets), weights: block.weights)
                }
                if let weightFile {
                    try weightFile.read(rows: begin, count, into: weightSpace)
                    block = StreamBlock(
                        count: count, features: block.features, targets: block.targets,
                        weights: .init(weightSpace, weightFile.dtype, rowStride: 1))
                }
                try push(block, name, from: begin)
                if let callback = options.callback, callback(begin + count) { throw cancelled(name, begin + count) }
            }
        } catch {
            state.take(saved)
            throw error
        }
    }

    /// Takes in the blocks that a function gives until it gives nil; on an error, its own too, none.
    public func push(
        from source: () throws(TalwegError) -> (X: Tensor, y: Tensor, weights: Tensor?)?
    ) throws(TalwegError) {
        let saved = try state.copied()
        do throws(TalwegError) {
            while let next = try source() { try push(next.X, next.y, weights: next.weights) }
        } catch {
            state.take(saved)
            throw error
        }
    }

    private func cancelled(_ name: String, _ rows: Int) -> TalwegError {
        TalwegError(.cancelled, "\(name): the callback ended it after \(rows) rows")
    }
}

extension NpyFile {
    static func ifAny(_ path: String?, _ caller: String) throws(TalwegError) -> NpyFile? {
        guard let path else { return nil }
        return try NpyFile(path: path, caller: caller)
    }
}

/// Which columns of a table are what.
private struct Split {
    let columns: Int
    let targets: Range<Int>
    let weight: Int?

    init(
        _ stream: LeastSquaresStream, columns: Int, hasTargets: Bool, _ options: StreamFileOptions, _ place: String
    ) throws(TalwegError) {
        self.columns = columns
        let count = hasTargets ? stream.targets : 0
        let expected = stream.features + count + (options.weightColumn < 0 ? 0 : 1)
        guard columns == expected else {
            throw .shape("\(place): the table has \(columns) columns; the stream has use for \(expected)")
        }
        guard options.weightColumn < columns else {
            throw .index("\(place): the weights' column \(options.weightColumn) of \(columns)")
        }
        weight = options.weightColumn < 0 ? nil : options.weightColumn
        var first = options.targetColumn
        if first < 0 {
            // The last that are not the weights.
            first = columns - count
            if let weight, count > 0, weight >= first { first -= 1 }
        }
        guard first <= columns - count else {
            throw .index("\(place): the targets' column \(options.targetColumn) of \(columns)")
        }
        targets = first..<(first + count)
        if let weight, targets.contains(weight) {
            throw .invalid("\(place): column \(weight) cannot hold weights and be one of the targets")
        }
    }

    func block(_ count: Int, _ start: UnsafeMutableRawPointer, _ dtype: DType) -> StreamBlock {
        let item = dtype.itemSize
        var features = StreamBlock.Part(start, dtype, rowStride: columns)
        let alone = weight.map { $0..<($0 + 1) } ?? 0..<0
        features.gaps = alone.isEmpty || alone.lowerBound > targets.lowerBound ? (targets, alone) : (alone, targets)
        let y = StreamBlock.Part(start + targets.lowerBound * item, dtype, rowStride: columns)
        guard let weight else { return StreamBlock(count: count, features: features, targets: y, weights: nil) }
        let weights = StreamBlock.Part(start + weight * item, dtype, rowStride: columns)
        return StreamBlock(count: count, features: features, targets: y, weights: weights)
    }
}
