import TalwegKernels

// Activations made of other operations.

/// min(max(x, low), high), with no gradient where it is one of them.
struct HardTanh: SymmetricOperation {
    static let name = "hardtanh"
    static let saves: Saves = .first
    let low: Double
    let high: Double

    func forward(_ x: View) throws(TalwegError) -> View {
        try Clip().forward([x, .scalar(low, x.dtype), .scalar(high, x.dtype)])
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<HardTanh>) throws(TalwegError) -> Tensor {
        let x = try r.x.detach()
        let isInside = try x.isGreater(x.scalar(low)).logicalAnd(x.isLess(x.scalar(high)))
        return try .select(isInside, g, g.scalar(0))
    }
}

/// Of SELU, to the precision of the paper's appendix.
enum SELUConstants {
    static let alpha = 1.6732632423543772848170429916717
    static let scale = 1.0507009873554804934193349852946
}

extension Tensor {
    /// Of this floating tensor, whose dtype is not narrow; the function's parameters were checked.
    func composed(_ function: ActivationFunction) throws(TalwegError) -> Tensor {
        switch function {
        case .identity: return try alias()
        case .relu: return try relu()
        case .gelu: return try gelu()
        case .geluTanh: return try geluTanh()
        case .tanh: return try tanh()
        case .sigmoid: return try sigmoid()
        case .silu: return try silu()
        case .leakyReLU(let slope): return try leakyReLU(slope: slope)
        case .elu(let alpha): return try elu(alpha: alpha)
        case .selu: return try elu(alpha: SELUConstants.alpha) * SELUConstants.scale
        case .celu(let alpha): return try alpha == 1 ? elu() : (self / alpha).elu() * alpha
        case .mish: return try self * softplus().tanh()
        case .softplus(let beta, let threshold): return try softplus(beta, threshold)
        case .softsign: return try self / (absolute() + 1)
        case .hardtanh(let low, let high): return try hardtanh(low, high)
        case .relu6: return try hardtanh(0, 6)
        case .hardsigmoid: return try (self + 3).hardtanh(0, 6) / 6
        case .hardswish: return try self * (self + 3).hardtanh(0, 6) / 6
        case .logSigmoid: return try -(-self).softplus()
        case .tanhshrink: return try self - tanh()
        case .softshrink(let by):
            return try .select(isNear(by), scalar(0), self - detach().sign() * by)
        case .hardshrink(let by):
            return try .select(isNear(by), scalar(0), self)
        case .threshold(let threshold, let value):
            return try .select(detach().isLessOrEqual(scalar(threshold)), scalar(value), self)
        case .softmax(let axis): return try softmax(axis: axis)
        case .logSoftmax(let axis): return try logSoftmax(axis: axis)
        case .softmin(let axis): return try (-self).softmax(axis: axis)
        case .glu(let axis):
            let (a, b) = try halves(axis, "glu")
            return try a * b.sigmoid()
        case .swiglu(let axis):
            let (a, b) = try halves(axis, "swiglu")
            return try a.silu() * b
        case .geglu(let axis):
            let (a, b) = try halves(axis, "geglu")
            return try a.gelu() * b
        case .reglu(let axis):
            let (a, b) = try halves(axis, "reglu")
            return try a.relu() * b
        }
    }

    private func hardtanh(_ low: Double, _ high: Double) throws(TalwegError) -> Tensor {
        try apply(HardTanh(low: low, high: high), self)
    }

    private func softplus(_ beta: Double, _ threshold: Double) throws(TalwegError) -> Tensor {
        let scaled = try beta == 1 ? self : self * beta
        let curve = try beta == 1 ? scaled.softplus() : scaled.softplus() / beta
        if threshold == .infinity { return curve }
        return try .select(scaled.detach().isGreater(scalar(threshold)), self, curve)
    }

    /// Whether it is not further from 0 than that.
    private func isNear(_ distance: Double) throws(TalwegError) -> Tensor {
        try detach().absolute().isLessOrEqual(scalar(distance))
    }

    /// The two halves of an axis.
    private func halves(_ axis: Int, _ name: String) throws(TalwegError) -> (Tensor, Tensor) {
        let axis = try shape.axis(axis, for: name)
        let size = shape[axis]
        guard size % 2 == 0 else {
            throw .shape("\(name): axis \(axis) of \(shape) has \(size) elements; an even number is needed")
        }
        return (try slice(axis: axis, to: size / 2), try slice(axis: axis, from: size / 2))
    }

    /// x where it is positive, else times a learned slope (He, Zhang, Ren and Sun, "Delving deep into rectifiers",
    /// 2015).
    /// - Parameter weight: the slopes: one for all, or one for each position of axis 1, the channels
    public func prelu(_ weight: Tensor) throws(TalwegError) -> Tensor {
        guard weight.dtype == dtype, dtype.isFloating else {
            throw .dtype(
                "prelu: the input is \(dtype.name), the weight \(weight.dtype.name); one floating type is needed")
        }
        guard weight.rank == 1 else { throw .shape("prelu: the weight has shape \(weight.shape), not [slopes]") }
        var slopes = weight
        if weight.count != 1 {
            let channels = rank > 1 ? shape[1] : 1
            guard weight.count == channels else {
                throw .shape("prelu: \(weight.count) slopes for the \(channels) channels of an input \(shape)")
            }
            slopes = try weight.reshape([channels] + [Int](repeating: 1, count: rank - 2))
        } else if rank == 0 {
            slopes = try weight.reshape([])
        }
        return try .select(detach().isGreater(scalar(0)), self, self * slopes)
    }
}
