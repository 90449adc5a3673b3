import Testing

@testable import Talweg

/// The elastic net: the conditions of Karush, Kuhn and Tucker at each penalty.
@Suite struct ElasticNetTests {
    private func data(_ n: Int, _ p: Int, _ seed: UInt64) throws -> (Tensor, Tensor) {
        let X = try LeastSquaresTests.random([n, p], seed, mean: 1), noise = try LeastSquaresTests.random([n], seed + 1)
        let x = try X.doubles(), e = try noise.doubles()
        var y: [Double] = []
        for i in 0..<n {
            var sum = 2 + e[i]
            for j in 0..<min(p, 5) { sum += x[i * p + j] * Double(j - 2) }
            y.append(sum)
        }
        return (X, try Tensor(y))
    }

    @Test(arguments: [ElasticNetMode.gram, .naive], [(50, 20), (20, 60), (400, 3)])
    func optimality(_ mode: ElasticNetMode, _ size: (Int, Int)) throws {
        let (n, p) = size
        let (X, y) = try data(n, p, 3)
        var options = ElasticNetOptions(l1Ratio: 0.7)
        options.mode = mode
        options.count = 8
        options.ratio = 1e-2
        options.tolerance = 1e-13
        let fit = try ElasticNet.fit(X, y, options)
        let x = try X.doubles(), target = try y.doubles(), b = try fit.coefficientTensor().doubles()
        let penalties = try fit.penaltyTensor().doubles()
        for k in 0..<8 {
            let mean = try fit.predict(X, at: k).doubles()
            for j in 0..<p {
                var slope = 0.0
                for i in 0..<n { slope += x[i * p + j] * (target[i] - mean[i]) / Double(n) }
                let value = b[k * p + j]
                slope -= penalties[k] * 0.3 * value
                let lasso = penalties[k] * 0.7
                if value == 0 {
                    #expect(slope.magnitude <= lasso * (1 + 1e-5))
                } else {
                    #expect((slope - (value > 0 ? lasso : -lasso)).magnitude < 1e-5)
                }
            }
        }
        #expect(fit.stopReason == .tolerance && fit.count == 8)
    }

    @Test func bothModesAgreeAndTheThreadsDoNotMatter() throws {
        let (X, y) = try data(300, 40, 8)
        var options = ElasticNetOptions()
        options.folds = 4
        options.count = 12
        options.tolerance = 1e-12
        options.mode = .gram
        let gram = try ElasticNet.fit(X, y, options)
        options.mode = .naive
        let naive = try ElasticNet.fit(X, y, options)
        expectClose(try gram.coefficientTensor().doubles(), try naive.coefficientTensor().doubles(), 1e-6)
        expectClose(try gram.errorTensor().doubles(), try naive.errorTensor().doubles(), 1e-6)
        #expect(gram.best == naive.best)
        let before = threads
        defer { try? setThreads(before) }
        try setThreads(3)
        let again = try ElasticNet.fit(X, y, options)
        #expect(try again.errorTensor().doubles().map(\.bitPattern) == naive.errorTensor().doubles().map(\.bitPattern))
    }

    @Test func refusals() throws {
        let X = try Tensor([1, 2, 3]), y = try Tensor([0, 1, 1])
        #expect(status { _ = try ElasticNet.fit(X, y, ElasticNetOptions(l1Ratio: .nan)) } == .invalidArgument)
        #expect(status { _ = try ElasticNet.fit(X, y, ElasticNetOptions(penalties: [])) } == .invalidArgument)
        #expect(status { _ = try ElasticNet.fit(X, Tensor([0, 1, .infinity])) } == .numeric)
        var options = ElasticNetOptions()
        options.foldOfRow = try Tensor([0.5, 1, 2])
        #expect(status { _ = try ElasticNet.fit(X, y, options) } == .dtype)
    }
}
