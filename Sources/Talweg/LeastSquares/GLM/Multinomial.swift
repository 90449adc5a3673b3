import CIntrinsics
import TalwegKernels

/// Multinomial logistic regression by Newton's method, steps halved where the objective rises.
///
/// The unknowns are the coefficients of classes 1, 2, ... less those of class 0, so that without a penalty they are
/// unique. A ridge belongs to the symmetric coefficients B_k of all K classes; the shift that all of them may have is
/// the one of least penalty, which makes sum_k B_k = 0, and in the unknowns C_k = B_k - B_0
///
///     sum_k |B_k|^2 = sum_k |C_k|^2 - |sum_k C_k|^2 / K
final class Multinomial {
    private let data: RegressionData
    private let options: GLMOptions
    private let classes: Int
    private let pass: MultinomialPass
    private let size: Int
    private let theta, trial, direction, slope, factor: UnsafeMutablePointer<Double>
    private let triangle: ColumnMajor
    private let space: Storage
    /// Whether the information had no Cholesky factor, and the step is a damped one.
    private var deficient = false
    private var separated = false
    private var iterations = 0
    private var reason = StopReason.iterations

    init(_ data: RegressionData, _ options: GLMOptions) throws(TalwegError) {
        try GLMRows(options).check(data)
        self.data = data
        self.options = options
        classes = try Multinomial.classes(data, options)
        pass = try MultinomialPass(data, classes: classes)
        size = pass.size
        space = try Storage(byteCount: slabBytes(size, size, size, size, size, size * size))
        var slab = Slab(space.pointer)
        theta = slab.doubles(size)
        trial = slab.doubles(size)
        direction = slab.doubles(size)
        slope = slab.doubles(size)
        factor = slab.doubles(size)
        triangle = ColumnMajor(slab.doubles(size * size), rows: size, columns: size)
        theta.update(repeating: 0, count: size)
    }

    func fit(_ dtype: DType) throws(TalwegError) -> GLMResult {
        let result = try GLMResult(data, options, outputs: classes, dtype: dtype)
        let nullLoss = try setStart()
        var loss = pass.run(theta, matrix: true)
        var objective = loss + penalty(theta)
        while iterations < options.maxIterations {
            try setDirection()
            let promised = max(kernels.f64.dot(size, slope, 1, direction, 1), 0)
            guard promised.isFinite else { throw .numeric("glm: a step is not finite in iteration \(iterations + 1)") }
            if promised <= 2 * (options.tolerance < 0 ? 1e-13 : options.tolerance) * (objective.magnitude + 0.1) {
                reason = .tolerance
                // The step is quadratically short: it is taken, with the information there.
                for j in 0..<size { trial[j] = theta[j] + direction[j] }
                let next = pass.run(trial, matrix: true)
                if next + penalty(trial) <= objective + 1e-12 * (objective.magnitude + 1) {
                    theta.update(from: trial, count: size)
                    loss = next
                } else {
                    _ = pass.run(theta, matrix: true)
                }
                break
            }
            iterations += 1
            var share = 1.0
            var moved = false
            while share > 1e-9 {
                for j in 0..<size { trial[j] = theta[j] + share * direction[j] }
                let next = pass.run(trial, matrix: true)
                if next + penalty(trial) <= objective + 1e-12 * (objective.magnitude + 1) {
                    loss = next
                    objective = next + penalty(trial)
                    moved = true
                    break
                }
                share /= 2
            }
            guard moved else {
                reason = .tolerance
                break
            }
            theta.update(from: trial, count: size)
            if let callback = options.callback {
                give(to: result)
                let progress = GLMProgress(
                    iteration: iterations, maxIterations: options.maxIterations, objective: 2 * objective,
                    coefficients: UnsafeBufferPointer(start: result.coefficients, count: classes * data.p),
                    intercept: UnsafeBufferPointer(start: result.intercept, count: classes), features: data.p,
                    outputs: classes)
                if callback(progress) {
                    reason = .callback
                    break
                }
            }
            if iterations >= 5, options.ridge == 0, isSeparating() {
                separated = true
                reason = .tolerance
                break
            }
        }
        give(to: result)
        result.deviance = 2 * loss
        result.logLikelihood = -loss
        result.nullDeviance = 2 * nullLoss
        result.iterations = iterations
        result.stopReason = reason
        result.separated = separated
        try finish(result)
        return result
    }

    /// How many classes y has; throws for fewer than two.
    static func classes(_ data: RegressionData, _ options: GLMOptions) throws(TalwegError) -> Int {
        guard options.offset == nil else { throw .invalid("glm: the multinomial family takes no offset") }
        var most = 0.0
        for i in 0..<data.n { most = max(most, data.y[i]) }
        guard most >= 1 else { throw .invalid("glm: y has one class only") }
        return Int(most) + 1
    }

    private func setStart() throws(TalwegError) -> Double {
        let room = try Workspace(byteCount: slabBytes(classes * data.width))
        let all = room.pointer.assumingMemoryBound(to: Double.self)
        all.update(repeating: 0, count: classes * data.width)
        let loss = try Multinomial.setStart(data, classes: classes, all)
        theta.update(from: all + data.width, count: size)
        return loss
    }

    /// Intercepts of the classes' frequencies, class 0's being 0, in b [classes][width]; the loss of these.
    static func setStart(_ data: RegressionData, classes: Int, _ b: UnsafeMutablePointer<Double>) throws(TalwegError)
        -> Double
    {
        let counts = try Workspace(byteCount: slabBytes(classes))
        let sums = counts.pointer.assumingMemoryBound(to: Double.self)
        sums.update(repeating: 0, count: classes)
        for i in 0..<data.n { sums[Int(data.y[i])] += data.weights?[i] ?? 1 }
        var loss = 0.0
        for k in 0..<classes {
            guard sums[k] > 0 else { throw .invalid("glm: class \(k) of \(classes) has no rows") }
            loss -= sums[k] * tk_libm_log(data.intercept ? sums[k] / data.sumOfWeights : 1 / Double(classes))
            if data.intercept { b[k * data.width + data.p] = tk_libm_log(sums[k] / sums[0]) }
        }
        return loss
    }

    private func penalty(_ c: UnsafePointer<Double>) -> Double {
        if options.ridge == 0 { return 0 }
        var total = 0.0
        for j in 0..<data.p {
            var sum = 0.0, squares = 0.0
            for k in 0..<pass.others {
                let value = c[k * data.width + j] * data.scale[j]
                sum += value
                squares += value * value
            }
            total += squares - sum * sum / Double(classes)
        }
        return options.ridge / 2 * total
    }

    /// Adds the penalty to what the last pass left, factorises, solves.
    private func setDirection() throws(TalwegError) {
        let width = data.width
        slope.update(from: pass.gradient, count: size)
        for j in 0..<data.p where options.ridge > 0 {
            let unit = options.ridge * data.scale[j] * data.scale[j]
            var sum = 0.0
            for k in 0..<pass.others { sum += theta[k * width + j] }
            for k in 0..<pass.others { slope[k * width + j] -= unit * (theta[k * width + j] - sum / Double(classes)) }
        }
        var damping = 0.0
        while true {
            assemble(damping)
            let block = MatrixBlock(
                triangle.pointer, rows: size, columns: size, rowStride: 1, columnStride: size, itemSize: 8)
            if try kernels.f64.choleskyFactor(block, tolerance: 16 * Double(size) * Double.ulpOfOne) == nil { break }
            deficient = true
            damping = damping == 0 ? 1e-10 : damping * 10
            guard damping < 1e3 else { throw .numeric("glm: the information matrix cannot be factorised") }
        }
        let r = UpperTriangle(triangle, size: size)
        for j in 0..<size { direction[j] = slope[j] * factor[j] }
        r.solveTransposed(direction)
        r.solve(direction)
        for j in 0..<size { direction[j] *= factor[j] }
    }

    /// The information with the penalty, its diagonal scaled to ones, above the triangle's diagonal.
    private func assemble(_ damping: Double) {
        let width = data.width
        func element(_ i: Int, _ j: Int) -> Double {
            var value = pass.matrix[i * size + j]
            let (k, a) = i.quotientAndRemainder(dividingBy: width), (l, b) = j.quotientAndRemainder(dividingBy: width)
            if a == b, a < data.p, options.ridge > 0 {
                value += options.ridge * data.scale[a] * data.scale[a] * ((k == l ? 1 : 0) - 1 / Double(classes))
            }
            return value
        }
        for j in 0..<size {
            let diagonal = element(j, j)
            factor[j] = diagonal > 0 ? 1 / diagonal.squareRoot() : 1
        }
        for j in 0..<size {
            for i in 0..<j { triangle[i, j] = element(i, j) * factor[i] * factor[j] }
            triangle[j, j] = 1 + damping
        }
    }

    /// Coefficients of all classes in the units of the data: class 0 is zero, or with a ridge all sum to zero.
    private func give(to result: GLMResult) {
        let p = data.p
        for j in 0..<p { result.coefficients[j] = 0 }
        result.intercept[0] = 0
        for k in 1..<classes {
            result.intercept[k] = data.restore(theta + (k - 1) * data.width, to: result.coefficients + k * p)
        }
        guard options.ridge > 0 else { return }
        for j in 0..<p {
            var sum = 0.0
            for k in 0..<classes { sum += result.coefficients[k * p + j] }
            for k in 0..<classes { result.coefficients[k * p + j] -= sum / Double(classes) }
        }
        var sum = 0.0
        for k in 0..<classes { sum += result.intercept[k] }
        for k in 0..<classes { result.intercept[k] -= sum / Double(classes) }
    }

    /// Rank, and standard errors of the unpenalised coefficients.
    private func finish(_ result: GLMResult) throws(TalwegError) {
        let width = data.width, p = data.p
        // Columns of which the centre left nothing.
        let empty = options.ridge == 0 ? (0..<p).filter { isEmpty($0) } : []
        result.rank = p - empty.count
        if options.ridge == 0, deficient {
            // One class's own block tells the columns' rank.
            let space = try Workspace(byteCount: slabBytes(width * width, width, 3 * width))
            var slab = Slab(space.pointer)
            let copy = ColumnMajor(slab.doubles(width * width), rows: width, columns: width)
            let order = slab.integers(width), room = slab.doubles(3 * width)
            for j in 0..<width {
                for i in 0..<width {
                    let element = pass.matrix[min(i, j) * size + max(i, j)]
                    copy[i, j] = element * factor[i] * factor[j]
                }
            }
            let qr = try PivotedQR(
                copy, ColumnMajor(copy.pointer, rows: width, columns: 0), order: order, room: room,
                tolerance: 64 * Double(width) * Double.ulpOfOne)
            result.rank = qr.rank - (data.intercept ? 1 : 0)
        }
        let columns = result.rank + (data.intercept ? 1 : 0)
        result.degreesOfFreedom = data.rowsInUse - columns * pass.others
        guard options.ridge == 0, options.standardErrors, !deficient, !separated else { return }
        // The pass's matrix belongs to the last coefficients.
        try setDirection()
        defer {
            for k in 0..<pass.others {
                for j in empty { result.errors[(k + 1) * p + j] = .nan }
            }
        }
        let r = UpperTriangle(triangle, size: size)
        direction.update(repeating: 0, count: size)
        r.addInverseRowSquares(direction, scratch: trial)
        for k in 0..<pass.others {
            for j in 0..<p {
                let place = k * width + j
                result.errors[(k + 1) * p + j] = direction[place].squareRoot() * factor[place] * data.scale[j]
            }
            guard data.intercept else { continue }
            for j in 0..<size { trial[j] = 0 }
            for j in 0..<p { trial[k * width + j] = -data.center[j] * factor[k * width + j] }
            trial[k * width + p] = factor[k * width + p]
            r.solveTransposed(trial)
            result.interceptErrors[k + 1] = kernels.f64.dot(size, trial, 1, trial, 1).squareRoot()
        }
    }

    private func isEmpty(_ j: Int) -> Bool {
        (0..<pass.others).allSatisfy { pass.matrix[($0 * data.width + j) * (size + 1)] <= 0 }
    }

    /// As `GLMNewton.isSeparating`: along the last step no row's own class falls behind another one.
    private func isSeparating() -> Bool {
        var far = 0.0, longest = 0.0, opposed = 0.0
        let others = pass.others
        pass.visit(theta) { _, eta in
            for k in 0..<others { far = max(far, eta[k].magnitude) }
        }
        guard far > 8 else { return false }
        pass.visit(direction) { row, along in
            if let weights = data.weights, weights[row] == 0 { return }
            let label = Int(data.y[row])
            let own = label == 0 ? 0 : along[label - 1]
            longest = max(longest, own.magnitude)
            opposed = max(opposed, -own)
            for k in 0..<others {
                longest = max(longest, along[k].magnitude)
                opposed = max(opposed, along[k] - own)
            }
        }
        return longest > 0.05 && opposed <= 1e-4 * longest
    }
}
