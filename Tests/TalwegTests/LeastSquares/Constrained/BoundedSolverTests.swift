import Testing

@testable import Talweg

/// The active set from inside: what a guess changes, and what dependent columns do.
@Suite struct BoundedSolverTests {
    /// A matrix given by rows, and bounds of all variables, which live as long as this.
    private final class Problem {
        let matrix: ColumnMajor
        let lower, upper: UnsafeMutablePointer<Double>
        private let values: UnsafeMutablePointer<Double>

        init(_ rows: [[Double]], lower low: Double, upper high: Double) {
            let p = rows[0].count
            values = .allocate(capacity: rows.count * p)
            for (i, row) in rows.enumerated() {
                for (j, value) in row.enumerated() { values[i + j * rows.count] = value }
            }
            matrix = ColumnMajor(values, rows: rows.count, columns: p)
            lower = .allocate(capacity: p)
            upper = .allocate(capacity: p)
            lower.initialize(repeating: low, count: p)
            upper.initialize(repeating: high, count: p)
        }

        deinit {
            values.deallocate()
            lower.deallocate()
            upper.deallocate()
        }
    }

    @Test func aGuessAndNoneEndAlike() throws {
        // A triangle of 40 columns, of which every third solution is negative: enough for the factorisation in blocks.
        let p = 40
        let wanted = (0..<p).map { $0 % 3 == 0 ? -1 - Double($0) / 10 : 1 + Double($0) / 7 }
        let rows = (0..<p).map { i in (0..<p).map { j in j < i ? 0 : j == i ? 3 : 1 / Double(1 + i + 2 * j) } }
        let target = (0..<p).map { i in (0..<p).reduce(0) { $0 + rows[i][$1] * wanted[$1] } }
        let problem = Problem(rows, lower: 0, upper: .infinity)
        let cold = try BoundedSolver(
            problem.matrix, target, lower: problem.lower, upper: problem.upper, tolerance: 1e-14)
        let warm = try BoundedSolver(
            problem.matrix, target, lower: problem.lower, upper: problem.upper, guess: wanted, tolerance: 1e-14)
        let done = try (cold.solve(limit: 1000), warm.solve(limit: 1000))
        #expect(done.0 && done.1)
        #expect(warm.iterations < cold.iterations)
        for j in 0..<p {
            #expect((warm.x[j] - cold.x[j]).magnitude < 1e-12 && warm.place(j) == cold.place(j))
            // The conditions of an optimum, from the matrix as it was given.
            var slope = 0.0
            for i in 0..<p {
                var rest = target[i]
                for other in 0..<p { rest -= rows[i][other] * warm.x[other] }
                slope += rows[i][j] * rest
            }
            #expect(warm.place(j) == .free ? slope.magnitude < 1e-11 : slope < 1e-11)
        }
        withExtendedLifetime(problem) {}
    }

    @Test func dependentColumnsAreNotFreed() throws {
        let problem = Problem([[1, 1, 2], [0, 0, 0], [1, 1, 2]], lower: -.infinity, upper: .infinity)
        let solver = try BoundedSolver(
            problem.matrix, [2, 5, 2], lower: problem.lower, upper: problem.upper, tolerance: 1e-14)
        let done = try solver.solve(limit: 100)
        #expect(done && solver.freeCount == 1)
        #expect((solver.x[0] + solver.x[1] + 2 * solver.x[2] - 2).magnitude < 1e-15)
        withExtendedLifetime(problem) {}
    }
}
