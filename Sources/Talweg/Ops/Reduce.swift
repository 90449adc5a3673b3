import TalwegKernels

/// What reduces elements to results, and results of parts to results of the whole.
struct Reducer {
    let elements: ReduceManyFunction
    let results: ReduceManyFunction
    /// Of an element and of a result.
    let itemSize: Int
    let resultType: DType
}

/// Reduces some axes of `x` with `op` to a new row-major view.
///
/// Sums go by blocks whose bounds depend on the shape alone, so the result is the same on any number of
/// threads. Axes that no single stride walks are reduced one run after another.
func reduce(_ op: ReduceOp, _ x: View, _ axes: AxisSet, keepdims: Bool, _ name: String) throws(TalwegError) -> View {
    if x.dtype.isNarrowFloating {
        return try reduce(op, x.cast(to: .float32), axes, keepdims: keepdims, name).cast(to: x.dtype)
    }
    guard let kernel = kernels.reduceMany(op, x.dtype) else {
        throw .dtype("\(name): not defined for \(x.dtype.name)")
    }
    let reducer = Reducer(elements: kernel, results: kernel, itemSize: x.dtype.itemSize, resultType: x.dtype)
    return try reduce(reducer, x, axes, keepdims: keepdims)
}

func reduce(_ reducer: Reducer, _ x: View, _ axes: AxisSet, keepdims: Bool) throws(TalwegError) -> View {
    let y = try View(uninitialized: x.shape.reduced(axes, keepdims: keepdims), reducer.resultType)
    if y.count > 0 { try reducer.reduce(x, axes, into: y.pointer) }
    return y
}

extension Reducer {
    /// The same for results of parts.
    private var ofResults: Reducer {
        Reducer(elements: results, results: results, itemSize: resultType.itemSize, resultType: resultType)
    }

    fileprivate func reduce(_ x: View, _ axes: AxisSet, into y: UnsafeMutableRawPointer) throws(TalwegError) {
        // Of no elements at once: the other sizes may be more than memory has room for.
        let run = x.count == 0 ? axes : x.lastRun(of: axes)
        let reduced = x.count == 0 ? Runs(sizes: 0, stride: 1) : Runs(x, where: { run.contains($0) })
        let kept = Runs(x, where: { !run.contains($0) })
        if run == axes {
            try reduce(x.pointer, reduced, kept, into: y)
            return
        }
        let partial = try View(uninitialized: x.shape.reduced(run, keepdims: true), resultType)
        try reduce(x.pointer, reduced, kept, into: partial.pointer)
        try ofResults.reduce(partial, axes, into: y)
    }

    /// The reduction of one run.
    private func reduce(
        _ x: UnsafeMutableRawPointer, _ reduced: Runs, _ kept: Runs, into y: UnsafeMutableRawPointer
    ) throws(TalwegError) {
        if let k = rowsToFold(reduced, kept) {
            try reduceFolded(x, reduced.count, kept.count, k, into: y)
        } else {
            try reduce(x, ReductionPlan(reduced: reduced, kept: kept), into: y)
        }
    }

    private func reduce(_ x: UnsafeMutableRawPointer, _ plan: ReductionPlan, into y: UnsafeMutableRawPointer)
        throws(TalwegError)
    {
        let size = resultType.itemSize
        if plan.blocks == 1 {
            plan.run { n, m, from, _, to in
                elements(n, m, x + from * itemSize, plan.stride, plan.step, y + to * size)
            }
            return
        }
        let partial = try Workspace(byteCount: plan.outer.count * plan.blocks * plan.m * size)
        let parts = partial.pointer
        plan.run { n, m, from, block, to in
            elements(n, m, x + from * itemSize, plan.stride, plan.step, parts + plan.place(block, to) * size)
        }
        try ofResults.reduce(parts, plan.ofBlocks, into: y)
    }

    /// n rows of a few columns, one after another: k rows are taken for one, whose columns fill the vectors.
    private func reduceFolded(
        _ x: UnsafeMutableRawPointer, _ n: Int, _ m: Int, _ k: Int, into y: UnsafeMutableRawPointer
    ) throws(TalwegError) {
        let size = resultType.itemSize
        let partial = try Workspace(byteCount: (k + 1) * m * size)
        let parts = partial.pointer
        let wide = ReductionPlan(
            reduced: Runs(sizes: n / k, stride: k * m), kept: Runs(sizes: k * m, stride: 1))
        try reduce(x, wide, into: parts)
        let left = n % k
        if left > 0 { elements(left, m, x + (n - left) * m * itemSize, m, 1, parts + k * m * size) }
        results(left > 0 ? k + 1 : k, m, parts, m, 1, y)
    }
}

/// How many rows of a [n, m] matrix that is reduced along its first axis to take for one; nil where that does
/// not pay.
func rowsToFold(_ reduced: Runs, _ kept: Runs) -> Int? {
    guard kept.rank == 1, kept.lastStride == 1, kept.count <= 128, reduced.rank == 1,
        reduced.lastStride == kept.count, reduced.count * kept.count >= 16_384
    else { return nil }
    return 1024 / kept.count
}
