import TalwegKernels

extension Tensor {
    /// The position of the largest along an axis, as int64: the first of equals, a NaN before all.
    public func argmax(axis: Int, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try position(KernelTable.argmaxMany, axis, keepdims, "argmax")
    }

    /// The position of the smallest along an axis, as int64: the first of equals, a NaN before all.
    public func argmin(axis: Int, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        try position(KernelTable.argminMany, axis, keepdims, "argmin")
    }

    private func position(
        _ kernel: (KernelTable) -> (DType) -> IndexManyFunction, _ axis: Int, _ keepdims: Bool, _ name: String
    ) throws(TalwegError) -> Tensor {
        let view = try dtype.isNarrowFloating ? self.view.cast(to: .float32) : self.view
        let axis = try shape.axis(axis, for: name)
        guard shape[axis] > 0 else { throw .shape("\(name): of no elements, along axis \(axis) of \(shape)") }
        var set = AxisSet()
        set.insert(axis)
        let y = try View(uninitialized: shape.reduced(set, keepdims: keepdims), .int64)
        if y.count == 0 { return Tensor(y) }
        let plan = ReductionPlan(
            reduced: Runs(view, where: { $0 == axis }), kept: Runs(view, where: { $0 != axis }))
        let values = try Workspace(byteCount: y.count * view.dtype.itemSize)
        try findExtremes(
            kernel(kernels)(view.dtype), view.pointer, plan, view.dtype.itemSize, y.pointer(as: Int64.self),
            values.pointer)
        return Tensor(y)
    }
}

/// The positions and values of the plan's extremes: of its blocks first, then among these.
private func findExtremes(
    _ kernel: IndexManyFunction, _ x: UnsafeMutableRawPointer, _ plan: ReductionPlan, _ size: Int,
    _ index: UnsafeMutablePointer<Int64>, _ value: UnsafeMutableRawPointer
) throws(TalwegError) {
    if plan.blocks == 1 {
        plan.run { n, m, from, _, to in
            kernel(n, m, x + from * size, plan.stride, plan.step, index + to, value + to * size)
        }
        return
    }
    let count = plan.outer.count * plan.blocks * plan.m
    let partialValues = try Workspace(byteCount: count * size)
    let partialIndices = try Workspace(byteCount: count * 8)
    let (values, indices) = (partialValues.pointer, partialIndices.pointer.assumingMemoryBound(to: Int64.self))
    plan.run { n, m, from, block, to in
        let place = plan.place(block, to)
        kernel(n, m, x + from * size, plan.stride, plan.step, indices + place, values + place * size)
    }
    try findExtremes(kernel, values, plan.ofBlocks, size, index, value)
    let rows = Int64(plan.count(ofBlock: 0))
    for output in 0..<(plan.outer.count * plan.m) {
        let block = index[output]
        index[output] = block * rows + indices[plan.place(Int(block), output)]
    }
}
