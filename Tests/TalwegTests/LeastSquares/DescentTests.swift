import Glibc
import Testing

@testable import Talweg

/// Gradient descent: on y = 2 x, x = 1..4, whose answer is weight 2, bias 0, and against the closed form.
@Suite struct DescentTests {
    private static func data() throws -> (Tensor, Tensor) { try (Tensor([1, 2, 3, 4]), Tensor([2, 4, 6, 8])) }

    private static func descent(batchSize: Int = 0, rate: Double = 0.05) -> LeastSquaresOptions {
        var options = LeastSquaresOptions(method: .gradientDescent)
        options.batchSize = batchSize
        options.learningRate = rate
        options.tolerance = 1e-14
        options.maxIterations = 20_000
        return options
    }

    @Test(arguments: [0, 1, 2, 3, 100]) func reachesTheAnswer(_ batchSize: Int) throws {
        let (x, y) = try Self.data()
        let fit = try LeastSquares.fit(x, y, Self.descent(batchSize: batchSize))
        #expect(try abs(fit.coefficients.item() - 2) < 1e-5 && abs(fit.intercept.item()) < 1e-5)
        #expect(fit.stopReason == .tolerance && fit.iterations > 1 && fit.iterations < 20_000)
        #expect(fit.rank == 1 && fit.degreesOfFreedom == 2 && fit.condition == 1)
    }

    @Test(arguments: [0.0, 3]) func meetsTheClosedForm(_ ridge: Double) throws {
        let (X, y, w) = try LeastSquaresTests.waves()
        let Y = try Tensor.concatenate([y.reshape([12, 1]), (y * y).reshape([12, 1])], axis: 1)
        var options = Self.descent(rate: 0.1)
        options.ridge = ridge
        options.weights = w
        options.tolerance = 0
        let reached = try LeastSquares.fit(X, Y, options)
        options.method = .qr
        let closed = try LeastSquares.fit(X, Y, options)
        expectClose(try reached.coefficients.doubles(), try closed.coefficients.doubles(), 1e-9)
        expectClose(try reached.intercept.doubles(), try closed.intercept.doubles(), 1e-9)
        expectClose(try reached.residualSumOfSquares.doubles(), try closed.residualSumOfSquares.doubles(), 1e-11)
        expectClose(try reached.standardErrors.doubles(), try closed.standardErrors.doubles(), 1e-11)
        #expect(reached.stopReason == .iterations && reached.iterations == 20_000)
    }

    @Test func everyIterationIsReported() throws {
        // The gradient of mean((w x + b - y)^2): with mean(x^2) = 7.5 and mean(x) = 2.5,
        // by w 2 (7.5 w + 2.5 b - 15), by b 2 (2.5 w + b - 5).
        let (x, y) = try Self.data()
        var options = Self.descent(rate: 0.01)
        options.maxIterations = 4
        var w = 0.0, b = 0.0
        var calls = 0
        options.callback = { progress in
            let byW: Double = 2 * (7.5 * w + 2.5 * b - 15)
            let byB: Double = 2 * (2.5 * w + b - 5)
            w -= 0.01 * byW
            b -= 0.01 * byB
            calls += 1
            var loss = 0.0
            for x in [1.0, 2, 3, 4] {
                let error: Double = w * x + b - 2 * x
                loss += error * error / 4
            }
            expectClose([progress.coefficients[0], progress.intercept[0], progress.loss], [w, b, loss], 1e-13)
            #expect(progress.iteration == calls && progress.maxIterations == 4)
            #expect(progress.features == 1 && progress.targets == 1)
            return false
        }
        let fit = try LeastSquares.fit(x, y, options)
        #expect(calls == 4 && fit.stopReason == .iterations && fit.iterations == 4)
        expectClose(try [fit.coefficients.item(), fit.intercept.item()], [w, b], 1e-13)
    }

    @Test func theCallbackStops() throws {
        let (x, y) = try Self.data()
        var options = Self.descent()
        var loss = 0.0
        options.callback = { progress in
            loss = progress.loss
            return progress.iteration == 5
        }
        let fit = try LeastSquares.fit(x, y, options)
        #expect(fit.stopReason == .callback && fit.iterations == 5)
        expectClose(try [fit.residualSumOfSquares.item() / 4], [loss], 1e-12)
    }

    @Test func noIterationsLeaveZeros() throws {
        let (x, y) = try Self.data()
        var options = Self.descent()
        options.maxIterations = 0
        let fit = try LeastSquares.fit(x, y, options)
        #expect(try fit.coefficients.item() == 0 && fit.residualSumOfSquares.item() == 120)
        #expect(fit.stopReason == .iterations && fit.iterations == 0)
    }

    @Test(arguments: [0, 1, 2], [0.2, 0.5, 10, 1e6, 1e300]) func divergence(_ batchSize: Int, _ rate: Double) throws {
        let (x, y) = try Self.data()
        let error = failure { try LeastSquares.fit(x, y, Self.descent(batchSize: batchSize, rate: rate)) }
        #expect(error.status == .diverged)
        // 2 / lambda_max: the Hessian is 2 [[7.5, 2.5], [2.5, 1]], lambda = 8.5 + sqrt(6.5^2 + 25).
        let bound = 2 / (8.5 + (6.5 * 6.5 + 25.0).squareRoot())
        #expect(bound > 0.119 && bound < 0.12)
        #expect(error.message.contains("learning_rate \(rate)"), "\(error.message)")
        #expect(error.message.contains("about 0.119"), "\(error.message)")
    }

    @Test func theStableRateIsTheBound() throws {
        let (x, y) = try Self.data()
        let bound = 2 / (8.5 + (6.5 * 6.5 + 25.0).squareRoot())
        #expect(failure { try LeastSquares.fit(x, y, Self.descent(rate: bound * 1.01)) }.status == .diverged)
        #expect(failure { try LeastSquares.fit(x, y, Self.descent(rate: bound * 0.99)) }.status == .ok)
    }

    @Test func theSameSeedTakesTheSameWay() throws {
        let x = try Tensor([1, 2, 3, 4]), y = try Tensor([2, 5, 5, 9])
        func reached(_ seed: UInt64) throws -> [Double] {
            var options = Self.descent(batchSize: 1, rate: 0.01)
            options.maxIterations = 3
            options.seed = seed
            return try LeastSquares.fit(x, y, options).coefficients.doubles()
        }
        #expect(try reached(4) == reached(4))
        #expect(try reached(4) != reached(5))
    }
}
