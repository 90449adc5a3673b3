import TalwegKernels

/// Maximum likelihood by Fisher scoring, which is iteratively reweighted least squares (McCullagh and Nelder, 2nd ed.,
/// 2.5) and for canonical links Newton's method. A step that does not lower the objective, deviance / 2 + the
/// penalty, is halved.
///
/// Small problems solve each weighted problem by QR. Large ones go by the information matrix, and begin with some of
/// the rows, whose information then serves as a preconditioner for all (`GLMNewton.approach`).
final class GLMNewton {
    let data: RegressionData
    let family: GLMRows
    let options: GLMOptions
    let width: Int
    /// In the units of rows as they are read, [width].
    let b: UnsafeMutablePointer<Double>
    let pass: GLMPass
    let step: GLMStep
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations
    /// deviance / 2 + ridge / 2 |b|^2
    private(set) var objective = Double.infinity
    private(set) var separated = false
    private(set) var byRows: Bool
    /// Whether the step's factor and the pass's sums belong to the coefficients.
    private(set) var isCurrent = false

    private let direction: UnsafeMutablePointer<Double>
    private let trial: UnsafeMutablePointer<Double>
    private let slope: UnsafeMutablePointer<Double>
    private let shown: UnsafeMutablePointer<Double>
    private let space: Storage

    /// Up to so many multiplications QR is quick enough.
    private static let rowWork = 1 << 22

    init(_ data: RegressionData, _ options: GLMOptions) throws(TalwegError) {
        self.data = data
        self.options = options
        family = GLMRows(options)
        width = data.width
        space = try Storage(byteCount: slabBytes(width, width, width, width, data.p + 1))
        var slab = Slab(space.pointer)
        b = slab.doubles(width)
        direction = slab.doubles(width)
        trial = slab.doubles(width)
        slope = slab.doubles(width)
        shown = slab.doubles(data.p + 1)
        b.update(repeating: 0, count: width)
        let (square, over) = width.multipliedReportingOverflow(by: width)
        let (work, overflow) = square.multipliedReportingOverflow(by: data.n)
        byRows = over || overflow ? false : work <= GLMNewton.rowWork || data.n < 2 * width
        pass = try GLMPass(data, family, capacity: byRows ? 0 : width)
        step = try GLMStep(width: width)
    }

    func run() throws(TalwegError) {
        try family.check(data)
        setPenalty(1)
        let starting = try family.setStart(data, b)
        if !byRows, !starting, let apart = try beginWithSome(), try approach(apart) { return }
        try iterate(pass, start: starting, callback: options.callback)
    }

    func setPenalty(_ share: Double) {
        for j in 0..<data.p { step.penalty[j] = options.ridge * data.scale[j] * data.scale[j] * share }
        if data.intercept { step.penalty[data.p] = 0 }
    }

    func penalty(of b: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for j in 0..<data.p { sum += step.penalty[j] * b[j] * b[j] }
        return sum / 2
    }

    /// The solution for every so manyth row is near that of all, and so is that for fewer of these.
    /// - Returns: how far apart the rows were whose factor the step has, nil where none served.
    private func beginWithSome() throws(TalwegError) -> Int? {
        let wanted = max(40 * width, data.n / 16)
        let apart = data.n / max(wanted, 1)
        guard apart >= 4 else { return nil }
        shown.update(from: b, count: width)
        for share in [4 * apart, apart] where share == apart || data.n / share >= 20 * width {
            let some = try GLMPass(data, family, step: share, capacity: width)
            setPenalty(1 / Double(share))
            try iterate(some, start: false, callback: nil)
            if separated || !objective.isFinite || byRows { break }
        }
        setPenalty(1)
        // Separated or deficient rows say nothing about all.
        let failed = separated || !objective.isFinite || byRows
        if failed { b.update(from: shown, count: width) }
        (iterations, separated, byRows, objective) = (0, false, false, .infinity)
        return failed ? nil : apart
    }

    /// From the solution for some rows to that of all by their gradient alone, with the information of some as a
    /// preconditioner that the steps make better (limited-memory BFGS): the matrix of all rows would cost as much as
    /// several gradients. False where that does not get there soon.
    private func approach(_ apart: Int) throws(TalwegError) -> Bool {
        let space = try Workspace(byteCount: slabBytes(width, width))
        var slab = Slab(space.pointer)
        let last = slab.doubles(width), change = slab.doubles(width)
        var pairs = try CurvaturePairs(size: width)
        objective = pass.run(b, matrix: false) + penalty(of: b)
        setSlope(pass)
        while iterations < min(options.maxIterations, 20), objective.isFinite {
            pairs.solve(slope, direction) { vector in
                step.solve(vector, vector)
                for j in 0..<width { vector[j] /= Double(apart) }
            }
            let promised = kernels.f64.dot(width, slope, 1, direction, 1)
            guard promised.isFinite, promised >= 0 else { return false }
            if promised <= 2 * tolerance * (objective + 0.1) {
                try finish(pass, promised)
                return true
            }
            for j in 0..<width { trial[j] = b[j] + direction[j] }
            let value = pass.run(trial, matrix: false) + penalty(of: trial)
            guard value <= objective + 1e-12 * (objective.magnitude + 1) else { return false }
            iterations += 1
            objective = value
            last.update(from: slope, count: width)
            b.update(from: trial, count: width)
            setSlope(pass)
            for j in 0..<width { change[j] = last[j] - slope[j] }
            pairs.add(step: direction, change: change)
            if let callback = options.callback, callback(progress()) {
                reason = .callback
                return true
            }
        }
        return false
    }

    /// The direction in which the objective falls, from the pass's gradient.
    private func setSlope(_ pass: GLMPass) {
        for j in 0..<width { slope[j] = pass.gradient[j] - step.penalty[j] * b[j] }
    }

    /// 1e-13, or where iterations are dear and each adds one digit or more, 1e-10.
    private var tolerance: Double { options.tolerance >= 0 ? options.tolerance : byRows ? 1e-13 : 1e-10 }

    private func iterate(_ pass: GLMPass, start: Bool, callback: ((GLMProgress) -> Bool)?) throws(TalwegError) {
        let whole = pass === self.pass
        pass.observes = true
        let most = whole ? options.maxIterations : min(options.maxIterations, 12)
        // Some rows' solution is some way from that of all: no need to know it better.
        let tolerance = whole ? self.tolerance : max(self.tolerance, 3e-4)
        reason = .iterations
        var fresh = try evaluate(pass, b, start: start)
        objective = fresh
        if !start, !objective.isFinite {
            throw .numeric("glm: the deviance of the model of the mean alone is not finite")
        }
        var starting = start
        // Whether the factor is of these coefficients or of the last ones.
        var kept = false
        var last = Double.infinity
        while iterations < most {
            let promised = setDirection(pass, starting: starting, kept: kept)
            guard promised.isFinite else { throw .numeric("glm: a step is not finite in iteration \(iterations + 1)") }
            if !starting, promised <= 2 * tolerance * (objective.magnitude + 0.1) {
                // The step is quadratically short: it is taken, and nothing more.
                try finish(pass, promised)
                return
            }
            iterations += 1
            let keeps = whole && !byRows && !starting && promised < 1e-4 * (objective + 0.1) && promised < 0.01 * last
                && !kept
            last = promised
            guard try search(pass, starting: starting, keeps: keeps, &fresh) else {
                // Nothing is gained any more: as far as rounding goes.
                if kept {
                    kept = false
                    fresh = try evaluate(pass, b, start: false)
                    continue
                }
                reason = .tolerance
                return
            }
            objective = fresh
            kept = keeps
            starting = false
            if let callback, callback(progress()) {
                reason = .callback
                return
            }
            if whole, iterations >= 5, options.ridge == 0, isSeparating(pass) {
                separated = true
                reason = .tolerance
                return
            }
        }
        reason = .iterations
    }

    /// Takes the last, short step.
    private func finish(_ pass: GLMPass, _ promised: Double) throws(TalwegError) {
        for j in 0..<width { trial[j] = b[j] + direction[j] }
        reason = .tolerance
        if !byRows, pass === self.pass, !options.standardErrors, promised <= 1e-8 * objective.magnitude {
            // What the step gains is known as well as a pass would tell it.
            b.update(from: trial, count: width)
            objective -= promised / 2
            isCurrent = true
            return
        }
        // With the information there, where it is wanted.
        let whole = pass === self.pass && options.standardErrors
        pass.observes = false
        let loss = whole
            ? try evaluate(pass, trial, start: false) : pass.run(trial, matrix: false) + penalty(of: trial)
        guard loss.isFinite, loss <= objective + 1e-9 * (objective.magnitude + 1) else { return }
        b.update(from: trial, count: width)
        objective = loss
        isCurrent = whole
    }

    /// The objective at some coefficients, with what the next direction is made of.
    private func evaluate(_ pass: GLMPass, _ at: UnsafePointer<Double>, start: Bool) throws(TalwegError) -> Double {
        if !byRows {
            let loss = pass.run(at, matrix: true, start: start)
            if !loss.isFinite && !start { return .infinity }
            if try step.factorise(pass) { return loss + penalty(of: at) }
            byRows = true
        }
        return try step.factoriseRows(pass, at, start: start, direction) + penalty(of: at)
    }

    /// Sets the direction from the gradient where QR has not, and the slope.
    /// - Returns: what the step promises: g' H^-1 g.
    private func setDirection(_ pass: GLMPass, starting: Bool, kept: Bool) -> Double {
        setSlope(pass)
        if !byRows { step.solve(slope, direction) }
        if starting { return .greatestFiniteMagnitude }
        return max(kernels.f64.dot(width, slope, 1, direction, 1), 0)
    }

    /// Goes along the direction, by halves until the objective falls.
    private func search(_ pass: GLMPass, starting: Bool, keeps: Bool, _ fresh: inout Double) throws(TalwegError)
        -> Bool
    {
        var share = 1.0
        let way = try Workspace(byteCount: slabBytes(width))
        let full = way.pointer.assumingMemoryBound(to: Double.self)
        full.update(from: direction, count: width)
        for _ in 0..<40 {
            for j in 0..<width { trial[j] = b[j] + share * full[j] }
            let value = keeps
                ? pass.run(trial, matrix: false) + penalty(of: trial) : try evaluate(pass, trial, start: false)
            let slack = 1e-12 * (objective.magnitude + 1)
            if value.isFinite, starting || value <= objective + slack {
                b.update(from: trial, count: width)
                fresh = value
                return true
            }
            share /= 2
            // From the observations the way leads through nothing that is known to be worse.
            if starting, share < 1e-6 { break }
        }
        if starting { throw .numeric("glm: no coefficients were found that give every row a mean") }
        fresh = objective
        return false
    }

    private func progress() -> GLMProgress {
        shown[data.p] = data.restore(b, to: shown)
        return GLMProgress(
            iteration: iterations, maxIterations: options.maxIterations, objective: 2 * objective,
            coefficients: UnsafeBufferPointer(start: shown, count: data.p),
            intercept: UnsafeBufferPointer(start: shown + data.p, count: 1), features: data.p, outputs: 1)
    }

    /// Whether the likelihood rises for ever along the last step: a direction v of the coefficients that no row
    /// opposes, which is what separation is (Albert and Anderson, Biometrika 71, 1984). Steps stay about one long in
    /// the predictor then, where those of an iteration that converges vanish.
    private func isSeparating(_ pass: GLMPass) -> Bool {
        let counts = options.family == .poisson || options.family == .negativeBinomial
        guard counts || options.family == .binomial else { return false }
        let stays = direction
        // Only where some predictors are already far out.
        var far = 0.0
        pass.visit(b) { _, count, block in
            for i in 0..<count { far = max(far, block.eta[i].magnitude) }
        }
        guard far > 8 else { return false }
        var longest = 0.0, opposed = 0.0
        pass.visit(stays) { _, count, block in
            for i in 0..<count where block.prior[i] > 0 {
                let along = block.eta[i] - block.offset[i], y = block.y[i]
                longest = max(longest, along.magnitude)
                if counts {
                    opposed = max(opposed, y > 0 ? along.magnitude : along)
                } else if y == 0 || y == 1 {
                    opposed = max(opposed, y == 1 ? -along : along)
                } else {
                    opposed = max(opposed, along.magnitude)
                }
            }
        }
        return longest > 0.05 && opposed <= 1e-4 * longest
    }

    /// The information at the solution, factorised.
    func refresh() throws(TalwegError) {
        pass.observes = false
        if !isCurrent { _ = try evaluate(pass, b, start: false) }
        isCurrent = true
    }
}
