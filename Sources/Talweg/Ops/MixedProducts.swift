import TalwegKernels

// Mixed precision: parameters and activations stay float32, the factors of products are rounded to bfloat16, and the
// products are summed in float32 (Kalamkar et al., "A study of BFLOAT16 for deep learning training", 2019). The
// rounded factors are what an operation keeps for its gradient, in half the memory. bfloat16 has float32's range, so
// losses need no scaling. On the tape a rounded factor is a cast of the tensor that it is of; its gradient comes to it in
// float32 and passes the cast as it is.

extension AffineMap {
    /// f(x W^T + b) of bfloat16 x and W and a float32 b, to the float32 y, and what is to be kept of it.
    func evaluateMixed(_ inputs: [View], to y: View) throws(TalwegError) -> (y: View, kept: View?) {
        let weight = inputs[1]
        if y.count == 0 { return (y, y) }
        let rows = y.count / weight.shape[0]
        let sums = try Reshape(target: Shape([rows, weight.shape[0]], for: Self.name)).forward(y)
        let x = try Reshape(target: Shape([rows, weight.shape[1]], for: Self.name)).forward(inputs[0])
        // The sums start from the bias.
        if inputs.count > 2 { sums.assign(inputs[2]) }
        try multiplyNarrow(x, weight.permuted([1, 0]), adding: inputs.count > 2 ? 1 : 0, to: sums)
        let operation: UnaryOp
        switch activation {
        case .identity: return (y, y)
        case .relu: operation = .relu
        case .gelu: operation = .gelu
        case .tanh: operation = .tanh
        case .sigmoid: operation = .sigmoid
        }
        guard let kernel = kernels.unary(operation, .float32) else { throw .internal("linear: no kernel") }
        let result = activation == .gelu ? try View(uninitialized: y.shape, .float32) : y
        mapUnary(kernel, y, to: result)
        return (result, y)
    }

    /// The gradients of x and of W, where wanted, given the float32 gradient [rows, out] of x W^T.
    func mixedGradients(_ g: View, _ x: View, _ weight: View, _ wanted: [Bool])
        throws(TalwegError) -> (Tensor?, Tensor?)
    {
        let (outputs, features) = (weight.shape[0], weight.shape[1])
        let factor = try g.cast(to: .bfloat16)
        var (dx, dw): (Tensor?, Tensor?)
        if wanted[0] {
            let y = try View(uninitialized: x.shape, .float32)
            try multiplyNarrow(
                factor, weight, adding: 0,
                to: Reshape(target: Shape([g.shape[0], features], for: Self.name)).forward(y))
            dx = Tensor(y)
        }
        if wanted[1] {
            let y = try View(uninitialized: Shape([outputs, features], for: Self.name), .float32)
            let rows = try Reshape(target: Shape([g.shape[0], features], for: Self.name)).forward(x)
            try multiplyNarrow(factor.permuted([1, 0]), rows, adding: 0, to: y)
            dw = Tensor(y)
        }
        return (dx, dw)
    }
}
