import TalwegKernels

/// What a bag of rows becomes.
public enum BagMode: Int32, Sendable {
    case sum = 0
    case mean = 1
    case max = 2
}

/// Which ids are in which bag.
private struct Bags {
    let count: Int
    /// int64 [n]: the ids, bag after bag.
    let ids: View
    /// int64 [n]: the bag of each id, ascending.
    let bags: View
    /// int64 [n]: where each id stands in what was given, if any was left out.
    let places: View?

    /// Of ids [bags, size], or [n] with the offsets at which bags begin, without those equal to `padding`.
    init(_ given: Tensor, _ offsets: Tensor?, lastOffset: Bool, rows: Int, padding: Int?) throws(TalwegError) {
        let ids = try given.positions(below: rows, "embedding_bag", fromEnd: false)
        let n = ids.count
        let owners = try View(uninitialized: Shape([n], for: "embedding_bag"), .int64)
        let bags = owners.pointer(as: Int64.self)
        if let offsets {
            guard given.rank == 1 else {
                throw .shape("embedding_bag: with offsets the ids have one axis, not the shape \(given.shape)")
            }
            count = try Bags.place(offsets, n, lastOffset, bags)
        } else {
            guard given.rank == 2 else {
                throw .shape("embedding_bag: ids \(given.shape) without offsets; [bags, size] is needed")
            }
            count = given.shape[0]
            let size = max(given.shape[1], 1)
            for i in 0..<n { bags[i] = Int64(i / size) }
        }
        guard let padding else {
            self.ids = try ids.with(shape: owners.shape, strides: owners.strides).contiguous()
            self.bags = owners
            places = nil
            return
        }
        let kept = try View(uninitialized: owners.shape, .int64)
        let (values, places) = (ids.pointer(as: Int64.self), kept.pointer(as: Int64.self))
        var left = 0
        for i in 0..<n where values[i] != Int64(padding) {
            (values[left], bags[left], places[left]) = (values[i], bags[i], Int64(i))
            left += 1
        }
        let shape = try Shape([left], for: "embedding_bag")
        self.ids = ids.with(shape: shape, strides: shape.rowMajorStrides)
        self.bags = owners.with(shape: shape, strides: shape.rowMajorStrides)
        self.places = kept.with(shape: shape, strides: shape.rowMajorStrides)
    }

    /// Writes the bag of each of n ids; gives how many bags there are.
    private static func place(_ offsets: Tensor, _ n: Int, _ lastOffset: Bool, _ bags: UnsafeMutablePointer<Int64>)
        throws(TalwegError) -> Int
    {
        guard offsets.dtype.isInteger, offsets.rank == 1 else {
            throw .shape("embedding_bag: offsets are integers [bags], not \(offsets.dtype.name) \(offsets.shape)")
        }
        let starts = try offsets.view.ownedIntegers()
        let values = starts.pointer(as: Int64.self)
        let given = starts.count
        guard given > 0 ? values[0] == 0 : n == 0 && !lastOffset else {
            let first = given > 0 ? "the first offset is \(values[0])" : "there are no offsets for \(n) ids"
            throw .invalid("embedding_bag: \(first); bags begin at 0")
        }
        for i in 0..<given {
            let before = i > 0 ? values[i - 1] : 0
            guard values[i] >= before, values[i] <= Int64(n) else {
                throw .invalid(
                    "embedding_bag: offset \(i) is \(values[i]) after \(before), of \(n) ids; offsets must not fall "
                        + "nor go beyond the ids")
            }
        }
        if lastOffset, given > 0, values[given - 1] != Int64(n) {
            throw .invalid("embedding_bag: the last offset is \(values[given - 1]), but there are \(n) ids")
        }
        let count = lastOffset ? given - 1 : given
        for bag in 0..<count {
            let end = bag + 1 < given ? Int(values[bag + 1]) : n
            var i = Int(values[bag])
            while i < end {
                bags[i] = Int64(bag)
                i += 1
            }
        }
        return count
    }

    /// How many ids each bag has: float64 [bags, 1].
    func sizes() throws(TalwegError) -> Tensor {
        let y = try View.full(Shape([count, 1], for: "embedding_bag"), 0, .float64)
        let (sizes, owners) = (y.pointer(as: Double.self), bags.pointer(as: Int64.self))
        for i in 0..<bags.count { sizes[Int(owners[i])] += 1 }
        return Tensor(y)
    }

    /// The row [n, width] that has the largest element of each bag and column, the first of equals and a NaN before
    /// all: int64 [bags, width]; 0 for empty bags.
    func places(ofLargest rows: View) throws(TalwegError) -> Tensor {
        let width = rows.shape[1]
        let y = try View.full(Shape([count, width], for: "embedding_bag"), 0, .int64)
        let x = try rows.contiguous()
        switch x.dtype {
        case .float32: findLargest(x.pointer(as: Float.self), width, y.pointer(as: Int64.self))
        default: findLargest(x.pointer(as: Double.self), width, y.pointer(as: Int64.self))
        }
        withExtendedLifetime(x) {}
        return Tensor(y)
    }

    /// Threads share the columns.
    private func findLargest<T: BinaryFloatingPoint>(
        _ x: UnsafePointer<T>, _ width: Int, _ to: UnsafeMutablePointer<Int64>
    ) {
        let owners = bags.pointer(as: Int64.self)
        let n = bags.count
        if n == 0 || width == 0 { return }
        let columns = n <= elementsPerChunk / width ? width : 64
        ThreadPool.run(chunks: (width + columns - 1) / columns) { chunk in
            let (first, last) = (chunk * columns, min(width, (chunk + 1) * columns))
            for i in 0..<n {
                let (row, best) = (x + i * width, to + Int(owners[i]) * width)
                let isFirst = i == 0 || owners[i - 1] != owners[i]
                for column in first..<last {
                    let (value, largest) = (row[column], x[Int(best[column]) * width + column])
                    if isFirst || value > largest || (value.isNaN && !largest.isNaN) { best[column] = Int64(i) }
                }
            }
        }
    }
}

extension Tensor {
    /// The sums, means or largest of this table's rows [rows, width] in bags: [bags, width]; zeros for an empty bag.
    /// - Parameters:
    ///   - ids: integers in 0 ..< rows: [bags, size], or [n] with offsets
    ///   - offsets: where in the ids each bag begins: integers that do not fall, from 0; [bags] or, with `lastOffset`,
    ///     [bags + 1], the last of them n
    ///   - weights: for sums: a factor for each id, of the shape of ids
    ///   - padding: a row that belongs to no bag
    public func embeddingBag(
        _ ids: Tensor, offsets: Tensor? = nil, weights: Tensor? = nil, mode: BagMode = .mean, padding: Int? = nil,
        lastOffset: Bool = false
    ) throws(TalwegError) -> Tensor {
        try requireTable("embedding_bag")
        guard dtype.isFloating else { throw .dtype("embedding_bag: needs a floating table, not \(dtype.name)") }
        if let padding { try checkPadding(padding, "embedding_bag") }
        if let weights {
            guard mode == .sum else {
                throw .invalid("embedding_bag: weights are for sums, not for means or the largest")
            }
            guard weights.shape == ids.shape, weights.dtype == dtype else {
                throw .shape(
                    "embedding_bag: weights \(weights.dtype.name) \(weights.shape) for ids \(ids.shape) of a "
                        + "\(dtype.name) table")
            }
        }
        let bags = try Bags(ids, offsets, lastOffset: lastOffset, rows: shape[0], padding: padding)
        let picked = try apply(IndexSelect(axis: 0, indices: bags.ids), self)
        return try picked.widened { picked throws(TalwegError) in
            if mode == .max { return try Tensor.largest(picked, bags) }
            var rows = picked
            if let weights {
                var factors = try weights.cast(to: rows.dtype).reshape([weights.count])
                if let places = bags.places { factors = try apply(IndexSelect(axis: 0, indices: places), factors) }
                rows = try rows * factors.expandDims(1)
            }
            let select = IndexSelect(axis: 0, indices: bags.bags)
            let target = try Shape([bags.count, rows.shape[1]], for: "embedding_bag")
            let sums = try apply(IndexAdd(select: select, target: target), rows)
            guard mode == .mean else { return sums }
            let sizes = try bags.sizes()
            return try sums / sizes.maximum(sizes.scalar(1)).cast(to: sums.dtype)
        }
    }

    private static func largest(_ rows: Tensor, _ bags: Bags) throws(TalwegError) -> Tensor {
        guard rows.shape[0] > 0 else {
            return try zeros(Shape([bags.count, rows.shape[1]], for: "embedding_bag"), rows.dtype)
        }
        let picked = try rows.gather(axis: 0, bags.places(ofLargest: rows.view))
        let isEmpty = try bags.sizes().isEqual(Tensor.zeros(.scalar, .float64))
        return try select(isEmpty, picked.scalar(0), picked)
    }
}
