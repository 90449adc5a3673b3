import TalwegKernels

// Writing to what keys pick: in place, or in a copy that the tape follows.

/// The first input with the second in the places that keys pick, or added there.
struct IndexPut: BinaryOperation {
    static let name = "index_put"
    static let saves: Saves = []
    let indexing: Indexing
    let adds: Bool

    func forward(_ x: View, _ values: View) throws(TalwegError) -> View {
        if adds, x.dtype.isNarrowFloating {
            return try forward(x.cast(to: .float32), values.cast(to: .float32)).cast(to: x.dtype)
        }
        let y = try x.copy()
        let region = try indexing.region(y)
        switch (indexing.pick, adds) {
        case (let pick?, false):
            pick.put(try values.contiguous(), to: region)
        case (let pick?, true):
            let source = try values.contiguous()
            let sums = try pick.added(source, to: region.contiguous(), region.shape)
            region.assign(sums)
        case (nil, false):
            region.assign(values)
        case (nil, true):
            guard let add = kernels.binary(.add, x.dtype) else {
                throw .dtype("index_put: no sums of \(x.dtype.name)")
            }
            mapBinary(add, region, values, to: region)
        }
        return y
    }

    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<IndexPut>) throws(TalwegError) -> Tensor {
        adds ? g : try apply(self, g, .zeros(r.secondShape, g.dtype))
    }

    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<IndexPut>) throws(TalwegError) -> Tensor {
        let region = try indexing.region(g)
        guard let pick = indexing.pick else { return region }
        let picked = try apply(pick, region)
        if adds || pick.distinct { return picked }
        let order = try View.counting(picked.shape)
        let last = try View(uninitialized: region.shape, .int64)
        pick.put(order, to: last)
        return try picked.kept(where: order, equals: pick.forward(last))
    }
}

extension Tensor {
    /// A copy with values where keys pick, as `assign` writes them, or added there, one after the other where
    /// positions are equal. Differentiable in both.
    public func indexPut(_ keys: [IndexKey], _ values: Tensor, adds: Bool = false) throws(TalwegError) -> Tensor {
        var region = detach()
        let indexing = try Indexing(keys, &region)
        let target = try indexing.pick?.resultShape(region.shape) ?? region.shape
        let fitting = try values.cast(to: dtype).fitted(to: target, "index_put")
        return try apply(IndexPut(indexing: indexing, adds: adds), self, fitting)
    }

    /// A copy with rows added at positions (integers [n], negative ones count from the end) of an axis, one after the
    /// other; `values` has n rows there, or broadcasts to them.
    public func indexAdd(axis: Int, _ indices: Tensor, _ values: Tensor) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "index_add")
        guard indices.rank == 1 else { throw .shape("index_add: indices have shape \(indices.shape), not [n]") }
        let whole = [IndexKey](repeating: .slice(from: nil, to: nil, step: 1), count: axis)
        return try indexPut(whole + [.tensor(indices)], values, adds: true)
    }

    /// x[keys] = values, in place and without a gradient: broadcast, and converted as by `cast`. Of values for one
    /// place the last stays. While the tape records, it is refused for a tensor that requires a gradient.
    public func assign(_ keys: [IndexKey], _ values: Tensor) throws(TalwegError) {
        try checkAssignable("index_assign")
        var found = detach()
        guard let pick = try Indexing(keys, &found).pick else {
            try found.assign(values.fitted(to: found.shape, "index_assign"))
            return
        }
        let region = found.view
        try region.checkDistinctElements("index_assign")
        let target = try pick.resultShape(region.shape)
        var source = try Tensor(values.view.cast(to: dtype)).fitted(to: target, "index_assign").view.contiguous()
        // What was written must not be read.
        if source.mayOverlap(region) { source = try source.copy() }
        view.storage.version &+= 1
        pick.put(source, to: region)
    }

    /// Refuses to write in place where the tape would not follow.
    func checkAssignable(_ name: String) throws(TalwegError) {
        guard requiresGrad, ThreadState.current.recording else { return }
        guard isLeaf else { throw .resultWritten(name) }
        throw .state(
            "\(name): the tensor is a leaf that requires a gradient; write to it with recording off, or by detach")
    }

    /// Broadcast to a shape, axes of size 1 in front of it aside, as NumPy's assignment does.
    fileprivate func fitted(to target: Shape, _ name: String) throws(TalwegError) -> Tensor {
        var x = self
        let extra = rank - target.rank
        if extra > 0, (0..<extra).allSatisfy({ shape[$0] == 1 }) {
            x = try reshape(Shape(shape.dims[extra...], for: name))
        }
        guard try Shape.broadcast(x.shape, target, for: name) == target else {
            throw .shape("\(name): values \(shape) do not broadcast to \(target)")
        }
        return try x.broadcast(to: target)
    }
}

extension TalwegError {
    /// Writing in place to what a recorded operation made.
    static func resultWritten(_ name: String) -> TalwegError {
        .state(
            "\(name): the tensor is the result of a recorded operation, whose gradient would be wrong; use index_put")
    }
}

extension View {
    /// Refuses a view that repeats elements.
    func checkDistinctElements(_ name: String) throws(TalwegError) {
        for axis in 0..<rank where strides[axis] == 0 && shape[axis] > 1 {
            throw .state("\(name): axis \(axis) of \(shape) repeats the same elements; copy the tensor first")
        }
    }
}
