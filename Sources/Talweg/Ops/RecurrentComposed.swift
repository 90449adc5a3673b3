import TalwegKernels

/// A recurrent layer's gradient made of recorded operations, for its derivatives. Step by step the same as the
/// kernels' backward pass.
struct ComposedRecurrent {
    private let kind: RecurrentKind
    private let inputs: RecurrentInputs<Tensor>
    private let steps, width: Int

    init(_ kind: RecurrentKind, _ inputs: RecurrentInputs<Tensor>) {
        (self.kind, self.inputs) = (kind, inputs)
        (steps, width) = (inputs.x.shape[0], inputs.weights.shape[1])
    }

    /// In the order of the inputs, given those of the outputs.
    func gradients(_ g: [Tensor?]) throws(TalwegError) -> [Tensor?] {
        try kind == .lstm ? lstm(g) : gru(g)
    }

    /// One gate's columns.
    private func gate(_ x: Tensor, _ number: Int) throws(TalwegError) -> Tensor {
        try x.slice(axis: -1, from: number * width, to: (number + 1) * width)
    }

    /// The input's shares of the gates at a step.
    private func shares(_ step: Int) throws(TalwegError) -> Tensor {
        try inputs.x.select(axis: 0, index: step).linear(inputs.inputWeights, inputs.inputBias)
    }

    private func sum(_ a: Tensor?, _ b: Tensor?) throws(TalwegError) -> Tensor? {
        if let a, let b { return try a + b }
        return a ?? b
    }

    private func arriving(_ g: [Tensor?], _ step: Int, _ later: Tensor?) throws(TalwegError) -> Tensor {
        let own = try g[0]?.select(axis: 0, index: step)
        if let both = try sum(own, later) { return both }
        return try Tensor.zeros(inputs.hidden.shape, inputs.hidden.dtype)
    }

    /// y (1 - y)
    private func logisticSlope(_ y: Tensor) throws(TalwegError) -> Tensor { try y * (1 - y) }
    private func tangentSlope(_ y: Tensor) throws(TalwegError) -> Tensor { try 1 - y * y }

    private func lstm(_ g: [Tensor?]) throws(TalwegError) -> [Tensor?] {
        guard let initial = inputs.cells else { throw .internal("lstm: no cells") }
        var (states, cells) = ([inputs.hidden], [initial])
        var gates: [(i: Tensor, f: Tensor, g: Tensor, o: Tensor)] = []
        for step in 0..<steps {
            let sums = try shares(step) + states[step].linear(inputs.weights, inputs.bias)
            let (i, f) = (try gate(sums, 0).sigmoid(), try gate(sums, 1).sigmoid())
            let (n, o) = (try gate(sums, 2).tanh(), try gate(sums, 3).sigmoid())
            gates.append((i, f, n, o))
            cells.append(try f * cells[step] + i * n)
            states.append(try o * cells[step + 1].tanh())
        }
        var dh = g[1]
        var dc = g[2]
        var slopes: [Tensor] = []
        for step in (0..<steps).reversed() {
            let (i, f, n, o) = gates[step]
            let h = try arriving(g, step, dh)
            let squashed = try cells[step + 1].tanh()
            let own = try h * o * tangentSlope(squashed)
            let c = try sum(own, dc) ?? own
            let slope = try Tensor.concatenate(
                [
                    c * n * logisticSlope(i), c * cells[step] * logisticSlope(f), c * i * tangentSlope(n),
                    h * squashed * logisticSlope(o),
                ], axis: -1)
            slopes.append(slope)
            dh = try slope.matmul(inputs.weights)
            dc = try c * f
        }
        let all = try Tensor.stack(slopes.reversed())
        return try weightGradients(all, all, states, dh) + [dc]
    }

    private func gru(_ g: [Tensor?]) throws(TalwegError) -> [Tensor?] {
        var states = [inputs.hidden]
        var gates: [(r: Tensor, z: Tensor, n: Tensor, product: Tensor)] = []
        for step in 0..<steps {
            let (x, products) = (try shares(step), try states[step].linear(inputs.weights, inputs.bias))
            let r = try (gate(x, 0) + gate(products, 0)).sigmoid()
            let z = try (gate(x, 1) + gate(products, 1)).sigmoid()
            let n = try (gate(x, 2) + r * gate(products, 2)).tanh()
            gates.append((r, z, n, try gate(products, 2)))
            states.append(try n + z * (states[step] - n))
        }
        var dh = g[1]
        var slopes: [Tensor] = []
        var products: [Tensor] = []
        for step in (0..<steps).reversed() {
            let (r, z, n, product) = gates[step]
            let h = try arriving(g, step, dh)
            let dn = try h * (1 - z) * tangentSlope(n)
            let dr = try dn * product * logisticSlope(r)
            let dz = try h * (states[step] - n) * logisticSlope(z)
            slopes.append(try Tensor.concatenate([dr, dz, dn], axis: -1))
            products.append(try Tensor.concatenate([dr, dz, dn * r], axis: -1))
            dh = try h * z + products[products.count - 1].matmul(inputs.weights)
        }
        return try weightGradients(Tensor.stack(slopes.reversed()), Tensor.stack(products.reversed()), states, dh)
    }

    /// Of all inputs but the cells, given those of the sums and of the recurrent products, [T, B, G].
    private func weightGradients(_ slopes: Tensor, _ products: Tensor, _ states: [Tensor], _ dh: Tensor?)
        throws(TalwegError) -> [Tensor?]
    {
        let (x, rows) = (inputs.x, inputs.x.shape[0] * inputs.x.shape[1])
        let gates = slopes.shape[2]
        let before = try Tensor.stack(Array(states.dropLast())).reshape([rows, width])
        return [
            try slopes.matmul(inputs.inputWeights), dh,
            try slopes.reshape([rows, gates]).transpose().matmul(x.reshape([rows, x.shape[2]])),
            try products.reshape([rows, gates]).transpose().matmul(before),
            try slopes.sum(axes: [0, 1]), try products.sum(axes: [0, 1]),
        ]
    }
}
