import Testing

@testable import Talweg

@Suite struct AttentionTests {
    /// The tiles and the matrix of all weights give the same.
    @Test(arguments: [0, 0.3]) func againstItsComposition(_ dropout: Double) throws {
        let generator = Generator(seed: 4)
        let q = try Tensor.normal(Shape([2, 4, 70, 9]), .float64, generator)
        let k = try Tensor.normal(Shape([2, 2, 141, 9]), .float64, generator)
        let v = try Tensor.normal(Shape([2, 2, 141, 5]), .float64, generator)
        let g = try Tensor.normal(Shape([2, 4, 70, 5]), .float64, generator)
        var options = AttentionOptions()
        options.causal = true
        options.dropout = dropout
        options.keyMask = try Tensor.uniform(Shape([2, 141]), .float64, generator).isGreater(g.scalar(0.2))
        let settings = try options.settings([2, 4, 70, 141], width: 9, .float64, "attention")
        let composed = try ComposedAttention(q, k, v, settings)
        let (y, logSums) = try Attention.run(q.view, k.view, v.view, settings)
        try expectNear(Tensor(y), composed.result(), 1e-13)
        let call = try AttentionCall(q.view, k.view, v.view, settings)
        let found = (
            try View(uninitialized: q.shape, .float64), try View(uninitialized: k.shape, .float64),
            try View(uninitialized: v.shape, .float64)
        )
        try call.backward(g.view, out: y, logSums: logSums, found.0, found.1, found.2)
        for (a, b) in zip([found.0, found.1, found.2], try composed.gradients(g)) {
            try expectNear(Tensor(a), #require(b), 1e-12)
        }
    }

    /// The result lies such that merging the heads copies nothing.
    @Test func mergingHeadsIsAView() throws {
        let x = try Tensor.normal(Shape([2, 3, 5, 4]), .float32, Generator(seed: 1))
        let y = try Tensor.attention(x, x, x)
        #expect(try y.permute([0, 2, 1, 3]).reshape([2, 5, 12]).data == y.data)
    }

    /// A mask that was changed in place since the forward pass is refused.
    @Test func changedMask() throws {
        let x = try leaf(Tensor.normal(Shape([1, 1, 3, 2]), .float64, Generator(seed: 1)))
        var options = AttentionOptions()
        let mask = try Tensor.ones(Shape([3, 3]), .bool)
        options.mask = mask
        let y = try Tensor.attention(x, x, x, options).sum()
        try mask.assign(Tensor.zeros(Shape([3, 3]), .bool))
        #expect(status { try y.backward() } == .state)
    }

    private func expectNear(_ a: Tensor, _ b: Tensor, _ bound: Double) throws {
        #expect(a.shape == b.shape)
        for (x, y) in zip(try a.doubles(), try b.doubles()) { try #require(abs(x - y) <= bound) }
    }
}
