import CIntrinsics
import TalwegKernels

/// The simple recurrent network (Elman, "Finding structure in time", Cognitive Science 14, 1990) over a sequence:
/// h' = f(x W_ih' + b_ih + h W_hh' + b_hh), f tanh or relu. The product with x is one for all steps, and so are
/// those of the weights' gradients. Inputs as in `RecurrentInputs`; outputs: the states [T, B, H] and the last one.
struct SimpleRecurrent: MultiOperation {
    static let name = "rnn"
    private let activation: Activation
    /// [T + 1, B, H]; the first is the initial state. It holds the outputs too: a change in place is noticed.
    private var hidden: Saved?
    func saves(input: Int) -> Bool { true }
    mutating func release() { hidden = nil }

    static func apply(_ activation: Activation, _ tensors: [Tensor]) throws(TalwegError) -> [Tensor] {
        let inputs = RecurrentInputs(tensors.map(\.view))
        let (steps, batch, width) = (inputs.x.shape[0], inputs.x.shape[1], inputs.weights.shape[0])
        let hidden = try View(uninitialized: Shape([steps + 1, batch, width], for: name), inputs.x.dtype)
        try step(hidden, 0).assign(inputs.hidden)
        let states = try Slice(axis: 0, start: 1, step: 1, count: steps).forward(hidden)
        // Each state's room holds the input's share first.
        try multiply(rows(inputs.x), inputs.inputWeights.permuted([1, 0]), adding: 0, to: rows(states))
        let bias = try elementwise(.add, inputs.inputBias, inputs.bias, name).contiguous()
        let weights = try inputs.weights.permuted([1, 0])
        var epilogue = tk_gemm_epilogue()
        epilogue.activation = activation.rawValue
        epilogue.bias = UnsafeRawPointer(bias.pointer)
        epilogue.bias_column = 1
        try withUnsafePointer(to: epilogue) { (epilogue) throws(TalwegError) in
            for index in 0..<steps {
                try multiply(step(hidden, index), weights, adding: 1, to: step(hidden, index + 1), epilogue)
            }
        }
        withExtendedLifetime(bias) {}
        let operation = SimpleRecurrent(activation: activation, hidden: Saved(output: hidden))
        return try recorded(operation, tensors, [states, step(hidden, steps)])
    }

    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SimpleRecurrent>) throws(TalwegError) -> [Tensor?] {
        var tensors: [Tensor] = []
        for position in 0..<6 { tensors.append(try r.input(position)) }
        if ThreadState.current.recording { return try composed(g, RecurrentInputs(tensors)) }
        guard let hidden = try hidden?.tensor(Self.name).view else {
            throw .internal("rnn: the states are gone, the inputs are not")
        }
        return try gradients(g, RecurrentInputs(tensors.map(\.view)), hidden, wanted).map { $0.map { Tensor($0) } }
    }

    private func gradients(_ g: [Tensor?], _ inputs: RecurrentInputs<View>, _ hidden: View, _ wanted: [Bool])
        throws(TalwegError) -> [View?]
    {
        let (steps, batch, width) = (inputs.x.shape[0], inputs.x.shape[1], inputs.weights.shape[0])
        let dtype = hidden.dtype
        let kernel = try floatKernels(dtype, Self.name)
        let slopes = try View(uninitialized: Shape([steps, batch, width], for: Self.name), dtype)
        let sums = try View.full(Shape([width], for: Self.name), 0, dtype)
        let dh = try View(uninitialized: Shape([batch, width], for: Self.name), dtype)
        let given = g[0]?.view
        // What arrives at the last step; at the others it is added as the product is stored.
        switch (try given.map { (g) throws(TalwegError) in try Self.step(g, steps - 1) }, g[1]?.view) {
        case (let states?, let last?): dh.assign(try elementwise(.add, states, last, Self.name))
        case (let one?, nil), (nil, let one?): dh.assign(one)
        case (nil, nil): dh.fill(0)
        }
        var index = steps - 1
        while index >= 0 {
            let (slope, state) = (try Self.step(slopes, index), try Self.step(hidden, index + 1))
            if batch > 0 {
                kernel.activationGradient(
                    batch, width, activation.rawValue, dh.pointer, width, state.pointer, width, slope.pointer, width,
                    sums.pointer)
            }
            var epilogue = tk_gemm_epilogue()
            if index > 0, let states = try given.map({ (g) throws(TalwegError) in try Self.step(g, index - 1) }) {
                epilogue.residual = UnsafeRawPointer(states.pointer)
                (epilogue.residual_row, epilogue.residual_column) = (states.strides[0], states.strides[1])
            }
            try withUnsafePointer(to: epilogue) { (epilogue) throws(TalwegError) in
                try multiply(slope, inputs.weights, adding: 0, to: dh, epilogue)
            }
            index -= 1
        }
        withExtendedLifetime((given, hidden)) {}
        let flat = try Self.rows(slopes)
        func product(_ a: View, _ b: View) throws(TalwegError) -> View {
            let c = try View(uninitialized: Shape([a.shape[0], b.shape[1]], for: Self.name), dtype)
            try multiply(a, b, adding: 0, to: c)
            return c
        }
        let before = try Slice(axis: 0, start: 0, step: 1, count: steps).forward(hidden)
        let dx = wanted[0] ? try product(flat, inputs.inputWeights) : nil
        return [
            dx.map { $0.with(shape: inputs.x.shape, strides: inputs.x.shape.rowMajorStrides) }, dh,
            wanted[2] ? try product(flat.permuted([1, 0]), Self.rows(inputs.x)) : nil,
            wanted[3] ? try product(flat.permuted([1, 0]), Self.rows(before)) : nil, sums, sums,
        ]
    }

    /// The same of recorded operations, for its derivatives.
    private func composed(_ g: [Tensor?], _ inputs: RecurrentInputs<Tensor>) throws(TalwegError) -> [Tensor?] {
        let (steps, batch, width) = (inputs.x.shape[0], inputs.x.shape[1], inputs.weights.shape[0])
        let shares = try inputs.x.linear(inputs.inputWeights, inputs.inputBias)
        var states = [inputs.hidden]
        for index in 0..<steps {
            let sum = try shares.select(axis: 0, index: index) + states[index].linear(inputs.weights, inputs.bias)
            states.append(try activation == .relu ? sum.relu() : sum.tanh())
        }
        var slopes: [Tensor] = []
        var dh = try g[1].orZeros(inputs.hidden.shape, inputs.x.dtype)
        for index in (0..<steps).reversed() {
            if let given = g[0] { dh = try dh + given.select(axis: 0, index: index) }
            let state = states[index + 1]
            let slope = try activation == .relu
                ? state.detach().isGreater(state.scalar(0)).cast(to: state.dtype) : 1 - state * state
            slopes.append(try dh * slope)
            dh = try slopes[slopes.count - 1].matmul(inputs.weights)
        }
        let all = try Tensor.stack(slopes.reversed())
        let flat = try all.reshape([steps * batch, width])
        let before = try Tensor.stack(Array(states.dropLast())).reshape([steps * batch, width])
        let bias = try flat.sum(axes: [0])
        return [
            try all.matmul(inputs.inputWeights), dh,
            try flat.transpose().matmul(inputs.x.reshape([steps * batch, inputs.x.shape[2]])),
            try flat.transpose().matmul(before), bias, bias,
        ]
    }

    /// A step of [T, B, n], as [B, n].
    private static func step(_ x: View, _ index: Int) throws(TalwegError) -> View {
        var strides = PerAxis(repeating: 0)
        (strides[0], strides[1]) = (x.strides[1], x.strides[2])
        let shape = try Shape([x.shape[1], x.shape[2]], for: name)
        return x.with(shape: shape, strides: strides, offset: x.offset + index * x.strides[0])
    }

    /// [T, B, n] as [T B, n].
    private static func rows(_ x: View) throws(TalwegError) -> View {
        let shape = try Shape([x.shape[0] * x.shape[1], x.shape[2]], for: name)
        return try x.contiguous().with(shape: shape, strides: shape.rowMajorStrides)
    }
}
