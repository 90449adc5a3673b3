import TalwegKernels

/// A generalised linear model with an L1 norm, or with a ridge and more coefficients than a matrix of their squares
/// should be made for: the loss, the penalties in the units of rows as they are read, and results.
final class GLMPenalised {
    private let data: RegressionData
    private let options: GLMOptions
    private let loss: any PenalisedLoss
    private let newton: ProximalNewton
    private let family: GLMRows
    private let dtype: DType
    /// Sets of coefficients: 1, or the classes.
    private let outputs: Int
    /// What a penalty's coefficient of a column is divided by: 1, or with `standardize` the inverse of its standard
    /// deviation; by column, as it is read.
    private let unit: UnsafeMutablePointer<Double>
    private let space: Storage
    private let isStarting: Bool
    private let nullLoss: Double

    /// Whether a model with a ridge is of this kind.
    static func isLarge(_ data: RegressionData, _ options: GLMOptions) throws(TalwegError) -> Bool {
        guard options.ridge > 0 else { return false }
        if options.family != .multinomial { return data.width > 2000 && (data.intercept || options.link != .inverse) }
        try GLMRows(options).check(data)
        return try Multinomial.classes(data, options) - 1 > 1500 / data.width
    }

    init(_ data: RegressionData, _ options: GLMOptions, standardize: Bool, curved: Bool = true, _ dtype: DType)
        throws(TalwegError)
    {
        self.data = data
        self.options = options
        self.dtype = dtype
        family = GLMRows(options)
        try family.check(data)
        space = try Storage(byteCount: slabBytes(data.p))
        unit = space.pointer.assumingMemoryBound(to: Double.self)
        if options.family == .multinomial {
            let classes = try Multinomial.classes(data, options)
            outputs = classes
            loss = try MultinomialLoss(MultinomialPass(data, classes: classes, curved: curved))
            newton = try ProximalNewton(loss)
            nullLoss = try Multinomial.setStart(data, classes: classes, newton.b)
            isStarting = false
        } else {
            outputs = 1
            loss = try GLMLoss(data, family, curved: curved)
            newton = try ProximalNewton(loss)
            isStarting = try family.setStart(data, newton.b)
            nullLoss = try GLMNullModel(data, family).loss()
        }
        if standardize { try measure(unit) } else { for j in 0..<data.p { unit[j] = data.scale[j] } }
    }

    /// Standard deviations of the columns as they are read; 0 where only rounding is left.
    private func measure(_ unit: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let block = data.blockRows, stride = data.rowStride
        let room = try Workspace(byteCount: slabBytes(block * stride, data.p, data.p))
        var slab = Slab(room.pointer)
        let rows = slab.doubles(block * stride), sums = slab.doubles(data.p), squares = slab.doubles(data.p)
        sums.update(repeating: 0, count: data.p)
        squares.update(repeating: 0, count: data.p)
        // The centre is near the mean, and the range near 1: squares of what is left lose nothing.
        var begin = 0
        while begin < data.n {
            let count = min(block, data.n - begin)
            data.load(rows: begin, count, into: rows)
            for i in 0..<count {
                let w = (data.weights?[begin + i] ?? 1) / data.sumOfWeights, row = rows + i * stride
                for j in 0..<data.p {
                    sums[j] += w * row[j]
                    squares[j] += w * row[j] * row[j]
                }
            }
            begin += count
        }
        for j in 0..<data.p {
            let mean = data.intercept ? sums[j] : 0
            let deviation = max(squares[j] - mean * mean, 0).squareRoot()
            unit[j] = deviation > 1e-13 ? deviation : 0
        }
    }

    /// The weight lasso |b| + ridge / 2 |b|^2 of the coefficients in the data's units.
    private func setPenalty(lasso: Double, ridge: Double) {
        let width = data.width
        newton.setPenalty { place in
            let j = place % width
            if j == data.p { return (0, 0) }
            // A column of which only rounding is left gets no coefficient.
            return unit[j] > 0
                ? (min(lasso * unit[j], .greatestFiniteMagnitude), ridge * unit[j] * unit[j])
                : (.greatestFiniteMagnitude, 0)
        }
    }

    /// The fit of one penalty, from the coefficients as they are.
    func fit(lasso: Double, ridge: Double, isFirst: Bool, after: ((GLMProgress) -> Bool)?) throws(TalwegError)
        -> GLMResult
    {
        setPenalty(lasso: lasso, ridge: ridge)
        let result = try GLMResult(data, options, outputs: outputs, dtype: dtype)
        try newton.solve(
            tolerance: options.tolerance >= 0 ? options.tolerance : 1e-13, maxIterations: options.maxIterations,
            start: isStarting && isFirst
        ) {
            guard let after else { return false }
            give(result)
            return after(progress(result, newton.iterations, newton.objective))
        }
        give(result)
        result.stopReason = newton.reason
        result.iterations = newton.iterations
        result.violation = newton.violation
        // Of the lasso the coefficients that are not zero estimate the degrees of freedom without bias (Zou, Hastie and
        // Tibshirani, Ann. Stat. 35, 2007).
        result.rank = newton.nonzeros
        result.degreesOfFreedom = data.rowsInUse - result.rank - (data.intercept ? max(outputs - 1, 1) : 0)
        summarise(result, newton.objective - newton.penalty(of: newton.b))
        return result
    }

    /// The fit of a ridge alone, without a matrix.
    func fitLarge(ridge: Double, after: ((GLMProgress) -> Bool)?) throws(TalwegError) -> GLMResult {
        setPenalty(lasso: 0, ridge: ridge)
        let result = try GLMResult(data, options, outputs: outputs, dtype: dtype)
        let room = try Workspace(byteCount: slabBytes(data.p, loss.size))
        var slab = Slab(room.pointer)
        let deviations = slab.doubles(data.p), curvature = slab.doubles(loss.size)
        try measure(deviations)
        // A variance of 1/4 at most for classes, and 1 for want of better.
        let binary = options.family == .binomial || options.family == .multinomial
        let weight = data.sumOfWeights * (binary ? 1 / Double(2 * max(outputs, 2)) : 1)
        for place in 0..<loss.size {
            let j = place % data.width
            curvature[place] = weight * (j < data.p ? max(deviations[j] * deviations[j], 1e-12) : 1)
        }
        let solver = try LimitedMemory(loss, start: newton.b, ridge: newton.ridge, curvature: curvature)
        func show() {
            newton.b.update(from: solver.b, count: loss.size)
            give(result)
        }
        // Its steps cost little, and a digit takes several.
        let (most, over) = options.maxIterations.multipliedReportingOverflow(by: 10)
        try solver.run(
            tolerance: options.tolerance >= 0 ? options.tolerance : 1e-13, maxIterations: over ? Int.max : most
        ) {
            guard let after else { return false }
            show()
            return after(progress(result, solver.iterations, solver.objective))
        }
        show()
        result.stopReason = solver.reason
        result.iterations = solver.iterations
        result.rank = data.p
        result.degreesOfFreedom = data.rowsInUse - (data.p + (data.intercept ? 1 : 0)) * max(outputs - 1, 1)
        summarise(result, solver.value)
        return result
    }

    private func progress(_ result: GLMResult, _ iteration: Int, _ objective: Double) -> GLMProgress {
        GLMProgress(
            iteration: iteration, maxIterations: options.maxIterations, objective: 2 * objective,
            coefficients: UnsafeBufferPointer(start: result.coefficients, count: data.p * outputs),
            intercept: UnsafeBufferPointer(start: result.intercept, count: outputs), features: data.p,
            outputs: outputs)
    }

    private func give(_ result: GLMResult) {
        for k in 0..<outputs {
            result.intercept[k] = data.restore(newton.b + k * data.width, to: result.coefficients + k * data.p)
        }
        guard outputs > 1 else { return }
        // All may be shifted alike.
        var sum = 0.0
        for k in 0..<outputs { sum += result.intercept[k] }
        for k in 0..<outputs { result.intercept[k] -= sum / Double(outputs) }
    }

    private func summarise(_ result: GLMResult, _ half: Double) {
        guard let pass = (loss as? GLMLoss)?.pass else {
            (result.deviance, result.logLikelihood) = (max(2 * half, 0), -half)
            result.nullDeviance = 2 * nullLoss
            return
        }
        result.summarise(data, family, loss: half, nullLoss: nullLoss, pearson: pass.pearson)
    }

    /// The least penalty on the mean loss that leaves no coefficient.
    func greatestPenalty(l1Ratio: Double) throws(TalwegError) -> Double {
        setPenalty(lasso: .greatestFiniteMagnitude, ridge: 0)
        try newton.solve(tolerance: 1e-13, maxIterations: 50, start: isStarting) { false }
        var most = 0.0
        for place in 0..<loss.size where place % data.width < data.p {
            let unit = unit[place % data.width]
            if unit > 0 { most = max(most, loss.gradient[place].magnitude / unit) }
        }
        return most / (l1Ratio * data.sumOfWeights)
    }
}
