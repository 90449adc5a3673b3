import Testing

@testable import Talweg

@Suite struct InitializerTests {
    /// The bound of a uniform or the deviation of a normal distribution for 300 inputs and 200 outputs.
    struct Case: Sendable {
        let initializer: Initializer
        let scale: Double
        let uniform: Bool

        static let all = [
            Case(initializer: .standard, scale: (1.0 / 300).squareRoot(), uniform: true),
            Case(initializer: .heUniform, scale: (6.0 / 300).squareRoot(), uniform: true),
            Case(initializer: .xavierUniform, scale: (6.0 / 500).squareRoot(), uniform: true),
            Case(initializer: .uniform(scale: 0.25), scale: 0.25, uniform: true),
            Case(initializer: .heNormal, scale: (2.0 / 300).squareRoot(), uniform: false),
            Case(initializer: .xavierNormal, scale: (2.0 / 500).squareRoot(), uniform: false),
            Case(initializer: .normal(scale: 3), scale: 3, uniform: false),
            Case(initializer: .lecunUniform, scale: (3.0 / 300).squareRoot(), uniform: true),
            Case(initializer: .lecunNormal, scale: (1.0 / 300).squareRoot(), uniform: false),
            Case(
                initializer: .varianceScaling(gain: 2, fan: .output, normal: false), scale: (12.0 / 200).squareRoot(),
                uniform: true),
            Case(
                initializer: .varianceScaling(gain: 2, fan: .average, normal: true), scale: (4.0 / 250).squareRoot(),
                uniform: false),
        ]
    }

    /// Bounds, mean and standard deviation of 200 x 300 weights. A mean of n numbers of deviation s
    /// is within 5 s / sqrt(n), the deviation within 5 s / sqrt(2 n) of what it should be.
    @Test(arguments: Case.all)
    func drawsTheDistribution(_ wanted: Case) throws {
        let (initializer, scale, uniform) = (wanted.initializer, wanted.scale, wanted.uniform)
        let layer = try Linear(300, 200, initializer: initializer, generator: Generator(seed: 5))
        let weights = try layer.parameter(at: "weight").doubles()
        let n = Double(weights.count)
        let deviation = uniform ? scale / 3.0.squareRoot() : scale
        let mean = weights.reduce(0, +) / n
        let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        #expect(abs(mean) < 5 * deviation / n.squareRoot())
        #expect(abs(variance.squareRoot() / deviation - 1) < 5 / (2 * n).squareRoot())
        if uniform { #expect(weights.allSatisfy { abs($0) <= scale }) }
        let bias = try layer.parameter(at: "bias").doubles()
        if initializer == .standard {
            #expect(bias.allSatisfy { abs($0) <= scale } && bias.contains { $0 != 0 })
        } else {
            #expect(bias.allSatisfy { $0 == 0 })
        }
    }

    @Test func sameSeedSameWeights() throws {
        func weights(_ seed: UInt64) throws -> [Double] {
            try Linear(7, 5, generator: Generator(seed: seed)).parameter(at: "weight").doubles()
        }
        #expect(try weights(3) == weights(3))
        #expect(try weights(3) != weights(4))
    }

    @Test func zerosAndBadScales() throws {
        let layer = try Linear(3, 2, initializer: .zeros)
        #expect(try layer.parameter(at: "weight").doubles() == Array(repeating: 0, count: 6))
        for scale in [-1, .nan, .infinity] as [Double] {
            #expect(status { _ = try Linear(2, 2, initializer: .uniform(scale: scale)) } == .invalidArgument)
            #expect(status { _ = try Linear(2, 2, initializer: .normal(scale: scale)) } == .invalidArgument)
        }
    }
}
