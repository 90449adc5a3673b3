import TalwegKernels

/// One of the keys between the brackets of x[..], with NumPy's meaning.
public enum IndexKey: Sendable {
    /// One position of an axis, which is dropped.
    case position(Int)
    /// As `Tensor.slice`; nil means to the end.
    case slice(from: Int?, to: Int?, step: Int)
    /// An axis of size 1 more.
    case newAxis
    /// As many whole axes as the other keys leave; behind the last key, if none stands.
    case ellipsis
    /// Integers: positions of an axis; bool: a mask over as many axes as it has, which picks where it is true.
    /// Several are broadcast together.
    case tensor(Tensor)
}

/// What keys mean for a shape: steps that give a view, then positions in it.
///
/// Tensors among the keys pick together. What they pick takes the place of the first of them, if no slice, new axis
/// or ellipsis stands between them, else it comes first (NumPy's rule).
struct Indexing {
    private enum Step {
        case slice(axis: Int, from: Int?, to: Int?, step: Int)
        case select(axis: Int, index: Int)
        case newAxis(Int)
        case permute([Int])
    }

    private var steps: [Step] = []
    /// nil: the view is all.
    private(set) var pick: IndexSelect?

    /// Of keys for `x`, which becomes the view that they give.
    init(_ given: [IndexKey], _ x: inout Tensor) throws(TalwegError) {
        let keys = try Indexing.simplified(given)
        let used = keys.reduce(0) { $0 + $1.axes }
        guard used <= x.rank else {
            throw .index("index: keys for \(used) axes; the tensor \(x.shape) has \(x.rank)")
        }
        // A position beside tensors is one of theirs, repeated for each.
        let picks = keys.contains { if case .tensor = $0 { true } else { false } }
        let skipped = x.rank - used
        var axis = 0
        var found: [Picked] = []
        var separated = false
        var ended = false
        for key in keys {
            let isPick: Bool
            switch key {
            case .tensor, .position: isPick = picks
            default: isPick = false
            }
            if isPick, ended { separated = true }
            if !isPick, !found.isEmpty { ended = true }
            switch key {
            case .position(let index):
                guard picks else {
                    try take(.select(axis: axis, index: index), &x)
                    continue
                }
                let position = try View(uninitialized: .scalar, .int64)
                position.pointer(as: Int64.self).pointee = Int64(index)
                found.append(try Picked(Tensor(position), x.shape, axis))
                axis += 1
            case .slice(let from, let to, let step):
                if from ?? 0 != 0 || to != nil || step != 1 {
                    try take(.slice(axis: axis, from: from, to: to, step: step), &x)
                }
                axis += 1
            case .newAxis:
                try take(.newAxis(axis), &x)
                axis += 1
            case .ellipsis:
                axis += skipped
            case .tensor(let tensor):
                found.append(try Picked(tensor, x.shape, axis))
                axis += key.axes
            }
        }
        guard let first = found.first else { return }
        let axes = found.reduce(0) { $0 + $1.axes }
        var start = first.axis
        if separated {
            var order: [Int] = []
            for picked in found { order += picked.axis..<(picked.axis + picked.axes) }
            order += (0..<x.rank).filter { !order.contains($0) }
            try take(.permute(order), &x)
            start = 0
        }
        pick = IndexSelect(
            axis: start, axes: axes, indices: try Indexing.combined(found),
            distinct: found.count == 1 && first.isMask)
    }

    /// The part of a tensor of the shape that this was made for.
    func region(_ x: Tensor) throws(TalwegError) -> Tensor {
        var y = x
        for step in steps { y = try Indexing.apply(step, y) }
        return y
    }

    /// The same without the tape.
    func region(_ x: View) throws(TalwegError) -> View { try region(Tensor(x)).view }

    private mutating func take(_ step: Step, _ x: inout Tensor) throws(TalwegError) {
        x = try Indexing.apply(step, x)
        steps.append(step)
    }

    private static func apply(_ step: Step, _ x: Tensor) throws(TalwegError) -> Tensor {
        switch step {
        case .slice(let axis, let from, let to, let step): try x.slice(axis: axis, from: from, to: to, step: step)
        case .select(let axis, let index): try x.select(axis: axis, index: index)
        case .newAxis(let axis): try x.expandDims(axis)
        case .permute(let order): try x.permute(order)
        }
    }

    /// With an ellipsis, and with positions for integer tensors of one element without axes.
    private static func simplified(_ given: [IndexKey]) throws(TalwegError) -> [IndexKey] {
        var keys: [IndexKey] = []
        var ellipses = 0
        for key in given {
            switch key {
            case .tensor(let tensor) where tensor.rank == 0 && tensor.dtype != .bool:
                keys.append(.position(Int(try tensor.itemInt64())))
            case .ellipsis:
                ellipses += 1
                keys.append(key)
            default:
                keys.append(key)
            }
        }
        guard ellipses <= 1 else { throw .index("index: \(ellipses) ellipses; one is the most") }
        return keys
    }

    /// The positions of all, broadcast together, in the axes of all as if they were one.
    private static func combined(_ found: [Picked]) throws(TalwegError) -> View {
        guard var all = found.first?.places else { return try View(uninitialized: Shape([0]), .int64) }
        for next in found.dropFirst() {
            let size = try View(uninitialized: .scalar, .int64)
            size.pointer(as: Int64.self).pointee = Int64(next.size)
            do {
                all = try elementwise(.add, elementwise(.multiply, all, size, "index"), next.places, "index")
            } catch where error.status == .shape {
                throw .index("index: positions \(all.shape) and \(next.places.shape) do not broadcast together")
            }
        }
        return all
    }
}

/// One tensor among the keys: positions in the axes that it picks from, as if they were one.
private struct Picked {
    let axis: Int
    let axes: Int
    /// The product of their sizes.
    let size: Int
    /// int64, checked, row-major.
    let places: View
    let isMask: Bool

    init(_ key: Tensor, _ shape: Shape, _ axis: Int) throws(TalwegError) {
        self.axis = axis
        isMask = key.dtype == .bool
        axes = isMask ? key.rank : 1
        guard isMask else {
            size = shape[axis]
            places = try key.positions(below: size, "index")
            return
        }
        let covered = try Shape(shape.dims[axis..<(axis + axes)], for: "index")
        // An axis of a mask may also have no positions, as in NumPy: it picks nothing then.
        guard (0..<axes).allSatisfy({ key.shape[$0] == covered[$0] || key.shape[$0] == 0 }) else {
            throw .index("index: a mask of shape \(key.shape) for axes \(covered) of \(shape), from axis \(axis)")
        }
        size = covered.count
        places = try key.view.placesOfTrue()
    }
}

extension IndexKey {
    /// How many of the tensor's axes it takes.
    fileprivate var axes: Int {
        switch self {
        case .position, .slice: 1
        case .newAxis, .ellipsis: 0
        case .tensor(let tensor): tensor.dtype == .bool ? tensor.rank : 1
        }
    }
}

extension Tensor {
    /// x[keys]: a view, or with tensors among the keys the elements that they pick, as NumPy has it.
    public func index(_ keys: [IndexKey]) throws(TalwegError) -> Tensor {
        var region = self
        let indexing = try Indexing(keys, &region)
        guard let pick = indexing.pick else { return region === self ? try alias() : region }
        return try apply(pick, region)
    }
}
