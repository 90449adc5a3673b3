import TalwegKernels

/// What padding puts beyond an axis's ends. The raw values are those of `tw_pad_mode`.
public enum PadMode: Int32, Sendable, CaseIterable {
    /// A number.
    case constant = 0
    /// The last position.
    case edge = 1
    /// The positions backwards, from the last but one.
    case reflect = 2
    /// The positions backwards, from the last.
    case symmetric = 3
    /// The positions of the other end.
    case wrap = 4

    /// The position from 0 ..< size that stands at `position`, which may be outside.
    fileprivate func source(_ position: Int, _ size: Int) -> Int {
        switch self {
        case .constant, .edge: return min(max(position, 0), size - 1)
        case .wrap: return modulo(position, size)
        case .symmetric:
            let place = modulo(position, 2 * size)
            return place < size ? place : 2 * size - 1 - place
        case .reflect:
            if size == 1 { return 0 }
            let place = modulo(position, 2 * size - 2)
            return place < size ? place : 2 * size - 2 - place
        }
    }

    /// Where the positions that stand before the first of an axis begin, and how they go on; nil if not evenly.
    fileprivate func run(before count: Int, _ size: Int) -> (start: Int, step: Int)? {
        switch self {
        case .constant, .edge: (0, 0)
        case .reflect: count < size ? (count, -1) : nil
        case .symmetric: count <= size ? (count - 1, -1) : nil
        case .wrap: count <= size ? (size - count, 1) : nil
        }
    }

    /// The same of those behind the last.
    fileprivate func run(after count: Int, _ size: Int) -> (start: Int, step: Int)? {
        switch self {
        case .constant, .edge: (size - 1, 0)
        case .reflect: count < size ? (size - 2, -1) : nil
        case .symmetric: count <= size ? (size - 1, -1) : nil
        case .wrap: count <= size ? (0, 1) : nil
        }
    }

    private func modulo(_ a: Int, _ n: Int) -> Int {
        let rest = a % n
        return rest < 0 ? rest + n : rest
    }
}

/// A tensor in the middle of a larger one whose other elements are `value`.
struct Pad: UnaryOperation {
    static let name = "pad"
    static let saves: Saves = []
    /// Positions before the tensor, along each axis.
    let before: [Int]
    let target: Shape
    let value: Double

    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try View(uninitialized: target, x.dtype)
        let number = try View.scalar(value, x.dtype)
        // What is left of the result once the borders of the axes so far are filled.
        var rest = y
        for axis in 0..<x.rank {
            let (size, first) = (x.shape[axis], before[axis])
            for border in [
                try rest.part(axis, from: 0, count: first),
                try rest.part(axis, from: first + size, count: rest.shape[axis] - first - size),
            ] where border.count > 0 {
                border.assign(number.with(shape: border.shape, strides: PerAxis(repeating: 0)))
            }
            rest = try rest.part(axis, from: first, count: size)
        }
        rest.assign(x)
        return y
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Pad>) throws(TalwegError) -> Tensor {
        var part = g
        for axis in 0..<g.rank {
            part = try apply(Slice(axis: axis, start: before[axis], step: 1, count: r.inputShape[axis]), part)
        }
        return part
    }
}

extension View {
    /// Some positions of an axis.
    fileprivate func part(_ axis: Int, from start: Int, count: Int) throws(TalwegError) -> View {
        try Slice(axis: axis, start: start, step: 1, count: count).forward(self)
    }
}

extension Tensor {
    /// Each axis longer by widths[axis].before positions at its beginning and .after at its end.
    /// - Parameter value: what `constant` puts there.
    public func pad(_ widths: [(before: Int, after: Int)], mode: PadMode = .constant, value: Double = 0)
        throws(TalwegError) -> Tensor
    {
        guard widths.count == rank else { throw .shape("pad: widths of \(widths.count) axes for \(shape)") }
        var dims: [Int] = []
        for (axis, width) in widths.enumerated() {
            guard width.before >= 0, width.after >= 0 else {
                throw .invalid("pad: widths \(width.before) and \(width.after) of axis \(axis): one is negative")
            }
            let (added, over) = width.before.addingReportingOverflow(width.after)
            let (size, overflow) = shape[axis].addingReportingOverflow(added)
            guard !over, !overflow else { throw .shape("pad: \(width.before) and \(width.after) more overflow") }
            guard mode == .constant || added == 0 || shape[axis] > 0 else {
                throw .shape("pad: axis \(axis) of \(shape) has nothing to repeat")
            }
            dims.append(size)
        }
        let target = try Shape(dims, for: "pad")
        if mode == .constant {
            guard holds(value, dtype) else { throw .invalid("pad: \(dtype.name) cannot hold \(value)") }
            return try apply(Pad(before: widths.map(\.before), target: target, value: value), self)
        }
        var y = try alias()
        for (axis, width) in widths.enumerated() where width.before > 0 || width.after > 0 {
            let size = shape[axis]
            if let before = mode.run(before: width.before, size), let after = mode.run(after: width.after, size) {
                let ends = (try y.run(axis, before, width.before), try y.run(axis, after, width.after))
                y = try .concatenate([ends.0, y, ends.1], axis: axis)
            } else {
                y = try y.picked(axis, dims[axis]) { mode.source($0 - width.before, size) }
            }
        }
        return y
    }

    /// Position `place(i)` of an axis at i, for `length` of them.
    private func picked(_ axis: Int, _ length: Int, _ place: (Int) -> Int) throws(TalwegError) -> Tensor {
        let indices = try View(uninitialized: Shape([length], for: "pad"), .int64)
        let values = indices.pointer(as: Int64.self)
        for i in 0..<length { values[i] = Int64(place(i)) }
        return try apply(IndexSelect(axis: axis, indices: indices), self)
    }

    private func run(_ axis: Int, _ run: (start: Int, step: Int), _ count: Int) throws(TalwegError) -> Tensor {
        if run.step == 0 {
            let one = try apply(Slice(axis: axis, start: run.start, step: 1, count: 1), self)
            return try one.broadcast(to: shape.replacing(axis: axis, by: count, for: "pad"))
        }
        return try apply(Slice(axis: axis, start: run.start, step: run.step, count: count), self)
    }
}
