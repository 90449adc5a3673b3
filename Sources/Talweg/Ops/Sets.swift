import TalwegKernels

/// The distinct elements of a tensor, in ascending order, and what is known of them. Every NaN is distinct; of -0 and 0
/// the first stays.
public struct UniqueElements {
    /// [how many], in the tensor's dtype.
    public let values: Tensor
    /// Where each is found first, in row-major order: int64 [how many].
    public let indices: Tensor
    /// Which of the values each element is: int64, in the tensor's shape.
    public let inverse: Tensor
    /// How often each is there: int64 [how many].
    public let counts: Tensor
}

extension Tensor {
    /// The distinct elements and how often each is there.
    public func uniqueCounts() throws(TalwegError) -> (values: Tensor, counts: Tensor) {
        if requiresGrad, ThreadState.current.recording {
            let all = try unique()
            return (all.values, all.counts)
        }
        let sorted = try view.flattened().sorted(axis: 0, false)
        let starts = try sorted.isNew(nil).placesOfTrue()
        let values = Tensor(try IndexSelect(axis: 0, indices: starts).forward(sorted))
        return (values, try .lengths(from: starts, to: count))
    }

    /// All that there is to know.
    public func unique() throws(TalwegError) -> UniqueElements {
        let flat = try reshape([count])
        let order = try flat.detach().argsort()
        let begins = try flat.view.contiguous().isNew(order.view)
        let starts = try begins.placesOfTrue()
        let first = try IndexSelect(axis: 0, indices: starts).forward(order.view)
        let inverse = try View(uninitialized: shape, .int64)
        let (flags, places) = (begins.pointer(as: UInt8.self), order.view.pointer(as: Int64.self))
        let numbers = inverse.pointer(as: Int64.self)
        var number: Int64 = -1
        for i in 0..<count {
            number &+= Int64(flags[i])
            numbers[Int(places[i])] = number
        }
        return UniqueElements(
            values: try apply(IndexSelect(axis: 0, indices: first, distinct: true), flat), indices: Tensor(first),
            inverse: Tensor(inverse), counts: try .lengths(from: starts, to: count))
    }

    /// The lengths of runs that begin at `starts`, the last of which ends at `end`.
    private static func lengths(from starts: View, to end: Int) throws(TalwegError) -> Tensor {
        let y = try View(uninitialized: starts.shape, .int64)
        let (from, to, n) = (starts.pointer(as: Int64.self), y.pointer(as: Int64.self), starts.count)
        for i in 0..<n { to[i] = (i + 1 < n ? from[i + 1] : Int64(end)) - from[i] }
        return Tensor(y)
    }
}

extension View {
    /// The elements in row-major order along one axis.
    func flattened() throws(TalwegError) -> View {
        let line = try Shape([count], for: "flatten")
        return try contiguous().with(shape: line, strides: line.rowMajorStrides)
    }

    /// Of a row-major vector, in an order (int64) or as it is: whether each element differs from the one before.
    fileprivate func isNew(_ order: View?) throws(TalwegError) -> View {
        switch dtype.itemSize {
        case 1: try isNew(order, OrderKeys<UInt8>(dtype))
        case 2: try isNew(order, OrderKeys<UInt16>(dtype))
        case 4: try isNew(order, OrderKeys<UInt32>(dtype))
        default: try isNew(order, OrderKeys<UInt64>(dtype))
        }
    }

    private func isNew<Bits>(_ order: View?, _ rule: OrderKeys<Bits>) throws(TalwegError) -> View {
        let y = try View(uninitialized: Shape([count]), .bool)
        let (from, to) = (pointer(as: Bits.self), y.pointer(as: UInt8.self))
        let places = order?.pointer(as: Int64.self)
        @inline(__always) func element(_ i: Int) -> Bits { from[places.map { Int($0[i]) } ?? i] }
        forEachChunk(count) { first, count in
            for i in first..<(first + count) {
                let now = element(i)
                to[i] = i == 0 || rule.isNaN(now) || rule.key(now) != rule.key(element(i - 1)) ? 1 : 0
            }
        }
        return y
    }
}
