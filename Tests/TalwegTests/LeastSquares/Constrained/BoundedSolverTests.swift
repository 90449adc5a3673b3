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
        var wanted: [Double] = []
        for j in 0..<p {
            let size = Double(j)
            wanted.append(j % 3 == 0 ? -1 - size / 10 : 1 + size / 7)
        }
        var rows = [[Double]](repeating: [Double](repeating: 0, count: p), count: p)
        var target = [Double](repeating: 0, count: p)
        for i in 0..<p {
            rows[i][i] = 3
            for j in (i + 1)..<max(p, i + 1) { rows[i][j] = 1 / Double(1 + i + 2 * j) }
            for j in 0..<p { target[i] += rows[i][j] * wanted[j] }
        }
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
