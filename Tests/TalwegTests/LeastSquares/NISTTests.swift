import Glibc
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

/// Digits that agree; an error against 0 counts in absolute terms.
private func lre(_ found: Double, _ certified: Double) -> Double {
    if found == certified { return 15 }
    let error = abs(found - certified) / (certified == 0 ? 1 : abs(certified))
    return error.isNaN ? 0 : min(15, max(0, -log10(error)))
}



/// A file of the collection.
private struct StRD {
    var rows: [[Double]] = []
    var estimates: [Double] = []
    var deviations: [Double] = []
    var residualDeviation = 0.0
    var rSquared = 0.0
    var columns: Int { rows.first?.count ?? 0 }

    init(_ name: String) throws {
        guard let folder = testData, let bytes = contents(of: folder + "/nist/linear/\(name).dat") else {
            throw TalwegError(.io, "\(name).dat is missing")
        }
        var inData = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            // The head has a line "Data:" too; the table's begins with the column names.
            if words.first == "Data:", words.dropFirst().first == "y" {
                inData = true
                continue
            }
            if inData {
                let row = words.compactMap(Double.init)
                if !row.isEmpty { rows.append(row) }
            } else if words.count == 3, words[0].hasPrefix("B"), let value = Double(words[1]),
                let error = Double(words[2])
            {
                estimates.append(value)
                deviations.append(error)
            } else if words.count == 3, words[0] == "Standard", words[1] == "Deviation" {
                residualDeviation = Double(words[2]) ?? .nan
            } else if words.count == 2, words[0] == "R-Squared" {
                rSquared = Double(words[1]) ?? .nan
            }
        }
    }
}
