import Testing

@testable import Talweg

/// Statistics of fits, by hand where they are small, else against what defines them.
@Suite(.serialized) struct InferenceTests {
    /// x = 1..5, y = 2, 4, 5, 4, 5: slope 0.6, intercept 2.2, rss 2.4, s^2 = 0.8 with 3 degrees of freedom; Sxx = 10.
    @Test func aLine() throws {
        let X = try Tensor([1, 2, 3, 4, 5]), y = try Tensor([2, 4, 5, 4, 5])
        let fit = try LeastSquares.fit(X, y)
        func near(_ tensor: Tensor, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) throws {
            let found = try tensor.doubles()
            #expect(found.count == expected.count, sourceLocation: sourceLocation)
            for (a, b) in zip(found, expected) {
                #expect(abs(a - b) <= 1e-13 * max(1, abs(b)), "\(found)", sourceLocation: sourceLocation)
            }
        }
        let t = 0.6 / 0.08.squareRoot(), p = StudentT(3).twoSided(t)
        try near(fit.tValues, [t])
        try near(fit.pValues, [p])
        try near(fit.interceptTValue, [2.2 / 0.88.squareRoot()])
        // F is t squared, with the same p.
        try near(fit.fStatistic, [4.5])
        try near(fit.fPValue, [p])
        try near(fit.residualVariance, [0.8])
        try near(fit.adjustedRSquared, [1 - 0.4 * 4 / 3])
        let half = 3.1824463052837096 * 0.08.squareRoot()
        try near(fit.confidenceIntervals(), [0.6 - half, 0.6 + half])
        // Covariance s^2 [1/10, -3/10; -3/10, 1/5 + 9/10].
        try near(fit.covariance, [0.08, -0.24, -0.24, 0.88])
        try near(fit.varianceInflation, [1])
        // 1/5 + (x - 3)^2 / 10
        let h = [0.6, 0.3, 0.2, 0.3, 0.6], e = [-0.8, 0.6, 1, -0.6, -0.2]
        try near(fit.residuals(X, y), e)
        try near(fit.leverage(X), h)
        let r = zip(e, h).map { $0 / (0.8 * (1 - $1)).squareRoot() }
        try near(fit.influence(.studentized, X, y), r)
        try near(fit.influence(.studentizedExternally, X, y), r.map { $0 * (2 / (3 - $0 * $0)).squareRoot() })
        try near(fit.influence(.cooksDistance, X, y), zip(r, h).map { $0 * $0 / 2 * $1 / (1 - $1) })
        let at = try Tensor([6])
        try near(fit.predictionErrors(at), [(0.8 * 1.1).squareRoot()])
        try near(fit.predictionErrors(at, kind: .prediction), [(0.8 * 2.1).squareRoot()])
        try near(
            fit.predictionErrors(at, kind: .prediction, weights: Tensor([4])), [(0.8 * (1.1 + 0.25)).squareRoot()])
        // The slope's HC0: sum (x - 3)^2 e^2 / 100.
        let robust = try fit.robustCovariance(.hc0, X, y).doubles()
        #expect(abs(robust[0] - (4 * 0.64 + 0.36 + 0.36 + 4 * 0.04) / 100) < 1e-15)
        #expect(try fit.robustCovariance(.hac, X, y, lags: 0).doubles() == robust)
        #expect(abs(try fit.robustCovariance(.hc1, X, y).doubles()[0] - robust[0] * 5 / 3) < 1e-15)
        // Squares of the singular values of [x 1]: those of [55, 15; 15, 5].
        let root = 3400.0.squareRoot()
        #expect(abs(try fit.unscaledCondition - ((60 + root) / (60 - root)).squareRoot()) < 1e-12)
    }

    @Test func defaultLags() {
        // floor(4 (n / 100)^(2/9))
        for (n, lags) in [(1, 1), (99, 3), (100, 4), (272, 4), (273, 5), (60, 3), (10_000, 11)] {
            #expect(LeastSquaresResult.defaultLags(n) == lags, "\(n)")
        }
    }

    @Test func significantDigits() {
        for (value, digits, text) in [
            (0, 4, "0.000"), (1234.5, 4, "1234"), (0.00012345, 3, "0.000123"), (1.5e-7, 3, "1.50e-07"),
            (-2.5, 4, "-2.500"), (1_234_567, 4, "1.235e+06"), (999_999, 3, "1.00e+06"), (12345, 3, "12300"),
            (.nan, 3, "nan"), (-.infinity, 3, "-inf"), (0.0625, 1, "0.06"), (99.99, 3, "100"),
        ] {
            #expect(significant(value, digits) == text, "\(value): \(significant(value, digits))")
        }
    }

    @Test func sameBitsOnAnyNumberOfThreads() throws {
        let X = try LeastSquaresTests.random([5000, 6], 1), y = try LeastSquaresTests.random([5000], 2)
        let before = ThreadPool.threads
        defer { try? ThreadPool.setThreads(before) }
        var all: [[UInt64]] = []
        for threads in [1, 2, 7] {
            try ThreadPool.setThreads(threads)
            let fit = try LeastSquares.fit(X, y)
            var bits: [UInt64] = []
            for tensor in [
                try fit.covariance, try fit.robustCovariance(.hc3, X, y), try fit.robustCovariance(.hac, X, y),
                try fit.influence(.cooksDistance, X, y), try fit.leverage(X),
            ] { bits += try tensor.doubles().map(\.bitPattern) }
            all.append(bits)
        }
        #expect(all[0] == all[1] && all[0] == all[2])
    }
}
