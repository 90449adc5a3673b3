import CIntrinsics
import TalwegKernels

/// [.., m, k] x [.., k, n] -> [.., m, n]; leading axes broadcast.
struct MatrixMultiply: BinaryOperation {
    static let name = "matmul"
    static let saves: Saves = .inputs

    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        a.dtype == .bfloat16 && b.dtype == .bfloat16 ? try multipliedBFloat16(a, b) : try multiplied(a, b)
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<MatrixMultiply>) throws(TalwegError) -> Tensor {
        try apply(MatrixMultiply(), g, r.b.transpose())
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<MatrixMultiply>) throws(TalwegError) -> Tensor {
        try apply(MatrixMultiply(), r.a.transpose(), g)
    }
}

/// x [.., in] times weight [out, in] transposed, plus bias [out].
struct AffineMap: VariadicOperation {
    static let name = "linear"
    static let savesOutput = false
    func saves(input: Int) -> Bool { input < 2 }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        let (x, weight, bias) = (inputs[0], inputs[1], inputs[2])
        if x.dtype == .bfloat16 { return try affineBFloat16(x, weight, bias) }
        let y = try View(
            uninitialized: x.shape.replacing(axis: x.rank - 1, by: weight.shape[0], for: Self.name), x.dtype)
        var epilogue = tk_gemm_epilogue()
        epilogue.bias = UnsafeRawPointer(bias.pointer)
        epilogue.bias_column = bias.strides[0]
        try withUnsafePointer(to: epilogue) { (epilogue) throws(TalwegError) in
            try multiply(rows(x), weight.permuted([1, 0]), adding: 0, to: rows(y), epilogue)
        }
        withExtendedLifetime(bias) {}
        return y
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<AffineMap>) throws(TalwegError) -> [Tensor?] {
        let weight = try r.input(1)
        // Counted, not found by -1: there may be no features, or no outputs.
        let count = r.shapes[0].dims.dropLast().reduce(1, *)
        let rows = try g.reshape([count, weight.shape[0]])
        return [
            wanted[0] ? try apply(MatrixMultiply(), rows, weight).reshape(r.shapes[0]) : nil,
            wanted[1]
                ? try apply(MatrixMultiply(), rows.transpose(), r.input(0).reshape([count, weight.shape[1]])) : nil,
            wanted[2] ? try rows.sum(axes: [0]) : nil,
        ]
    }
}

extension Tensor {
    /// Matrix products; a 1-d input counts as a row (first) or a column (second).
    public func matmul(_ other: Tensor) throws(TalwegError) -> Tensor {
        guard rank >= 1, other.rank >= 1 else {
            throw .shape("matmul: \(shape) x \(other.shape): a scalar has no rows or columns; use multiply")
        }
        let (a, b) = try promoted(self, other)
        guard a.dtype.isFloating else { throw .dtype("matmul: needs a floating type, not \(a.dtype.name)") }
        let left = rank == 1 ? try a.expandDims(0) : a
        let right = other.rank == 1 ? try b.expandDims(1) : b
        guard left.shape[left.rank - 1] == right.shape[right.rank - 2] else {
            throw .shape(
                "matmul: \(shape) x \(other.shape): inner sizes \(left.shape[left.rank - 1]) and "
                    + "\(right.shape[right.rank - 2]) differ")
        }
        var y = try apply(MatrixMultiply(), left, right)
        if rank == 1 { y = try y.squeeze(-2) }
        if other.rank == 1 { y = try y.squeeze(-1) }
        return y
    }

    /// This [.., in] times weight [out, in] transposed, plus bias [out].
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws(TalwegError) -> Tensor {
        guard weight.rank == 2 else { throw .shape("linear: the weight has shape \(weight.shape), not [out, in]") }
        guard rank >= 1, shape[rank - 1] == weight.shape[1] else {
            throw .shape("linear: the input has shape \(shape), the weight takes \(weight.shape[1]) features")
        }
        guard dtype == weight.dtype, dtype.isFloating else {
            throw .dtype("linear: the input is \(dtype.name), the weight \(weight.dtype.name)")
        }
        guard let bias else { return try matmul(weight.transpose()) }
        guard bias.dtype == dtype else {
            throw .dtype("linear: the input is \(dtype.name), the bias \(bias.dtype.name)")
        }
        guard bias.rank == 1, bias.shape[0] == weight.shape[0] else {
            throw .shape("linear: the bias has shape \(bias.shape); [\(weight.shape[0])] is needed")
        }
        return try apply(AffineMap(), [self, weight, bias])
    }
}

/// All axes but the last as one.
private func rows(_ x: View) throws(TalwegError) -> View {
    let width = x.shape[x.rank - 1]
    let target = try Shape([width == 0 ? 0 : x.count / width, width], for: "linear")
    return try Reshape(target: target).forward(x)
}
