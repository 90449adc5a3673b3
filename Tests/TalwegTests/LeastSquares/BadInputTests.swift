import Testing

@testable import Talweg

/// What a fit refuses, with the status and what the message says.
@Suite struct LeastSquaresBadInputTests {
    private func refuses(
        _ status: Status, _ words: String, _ X: Tensor, _ y: Tensor, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout LeastSquaresOptions) throws -> Void = { _ in }
    ) throws {
        for method in [LeastSquaresMethod.qr, .cholesky, .gradientDescent] {
            var options = LeastSquaresOptions(method: method)
            try change(&options)
            let (x, targets) = (try X.doubles(), try y.doubles())
            let error = failure { try LeastSquares.fit(X, y, options) }
            #expect(
                error.status == status && error.message.contains(words), "\(error.status): \(error.message)",
                sourceLocation: sourceLocation)
            // As bits, since NaN is not itself.
            #expect(try X.doubles().map(\.bitPattern) == x.map(\.bitPattern), sourceLocation: sourceLocation)
            #expect(try y.doubles().map(\.bitPattern) == targets.map(\.bitPattern), sourceLocation: sourceLocation)
        }
    }

    @Test func shapes() throws {
        let X = try Tensor([1, 2, 3, 4, 5, 7], shape: [3, 2]), y = try Tensor([1, 2, 3])
        try refuses(.shape, "3 rows, y [2] has 2", X, Tensor([1, 2]))
        try refuses(.shape, "has 3 axes", Tensor.zeros(Shape([2, 2, 2]), .float64), y)
        try refuses(.shape, "has 0 axes", X, Tensor.zeros(Shape([Int]()), .float64))
        try refuses(.shape, "has no rows", Tensor.zeros(Shape([0, 2]), .float64), Tensor([]))
        try refuses(.shape, "has no targets", X, Tensor.zeros(Shape([3, 0]), .float64))
        try refuses(.shape, "has no columns", Tensor.zeros(Shape([3, 0]), .float64), y) { $0.intercept = false }
        try refuses(.shape, "weights [2] do not fit the 3 rows", X, y) { $0.weights = try Tensor([1, 2]) }
    }

    @Test func numbers() throws {
        let X = try Tensor([1, 2, 3, 4, 5, 7], shape: [3, 2]), y = try Tensor([1, 2, 3])
        for bad in [Double.nan, .infinity, -.infinity] {
            for dtype in [DType.float64, .float32] {
                let x = try Tensor([1, 2, 3, bad, bad, 7], shape: [3, 2], dtype: dtype)
                let one = try Tensor([1, 2, bad], dtype: dtype)
                let two = try Tensor([1, bad, 2, 3, 4, 5], shape: [3, 2], dtype: dtype)
                try refuses(.numeric, "X has \(bad) in row 1, column 1", x, y)
                try refuses(.numeric, "y has \(bad) in row 2", X, one)
                try refuses(.numeric, "y has \(bad) in row 0, column 1", X, two)
            }
            try refuses(.numeric, "weights has \(bad) in row 1", X, y) { $0.weights = try Tensor([1, bad, 1]) }
        }
        try refuses(.invalid, "weights has -0.5 in row 2", X, y) { $0.weights = try Tensor([1, 1, -0.5]) }
        try refuses(.invalid, "all 3 weights are 0", X, y) { $0.weights = try Tensor([0, 0, 0]) }
    }

    @Test func options() throws {
        let X = try Tensor([1, 2, 3, 4, 5, 7], shape: [3, 2]), y = try Tensor([1, 2, 3])
        for ridge in [-1, Double.nan, .infinity] {
            try refuses(.invalid, "ridge is \(ridge)", X, y) { $0.ridge = ridge }
        }
        for tolerance in [1, Double.nan] {
            try refuses(.invalid, "rank_tolerance is \(tolerance)", X, y) { $0.rankTolerance = tolerance }
        }
        var descent = LeastSquaresOptions(method: .gradientDescent)
        for rate in [0, -1, Double.nan, .infinity] {
            descent.learningRate = rate
            #expect(failure { try LeastSquares.fit(X, y, descent) }.message.contains("learning_rate is \(rate)"))
        }
        descent = LeastSquaresOptions(method: .gradientDescent)
        descent.batchSize = -1
        #expect(failure { try LeastSquares.fit(X, y, descent) }.message.contains("batch_size is -1"))
        descent.batchSize = 0
        descent.maxIterations = -1
        #expect(failure { try LeastSquares.fit(X, y, descent) }.message.contains("max_iterations is -1"))
        descent.maxIterations = 1
        for tolerance in [-1, Double.nan] {
            descent.tolerance = tolerance
            #expect(failure { try LeastSquares.fit(X, y, descent) }.status == .invalid)
        }
    }
}

extension Status {
    fileprivate static var invalid: Status { .invalidArgument }
}
