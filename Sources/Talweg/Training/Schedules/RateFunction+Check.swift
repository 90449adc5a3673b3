extension RateFunction {
    /// Refuses numbers outside their ranges.
    func check(depth: Int = 0) throws(TalwegError) {
        guard depth <= 64 else { throw .invalid("schedule: schedules nest more than 64 deep") }
        switch self {
        case .constant(let factor, let steps):
            try number(factor, "factor")
            try count(steps, "steps", least: 0)
        case .linear(let start, let end, let steps):
            try number(start, "start")
            try number(end, "end")
            try count(steps, "steps")
        case .step(let every, let gamma):
            try count(every, "every")
            try number(gamma, "gamma")
        case .multiStep(let milestones, let gamma):
            try ascending(milestones)
            try number(gamma, "gamma")
        case .exponential(let gamma): try number(gamma, "gamma")
        case .cosine(let steps, let minimum):
            try count(steps, "steps")
            try number(minimum, "minimum")
        case .cosineRestarts(let first, let multiplier, let minimum):
            try count(first, "first")
            try count(multiplier, "multiplier")
            try number(minimum, "minimum")
        case .polynomial(let steps, let power):
            try count(steps, "steps")
            try number(power, "power")
        case .oneCycle(let cycle): try cycle.check()
        case .callback: break
        case .warmup(let steps, let start, let next):
            try count(steps, "steps", least: 0)
            try number(start, "start")
            try next.check(depth: depth + 1)
        case .sequence(let functions, let milestones):
            guard functions.count == milestones.count + 1 else {
                throw .invalid(
                    "schedule: sequential: \(functions.count) schedules need \(max(0, functions.count - 1)) milestones,"
                        + " not \(milestones.count)")
            }
            try ascending(milestones)
            for function in functions { try function.check(depth: depth + 1) }
        }
    }

    private func number(_ value: Double, _ what: String) throws(TalwegError) {
        guard value >= 0, value.isFinite else {
            throw .invalid("schedule: \(name): \(what) is \(value); it must be finite and 0 or more")
        }
    }

    private func count(_ value: Int, _ what: String, least: Int = 1) throws(TalwegError) {
        guard value >= least else {
            throw .invalid("schedule: \(name): \(what) is \(value); it must be \(least) or more")
        }
    }

    private func ascending(_ milestones: [Int]) throws(TalwegError) {
        for (place, milestone) in milestones.enumerated() {
            guard milestone >= 0, place == 0 || milestone >= milestones[place - 1] else {
                throw .invalid("schedule: \(name): milestone \(place) is \(milestone); they must ascend from 0")
            }
        }
    }
}
