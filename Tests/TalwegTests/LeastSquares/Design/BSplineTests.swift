import Testing

@testable import Talweg

@Suite struct BSplineTests {
    private func values(_ spline: BSpline, _ x: Double, _ derivative: Int) -> (first: Int, values: [Double]) {
        let room = UnsafeMutablePointer<Double>.allocate(capacity: 2 * (spline.degree + 2))
        defer { room.deallocate() }
        let first = spline.values(x, derivative: derivative, room)
        return (first, (0...spline.degree).map { room[$0] })
    }

    @Test func addUpToOneAndTheirDerivativesToZero() {
        let spline = BSpline(knots: [0, 0, 0, 0, 1, 2.5, 2.5, 4, 4, 4, 4], degree: 3)
        for x in [-0.5, 0, 0.3, 1, 2.4999, 2.5, 3.9, 4, 4.5] {
            for derivative in 0...2 {
                let sum = values(spline, x, derivative).values.reduce(0, +)
                #expect((sum - (derivative == 0 ? 1 : 0)).magnitude < 1e-13)
            }
        }
    }

    @Test func derivativesAreLimitsOfDifferences() {
        let spline = BSpline(knots: [0, 0, 0, 0, 1, 2, 4, 4, 4, 4], degree: 3)
        let step = 1e-5
        for x in [0.3, 1.7, 3.1] {
            for derivative in 1...2 {
                let (first, found) = values(spline, x, derivative)
                let (low, high) = (values(spline, x - step, derivative - 1), values(spline, x + step, derivative - 1))
                #expect(low.first == first && high.first == first)
                for i in 0...3 {
                    #expect((found[i] - (high.values[i] - low.values[i]) / (2 * step)).magnitude < 1e-8)
                }
            }
        }
    }
}
