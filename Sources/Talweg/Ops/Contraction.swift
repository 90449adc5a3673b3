import TalwegKernels

// Products of tensors whose axes have labels: what einsum and tensordot are made of.

/// A set of labels, each 0 ... 63.
struct LabelSet: Equatable {
    private(set) var bits: UInt64 = 0

    init(_ labels: some Sequence<Int>) { for label in labels { insert(label) } }
    private init(bits: UInt64) { self.bits = bits }

    func contains(_ label: Int) -> Bool { bits & (1 << UInt64(label)) != 0 }
    mutating func insert(_ label: Int) { bits |= 1 << UInt64(label) }
    var count: Int { bits.nonzeroBitCount }
    func union(_ other: LabelSet) -> LabelSet { LabelSet(bits: bits | other.bits) }
    func intersection(_ other: LabelSet) -> LabelSet { LabelSet(bits: bits & other.bits) }
}

/// A tensor with a label for each axis, no two alike.
struct Labelled {
    let tensor: Tensor
    let labels: [Int]

    func axis(_ label: Int) -> Int? { labels.firstIndex(of: label) }

    /// The axes in the order of some labels, with size 1 for those that there are not. Never copies.
    func aligned(_ order: [Int]) throws(TalwegError) -> Tensor {
        let axes = order.compactMap(axis)
        let permuted = try tensor.permuted(axes)
        guard axes.count < order.count else { return permuted }
        let dims = order.map { label in axis(label).map { tensor.shape[$0] } ?? 1 }
        return try permuted.reshape(Shape(dims, for: "einsum"))
    }

    /// Some labels, those with long strides first, as they merge without a copy.
    fileprivate func inMemoryOrder(_ some: [Int]) -> [Int] {
        some.enumerated().sorted { a, b in
            let (x, y) = (reach(a.element), reach(b.element))
            return x == y ? a.offset < b.offset : x > y
        }.map(\.element)
    }

    private func reach(_ label: Int) -> UInt { axis(label).map { tensor.view.strides[$0].magnitude } ?? 0 }

    /// Whether the axes of the labels are equally far apart when read as one.
    fileprivate func merges(_ order: [Int]) -> Bool {
        var (size, stride) = (1, 0)
        for axis in order.reversed().compactMap(axis) where tensor.shape[axis] != 1 {
            if size != 1, tensor.view.strides[axis] != size * stride { return false }
            if size == 1 { stride = tensor.view.strides[axis] }
            size *= tensor.shape[axis]
        }
        return true
    }

    /// [batch.., the rows' labels as one axis, the columns' as one]. Copies only where strides do not merge.
    fileprivate func matrices(_ batch: [Int], _ rows: [Int], _ columns: [Int], merged: Bool)
        throws(TalwegError) -> Tensor
    {
        func count(_ labels: [Int]) -> Int { labels.reduce(1) { $0 * (axis($1).map { tensor.shape[$0] } ?? 1) } }
        let leading = merged ? [count(batch)] : batch.map { count([$0]) }
        return try aligned(batch + rows + columns)
            .reshape(Shape(leading + [count(rows), count(columns)], for: "einsum"))
    }
}

extension Labelled {
    /// [batch.., the columns' labels as one axis].
    fileprivate func rows(_ batch: [Int], _ columns: [Int]) throws(TalwegError) -> Tensor {
        let sizes = batch.map { label in axis(label).map { tensor.shape[$0] } ?? 1 }
        let count = columns.reduce(1) { $0 * (axis($1).map { tensor.shape[$0] } ?? 1) }
        return try aligned(batch + columns).reshape(Shape(sizes + [count], for: "einsum"))
    }
}

extension Tensor {
    /// `permute` by axes that are known to be right; itself where nothing moves.
    fileprivate func permuted(_ axes: [Int]) throws(TalwegError) -> Tensor {
        axes.elementsEqual(0..<rank) ? self : try apply(Permute(order: axes), self)
    }
}

/// The product of two, summed over the labels that both have and `kept` has not. Sizes of one label agree, and a
/// label of one of them alone is in `kept`.
/// - Parameter order: of the result's labels where that costs nothing.
func contracted(_ a: Labelled, _ b: Labelled, keeping kept: LabelSet, order: [Int], _ name: String)
    throws(TalwegError) -> Labelled
{
    let (inA, inB) = (LabelSet(a.labels), LabelSet(b.labels))
    let result = inA.union(inB).intersection(kept)
    guard result.count <= maximumRank else {
        throw .shape("\(name): a product of two operands has \(result.count) axes; the most is \(maximumRank)")
    }
    let inner = a.labels.filter { inB.contains($0) && !kept.contains($0) }
    if inner.isEmpty {
        let labels = order.filter(result.contains)
        return Labelled(tensor: try a.aligned(labels) * b.aligned(labels), labels: labels)
    }
    // The columns of a row-major result are its last axis.
    if let last = order.last(where: result.contains), inA.contains(last), !inB.contains(last) {
        return try product(b, a, inner, keeping: kept)
    }
    return try product(a, b, inner, keeping: kept)
}

/// The same by the multiply driver: labels of both that are kept are axes of a batch.
private func product(_ a: Labelled, _ b: Labelled, _ inner: [Int], keeping kept: LabelSet)
    throws(TalwegError) -> Labelled
{
    let (inA, inB) = (LabelSet(a.labels), LabelSet(b.labels))
    let batch = a.labels.filter { inB.contains($0) && kept.contains($0) }
    let rows = a.inMemoryOrder(a.labels.filter { !inB.contains($0) })
    let columns = b.inMemoryOrder(b.labels.filter { !inA.contains($0) })
    // In one order for both: the one in which fewer elements are copied.
    var depth = a.inMemoryOrder(inner)
    if inner.count > 1, !b.merges(depth) {
        let other = b.inMemoryOrder(inner)
        if a.merges(other) || a.tensor.count < b.tensor.count { depth = other }
    }
    if rows.isEmpty, columns.isEmpty, !batch.isEmpty {
        let (x, y) = (try a.rows(batch, depth), try b.rows(batch, depth))
        return Labelled(tensor: try x.dotOfRows(y), labels: batch)
    }
    let merged = batch.count + 2 > maximumRank
    let y = try a.matrices(batch, rows, depth, merged: merged)
        .matmul(b.matrices(batch, depth, columns, merged: merged))
    let sizes = batch.map { size(a, $0) } + rows.map { size(a, $0) } + columns.map { size(b, $0) }
    return Labelled(tensor: try y.reshape(Shape(sizes, for: "einsum")), labels: batch + rows + columns)
}

private func size(_ x: Labelled, _ label: Int) -> Int { x.axis(label).map { x.tensor.shape[$0] } ?? 1 }
