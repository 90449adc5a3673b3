import Testing

@testable import Talweg

@Suite struct ActivationTests {
    @Test func areTheOperations() throws {
        let x = try wave(Shape([3, 4]), 0.4)
        #expect(try ReLU()(x).doubles() == x.relu().doubles())
        #expect(try Tanh()(x).doubles() == x.tanh().doubles())
        #expect(try Sigmoid()(x).doubles() == x.sigmoid().doubles())
        #expect(try GELU()(x).doubles() == x.gelu().doubles())
        #expect(try Softmax(axis: 0)(x).doubles() == x.softmax(axis: 0).doubles())
        #expect(try Softmax()(x).doubles() == x.softmax(axis: 1).doubles())
        #expect(status { _ = try Softmax(axis: 2)(x) } == .index)
    }
}

@Suite struct DropoutTests {
    @Test func zeroesAndScalesInTraining() throws {
        let layer = try Dropout(0.25, seed: 9)
        let y = try layer(Tensor.ones(Shape([100, 100]), .float64)).doubles()
        #expect(y.allSatisfy { $0 == 0 || abs($0 - 4.0 / 3) < 1e-15 })
        // 10,000 draws: the share of zeros has the deviation sqrt(0.25 * 0.75 / 10000) = 0.0043.
        #expect(abs(Double(y.count { $0 == 0 }) / 10_000 - 0.25) < 0.022)
    }

    @Test func passesThroughInEvaluation() throws {
        let layer = try Dropout(0.5)
        layer.setTraining(false)
        let x = try wave(Shape([10]), 0.2)
        #expect(try layer(x) === x)
    }

    @Test func drawsFromItsOwnSeed() throws {
        let x = try Tensor.ones(Shape([64]), .float32)
        let (a, b) = (try Dropout(0.5, seed: 1), try Dropout(0.5, seed: 1))
        let first = try a(x).doubles()
        #expect(try first == b(x).doubles())
        #expect(try first != a(x).doubles())
    }

    @Test func gradientFollowsTheMask() throws {
        let x = try Tensor.ones(Shape([50]), .float64)
        try x.setRequiresGrad(true)
        let y = try Dropout(0.5, seed: 2)(x)
        try y.sum().backward()
        #expect(try x.grad?.doubles() == y.doubles())
    }

    @Test func refusesBadProbabilities() {
        for p in [-0.1, 1, 2, .nan] as [Double] {
            #expect(status { _ = try Dropout(p) } == .invalidArgument)
        }
    }
}
