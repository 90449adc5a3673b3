@testable import Talweg

/// Shapes of q [B, H, T, D], k [B, HK, S, D] and v [B, HK, S, E].
private func shapes(_ b: Int, _ h: Int, _ hk: Int, _ t: Int, _ s: Int, _ d: Int, _ e: Int) -> [[Int]] {
    [[b, h, t, d], [b, hk, s, d], [b, hk, s, e]]
}

private func row(
    _ name: String, _ shapes: [[[Int]]], _ change: @escaping @Sendable (inout AttentionOptions) throws -> Void
) -> OperationRow {
    OperationRow(name, shapes) { inputs in
        var options = AttentionOptions()
        // Of its own for each call, so that the same weights are dropped.
        options.generator = Generator(seed: 5)
        try change(&options)
        return try Tensor.attention(inputs[0], inputs[1], inputs[2], options)
    }
}

let attentionRows: [OperationRow] = [
    row("attention", [shapes(2, 2, 1, 3, 4, 2, 3), shapes(1, 2, 2, 1, 1, 1, 1), shapes(0, 2, 2, 3, 3, 2, 2),
        shapes(1, 1, 1, 2, 0, 2, 2)]) { $0.scale = 0.7 },
    // Five queries, three keys: two attend to none.
    row("attention, causal", [shapes(1, 2, 2, 3, 3, 2, 2), shapes(1, 1, 1, 5, 3, 2, 2), shapes(1, 1, 1, 2, 4, 2, 2)]) {
        $0.causal = true
    },
    row("attention, masks", [shapes(2, 2, 1, 3, 4, 2, 2)]) {
        $0.mask = try Tensor([0.5, -.infinity, 0, 1, -1, 0, 2, 0, -.infinity, -.infinity, 0, -.infinity], shape: [3, 4])
        $0.keyMask = try Tensor([1, 1, 1, 0, 1, 1, 0, 1], shape: [2, 4], dtype: .bool)
    },
    row("attention, bool mask", [shapes(1, 2, 2, 2, 3, 2, 2)]) {
        $0.mask = try Tensor([1, 0, 1, 0, 0, 0], shape: [2, 3], dtype: .bool)
    },
    row("attention, dropout", [shapes(1, 2, 1, 3, 4, 2, 2)]) { $0.dropout = 0.4 },
    OperationRow("attention, learned mask", [shapes(1, 2, 1, 2, 3, 2, 2) + [[2, 1, 3]]]) { inputs in
        var options = AttentionOptions()
        options.mask = inputs[3]
        return try Tensor.attention(inputs[0], inputs[1], inputs[2], options)
    },
    OperationRow("self attention", [[[2, 3, 8]], [[1, 4, 16]], [[0, 3, 8]]]) {
        var options = AttentionOptions()
        options.causal = true
        return try Tensor.selfAttention($0[0], heads: 2, keyHeads: 1, options)
    },
]
