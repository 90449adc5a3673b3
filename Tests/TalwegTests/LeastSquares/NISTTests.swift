import Testing

@testable import Talweg

/// The linear problems of NIST's Statistical Reference Datasets, scored by the
/// log relative error against their certified values, the smallest over the
/// parameters. What is demanded is what double precision is known to give with
/// good methods; the default method reaches more.
@Suite(.enabled(if: testData != nil, "no public data sets here: TALWEG_TEST_DATA names their folder"))
struct NISTTests {
    /// Least scores of parameters, of standard errors, and of the residual sum of squares.
    @Test(arguments: [
        ("Norris", 1, true, 12.0, 12.0, 12.0), ("NoInt1", 1, false, 13, 13, 13), ("Longley", 1, true, 13, 13, 13),
        ("Wampler1", 5, true, 13, 15, 15), ("Wampler4", 5, true, 13, 12, 13),
    ]) func scores(
        _ name: String, _ degree: Int, _ intercept: Bool, _ parameters: Double, _ errors: Double, _ squares: Double
    ) throws {
        let problem = try StRD(name)
        let p = degree > 1 ? degree : problem.columns - 1
        var x: [Double] = []
        for row in problem.rows {
            var power = 1.0
            for j in 0..<p {
                power *= row[1]
                x.append(degree > 1 ? power : row[1 + j])
            }
        }
        let fit = try LeastSquares.fit(
            Tensor(x, shape: [problem.rows.count, p]), Tensor(problem.rows.map { $0[0] }),
            LeastSquaresOptions(intercept: intercept))
        let found = try (intercept ? [fit.intercept.item()] : []) + fit.coefficients.doubles()
        let deviations = try (intercept ? [fit.interceptStandardError.item()] : []) + fit.standardErrors.doubles()
        let rss = try fit.residualSumOfSquares.item()

        let score = zip(found, problem.estimates).map { lre($0, $1) }.min() ?? 0
        let deviationScore = zip(deviations, problem.deviations).map { lre($0, $1) }.min() ?? 0
        let s = (rss / Double(fit.degreesOfFreedom)).squareRoot()
        let residualScore = lre(s, problem.residualDeviation)
        #expect(
            score >= parameters && deviationScore >= errors && residualScore >= squares,
            "\(name): parameters \(score), standard errors \(deviationScore), residuals \(residualScore)")
        #expect(lre(try fit.rSquared.item(), problem.rSquared) >= 12)
    }
}
