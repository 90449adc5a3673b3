/// One cycle of the rate, up to its peak and down to far below where it began, and of the momentum the other way
/// round (Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
/// 2018). With three phases the second mirrors the first, and a third goes down.
public struct OneCycle {
    public var steps: Int
    /// The share of the steps in which the rate goes up.
    public var risingShare = 0.3
    /// The rate begins at peak / startDivisor ...
    public var startDivisor = 25.0
    /// ... and ends at that / endDivisor.
    public var endDivisor = 1e4
    /// In straight lines instead of half waves of the cosine.
    public var isLinear = false
    public var hasThreePhases = false
    public var cyclesMomentum = true
    /// The momentum at the peak, and at both ends.
    public var lowMomentum = 0.85
    public var highMomentum = 0.95

    public init(steps: Int) { self.steps = steps }

    func check() throws(TalwegError) {
        guard steps >= 1 else { throw .invalid("schedule: one_cycle: steps is \(steps); it must be 1 or more") }
        guard risingShare >= 0, risingShare <= 1 else {
            throw .invalid("schedule: one_cycle: rising_share is \(risingShare); it must be from 0 to 1")
        }
        for (name, value) in [("start_divisor", startDivisor), ("end_divisor", endDivisor)] {
            guard value > 0, value.isFinite else {
                throw .invalid("schedule: one_cycle: \(name) is \(value); it must be finite and above 0")
            }
        }
        for (name, value) in [("low_momentum", lowMomentum), ("high_momentum", highMomentum)] {
            guard value >= 0, value < 1 else {
                throw .invalid("schedule: one_cycle: \(name) is \(value); it must be 0 or more and below 1")
            }
        }
    }

    func rate(at step: Int, peak: Double) -> Double {
        let start = peak / startDivisor
        let end = start / endDivisor
        return value(at: step, hasThreePhases ? [start, peak, start, end] : [start, peak, end])
    }

    func momentum(at step: Int) -> Double {
        let (low, high) = (lowMomentum, highMomentum)
        return value(at: step, hasThreePhases ? [high, low, high, high] : [high, low, high])
    }

    /// What goes through `corners`, one more than there are phases.
    private func value(at step: Int, _ corners: [Double]) -> Double {
        let last = Double(steps - 1)
        let rising = risingShare * Double(steps)
        let ends = hasThreePhases ? [rising - 1, 2 * rising - 2, last] : [rising - 1, last]
        let place = min(Double(step), last)
        var start = 0.0
        for (phase, end) in ends.enumerated() {
            if place <= end || phase == ends.count - 1 {
                let share = end > start ? (place - start) / (end - start) : 1
                let (from, to) = (corners[phase], corners[phase + 1])
                return isLinear ? from + (to - from) * share : RateFunction.wave(from, to, share)
            }
            start = end
        }
        return corners[0]
    }
}
