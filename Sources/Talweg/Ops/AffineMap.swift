import CIntrinsics
import TalwegKernels

/// A function of each element that a product applies as it is stored. The
/// values are the kernels' and the C API's.
public enum Activation: Int32, Sendable, CaseIterable {
    case identity = 0
    case relu = 1
    case gelu = 2
    case tanh = 3
    case sigmoid = 4
}

/// f(x W^T + b): x [.., in], weight W [out, in] and, with a bias, b [out].
struct AffineMap: VariadicOperation {
    static let name = "linear"
    static let savesOutput = false
    func saves(input: Int) -> Bool { input < 2 || activation != .identity }

    let activation: Activation
    /// What the derivative of f is a function of: f's result, for gelu its argument.
    var kept: Saved?

    mutating func release() { kept = nil }

    func forward(_ inputs: [View]) throws(TalwegError) -> View { try evaluate(inputs, keeping: false).y }

    /// The result, and what is to be kept of it.
    func evaluate(_ inputs: [View], keeping: Bool) throws(TalwegError) -> (y: View, kept: View?) {
        let weight = inputs[1]
        let y = try View(
            uninitialized: inputs[0].shape.replacing(axis: inputs[0].rank - 1, by: weight.shape[0], for: Self.name),
            weight.dtype == .bfloat16 ? .float32 : weight.dtype)
        if weight.dtype == .bfloat16 { return try evaluateMixed(inputs, to: y) }
        guard let kernel = kernels.float(y.dtype) else {
            throw .dtype("linear: not defined for \(y.dtype.name)")
        }
        if y.count == 0 { return (y, y) }
        let argument = keeping && activation == .gelu ? try View(uninitialized: y.shape, y.dtype) : nil
        let x = inputs[0].matrixOfRows == nil ? try inputs[0].copy() : inputs[0]
        let (rows, rowStride) = x.matrixOfRows ?? (1, 0)
        var epilogue = tk_gemm_epilogue()
        epilogue.activation = activation.rawValue
        if inputs.count > 2 {
            epilogue.bias = UnsafeRawPointer(inputs[2].pointer)
            epilogue.bias_column = inputs[2].strides[0]
        }
        epilogue.linear = argument?.pointer
        epilogue.linear_row = weight.shape[0]
        epilogue.linear_column = 1
        let isFinished = inputs.count > 2 || activation != .identity
        defer { withExtendedLifetime((inputs, x, argument)) {} }
        try withUnsafePointer(to: epilogue) { (epilogue) throws(TalwegError) in
            try kernel.multiply(
                tk_gemm(
                    m: rows, n: weight.shape[0], k: weight.shape[1], alpha: 1, beta: 0,
                    a: x.pointer, a_row: rowStride, a_column: x.strides[x.rank - 1],
                    b: weight.pointer, b_row: weight.strides[1], b_column: weight.strides[0],
                    c: y.pointer, c_row: weight.shape[0], c_column: 1, epilogue: isFinished ? epilogue : nil))
        }
        return (y, argument ?? y)
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<AffineMap>) throws(TalwegError) -> [Tensor?] {
        var x = try r.input(0), weight = try r.input(1)
        // Counted, not found by -1: there may be no features, or no outputs.
        let count = r.shapes[0].dims.dropLast().reduce(1, *)
        var rows = try g.reshape([count, weight.shape[0]])
        let hasBias = wanted.count > 2, wantsBias = hasBias && wanted[2]
        var biasGradient: Tensor?
        if ThreadState.current.recording {
            // Of recorded operations, for second derivatives.
            if weight.dtype == .bfloat16 { (x, weight) = (try x.cast(to: .float32), try weight.cast(to: .float32)) }
            if activation != .identity {
                let argument = try x.reshape([count, weight.shape[1]]).linear(weight, hasBias ? r.input(2) : nil)
                rows = try activation.gradient(argument, rows)
            }
            if wantsBias { biasGradient = try rows.sum(axes: [0]) }
        } else if activation != .identity || wantsBias {
            let (slopes, sums) = try activation.gradient(kept?.tensor(Self.name).view, rows.view)
            rows = slopes.map { Tensor($0) } ?? rows
            biasGradient = Tensor(sums)
        }
        if weight.dtype == .bfloat16 {
            let (dx, dw) = try mixedGradients(rows.view, x.view, weight.view, wanted)
            return [dx, dw, biasGradient]
        }
        if !ThreadState.current.recording, x.count > 0, rows.count > 0, let kernel = kernels.float(rows.dtype) {
            return [
                wanted[0] ? try inputGradient(kernel, rows.view, weight.view, r.shapes[0]) : nil,
                wanted[1] ? try weightGradient(kernel, rows.view, x.view, weight.shape) : nil,
                biasGradient,
            ]
        }
        return [
            wanted[0] ? try apply(MatrixMultiply(), rows, weight).reshape(r.shapes[0]) : nil,
            wanted[1] ? try apply(MatrixMultiply(), rows.transpose(), x.reshape([count, weight.shape[1]])) : nil,
            biasGradient,
        ]
    }

    /// g [rows, out] times W [out, in], off the tape.
    private func inputGradient(_ kernel: FloatKernels, _ g: View, _ weight: View, _ shape: Shape)
        throws(TalwegError) -> Tensor
    {
        let y = try View(uninitialized: shape, g.dtype)
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        defer { withExtendedLifetime((g, weight)) {} }
        try kernel.multiply(
            tk_gemm(
                m: g.shape[0], n: inputs, k: outputs, alpha: 1, beta: 0,
                a: g.pointer, a_row: g.strides[0], a_column: g.strides[1],
                b: weight.pointer, b_row: weight.strides[0], b_column: weight.strides[1],
                c: y.pointer, c_row: inputs, c_column: 1, epilogue: nil))
        return Tensor(y)
    }

    /// g [rows, out] transposed times x [.., in], off the tape.
    private func weightGradient(_ kernel: FloatKernels, _ g: View, _ x: View, _ shape: Shape)
        throws(TalwegError) -> Tensor
    {
        let y = try View(uninitialized: shape, g.dtype)
        let x = x.matrixOfRows == nil ? try x.copy() : x
        let (rows, rowStride) = x.matrixOfRows ?? (1, 0)
        defer { withExtendedLifetime((g, x)) {} }
        try kernel.multiply(
            tk_gemm(
                m: shape[0], n: shape[1], k: rows, alpha: 1, beta: 0,
                a: g.pointer, a_row: g.strides[1], a_column: g.strides[0],
                b: x.pointer, b_row: rowStride, b_column: x.strides[x.rank - 1],
                c: y.pointer, c_row: shape[1], c_column: 1, epilogue: nil))
        return Tensor(y)
    }
}

extension Activation {
    fileprivate func applied(_ x: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .identity: x
        case .relu: try x.relu()
        case .gelu: try x.gelu()
        case .tanh: try x.tanh()
        case .sigmoid: try x.sigmoid()
        }
    }

    /// The gradient of f's argument [rows, columns] given that of its result.
    fileprivate func gradient(_ argument: Tensor, _ g: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .identity: g
        case .relu: try apply(ReLUGradient(), argument.detach(), g)
        case .gelu: try apply(GELUGradient(), argument, g)
        case .tanh: try apply(TanhGradient(), argument.tanh(), g)
        case .sigmoid: try apply(SigmoidGradient(), argument.sigmoid(), g)
        }
    }

    /// The same, with the sums of its columns, in one pass over memory. Blocks of
    /// rows, by size alone, have sums of their own, which are added pairwise.
    fileprivate func gradient(_ kept: View?, _ given: View) throws(TalwegError) -> (slopes: View?, sums: View) {
        let (m, n) = (given.shape[0], given.shape[1])
        guard let kernel = kernels.float(given.dtype) else {
            throw .dtype("linear: not defined for \(given.dtype.name)")
        }
        let g = given.strides[1] == 1 || n <= 1 ? given : try given.contiguous()
        let slopes = self == .identity ? nil : try View(uninitialized: g.shape, g.dtype)
        let sums = try View.full(Shape([n], for: "linear"), 0, g.dtype)
        if m == 0 || n == 0 { return (slopes, sums) }
        let size = g.dtype.itemSize
        let share = min(max((1 << 15) / n, 1), 256)
        let chunks = (m - 1) / share + 1
        let line = (n * size + 63) & ~63
        let (bytes, overflow) = line.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let workspace = try Workspace(byteCount: bytes)
        let partial = workspace.pointer
        let (from, to, with) = (g.pointer, slopes?.pointer ?? g.pointer, kept?.pointer ?? g.pointer)
        let rowStride = g.strides[0]
        ThreadPool.run(chunks: chunks) { chunk in
            let begin = chunk * share
            let mine = partial + chunk * line
            mine.initializeMemory(as: UInt8.self, repeating: 0, count: line)
            kernel.activationGradient(
                min(share, m - begin), n, rawValue, from + begin * rowStride * size, rowStride,
                with + begin * n * size, n, to + begin * n * size, n, mine)
        }
        var step = 1
        while step < chunks {
            var chunk = 0
            while chunk + step < chunks {
                kernel.axpy(n, 1, partial + (chunk + step) * line, partial + chunk * line)
                chunk += 2 * step
            }
            step *= 2
        }
        sums.pointer.copyMemory(from: partial, byteCount: n * size)
        withExtendedLifetime((g, kept)) {}
        return (slopes, sums)
    }
}

extension Tensor {
    /// f(x W^T + b) of this x [.., in], a weight W [out, in] and a bias b [out].
    public func linear(
        _ weight: Tensor, _ bias: Tensor? = nil, activation: Activation = .identity
    ) throws(TalwegError) -> Tensor {
        guard weight.rank == 2 else { throw .shape("linear: the weight has shape \(weight.shape), not [out, in]") }
        guard rank >= 1, shape[rank - 1] == weight.shape[1] else {
            throw .shape("linear: the input has shape \(shape), the weight takes \(weight.shape[1]) features")
        }
        guard dtype == weight.dtype, dtype.isFloating else {
            throw .dtype("linear: the input is \(dtype.name), the weight \(weight.dtype.name)")
        }
        if let bias {
            guard bias.dtype == dtype else {
                throw .dtype("linear: the input is \(dtype.name), the bias \(bias.dtype.name)")
            }
            guard bias.rank == 1, bias.shape[0] == weight.shape[0] else {
                throw .shape("linear: the bias has shape \(bias.shape); [\(weight.shape[0])] is needed")
            }
        }
        guard kernels.float(dtype) != nil else {
            let product = try matmul(weight.transpose())
            return try activation.applied(bias.map { (bias) throws(TalwegError) in try product + bias } ?? product)
        }
        var inputs = bias.map { [self, weight, $0] } ?? [self, weight]
        if ThreadState.current.mixedPrecision, dtype == .float32 {
            (inputs[0], inputs[1]) = (try cast(to: .bfloat16), try weight.cast(to: .bfloat16))
        }
        var operation = AffineMap(activation: activation)
        let keeping = ThreadState.current.recording && inputs.contains(where: \.requiresGrad)
        let (y, kept) = try operation.evaluate(inputs.map(\.view), keeping: keeping && activation != .identity)
        if keeping, activation != .identity, let kept { operation.kept = Saved(output: kept) }
        return try recorded(operation, inputs, y)
    }
}
