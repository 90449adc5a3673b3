import TalwegKernels

/// Means and sums of squared deviations over axes, in float64, with size 1 there. Each part of the data is
/// passed over twice while it is in the cache; parts are put together by their means and squares (Chan, Golub,
/// LeVeque, 1979), so that nothing cancels.
func moments(_ x: View, _ axes: AxisSet, _ name: String) throws(TalwegError) -> (mean: View, squares: View) {
    guard let own = kernels.statistics(x.dtype) else {
        throw .dtype("\(name): needs float32 or float64, not \(x.dtype.name)")
    }
    if x.count == 0 {
        let shape = try x.shape.reduced(axes, keepdims: true)
        return (try .full(shape, .nan, .float64), try .full(shape, 0, .float64))
    }
    let run = x.lastRun(of: axes)
    let shape = try x.shape.reduced(run, keepdims: true)
    let mean = try View(uninitialized: shape, .float64)
    let squares = try View(uninitialized: shape, .float64)
    let reduced = Runs(x, where: { run.contains($0) })
    let kept = Runs(x, where: { !run.contains($0) })
    if let k = rowsToFold(reduced, kept) {
        try foldedMoments(own, x, reduced.count, kept.count, k, mean, squares)
    } else {
        try blockMoments(own, x, ReductionPlan(reduced: reduced, kept: kept), mean.doubles, squares.doubles)
    }
    if run == axes { return (mean, squares) }

    // The parts have one size: their squares add up, and those of their means count once an element.
    let between = try moments(mean, axes, name)
    let within = try reduce(.sum, squares, axes, keepdims: true, name)
    kernels.f64.axpy(within.count, Double(reduced.count), between.squares.pointer, within.pointer)
    return (between.mean, within)
}

extension View {
    fileprivate var doubles: UnsafeMutablePointer<Double> { pointer(as: Double.self) }
}

private func blockMoments(
    _ kernels: StatisticKernels, _ x: View, _ plan: ReductionPlan, _ mean: UnsafeMutablePointer<Double>,
    _ squares: UnsafeMutablePointer<Double>
) throws(TalwegError) {
    let (from, size) = (x.pointer, x.dtype.itemSize)
    if plan.blocks == 1 {
        plan.run { n, m, offset, _, to in
            kernels.moments(n, m, from + offset * size, plan.stride, plan.step, mean + to, squares + to)
        }
        return
    }
    let count = plan.outer.count * plan.blocks * plan.m
    let partial = try Workspace(byteCount: count * 16)
    let means = partial.pointer.assumingMemoryBound(to: Double.self)
    let others = means + count
    plan.run { n, m, offset, block, to in
        let place = plan.place(block, to)
        kernels.moments(n, m, from + offset * size, plan.stride, plan.step, means + place, others + place)
    }
    for position in 0..<plan.outer.count {
        let to = position * plan.m
        (mean + to).update(from: means + plan.place(0, to), count: plan.m)
        (squares + to).update(from: others + plan.place(0, to), count: plan.m)
        var n = plan.count(ofBlock: 0)
        for block in 1..<plan.blocks {
            let (more, place) = (plan.count(ofBlock: block), plan.place(block, to))
            kernels.mergeMoments(
                plan.m, Double(n), mean + to, squares + to, Double(more), means + place, others + place)
            n += more
        }
    }
}

/// See `rowsToFold`.
private func foldedMoments(
    _ kernels: StatisticKernels, _ x: View, _ n: Int, _ m: Int, _ k: Int, _ mean: View, _ squares: View
) throws(TalwegError) {
    let partial = try Workspace(byteCount: 2 * (k + 1) * m * 8)
    let means = partial.pointer.assumingMemoryBound(to: Double.self)
    let others = means + (k + 1) * m
    let (rows, left) = (n / k, n % k)
    let wide = ReductionPlan(reduced: Runs(sizes: rows, stride: k * m), kept: Runs(sizes: k * m, stride: 1))
    try blockMoments(kernels, x, wide, means, others)
    if left > 0 {
        kernels.moments(
            left, m, x.pointer + (n - left) * m * x.dtype.itemSize, m, 1, means + k * m, others + k * m)
    }
    mean.doubles.update(from: means, count: m)
    squares.doubles.update(from: others, count: m)
    for part in 1..<(left > 0 ? k + 1 : k) {
        kernels.mergeMoments(
            m, Double(part * rows), mean.doubles, squares.doubles, Double(part == k ? left : rows),
            means + part * m, others + part * m)
    }
}
