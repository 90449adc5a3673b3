import Testing

@testable import Talweg

/// The same bits on any number of threads.
@Suite(.serialized) struct LeastSquaresThreadsTests {
    @Test func sameBits() throws {
        let before = ThreadPool.threads
        defer { try? ThreadPool.setThreads(before) }
        let X = try LeastSquaresTests.random([12_000, 13], 1, mean: 100)
        let Y = try LeastSquaresTests.random([12_000, 2], 2)
        // A column that is nearly another, so that the fit is refined too.
        let near = try X.doubles().enumerated().map { $0 % 13 == 12 ? $1 * 1e-6 + 7 : $1 }
        var last = try Tensor(near, shape: [12_000, 13]).doubles()
        for i in 0..<12_000 { last[i * 13 + 12] += last[i * 13] }
        let hard = try Tensor(last, shape: [12_000, 13])
        let weights = try Tensor((0..<12_000).map { Double($0 % 3) })
        for method in [LeastSquaresMethod.qr, .cholesky, .svd, .gradientDescent] {
            var options = LeastSquaresOptions(method: method, weights: weights)
            options.learningRate = 1e-6
            options.maxIterations = 3
            options.batchSize = 5000
            let data = method == .qr ? hard : X
            let runs = try [1, 2, 3].map { threads in
                try ThreadPool.setThreads(threads)
                let fit = try LeastSquares.fit(data, Y, options)
                if method == .qr { #expect(fit.condition > 1e5 && fit.rank == 13) }
                return try [
                    fit.coefficients, fit.intercept, fit.standardErrors, fit.residualSumOfSquares, fit.rSquared,
                    fit.predict(data),
                ].flatMap { try $0.doubles() }
            }
            #expect(runs[0] == runs[1] && runs[0] == runs[2])
        }
    }
}
