import Glibc
import Testing

@testable import Talweg

/// Generalised linear models: what their equations say of a solution, whichever way it is found.
@Suite struct GLMTests {
    /// y drawn from a logistic model of normal columns.
    static func logistic(_ n: Int, _ p: Int, _ seed: UInt64, shift: Double = 0) throws -> (Tensor, Tensor) {
        let X = try LeastSquaresTests.random([n, p], seed, mean: shift)
        let x = try X.doubles(), u = try LeastSquaresTests.random([n], seed + 1).doubles()
        var y: [Double] = []
        for i in 0..<n {
            var eta = 0.3
            for j in 0..<p { eta += (x[i * p + j] - shift) * (j % 2 == 0 ? 0.8 : -0.5) / Double(j + 1) }
            // A uniform number from a normal one.
            y.append(erfc(-u[i] / 2.0.squareRoot()) / 2 < 1 / (1 + exp(-eta)) ? 1 : 0)
        }
        return (X, try Tensor(y))
    }

    /// At the maximum the residuals y - mu are orthogonal to the columns and to the ones.
    private func expectScoreIsZero(_ X: Tensor, _ y: Tensor, _ fit: GLMResult, _ bound: Double) throws {
        let (n, p) = (X.shape[0], X.shape[1])
        let x = try X.doubles(), target = try y.doubles(), mean = try fit.predict(X).doubles()
        for j in 0...p {
            var sum = 0.0, size = 0.0
            for i in 0..<n {
                let column = j < p ? x[i * p + j] : 1
                sum += column * (target[i] - mean[i])
                size += column.magnitude
            }
            #expect(sum.magnitude <= bound * size, "column \(j)")
        }
    }

    @Test(arguments: [60, 3000, 40_000]) func theScoreIsZero(_ n: Int) throws {
        let (X, y) = try Self.logistic(n, 12, 5, shift: 3)
        var options = GLMOptions(family: .binomial)
        options.tolerance = 1e-14
        let fit = try GLM.fit(X, y, options)
        try expectScoreIsZero(X, y, fit, 1e-9)
        #expect(fit.stopReason == .tolerance && !fit.separated && fit.rank == 12)
        #expect(fit.degreesOfFreedom == n - 13 && fit.iterations > 0)
        #expect(try fit.standardErrorTensor().doubles().allSatisfy { $0 > 0 })
    }

    @Test(arguments: [GLMFamily.gaussian, .binomial, .poisson, .negativeBinomial, .multinomial])
    func sameBitsOnAnyNumberOfThreads(_ family: GLMFamily) throws {
        let (X, y) = try Self.logistic(30_000, 15, 9)
        let before = threads
        defer { try? setThreads(before) }
        var seen: [[UInt64]] = []
        for count in [1, 2, 5] {
            try setThreads(count)
            let fit = try GLM.fit(X, y, GLMOptions(family: family))
            seen.append(try (fit.coefficientTensor().doubles() + fit.standardErrorTensor().doubles()).map(\.bitPattern))
        }
        #expect(seen[0] == seen[1] && seen[0] == seen[2])
    }

    @Test func twoClassesAreBinomial() throws {
        let (X, y) = try Self.logistic(500, 4, 2)
        let two = try GLM.fit(X, y, GLMOptions(family: .multinomial))
        let one = try GLM.fit(X, y, GLMOptions(family: .binomial))
        expectClose(Array(try two.coefficientTensor().doubles()[4...]), try one.coefficientTensor().doubles(), 1e-8)
        expectClose(Array(try two.standardErrorTensor().doubles()[4...]), try one.standardErrorTensor().doubles(), 1e-7)
        #expect((two.deviance - one.deviance).magnitude < 1e-9 && (two.aic - one.aic).magnitude < 1e-9)
    }

    @Test func separationIsFoundWithManyRows() throws {
        let (X, _) = try Self.logistic(20_000, 12, 4)
        let x = try X.doubles()
        let y = try Tensor((0..<20_000).map { x[12 * $0] + 0.5 * x[12 * $0 + 1] > 0 ? 1 : 0 })
        let fit = try GLM.fit(X, y, GLMOptions(family: .binomial))
        #expect(fit.separated)
        // Beyond coefficients of least deviance it would rise: here it falls.
        let eta = try fit.predict(X, .link).doubles(), target = try y.doubles()
        func deviance(_ share: Double) -> Double {
            2 * zip(eta, target).reduce(0) { $0 + log1p(exp($1.1 > 0 ? -share * $1.0 : share * $1.0)) }
        }
        #expect((deviance(1) - fit.deviance).magnitude < 1e-9 * fit.deviance && deviance(1.1) < fit.deviance)
        #expect(try fit.standardErrorTensor().doubles().allSatisfy(\.isNaN))
        #expect(try !GLM.fit(X, y, GLMOptions(family: .binomial, ridge: 1)).separated)
    }

    @Test func dependentColumnsOfManyRows() throws {
        let (X, y) = try Self.logistic(20_000, 14, 6)
        let x = try X.doubles()
        var twice: [Double] = []
        for i in 0..<20_000 { twice += Array(x[(14 * i)..<(14 * i + 14)]) + [x[14 * i]] }
        var options = GLMOptions(family: .binomial)
        options.tolerance = 1e-14
        let whole = try GLM.fit(X, y, options)
        let fit = try GLM.fit(Tensor(twice, shape: [20_000, 15]), y, options)
        // Steps that gain less than 1e-14 of the loss are shorter than sqrt(2e-14 loss) standard errors of 0.02.
        #expect(fit.rank == 14 && (fit.deviance - whole.deviance).magnitude < 1e-12 * whole.deviance)
        let b = try fit.coefficientTensor().doubles()
        let half = try whole.coefficientTensor().doubles()[0] / 2
        #expect((b[0] - half).magnitude < 3e-7 && (b[14] - half).magnitude < 3e-7)
    }

    @Test func refusals() throws {
        let X = try Tensor([1, 2, 3]), y = try Tensor([0, 1, 1])
        #expect(status { _ = try GLM.fit(X, Tensor([1, 2])) } == .shape)
        #expect(status { _ = try GLM.fit(X, Tensor([0, 1, .nan])) } == .numeric)
        #expect(message { _ = try GLM.fit(X, y, GLMOptions(family: .gamma)) }.contains("y has 0.0 in row 0"))
        #expect(status { _ = try GLM.fit(X, y, GLMOptions(family: .gaussian, link: .probit)) } == .invalidArgument)
        #expect(status { _ = try GLM.fit(X, y, GLMOptions(family: .binomial, ridge: -1)) } == .invalidArgument)
    }
}
