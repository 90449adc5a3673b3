import Testing

@testable import Talweg

/// A stream's fit against that of all rows at once.
@Suite struct StreamTests {
    private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-11) throws -> Bool {
        let (x, y) = (try a.doubles(), try b.doubles())
        return x.count == y.count
            && zip(x, y).allSatisfy { abs($0 - $1) <= tolerance * max(1e-3, abs($1)) || $0.isNaN && $1.isNaN }
    }

    private func random(_ dims: [Int], _ seed: UInt64) throws -> Tensor {
        try LeastSquaresTests.random(dims, seed)
    }

    @Test(arguments: [1, 5, 100, 1000]) func blocks(_ step: Int) throws {
        let (X, y) = (try random([1000, 7], 1), try random([1000], 2))
        let stream = try LeastSquaresStream(features: 7)
        for begin in stride(from: 0, to: 1000, by: step) {
            try stream.push(
                X.slice(axis: 0, from: begin, to: begin + step), y.slice(axis: 0, from: begin, to: begin + step))
        }
        let (fit, whole) = (try stream.solve(), try LeastSquares.fit(X, y))
        #expect(try near(fit.coefficients, whole.coefficients) && near(fit.covariance, whole.covariance))
        #expect(try near(fit.logLikelihood, whole.logLikelihood) && near(fit.fStatistic, whole.fStatistic))
        #expect(fit.degreesOfFreedom == whole.degreesOfFreedom && stream.rows == 1000)
    }

    @Test func dropsWhatWasPushed() throws {
        let (X, y) = (try random([200, 3], 3), try random([200, 2], 4))
        let stream = try LeastSquaresStream(features: 3, targets: 2)
        try stream.push(X, y)
        try stream.drop(X.slice(axis: 0, from: 0, to: 150), y.slice(axis: 0, from: 0, to: 150))
        let whole = try LeastSquares.fit(
            X.slice(axis: 0, from: 150, to: 200), y.slice(axis: 0, from: 150, to: 200))
        let fit = try stream.solve()
        #expect(try near(fit.coefficients, whole.coefficients, 1e-10))
        #expect(try near(fit.residualSumOfSquares, whole.residualSumOfSquares, 1e-10))
        let error = failure {
            try stream.drop(X.slice(axis: 0, from: 150, to: 197), y.slice(axis: 0, from: 150, to: 197))
        }
        #expect(error.status == .numeric && error.message.contains("cannot go"), "\(error)")
        #expect(stream.rows == 50)
        #expect(try stream.solve().coefficients.doubles() == fit.coefficients.doubles())
    }

    @Test func aSourceThatFailsLeavesNothing() throws {
        let (X, y) = (try random([20, 2], 5), try random([20], 6))
        let stream = try LeastSquaresStream(features: 2)
        try stream.push(X, y)
        let before = try stream.solve().coefficients.doubles()
        var calls = 0
        let error = failure {
            try stream.push(from: { () throws(TalwegError) in
                calls += 1
                if calls == 3 { throw TalwegError(.cancelled, "enough") }
                return (X: X, y: y, weights: nil)
            })
        }
        #expect(error.status == .cancelled && calls == 3)
        #expect(try stream.rows == 20 && stream.solve().coefficients.doubles() == before)
    }
}

/// Heads of npy files.
@Suite struct NpyHeaderTests {
    private func header(_ text: String) -> NpyHeader? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { bytes in
            var header = NpyHeader(bytes)
            return header.parse() ? header : nil
        }
    }

    @Test func wellFormed() throws {
        let found = try #require(header("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }     \n"))
        #expect(found.descriptor == "<f8" && found.isFortran == false && found.shape == [3, 4])
        #expect(header("{\"shape\":(3,),\"descr\":\"|u1\",\"fortran_order\":True}")?.shape == [3])
        #expect(header("{'descr': '<f8', 'fortran_order': False, 'shape': (), }")?.shape == [])
    }

    @Test(arguments: [
        "", "{", "{}x", "{'descr': }", "{'descr': '<f8'", "{'descr': '<f8', 'descr': '<f8'}", "{'shape': (3, -4)}",
        "{'shape': (99999999999999999999,)}", "{'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}", "{'fortran_order': None}",
        "{'other': 1}", "{'descr': [('a', '<f8')]}", "{'descr': '\\'}", "{'shape': 3}",
    ]) func malformed(_ text: String) { #expect(header(text) == nil) }
}
