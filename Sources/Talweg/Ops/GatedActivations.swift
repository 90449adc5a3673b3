import TalwegKernels

// Activations with a kernel for each direction. The pullback is one pass over memory, or, for second
// derivatives, made of recorded operations.

/// Which one, and its parameter.
enum GatedActivation {
    case silu
    case geluTanh
    case leakyReLU(slope: Double)
    case elu(alpha: Double)

    var parameter: Double {
        switch self {
        case .silu, .geluTanh: 0
        case .leakyReLU(let slope): slope
        case .elu(let alpha): alpha
        }
    }

    func forward(_ table: ActivationKernels) -> AxpyFunction {
        switch self {
        case .silu: table.silu
        case .geluTanh: table.geluTanh
        case .leakyReLU: table.leakyReLU
        case .elu: table.elu
        }
    }

    func backward(_ table: ActivationKernels) -> ScaledPairFunction {
        switch self {
        case .silu: table.siluBackward
        case .geluTanh: table.geluTanhBackward
        case .leakyReLU: table.leakyReLUBackward
        case .elu: table.eluBackward
        }
    }

    /// The derivative, of recorded operations.
    func slope(_ x: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .silu: return try gatedSlope(x, x, 1)
        case .geluTanh:
            let c = 1.5957691216057308
            let z = try (x + x * x * x * 0.044715) * c
            return try gatedSlope(x, z, (x * x * (3 * 0.044715) + 1) * c)
        case .leakyReLU(let slope):
            let positive = try x.detach().isGreater(x.scalar(0))
            return try .select(positive, x.scalar(1), x.scalar(slope))
        case .elu(let alpha):
            let positive = try x.detach().isGreater(x.scalar(0))
            // Where it is not chosen, the exponential must not overflow either.
            return try .select(positive, x.scalar(1), x.minimum(x.scalar(0)).exp() * alpha)
        }
    }

    /// Of x s with s = sigmoid(z): s (1 + x (1 - s) dz)
    private func gatedSlope(_ x: Tensor, _ z: Tensor, _ dz: Tensor) throws(TalwegError) -> Tensor {
        let s = try z.sigmoid()
        return try s * (x * (1 - s) * dz + 1)
    }

    private func gatedSlope(_ x: Tensor, _ z: Tensor, _ dz: Double) throws(TalwegError) -> Tensor {
        try gatedSlope(x, z, x.scalar(dz))
    }
}

struct GatedOperation: UnaryOperation {
    static let name = "activation"
    static let saves: Saves = .first
    let activation: GatedActivation

    func forward(_ x: View) throws(TalwegError) -> View {
        let kernel = activation.forward(try floatKernels(x.dtype, Self.name).activations)
        let source = try x.contiguous()
        let y = try View(uninitialized: x.shape, x.dtype)
        let (n, size, from, to) = (y.count, x.dtype.itemSize, source.pointer, y.pointer)
        let parameter = activation.parameter
        forEachChunk(n) { first, count in kernel(count, parameter, from + first * size, to + first * size) }
        return y
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<GatedOperation>) throws(TalwegError) -> Tensor {
        let x = try r.x
        if ThreadState.current.recording { return try g * activation.slope(x) }
        let kernel = activation.backward(try floatKernels(x.dtype, Self.name).activations)
        let (source, gradient) = (try x.view.contiguous(), try g.view.contiguous())
        let dx = try View(uninitialized: x.shape, x.dtype)
        let (n, size, to) = (dx.count, x.dtype.itemSize, dx.pointer)
        let (px, pg) = (source.pointer, gradient.pointer)
        let parameter = activation.parameter
        forEachChunk(n) { first, count in
            kernel(count, parameter, px + first * size, pg + first * size, to + first * size)
        }
        return Tensor(dx)
    }
}

extension Tensor {
    /// x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, 2018)
    public func silu() throws(TalwegError) -> Tensor { try gated(.silu) }
    /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, close to `gelu` (Hendrycks and Gimpel, 2016)
    public func geluTanh() throws(TalwegError) -> Tensor { try gated(.geluTanh) }
    /// x where it is positive, else slope x
    public func leakyReLU(slope: Double = 0.01) throws(TalwegError) -> Tensor {
        try gated(.leakyReLU(slope: slope))
    }
    /// x where it is positive, else alpha (exp(x) - 1) (Clevert, Unterthiner and Hochreiter, 2016)
    public func elu(alpha: Double = 1) throws(TalwegError) -> Tensor { try gated(.elu(alpha: alpha)) }

    private func gated(_ activation: GatedActivation) throws(TalwegError) -> Tensor {
        try floating().widened { x throws(TalwegError) in try apply(GatedOperation(activation: activation), x) }
    }
}
