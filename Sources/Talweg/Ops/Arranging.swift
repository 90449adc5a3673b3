// Elements in another arrangement, made of views, joins and picks: the tape follows by itself.

extension Tensor {
    /// The positions of some axes (nil: of all) in the opposite order. Never copies.
    public func flip(axes: [Int]? = nil) throws(TalwegError) -> Tensor {
        let chosen = try shape.axes(axes, for: "flip")
        var y = try alias()
        for axis in 0..<rank where chosen.contains(axis) { y = try y.slice(axis: axis, step: -1) }
        return y
    }

    /// Position i of an axis at i + shift, those beyond its end at its beginning. The sizes of shifts are taken
    /// modulo the axis'; an axis may be named more than once.
    public func roll(shifts: [Int], axes: [Int]) throws(TalwegError) -> Tensor {
        guard shifts.count == axes.count else {
            throw .invalid("roll: \(shifts.count) shifts and \(axes.count) axes")
        }
        var y = try alias()
        for (shift, axis) in zip(shifts, axes) {
            let axis = try shape.axis(axis, for: "roll")
            let size = shape[axis]
            if size == 0 { continue }
            let moved = (shift % size + size) % size
            if moved == 0 { continue }
            let (last, first) = (try y.slice(axis: axis, from: size - moved), try y.slice(axis: axis, to: size - moved))
            y = try .concatenate([last, first], axis: axis)
        }
        return y
    }

    /// The same of all elements in row-major order, as if they had one axis.
    public func roll(shift: Int) throws(TalwegError) -> Tensor {
        try reshape([count]).roll(shifts: [shift], axes: [0]).reshape(shape)
    }

    /// One axis moved to another position, the others in their order. Never copies.
    public func moveAxis(_ source: Int, to destination: Int) throws(TalwegError) -> Tensor {
        let (from, to) = (try shape.axis(source, for: "moveaxis"), try shape.axis(destination, for: "moveaxis"))
        var order = Array(0..<rank)
        order.insert(order.remove(at: from), at: to)
        return try permute(order)
    }

    /// Each position of an axis `repeats` times, one after another.
    public func repeated(_ repeats: Int, axis: Int) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "repeat")
        let length = try lengthened(axis, by: repeats, "repeat")
        let target = try shape.replacing(axis: axis, by: length, for: "repeat")
        return try apply(Repeat(axis: axis, times: repeats, target: target), self)
    }

    /// Position i of an axis repeats[i] times (int [size of the axis], or one number for all).
    public func repeated(_ repeats: Tensor, axis: Int) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "repeat")
        guard !repeats.dtype.isFloating, repeats.dtype != .bool else {
            throw .dtype("repeat: repeats are integers, not \(repeats.dtype.name)")
        }
        if repeats.rank <= 1, repeats.count == 1 { return try repeated(Int(repeats.itemInt64()), axis: axis) }
        guard repeats.rank == 1, repeats.shape[0] == shape[axis] else {
            throw .shape("repeat: repeats of shape \(repeats.shape) for axis \(axis) of \(shape)")
        }
        let counts = try repeats.view.ownedIntegers()
        let values = counts.pointer(as: Int64.self)
        var length = 0
        for i in 0..<counts.count {
            guard values[i] >= 0 else { throw .invalid("repeat: \(values[i]) repeats at position \(i)") }
            let (sum, overflow) = length.addingReportingOverflow(Int(values[i]))
            guard !overflow else { throw .shape("repeat: the repeats overflow") }
            length = sum
        }
        let indices = try View(uninitialized: Shape([length], for: "repeat"), .int64)
        var place = indices.pointer(as: Int64.self)
        for i in 0..<counts.count {
            place.update(repeating: Int64(i), count: Int(values[i]))
            place += Int(values[i])
        }
        return try apply(IndexSelect(axis: axis, indices: indices), self)
    }

    /// All of it repetitions[i] times along axis i. Missing axes, of either, are put in front.
    public func tile(_ repetitions: [Int]) throws(TalwegError) -> Tensor {
        let all = Swift.max(rank, repetitions.count)
        guard all <= maximumRank else { throw .shape("tile: \(all) axes; the most is \(maximumRank)") }
        let dims = Array(repeating: 1, count: all - rank) + shape.dims
        let times = Array(repeating: 1, count: all - repetitions.count) + repetitions
        var y = try reshape(Shape(dims, for: "tile"))
        for axis in 0..<all where times[axis] != 1 {
            let length = try y.lengthened(axis, by: times[axis], "tile")
            let target = try y.shape.replacing(axis: axis, by: length, for: "tile")
            // The axes before, the repetitions, and the rest: each is one axis.
            let blocks = AxisBlocks(y.shape, axis: axis)
            let row = try y.reshape([blocks.outer, 1, blocks.size * blocks.inner])
            let copies = try Shape([blocks.outer, times[axis], blocks.size * blocks.inner], for: "tile")
            y = try row.broadcast(to: copies).reshape(target)
        }
        return y
    }

    /// The elements of the last two axes at and below the diagonal `k` above the main one, zeros elsewhere.
    public func tril(_ k: Int = 0) throws(TalwegError) -> Tensor { try triangle("tril", k, lower: true) }

    /// The elements of the last two axes at and above the diagonal `k` above the main one, zeros elsewhere.
    public func triu(_ k: Int = 0) throws(TalwegError) -> Tensor { try triangle("triu", k, lower: false) }

    /// Differences of neighbours along an axis, taken n times: each time the axis is one shorter.
    public func difference(axis: Int = -1, n: Int = 1) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "diff")
        guard n >= 0 else { throw .invalid("diff: taken \(n) times") }
        guard dtype != .bool else { throw .dtype("diff: of bool; cast it to an integer first") }
        var y = try alias()
        for _ in 0..<Swift.min(n, shape[axis]) {
            y = try y.slice(axis: axis, from: 1) - y.slice(axis: axis, to: y.shape[axis] - 1)
        }
        return y
    }

    private func triangle(_ name: String, _ k: Int, lower: Bool) throws(TalwegError) -> Tensor {
        guard rank >= 2 else { throw .shape("\(name): \(shape) has no rows and columns") }
        let (rows, columns) = (shape[rank - 2], shape[rank - 1])
        // Diagonals beyond the matrix are as those at its corner.
        let k = Double(Swift.min(Swift.max(k, -rows), columns))
        let row = try Tensor.arange(k, Double(rows) + k, 1, .float64).expandDims(1)
        let column = try Tensor.arange(0, Double(columns), 1, .float64)
        let kept = lower ? try row.isGreaterOrEqual(column) : try row.isLessOrEqual(column)
        return try .select(kept, self, .zeros(.scalar, dtype))
    }

    /// The length of an axis taken so many times; the whole shape is checked.
    private func lengthened(_ axis: Int, by times: Int, _ name: String) throws(TalwegError) -> Int {
        guard times >= 0 else { throw .invalid("\(name): \(times) times") }
        let (length, overflow) = shape[axis].multipliedReportingOverflow(by: times)
        guard !overflow else { throw .shape("\(name): \(shape[axis]) positions \(times) times overflow") }
        return length
    }
}

/// Each position of an axis some times, one after another.
struct Repeat: LinearOperation {
    static let name = "repeat"
    static let saves: Saves = []
    let axis: Int
    let times: Int
    let target: Shape

    func forward(_ x: View) throws(TalwegError) -> View {
        let (source, y) = (try x.contiguous(), try View(uninitialized: target, x.dtype))
        if y.count == 0 { return y }
        let width = AxisBlocks(x.shape, axis: axis).inner
        switch width * x.dtype.itemSize {
        case 1: fill(source, y, x.count, UInt8.self)
        case 2 where width == 1: fill(source, y, x.count, UInt16.self)
        case 4 where width == 1: fill(source, y, x.count, UInt32.self)
        case 8 where width == 1: fill(source, y, x.count, UInt64.self)
        case let bytes:
            let (from, to) = (source.pointer, y.pointer)
            forEachRowGroup(x.count / width, width: width * times) { first, count in
                var place = to + first * times * bytes
                for row in first..<(first + count) {
                    for _ in 0..<times {
                        place.copyMemory(from: from + row * bytes, byteCount: bytes)
                        place += bytes
                    }
                }
            }
        }
        return y
    }

    private func fill<T>(_ x: View, _ y: View, _ n: Int, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        forEachRowGroup(n, width: times) { first, count in
            var place = to + first * times
            for i in first..<(first + count) {
                let element = from[i]
                for j in 0..<times { place[j] = element }
                place += times
            }
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<Repeat>) throws(TalwegError) -> Tensor {
        let shape = r.inputShape
        let blocks = AxisBlocks(shape, axis: axis)
        return try g.reshape(Shape([blocks.outer * blocks.size, times, blocks.inner], for: Self.name))
            .sum(axes: [1]).reshape(shape)
    }
}
