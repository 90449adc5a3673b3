/// The root of a strictly increasing function, by Newton's method kept inside a bracket. `evaluate` gives the value
/// and the slope. It ends with a step below 1e-8 in size that is not taken, so that the caller can take it relative to
/// what it computes of u: the error of what follows is that of the function.
func monotoneRoot(start: Double, _ evaluate: (Double) -> (value: Double, slope: Double)) -> (u: Double, step: Double) {
    var u = start
    var low = -Double.infinity, high = Double.infinity
    for _ in 0..<200 {
        let (value, slope) = evaluate(u)
        if value.isNaN { return (u, .nan) }
        if value == 0 { return (u, 0) }
        if value < 0 { low = u } else { high = u }
        let step = -value / slope
        if step.magnitude < 1e-8 { return (u, step) }
        // Far off, where the slope tells little, not more than doubling.
        let most = max(4, u.magnitude)
        var next = u + (step.isNaN ? (value < 0 ? most : -most) : min(max(step, -most), most))
        if next <= low || next >= high { next = low + (high - low) / 2 }
        if next == u || next == low || next == high { return (u, 0) }
        u = next
    }
    return (u, 0)
}
