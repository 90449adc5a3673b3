import CTalweg
import Talweg

extension Schedule: HandleObject { static var handleKind: HandleKind { .schedule } }

/// Runs the body of a function that makes a schedule.
private func make(
    _ out: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(TalwegError) -> Schedule
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(out, "schedule")
        try give(body(), to: out, "schedule")
    }
}

private func use(_ schedule: OpaquePointer?, _ body: (Schedule) throws(TalwegError) -> Void) -> tw_status {
    call { () throws(TalwegError) in try body(resolve(schedule, "schedule")) }
}

@_cdecl("tw_schedule_constant_new") @implementation
public func tw_schedule_constant_new(
    _ factor: Double, _ steps: Int64, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in try Schedule(.constant(factor: factor, steps: Int(steps))) }
}

@_cdecl("tw_schedule_linear_new") @implementation
public func tw_schedule_linear_new(
    _ start: Double, _ end: Double, _ steps: Int64, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in try Schedule(.linear(start: start, end: end, steps: Int(steps))) }
}

@_cdecl("tw_schedule_step_new") @implementation
public func tw_schedule_step_new(
    _ every: Int64, _ gamma: Double, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in try Schedule(.step(every: Int(every), gamma: gamma)) }
}

@_cdecl("tw_schedule_multi_step_new") @implementation
public func tw_schedule_multi_step_new(
    _ milestones: UnsafePointer<Int64>?, _ count: Int64, _ gamma: Double,
    _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        try Schedule(.multiStep(milestones: integers(milestones, count, "milestones", most: 1 << 20), gamma: gamma))
    }
}

@_cdecl("tw_schedule_exponential_new") @implementation
public func tw_schedule_exponential_new(_ gamma: Double, _ schedule: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(schedule) { () throws(TalwegError) in try Schedule(.exponential(gamma: gamma)) }
}

@_cdecl("tw_schedule_cosine_new") @implementation
public func tw_schedule_cosine_new(
    _ steps: Int64, _ minimum: Double, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in try Schedule(.cosine(steps: Int(steps), minimum: minimum)) }
}

@_cdecl("tw_schedule_cosine_restarts_new") @implementation
public func tw_schedule_cosine_restarts_new(
    _ first: Int64, _ multiplier: Int64, _ minimum: Double, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        try Schedule(.cosineRestarts(first: Int(first), multiplier: Int(multiplier), minimum: minimum))
    }
}

@_cdecl("tw_schedule_polynomial_new") @implementation
public func tw_schedule_polynomial_new(
    _ steps: Int64, _ power: Double, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in try Schedule(.polynomial(steps: Int(steps), power: power)) }
}

@_cdecl("tw_schedule_one_cycle_new") @implementation
public func tw_schedule_one_cycle_new(
    _ given: UnsafePointer<tw_one_cycle_options>?, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        let size = MemoryLayout<tw_one_cycle_options>.size
        let options = try options(
            given,
            default: tw_one_cycle_options(
                struct_size: size, steps: 0, rising_share: 0.3, start_divisor: 25, end_divisor: 1e4, linear: false,
                three_phases: false, cycle_momentum: true, low_momentum: 0.85, high_momentum: 0.95),
            minimum: size)
        var cycle = OneCycle(steps: Int(options.steps))
        cycle.risingShare = options.rising_share
        cycle.startDivisor = options.start_divisor
        cycle.endDivisor = options.end_divisor
        cycle.isLinear = options.linear
        cycle.hasThreePhases = options.three_phases
        cycle.cyclesMomentum = options.cycle_momentum
        cycle.lowMomentum = options.low_momentum
        cycle.highMomentum = options.high_momentum
        return try Schedule(.oneCycle(cycle))
    }
}

/// The caller's function, which is told when nothing uses it any more.
private final class ScheduleCallback {
    private let callback: tw_schedule_callback
    private let context: UnsafeMutableRawPointer?
    private let destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

    init(
        _ callback: @escaping tw_schedule_callback, _ context: UnsafeMutableRawPointer?,
        _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    ) {
        self.callback = callback
        self.context = context
        self.destroy = destroy
    }

    deinit { destroy?(context) }

    func factor(_ step: Int) throws(TalwegError) -> Double {
        var factor = 1.0
        guard callback(context, Int64(step), &factor) == 0 else {
            throw TalwegError(.cancelled, "schedule: the callback cancelled at step \(step)")
        }
        return factor
    }
}

@_cdecl("tw_schedule_callback_new") @implementation
public func tw_schedule_callback_new(
    _ callback: tw_schedule_callback?, _ context: UnsafeMutableRawPointer?,
    _ destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    guard let callback else {
        destroy?(context)
        return call { () throws(TalwegError) in throw TalwegError(.null, "callback is NULL") }
    }
    let held = ScheduleCallback(callback, context, destroy)
    return make(schedule) { () throws(TalwegError) in
        try Schedule(.callback { (step) throws(TalwegError) in try held.factor(step) })
    }
}

/// The function of another schedule.
private func function(_ schedule: OpaquePointer?) throws(TalwegError) -> RateFunction {
    let found: Schedule = try resolve(schedule, "schedule")
    guard let function = found.function else {
        throw TalwegError(
            .unsupported, "schedule: a plateau depends on more than the step: it cannot be part of another")
    }
    return function
}

@_cdecl("tw_schedule_warmup_new") @implementation
public func tw_schedule_warmup_new(
    _ steps: Int64, _ start: Double, _ then: OpaquePointer?, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        try Schedule(.warmup(steps: Int(steps), start: start, then: function(then)))
    }
}

@_cdecl("tw_schedule_sequential_new") @implementation
public func tw_schedule_sequential_new(
    _ schedules: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ milestones: UnsafePointer<Int64>?,
    _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        guard count >= 1, count <= 1 << 16 else {
            throw TalwegError(.invalidArgument, "schedule: sequential: \(count) schedules")
        }
        guard let schedules else { throw TalwegError(.null, "schedules is NULL") }
        var functions: [RateFunction] = []
        for place in 0..<Int(count) { functions.append(try function(schedules[place])) }
        return try Schedule(
            .sequence(functions, milestones: integers(milestones, count - 1, "milestones", most: 1 << 16)))
    }
}

@_cdecl("tw_schedule_plateau_new") @implementation
public func tw_schedule_plateau_new(
    _ given: UnsafePointer<tw_plateau_options>?, _ schedule: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(schedule) { () throws(TalwegError) in
        let size = MemoryLayout<tw_plateau_options>.size
        let given = try options(
            given,
            default: tw_plateau_options(
                struct_size: size, maximize: false, factor: 0.1, patience: 10, threshold: 1e-4,
                absolute_threshold: false, cooldown: 0, minimum: 0, epsilon: 1e-8, warmup_steps: 0, warmup_start: 0),
            minimum: size)
        var options = PlateauSchedule.Options()
        options.maximize = given.maximize
        options.factor = given.factor
        options.patience = Int(given.patience)
        options.threshold = given.threshold
        options.thresholdIsAbsolute = given.absolute_threshold
        options.cooldown = Int(given.cooldown)
        options.minimum = given.minimum
        options.epsilon = given.epsilon
        options.warmupSteps = Int(given.warmup_steps)
        options.warmupStart = given.warmup_start
        return try PlateauSchedule(options)
    }
}

@_cdecl("tw_schedule_free") @implementation
public func tw_schedule_free(_ schedule: OpaquePointer?) { free(schedule, as: Schedule.self) }

@_cdecl("tw_schedule_attach") @implementation
public func tw_schedule_attach(_ schedule: OpaquePointer?, _ optimizer: OpaquePointer?) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in
        let found: Optimizer = try resolve(optimizer, "optimizer")
        try schedule.attach(found)
    }
}

@_cdecl("tw_schedule_step") @implementation
public func tw_schedule_step(_ schedule: OpaquePointer?) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try schedule.step() }
}

@_cdecl("tw_schedule_step_metric") @implementation
public func tw_schedule_step_metric(_ schedule: OpaquePointer?, _ metric: Double) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try schedule.step(metric: metric) }
}

@_cdecl("tw_schedule_last_step") @implementation
public func tw_schedule_last_step(_ schedule: OpaquePointer?, _ step: UnsafeMutablePointer<Int64>?) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try required(step, "step").pointee = Int64(schedule.lastStep) }
}

@_cdecl("tw_schedule_rate") @implementation
public func tw_schedule_rate(
    _ schedule: OpaquePointer?, _ step: Int64, _ base: Double, _ rate: UnsafeMutablePointer<Double>?
) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in
        let rate = try required(rate, "rate")
        rate.pointee = try schedule.rate(at: Int(step), from: base)
    }
}

@_cdecl("tw_schedule_save") @implementation
public func tw_schedule_save(_ schedule: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try schedule.save(to: string(path, "path")) }
}

@_cdecl("tw_schedule_load") @implementation
public func tw_schedule_load(_ schedule: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try schedule.load(from: string(path, "path")) }
}

@_cdecl("tw_schedule_state_names") @implementation
public func tw_schedule_state_names(
    _ schedule: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try writeNames(schedule.state(), text, capacity, needed) }
}

@_cdecl("tw_schedule_state") @implementation
public func tw_schedule_state(
    _ scope: OpaquePointer?, _ schedule: OpaquePointer?, _ tensors: UnsafeMutablePointer<OpaquePointer?>?,
    _ capacity: Int64, _ count: UnsafeMutablePointer<Int64>?
) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in
        try giveState(schedule.state(), scope, tensors, capacity, count)
    }
}

@_cdecl("tw_schedule_set_state") @implementation
public func tw_schedule_set_state(
    _ schedule: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
    _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    use(schedule) { schedule throws(TalwegError) in try schedule.load(takeState(names, tensors, count)) }
}

@_cdecl("tw_find_learning_rate") @implementation
public func tw_find_learning_rate(
    _ module: OpaquePointer?, _ optimizer: OpaquePointer?, _ inputs: OpaquePointer?, _ targets: OpaquePointer?,
    _ given: UnsafePointer<tw_find_rate_options>?, _ rates: UnsafeMutablePointer<Double>?,
    _ losses: UnsafeMutablePointer<Double>?, _ count: UnsafeMutablePointer<Int64>?,
    _ suggestion: UnsafeMutablePointer<Double>?
) -> tw_status {
    call { () throws(TalwegError) in
        let size = MemoryLayout<tw_find_rate_options>.size
        let given = try options(
            given,
            default: tw_find_rate_options(
                struct_size: size, loss: TW_LOSS_MSE, batch_size: 32, shuffle: true, seed: 0, start: 1e-7, end: 10,
                steps: 100, smoothing: 0.9, divergence: 4),
            minimum: size)
        var options = RateSearchOptions()
        options.batchSize = Int(given.batch_size)
        options.shuffle = given.shuffle
        options.seed = given.seed
        options.start = given.start
        options.end = given.end
        options.steps = Int(given.steps)
        options.smoothing = given.smoothing
        options.divergence = given.divergence
        let loss = try Loss(given.loss)
        let found = try findLearningRate(
            resolve(module, "module"), resolve(optimizer, "optimizer"), resolve(inputs, "inputs"),
            resolve(targets, "targets"), options, loss: { (output, target) throws(TalwegError) in
                try loss(output, target)
            })
        for (place, point) in found.points.enumerated() {
            rates?[place] = point.rate
            losses?[place] = point.loss
        }
        count?.pointee = Int64(found.points.count)
        suggestion?.pointee = found.suggestion
    }
}
