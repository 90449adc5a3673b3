import Testing

@testable import Talweg

@Suite struct RecurrentTests {
    /// A sequence is its steps one after the other.
    @Test func stepsMakeASequence() throws {
        let generator = Generator(seed: 3)
        let x = try Tensor.normal(Shape([4, 3, 5]), .float64, generator)
        for gates in [3, 4] {
            let weights = RecurrentWeights(
                input: try Tensor.normal(Shape([gates * 6, 5]), .float64, generator),
                hidden: try Tensor.normal(Shape([gates * 6, 6]), .float64, generator),
                inputBias: try Tensor.normal(Shape([gates * 6]), .float64, generator))
            var h = try Tensor.zeros(Shape([3, 6]), .float64)
            var c = h
            let whole = gates == 4 ? try Tensor.lstm(x, weights).states : try Tensor.gru(x, weights).states
            for step in 0..<4 {
                let now = try x.select(axis: 0, index: step)
                if gates == 4 {
                    (h, c) = try Tensor.lstmCell(now, hidden: h, cells: c, weights)
                } else {
                    h = try Tensor.gruCell(now, hidden: h, weights)
                }
                for (a, b) in zip(try h.doubles(), try whole.select(axis: 0, index: step).doubles()) {
                    #expect(abs(a - b) < 1e-14)
                }
            }
        }
    }

    /// A state that was changed in place since the forward pass is refused.
    @Test func changedState() throws {
        let x = try leaf(Tensor.normal(Shape([2, 1, 2]), .float64, Generator(seed: 1)))
        let weights = RecurrentWeights(
            input: try Tensor.ones(Shape([6, 2]), .float64), hidden: try Tensor.ones(Shape([6, 2]), .float64))
        let (y, h) = try Tensor.gru(x, weights)
        try h.detach().assign(Tensor.zeros(h.shape, .float64))
        #expect(status { try y.sum().backward() } == .state)
    }
}
