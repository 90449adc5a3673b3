import CIntrinsics
import TalwegKernels

/// How RANSAC draws and judges.
public struct ConsensusOptions {
    /// Rows drawn for each trial; 0: as many as there are unknowns.
    public var sampleSize = 0
    /// Rows with residuals up to this are inliers; nil: the median absolute deviation of y.
    public var threshold: Double?
    public var maxTrials = 1000
    /// Stop when a draw of inliers alone was made with this probability, by the best share of inliers so far.
    public var confidence = 0.999
    public var seed: UInt64 = 0
    public var intercept = true
    public var weights: Tensor?

    public init() {}
}

extension Robust {
    /// Random sample consensus (Fischler and Bolles, Comm. ACM 24, 1981): fits to few rows at random, of which the one
    /// with the most inliers is fitted again to these; of equally many, the one with the smaller squares.
    /// - Throws: `.numeric` if no trial had more inliers than rows drawn.
    public static func ransac(_ X: Tensor, _ y: Tensor, _ options: ConsensusOptions = ConsensusOptions())
        throws(TalwegError) -> RobustResult
    {
        let problem = try RobustProblem(X, y, weights: options.weights, intercept: options.intercept, "ransac")
        let n = problem.n, unknowns = problem.p + (problem.intercept ? 1 : 0)
        let size = options.sampleSize == 0 ? min(unknowns, n) : options.sampleSize
        guard size >= 1, size <= n else {
            throw .invalid("ransac: sample_size is \(size); it must be from 1 to the \(n) rows")
        }
        guard options.maxTrials >= 1 else {
            throw .invalid("ransac: max_trials is \(options.maxTrials); it must be above 0")
        }
        guard options.confidence > 0, options.confidence < 1 else {
            throw .invalid("ransac: confidence is \(options.confidence); it must be above 0 and below 1")
        }
        if let threshold = options.threshold, !(threshold >= 0) {
            throw .invalid("ransac: threshold is \(threshold); it must not be negative")
        }
        let space = try Storage(byteCount: slabBytes(n, n, n))
        var slab = Slab(space.pointer)
        let order = UnsafeMutableBufferPointer<Int64>(start: slab.elements(n), count: n)
        let chosen = slab.doubles(n), best = slab.doubles(n)
        let threshold = options.threshold ?? medianDeviation(problem)
        for i in 0..<n { order[i] = Int64(i) }
        let generator = Generator(seed: options.seed)
        var most = 0, least = Double.infinity, needed = Double(options.maxTrials)
        var trials = 0
        while trials < options.maxTrials, Double(trials) < needed {
            trials += 1
            draw(size, order, generator)
            chosen.update(repeating: 0, count: n)
            for i in 0..<size { chosen[Int(order[i])] = max(problem.prior[Int(order[i])], 1e-300) }
            try problem.take(problem.linear(problem.y, chosen))
            var count = 0, squares = 0.0
            for i in 0..<n where problem.prior[i] > 0 && problem.residual[i].magnitude <= threshold {
                count += 1
                squares += problem.residual[i] * problem.residual[i]
            }
            guard count > most || count == most && squares < least else { continue }
            (most, least) = (count, squares)
            for i in 0..<n {
                best[i] = problem.prior[i] > 0 && problem.residual[i].magnitude <= threshold ? 1 : 0
            }
            // (1 - share^size)^trials <= 1 - confidence
            var share = 1.0
            for _ in 0..<size { share *= Double(most) / Double(problem.rowsInUse) }
            needed = share >= 1 ? 0 : tk_libm_log1p(-options.confidence) / tk_libm_log1p(-share)
        }
        guard most > size || most == problem.rowsInUse, most > 0 else {
            throw .numeric("ransac: no trial of \(trials) had more than \(most) inliers; take a larger threshold")
        }
        // The fit to the inliers has more of them, mostly.
        for _ in 0..<10 {
            for i in 0..<n { chosen[i] = best[i] * problem.prior[i] }
            try problem.take(problem.linear(problem.y, chosen))
            var count = 0
            for i in 0..<n where problem.prior[i] > 0 && problem.residual[i].magnitude <= threshold { count += 1 }
            if count <= most { break }
            most = count
            for i in 0..<n {
                best[i] = problem.prior[i] > 0 && problem.residual[i].magnitude <= threshold ? 1 : 0
            }
        }
        let result = try RobustResult(problem, dtype: X.dtype)
        result.weights.update(from: best, count: n)
        result.scale = threshold
        result.iterations = trials
        result.stopReason = Double(trials) >= needed ? .tolerance : .iterations
        result.objective = 0
        for i in 0..<n { result.objective += chosen[i] * problem.residual[i] * problem.residual[i] }
        withExtendedLifetime(space) {}
        return result
    }

    /// The median absolute deviation of y from its median.
    private static func medianDeviation(_ problem: RobustProblem) -> Double {
        problem.scratch.update(from: problem.y, count: problem.n)
        let middle = median(problem.scratch, problem.n)
        for i in 0..<problem.n { problem.scratch[i] = (problem.y[i] - middle).magnitude }
        return median(problem.scratch, problem.n)
    }

    /// Puts `size` rows at random in the first places: the first steps of Fisher and Yates' shuffle.
    static func draw(_ size: Int, _ order: UnsafeMutableBufferPointer<Int64>, _ generator: Generator) {
        let n = order.count
        let (seed, offset) = generator.take(size, wordsPerElement: 2)
        for i in 0..<size {
            var bits: (UInt32, UInt32) = (0, 0)
            withUnsafeMutableBytes(of: &bits) { bytes in
                if let out = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) {
                    randomBits(key: seed, offset: 2 &* (offset &+ UInt64(i)), n: 2, out: out)
                }
            }
            // Of 64 bits the bias of the remainder is below n / 2^64.
            let value = UInt64(bits.0) << 32 | UInt64(bits.1)
            order.swapAt(i, i + Int(value % UInt64(n - i)))
        }
    }

    /// Theil and Sen's estimate. With one column: the median slope of the pairs of rows that differ in x (Sen, J. Am.
    /// Stat. Assoc. 63, 1968), and as intercept the median of y - b x. With more: the spatial median of the exact fits
    /// to subsets of as many rows as there are unknowns (Dang, Peng, Wang and Zhang, 2008). Of more
    /// than `maxSubsets`, so many are drawn.
    public static func theilSen(
        _ X: Tensor, _ y: Tensor, intercept: Bool = true, maxSubsets: Int = 10_000, seed: UInt64 = 0
    ) throws(TalwegError) -> RobustResult {
        guard maxSubsets >= 1, maxSubsets <= 1 << 30 else {
            throw .invalid("theil_sen: max_subsets is \(maxSubsets); it must be from 1 to \(1 << 30)")
        }
        let problem = try RobustProblem(X, y, weights: nil, intercept: intercept, "theil_sen")
        if problem.p == 1, intercept {
            try pairs(problem, maxSubsets, seed)
        } else {
            try subsets(problem, maxSubsets, seed)
        }
        let result = try RobustResult(problem, dtype: X.dtype)
        try problem.setResiduals()
        result.scale = problem.deviation()
        result.rank = problem.p
        result.stopReason = .closedForm
        return result
    }

    private static func pairs(_ problem: RobustProblem, _ most: Int, _ seed: UInt64) throws(TalwegError) {
        let n = problem.n
        let column = try problem.X.view.contiguous()
        let x = column.pointer(as: Double.self)
        let (twice, overflow) = n.multipliedReportingOverflow(by: n - 1)
        let all = !overflow && twice / 2 <= most
        let count = all ? twice / 2 : most
        let space = try Storage(byteCount: slabBytes(count, n))
        var slab = Slab(space.pointer)
        let slopes = slab.doubles(count)
        let order = UnsafeMutableBufferPointer<Int64>(start: slab.elements(n), count: n)
        var found = 0
        func add(_ i: Int, _ j: Int) {
            if x[i] == x[j] { return }
            slopes[found] = (problem.y[j] - problem.y[i]) / (x[j] - x[i])
            found += 1
        }
        if all {
            for i in 0..<n { for j in (i + 1)..<max(n, i + 1) { add(i, j) } }
        } else {
            let generator = Generator(seed: seed)
            for i in 0..<n { order[i] = Int64(i) }
            for _ in 0..<count {
                draw(2, order, generator)
                add(Int(order[0]), Int(order[1]))
            }
        }
        problem.b[0] = found > 0 ? median(slopes, found) : 0
        for i in 0..<n { problem.scratch[i] = problem.y[i] - problem.b[0] * x[i] }
        problem.c = median(problem.scratch, n)
        withExtendedLifetime((space, column)) {}
    }

    private static func subsets(_ problem: RobustProblem, _ most: Int, _ seed: UInt64) throws(TalwegError) {
        let n = problem.n, p = problem.p
        let unknowns = p + (problem.intercept ? 1 : 0)
        guard n >= unknowns else {
            throw .shape("theil_sen: \(n) rows for \(unknowns) unknowns; at least as many are wanted")
        }
        // How many subsets there are, as far as it matters.
        var ways = 1.0
        for k in 0..<unknowns { ways = ways * Double(n - k) / Double(k + 1) }
        let count = Int(min(ways.rounded(), Double(most)))
        let (cells, overflow) = (unknowns + 1).multipliedReportingOverflow(by: count)
        let (square, over) = unknowns.multipliedReportingOverflow(by: unknowns)
        guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(cells, n, square, unknowns, unknowns, 3 * unknowns, unknowns))
        var slab = Slab(space.pointer)
        let points = slab.doubles(cells)
        let order = UnsafeMutableBufferPointer<Int64>(start: slab.elements(n), count: n)
        let a = ColumnMajor(slab.doubles(square), rows: unknowns, columns: unknowns)
        let right = ColumnMajor(slab.doubles(unknowns), rows: unknowns, columns: 1)
        let columns = slab.integers(unknowns), room = slab.doubles(3 * unknowns), next = slab.doubles(unknowns)
        let x = try problem.X.view.contiguous()
        let rows = x.pointer(as: Double.self)
        let generator = Generator(seed: seed)
        for i in 0..<n { order[i] = Int64(i) }
        let every = Double(count) == ways.rounded()
        var found = 0
        for trial in 0..<count {
            if every { if trial > 0 { advance(order, unknowns) } } else { draw(unknowns, order, generator) }
            for k in 0..<unknowns {
                let row = Int(order[k])
                for j in 0..<p { a[k, j] = rows[row * p + j] }
                if problem.intercept { a[k, p] = 1 }
                right[k, 0] = problem.y[row]
            }
            let qr = try PivotedQR(a, right, order: columns, room: room, tolerance: 1e-12)
            guard qr.rank == unknowns else { continue }
            UpperTriangle(a, size: unknowns).solve(right.pointer)
            for k in 0..<unknowns { points[found * unknowns + columns[k]] = right[k, 0] }
            found += 1
        }
        guard found > 0 else { throw .numeric("theil_sen: the columns of X depend on each other in every subset") }
        spatialMedian(points, found, unknowns, next)
        for j in 0..<p { problem.b[j] = next[j] }
        problem.c = problem.intercept ? next[p] : 0
        withExtendedLifetime((space, x)) {}
    }

    /// The next subset in lexicographic order, in the first places.
    private static func advance(_ order: UnsafeMutableBufferPointer<Int64>, _ size: Int) {
        let n = order.count
        var k = size - 1
        while k >= 0, order[k] == Int64(n - size + k) { k -= 1 }
        guard k >= 0 else { return }
        order[k] += 1
        for next in (k + 1)..<max(size, k + 1) { order[next] = order[next - 1] + 1 }
    }

    /// The point of least sum of distances, by Weiszfeld's iteration as Vardi and Zhang (PNAS 97, 2000) mended it.
    private static func spatialMedian(
        _ points: UnsafePointer<Double>, _ count: Int, _ size: Int, _ at: UnsafeMutablePointer<Double>
    ) {
        at.update(repeating: 0, count: size)
        for i in 0..<count { for j in 0..<size { at[j] += points[i * size + j] / Double(count) } }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: min(2 * size, 4096)) { room in
            guard let sum = room.baseAddress, 2 * size <= 4096 else { return }
            let pull = sum + size
            for _ in 0..<300 {
                sum.update(repeating: 0, count: size)
                pull.update(repeating: 0, count: size)
                var total = 0.0, here = 0.0
                for i in 0..<count {
                    let point = points + i * size
                    var square = 0.0
                    for j in 0..<size { square += (point[j] - at[j]) * (point[j] - at[j]) }
                    let distance = square.squareRoot()
                    if distance < 1e-300 {
                        here += 1
                        continue
                    }
                    total += 1 / distance
                    for j in 0..<size {
                        sum[j] += point[j] / distance
                        pull[j] += (point[j] - at[j]) / distance
                    }
                }
                guard total > 0 else { return }
                var force = 0.0
                for j in 0..<size { force += pull[j] * pull[j] }
                let stay = force > 0 ? min(1, here / force.squareRoot()) : 1
                var moved = 0.0, length = 0.0
                for j in 0..<size {
                    let next = (1 - stay) * sum[j] / total + stay * at[j]
                    moved = max(moved, (next - at[j]).magnitude)
                    at[j] = next
                    length = max(length, next.magnitude)
                }
                if moved <= 1e-12 * max(length, 1e-300) { return }
            }
        }
    }
}
