/// A step length along a descent direction that satisfies the strong Wolfe conditions
///
///     f(t) <= f(0) + c1 t f'(0),   |f'(t)| <= c2 |f'(0)|,   c1 = 1e-4, c2 = 0.9
///
/// by bracketing and zooming with cubic interpolation (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms
/// 3.5 and 3.6). Where rounding hides the first, a value that is as good and a slope that fits do (Hager and Zhang,
/// "A new conjugate gradient method with guaranteed descent and an efficient line search", 2005).
struct WolfeSearch {
    /// A place on the line.
    struct Point {
        var step = 0.0
        var value = 0.0
        var slope = 0.0
    }

    /// What became of the search.
    enum Outcome {
        /// The last place that was evaluated.
        case found(Point)
        /// The best place that was evaluated, which is better than the start but no Wolfe point.
        case better(Point)
        case none
    }

    private static let decrease = 1e-4
    private static let curvature = 0.9
    private static let mostTrials = 25

    let start: Point
    /// The largest magnitude in the direction, and what a bracket may shrink to in its units.
    let length, tolerance: Double

    /// - Parameter evaluate: the value and the slope at a step; nil ends the search
    func run(first: Double, _ evaluate: (Double) throws(TalwegError) -> Point?) throws(TalwegError) -> Outcome {
        var before = start, step = first
        var best: Point?
        func outcome() -> Outcome { best.map { .better($0) } ?? .none }
        for trial in 0..<WolfeSearch.mostTrials {
            guard let now = try evaluate(step) else { return outcome() }
            guard now.value.isFinite, now.slope.isFinite else {
                // Too far: back towards what was fine.
                step = before.step + (step - before.step) * 0.1
                if step - before.step <= tolerance / max(length, .leastNormalMagnitude) { return outcome() }
                continue
            }
            if isWolfe(now) { return .found(now) }
            if !decreases(now) || (trial > 0 && now.value >= before.value) {
                return try zoom(low: before, high: now, best, evaluate)
            }
            best = now
            if now.slope >= 0 { return try zoom(low: now, high: before, best, evaluate) }
            let next = WolfeSearch.cubic(before, now)
            let (least, most) = (now.step + 0.01 * (now.step - before.step), 10 * now.step)
            step = next.map { min(max($0, least), most) } ?? most
            before = now
        }
        return outcome()
    }

    /// Narrows a bracket, whose low end is the best place so far and slopes down into it.
    private func zoom(
        low: Point, high: Point, _ best: Point?, _ evaluate: (Double) throws(TalwegError) -> Point?
    ) throws(TalwegError) -> Outcome {
        var (low, high, best) = (low, high, best)
        var cramped = false
        for _ in 0..<WolfeSearch.mostTrials {
            let (near, far) = (min(low.step, high.step), max(low.step, high.step))
            let width = far - near
            if width * length <= tolerance { break }
            var step = WolfeSearch.cubic(low, high) ?? (near + width / 2)
            // Twice near an end: further inside.
            if min(step - near, far - step) < 0.1 * width {
                if cramped || step <= near || step >= far {
                    step = step - near < far - step ? near + 0.1 * width : far - 0.1 * width
                    cramped = false
                } else {
                    cramped = true
                }
            } else {
                cramped = false
            }
            guard let now = try evaluate(step) else { break }
            if isWolfe(now) { return .found(now) }
            if !now.value.isFinite || !decreases(now) || now.value >= low.value {
                high = now
                continue
            }
            if now.slope * (high.step - low.step) >= 0 { high = low }
            low = now
            best = now
        }
        return best.map { .better($0) } ?? .none
    }

    private func decreases(_ point: Point) -> Bool {
        point.value <= start.value + WolfeSearch.decrease * point.step * start.slope
    }

    private func isWolfe(_ point: Point) -> Bool {
        guard point.slope.magnitude <= -WolfeSearch.curvature * start.slope else { return false }
        if decreases(point) { return true }
        return point.value <= start.value + 1e-14 * start.value.magnitude
            && point.slope <= (2 * WolfeSearch.decrease - 1) * start.slope
    }

    /// Where the cubic through two places and their slopes is least; nil if it has no minimum or a value is not finite.
    private static func cubic(_ a: Point, _ b: Point) -> Double? {
        let (first, second) = a.step <= b.step ? (a, b) : (b, a)
        guard second.value.isFinite, first.value.isFinite, second.step > first.step else { return nil }
        let d1 = first.slope + second.slope - 3 * (first.value - second.value) / (first.step - second.step)
        let square = d1 * d1 - first.slope * second.slope
        guard square >= 0 else { return nil }
        let d2 = square.squareRoot()
        let share = (second.slope + d2 - d1) / (second.slope - first.slope + 2 * d2)
        let step = second.step - (second.step - first.step) * share
        return step.isFinite ? step : nil
    }
}
