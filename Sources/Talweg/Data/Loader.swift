import TalwegKernels

/// Goes over the rows of inputs [n, ..] and targets [n, ..] in batches, which
/// are read when they are asked for: views where rows follow each other, else
/// copies of the chosen rows.
///
/// The order of epoch e is drawn from a stream of its own, a function of the
/// seed and e alone, so any epoch can be returned to.
public final class Loader {
    public let batchSize: Int
    public let shuffle: Bool
    public let dropLast: Bool
    public let seed: UInt64
    public private(set) var epoch = 0

    private let inputs: Tensor
    /// Further inputs [n, ..] of the same rows.
    private let others: [Tensor]
    private let targets: Tensor?
    /// The rows to go over, int64; nil: all.
    private let rows: View?
    private let count: Int
    /// The order of this epoch; nil: not drawn yet, or not wanted.
    private var order: View?
    /// How many batches of the epoch were given.
    private(set) var position = 0

    public typealias Batch = (x: Tensor, y: Tensor?)
    /// With the further inputs.
    typealias WideBatch = (x: Tensor, others: [Tensor], y: Tensor?)

    /// - Throws: shape if there are no rows or not as many targets, invalidArgument for a batch below 1.
    public convenience init(
        _ inputs: Tensor, _ targets: Tensor? = nil, batchSize: Int = 32, shuffle: Bool = false,
        dropLast: Bool = false, seed: UInt64 = 0
    ) throws(TalwegError) {
        try self.init(
            inputs, targets, rows: nil, batchSize: batchSize, shuffle: shuffle, dropLast: dropLast, seed: seed)
    }

    /// Over some rows: valid positions, int64 [count].
    init(
        _ inputs: Tensor, _ targets: Tensor?, others: [Tensor] = [], rows: View?, batchSize: Int, shuffle: Bool,
        dropLast: Bool, seed: UInt64
    ) throws(TalwegError) {
        let n = try Loader.rowCount(inputs, targets, for: "loader")
        for other in others { _ = try Loader.rowCount(inputs, other, for: "loader: further inputs") }
        guard batchSize >= 1 else { throw .invalid("loader: batch_size is \(batchSize); it must be 1 or more") }
        self.inputs = inputs
        self.others = others
        self.targets = targets
        self.rows = rows
        self.batchSize = batchSize
        self.shuffle = shuffle
        self.dropLast = dropLast
        self.seed = seed
        count = rows?.count ?? n
        order = nil
    }

    /// How many rows inputs and targets have in common, at least one.
    static func rowCount(_ inputs: Tensor, _ targets: Tensor?, for caller: String) throws(TalwegError) -> Int {
        guard inputs.rank >= 1, inputs.shape[0] >= 1 else {
            throw .shape("\(caller): inputs \(inputs.shape) have no rows")
        }
        if let targets {
            guard targets.rank >= 1, targets.shape[0] == inputs.shape[0] else {
                throw .shape("\(caller): inputs \(inputs.shape) and targets \(targets.shape) differ in their rows")
            }
        }
        return inputs.shape[0]
    }

    /// Whether batches have targets.
    public var hasTargets: Bool { targets != nil }

    /// The number of batches in an epoch.
    public var batches: Int {
        let full = count / batchSize
        return dropLast || count % batchSize == 0 ? full : full + 1
    }

    /// How many rows `count` batches from number `first` on have, as far as there are so many.
    func rows(ofBatches first: Int, count batchCount: Int) -> Int {
        let (wanted, overflow) = first.addingReportingOverflow(batchCount)
        let last = overflow ? batches : min(batches, wanted)
        guard first >= 0, first < last else { return 0 }
        // A batch that is not full is the epoch's last.
        return min(count, last > count / batchSize ? count : last * batchSize) - first * batchSize
    }

    /// The next batch; nil at the end of an epoch, and then the next epoch begins.
    public func next() throws(TalwegError) -> Batch? {
        guard let (x, _, y) = try nextWide() else { return nil }
        return (x, y)
    }

    /// As `next`, with the further inputs.
    func nextWide() throws(TalwegError) -> WideBatch? {
        guard position < batches else {
            (epoch, position, order) = (epoch &+ 1, 0, nil)
            return nil
        }
        let start = position * batchSize
        let stop = start + min(batchSize, count - start)
        let batch = try rows == nil && !shuffle ? slice(start, stop) : gather(start, stop)
        position += 1
        return batch
    }

    /// Starts over: the next batch is number `batch` of epoch `epoch`, both from 0.
    public func setEpoch(_ epoch: Int, batch: Int = 0) throws(TalwegError) {
        guard epoch >= 0 else { throw .invalid("loader: epoch is \(epoch); it must be 0 or more") }
        guard batch >= 0, batch <= batches else {
            throw .invalid("loader: batch is \(batch); an epoch has \(batches) batches")
        }
        (self.epoch, position, order) = (epoch, batch, nil)
    }

    private func slice(_ start: Int, _ stop: Int) throws(TalwegError) -> WideBatch {
        let x = try inputs.slice(axis: 0, from: start, to: stop)
        var more: [Tensor] = []
        for other in others { more.append(try other.slice(axis: 0, from: start, to: stop)) }
        guard let targets else { return (x, more, nil) }
        return (x, more, try targets.slice(axis: 0, from: start, to: stop))
    }

    private func gather(_ start: Int, _ stop: Int) throws(TalwegError) -> WideBatch {
        let order = try currentOrder()
        let chosen = order.with(
            shape: try Shape([stop - start], for: "loader"), strides: order.strides, offset: order.offset + start)
        // The rows are known to exist, so they need no check as `indexSelect` makes it.
        let select = IndexSelect(axis: 0, indices: chosen)
        let x = try apply(select, inputs)
        var more: [Tensor] = []
        for other in others { more.append(try apply(select, other)) }
        guard let targets else { return (x, more, nil) }
        return (x, more, try apply(select, targets))
    }

    /// Made anew for each epoch: a recorded selection may still need the one before.
    private func currentOrder() throws(TalwegError) -> View {
        if let order { return order }
        let made = if let rows { try rows.copy() } else { try Loader.identity(count) }
        if shuffle {
            Generator(seed: seed.stream(.epochs, UInt64(bitPattern: Int64(epoch))))
                .shuffle(UnsafeMutableBufferPointer(start: made.pointer(as: Int64.self), count: count))
        }
        order = made
        return made
    }

    /// 0, 1, ... as int64.
    static func identity(_ count: Int) throws(TalwegError) -> View {
        let view = try View(uninitialized: Shape([count], for: "loader"), .int64)
        let out = view.pointer(as: Int64.self)
        for i in 0..<view.count { out[i] = Int64(i) }
        return view
    }
}
