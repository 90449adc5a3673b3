import TalwegKernels

/// Gradient descent on the mean squared error, from coefficients and intercept 0:
///
///     loss = (sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2) / sum_i w_i
///
/// Each target goes its own way with its own loss; the loss that is told is their
/// mean. An iteration is a step, or, where batches are smaller than the data, an
/// epoch of steps through the rows in a new random order, each with the gradient
/// of its rows as an estimate of all rows'.
final class GradientDescent {
    private let x: View
    private let y: View
    private let weights: View?
    private let n: Int
    private let p: Int
    private let k: Int
    private let sumOfWeights: Double
    private let options: LeastSquaresOptions

    /// [k][p] and [k].
    let coefficients: UnsafeMutablePointer<Double>
    let intercept: UnsafeMutablePointer<Double>
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations

    /// Gradients [k][p + 1] and a loss, of each chunk of the rows.
    private let partial: UnsafeMutablePointer<Double>
    private let order: UnsafeMutableBufferPointer<Int64>
    private let space: Storage

    /// A loss that has grown by this since the start will not come back.
    private static let growth = 1e10

    /// X, y and the weights were checked by `LinearProblem`.
    init(_ problem: LinearProblem, _ options: LeastSquaresOptions) throws(TalwegError) {
        x = try problem.x.cast(to: .float64).contiguous()
        y = try problem.y.cast(to: .float64).contiguous()
        if let given = options.weights {
            weights = try given.view.cast(to: .float64).contiguous()
        } else {
            weights = nil
        }
        n = problem.n
        p = problem.p
        k = problem.k
        self.options = options
        // In the weights' own units, as the loss and the ridge are.
        sumOfWeights = LinearProblem.shift(problem.sumOfWeights, by: 2 * problem.weightExponent)
        let (area, overflow) = (p + 1).multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let batches = options.batchSize > 0 && options.batchSize < problem.n
        let (sums, overflowSums) = (area + 1).multipliedReportingOverflow(by: GradientDescent.chunks(n, p))
        guard !overflowSums else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, k, sums, batches ? n : 0))
        var slab = Slab(space.pointer)
        coefficients = slab.doubles(area)
        intercept = slab.doubles(k)
        partial = slab.doubles(sums)
        order = UnsafeMutableBufferPointer(
            start: slab.rest.assumingMemoryBound(to: Int64.self), count: batches ? n : 0)
        coefficients.update(repeating: 0, count: area)
        intercept.update(repeating: 0, count: k)
    }

    func run() throws(TalwegError) {
        var loss = sumGradients(rows: nil)
        let first = loss
        guard loss.isFinite else { throw diverged(first, loss) }
        let batches = order.count > 0
        for i in 0..<order.count { order[i] = Int64(i) }
        let generator = Generator(seed: options.seed)
        while iterations < options.maxIterations {
            iterations += 1
            if batches {
                generator.shuffle(order)
                var begin = 0
                while begin < n {
                    let end = min(n, begin + options.batchSize)
                    _ = sumGradients(rows: begin..<end)
                    step(share: Double(n) / Double(end - begin))
                    begin = end
                }
            } else {
                step(share: 1)
            }
            let previous = loss
            loss = sumGradients(rows: nil)
            guard loss.isFinite, loss <= GradientDescent.growth * first || loss <= previous else {
                throw diverged(first, loss)
            }
            if let callback = options.callback, callback(progress(loss)) {
                reason = .callback
                return
            }
            if (previous - loss).magnitude < options.tolerance {
                reason = .tolerance
                return
            }
        }
        reason = .iterations
    }

    private func progress(_ loss: Double) -> DescentProgress {
        DescentProgress(
            iteration: iterations, maxIterations: options.maxIterations, loss: loss,
            coefficients: UnsafeBufferPointer(start: coefficients, count: k * p),
            intercept: UnsafeBufferPointer(start: intercept, count: k), features: p, targets: k)
    }

    /// Against the gradient in `partial`; `share` makes a batch's sum stand for all rows.
    private func step(share: Double) {
        let rate = options.learningRate
        let scale = 2 * share / sumOfWeights
        let penalty = 2 * options.ridge / sumOfWeights
        for t in 0..<k {
            let gradient = partial + t * (p + 1)
            let b = coefficients + t * p
            for j in 0..<p { b[j] -= rate * (scale * gradient[j] + penalty * b[j]) }
            if options.intercept { intercept[t] -= rate * scale * gradient[p] }
        }
    }

    /// Chunks of rows for the pool, by the sizes alone.
    private static func chunks(_ n: Int, _ p: Int) -> Int { (n + rowsPerChunk(n, p) - 1) / rowsPerChunk(n, p) }
    private static func rowsPerChunk(_ n: Int, _ p: Int) -> Int { max((n + 31) / 32, (1 << 16) / (p + 8) + 1) }

    /// Sums w (x . b + c - y) [x, 1] over all rows or over some places of the order,
    /// into the first part of `partial`; returns the loss over them.
    private func sumGradients(rows: Range<Int>?) -> Double {
        let size = (p + 1) * k + 1
        if let rows {
            sum(rows.lowerBound, rows.upperBound, ordered: true, partial)
        } else {
            let height = GradientDescent.rowsPerChunk(n, p), chunks = GradientDescent.chunks(n, p)
            ThreadPool.run(chunks: chunks) { chunk in
                sum(chunk * height, min(n, (chunk + 1) * height), ordered: false, partial + chunk * size)
            }
            for chunk in 1..<max(chunks, 1) { kernels.f64.axpy(size, 1, partial + chunk * size, partial) }
        }
        var loss = partial[size - 1]
        if options.ridge > 0 { loss += options.ridge * kernels.f64.dot(k * p, coefficients, 1, coefficients, 1) }
        return loss / sumOfWeights / Double(k)
    }

    private func sum(_ begin: Int, _ end: Int, ordered: Bool, _ out: UnsafeMutablePointer<Double>) {
        let vectors = MatrixKernels<Double>()
        let size = (p + 1) * k
        let weights = weights?.pointer(as: Double.self)
        out.update(repeating: 0, count: size + 1)
        var loss = 0.0
        for place in begin..<end {
            let i = ordered ? Int(order[place]) : place
            let row = x.pointer(as: Double.self) + i * p
            let w = weights?[i] ?? 1
            for t in 0..<k {
                let wanted = y.pointer(as: Double.self)[i * k + t]
                let error = vectors.dot(p, row, coefficients + t * p) + intercept[t] - wanted
                let weighted = w * error
                let gradient = out + t * (p + 1)
                vectors.axpy(p, weighted, row, gradient)
                gradient[p] += weighted
                loss += weighted * error
            }
        }
        out[size] = loss
    }

    private func diverged(_ first: Double, _ loss: Double) -> TalwegError {
        var message =
            "lstsq: gradient descent diverged in iteration \(iterations) with learning_rate \(options.learningRate): "
            + "the loss went from \(first) to \(loss)"
        let eigenvalue = largestCurvature()
        if eigenvalue > 0, eigenvalue.isFinite {
            message +=
                "; steps over all rows are stable below 2 / (largest eigenvalue of the Hessian), here about "
                + "\(LeastSquaresFormat.short(2 / eigenvalue))"
                + (order.isEmpty ? "" : ", smaller batches need less")
        }
        return TalwegError(.diverged, message + "; take a smaller rate, or scale the columns of X")
    }

    /// The largest eigenvalue of the Hessian 2 / W (sum w [x, 1]' [x, 1] + ridge), by power iteration.
    private func largestCurvature() -> Double {
        let size = p + (options.intercept ? 1 : 0)
        guard let space = try? Storage(byteCount: (2 * size + 1) * 8) else { return .nan }
        defer { withExtendedLifetime(space) {} }
        let v = space.pointer.assumingMemoryBound(to: Double.self)
        let product = v + size
        let vectors = MatrixKernels<Double>()
        let weights = weights?.pointer(as: Double.self)
        return largestEigenvalue(size: size, iterations: 50, gain: 1e-4, scratch: v) { v in
            product.update(repeating: 0, count: size)
            for i in 0..<n {
                let row = x.pointer(as: Double.self) + i * p
                let last = options.intercept ? v[p] : 0
                let share = (weights?[i] ?? 1) * (vectors.dot(p, row, v) + last)
                vectors.axpy(p, share, row, product)
                if options.intercept { product[p] += share }
            }
            for j in 0..<p { product[j] += options.ridge * v[j] }
            vectors.scale(size, 2 / sumOfWeights, product)
            v.update(from: product, count: size)
        }
    }
}

/// Numbers in messages.
enum LeastSquaresFormat {
    /// Three significant digits.
    static func short(_ x: Double) -> String {
        guard x.isFinite, x != 0 else { return "\(x)" }
        var digits = x.magnitude
        var exponent = 0
        while digits >= 1000 { (digits, exponent) = (digits / 10, exponent + 1) }
        while digits < 100 { (digits, exponent) = (digits * 10, exponent - 1) }
        var power = 1.0
        for _ in 0..<exponent.magnitude { power *= 10 }
        let rounded = digits.rounded(.down)
        let value = exponent < 0 ? rounded / power : rounded * power
        return "\(x < 0 ? -value : value)"
    }
}
