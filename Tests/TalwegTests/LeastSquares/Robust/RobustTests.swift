import Testing

@testable import Talweg

/// The losses of M-estimates against each other, and quantile regression's optimality.
@Suite struct RobustTests {
    static let losses: [RobustLoss] = [.huber, .softL1, .cauchy, .tukey, .welsch, .andrews, .hampel]

    /// The weight is rho' / u and the curvature rho'', by differences away from the corners.
    @Test(arguments: losses) func derivatives(_ loss: RobustLoss) {
        let c = loss.tuning, h = 1e-5
        for u in [-9.3, -4.1, -1.7, -0.4, 0.2, 0.9, 2.6, 5.9, 11.0] {
            let slope = (loss.rho(u + h, c) - loss.rho(u - h, c)) / (2 * h)
            #expect((slope - u * loss.weight(u, c)).magnitude < 1e-7, "\(loss) \(u)")
            let bend = ((u + h) * loss.weight(u + h, c) - (u - h) * loss.weight(u - h, c)) / (2 * h)
            #expect((bend - loss.curvature(u, c)).magnitude < 1e-6, "\(loss) \(u)")
        }
        #expect(loss.weight(0, c) == 1 && loss.rho(0, c) == 0)
    }

    /// The constants have 95 % efficiency for normal errors: (E psi')^2 / E psi^2, by the trapezoidal rule.
    @Test(arguments: [RobustLoss.huber, .softL1, .cauchy, .tukey, .welsch, .andrews])
    func efficiency(_ loss: RobustLoss) {
        var slope = 0.0, square = 0.0
        for k in -80_000...80_000 {
            let u = Double(k) * 1e-4
            let density = GLMRows.normalCDF(u + 5e-5) - GLMRows.normalCDF(u - 5e-5)
            let psi = u * loss.weight(u, loss.tuning)
            slope += density * loss.curvature(u, loss.tuning)
            square += density * psi * psi
        }
        #expect((slope * slope / square - 0.95).magnitude < 2e-3, "\(loss): \(slope * slope / square)")
    }

    /// As many rows below the plane as the quantile says, but for those that it goes through.
    @Test(arguments: [0.05, 0.3, 0.5, 0.8]) func quantilesSplitTheRows(_ tau: Double) throws {
        let X = try LeastSquaresTests.random([400, 3], 11), y = try LeastSquaresTests.random([400], 12)
        let fit = try Robust.quantile(X, y, quantile: tau)
        let mean = try fit.predict(X).doubles(), target = try y.doubles(), on = try fit.weightTensor().doubles()
        var below = 0.0
        for i in 0..<400 where on[i] == 0 && target[i] < mean[i] { below += 1 }
        #expect(on.reduce(0, +) == 4)
        #expect(below <= tau * 400 && below + 4 >= tau * 400)
        #expect(fit.stopReason == .tolerance)
    }

    @Test func refusals() throws {
        let X = try Tensor([1, 2, 3]), y = try Tensor([0, 1, 5])
        #expect(status { _ = try Robust.quantile(X, y, quantile: 0) } == .invalidArgument)
        #expect(status { _ = try Robust.fit(X, Tensor([0, 1, .nan])) } == .numeric)
        var options = ConsensusOptions()
        options.threshold = .nan
        #expect(status { _ = try Robust.ransac(X, y, options) } == .invalidArgument)
        #expect(status { _ = try Robust.theilSen(X, y, maxSubsets: 0) } == .invalidArgument)
    }
}
