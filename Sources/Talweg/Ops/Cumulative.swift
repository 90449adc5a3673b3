import TalwegKernels

/// Sums of the positions up to each along an axis.
struct CumulativeSum: LinearOperation {
    static let name = "cumulative_sum"
    static let saves: Saves = []
    let axis: Int
    func forward(_ x: View) throws(TalwegError) -> View {
        try accumulated(x, axis, .sum, Self.name)
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<CumulativeSum>) throws(TalwegError) -> Tensor {
        try apply(self, g.flip(axes: [axis])).flip(axes: [axis])
    }
}

/// Products of the positions up to each along an axis.
struct CumulativeProduct: UnaryOperation {
    static let name = "cumulative_prod"
    static let saves: Saves = .first
    let axis: Int
    func forward(_ x: View) throws(TalwegError) -> View {
        try accumulated(x, axis, .product, Self.name)
    }
    /// Of x[k]: the product of all before it, times s[k] = sum over i >= k of g[i] x[k + 1] ... x[i]. No division,
    /// so that zeros are nothing special: s[k] = g[k] + x[k + 1] s[k + 1], solved by doubling the reach.
    func pullback(_ g: Tensor, _ r: UnaryRecord<CumulativeProduct>) throws(TalwegError) -> Tensor {
        let x = try r.x
        let n = x.shape[axis]
        if n == 0 { return g }
        /// Moved towards the front, with a value where nothing comes from.
        func moved(_ t: Tensor, _ places: Int, _ value: Double) throws(TalwegError) -> Tensor {
            let end = try Tensor.full(t.shape.replacing(axis: axis, by: places, for: Self.name), value, t.dtype)
            return try .concatenate([t.slice(axis: axis, from: places), end], axis: axis)
        }
        var sum = g
        var factor = try moved(x, 1, 0)
        var reach = 1
        while reach < n {
            sum = try sum + factor * moved(sum, reach, 0)
            if reach * 2 < n { factor = try factor * moved(factor, reach, 0) }
            reach *= 2
        }
        let one = try Tensor.full(x.shape.replacing(axis: axis, by: 1, for: Self.name), 1, x.dtype)
        let before = try Tensor.concatenate([one, apply(self, x.slice(axis: axis, to: n - 1))], axis: axis)
        return try before * sum
    }
}

/// What is accumulated.
private enum Accumulation { case sum, product }

/// The accumulation along an axis. float32 is carried in double; sums in double with what each step rounds off
/// (Neumaier, ZAMM 54, 1974); integers wrap around.
private func accumulated(_ x: View, _ axis: Int, _ kind: Accumulation, _ name: String) throws(TalwegError) -> View {
    if x.dtype.isNarrowFloating { return try accumulated(x.cast(to: .float32), axis, kind, name).cast(to: x.dtype) }
    let source = try x.contiguous()
    let y = try View(uninitialized: x.shape, x.dtype)
    if y.count == 0 { return y }
    let blocks = AxisBlocks(x.shape, axis: axis)
    switch x.dtype {
    case .float32:
        let (from, to) = (source.pointer(as: Float.self), y.pointer(as: Float.self))
        switch kind {
        case .sum: accumulate(from, to, blocks, 0.0) { $0 += Double($1); return Float($0) }
        case .product: accumulate(from, to, blocks, 1.0) { $0 *= Double($1); return Float($0) }
        }
    case .float64:
        let (from, to) = (source.pointer(as: Double.self), y.pointer(as: Double.self))
        switch kind {
        case .sum: accumulate(from, to, blocks, Carried()) { $0.add($1); return $0.value }
        case .product: accumulate(from, to, blocks, 1.0) { $0 *= $1; return $0 }
        }
    // Unsigned numbers wrap around to the same bits.
    case .int64, .uint64:
        let (from, to) = (source.pointer(as: Int64.self), y.pointer(as: Int64.self))
        switch kind {
        case .sum: accumulate(from, to, blocks, Int64(0)) { $0 &+= $1; return $0 }
        case .product: accumulate(from, to, blocks, Int64(1)) { $0 &*= $1; return $0 }
        }
    default:
        throw .dtype("\(name): not defined for \(x.dtype.name)")
    }
    return y
}

/// A sum with what it rounded off.
private struct Carried {
    var sum = 0.0, lost = 0.0

    @inline(__always) mutating func add(_ x: Double) {
        let next = sum + x
        lost += abs(sum) >= abs(x) ? (sum - next) + x : (x - next) + sum
        sum = next
    }

    /// An infinite or undefined sum has lost nothing that is a number.
    @inline(__always) var value: Double { sum.isFinite ? sum + lost : sum }
}

/// `step` takes an element into the state and gives the result at its place. Neighbouring columns go together.
@inline(__always)
private func accumulate<T, State>(
    _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ blocks: AxisBlocks, _ initial: State,
    _ step: (inout State, T) -> T
) {
    func run(_ first: Int) {
        var state = initial
        var place = first
        for _ in 0..<blocks.size {
            y[place] = step(&state, x[place])
            place += blocks.inner
        }
    }
    if blocks.inner == 1 {
        // Many short rows to a chunk.
        forEachRowGroup(blocks.outer, width: blocks.size) { first, count in
            for row in first..<(first + count) { run(row * blocks.size) }
        }
    } else {
        blocks.forEachColumnGroup { first, width in
            for column in first..<(first + width) { run(column) }
        }
    }
}

extension Tensor {
    /// Sums of the positions up to each along an axis; bool and integers sum to int64, unsigned ones to uint64. With `includeInitial` a 0
    /// comes first, and the axis is one longer.
    public func cumulativeSum(axis: Int, includeInitial: Bool = false) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "cumulative_sum")
        return try apply(CumulativeSum(axis: axis), accumulable()).preceded(by: 0, axis, includeInitial)
    }

    /// Products of the positions up to each along an axis, as `cumulativeSum`; a 1 comes first.
    public func cumulativeProduct(axis: Int, includeInitial: Bool = false) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "cumulative_prod")
        return try apply(CumulativeProduct(axis: axis), accumulable()).preceded(by: 1, axis, includeInitial)
    }

    private func accumulable() throws(TalwegError) -> Tensor { try cast(to: dtype.accumulated) }

    private func preceded(by value: Double, _ axis: Int, _ wanted: Bool) throws(TalwegError) -> Tensor {
        guard wanted else { return self }
        let first = try Tensor.full(shape.replacing(axis: axis, by: 1, for: "cumulative"), value, dtype)
        return try .concatenate([first, self], axis: axis)
    }
}
