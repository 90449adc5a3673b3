/// (sum |x|^p)^(1/p), for p neither 0 nor infinite.
struct VectorNorm: UnaryOperation {
    static let name = "vector_norm"
    static let saves: Saves = [.first, .output]
    let order: Double
    let axes: AxisSet
    let keepdims: Bool

    func forward(_ x: View) throws(TalwegError) -> View {
        let x = Tensor(x)
        var y: Tensor?
        if order == 2, x.dtype != .float16 {
            // As it is, unless squares leave the range of numbers.
            let sum = try x.square().summed(axes)
            y = try sum.sqrt()
            let (least, most) = x.dtype == .float64 ? (1e-280, 1e300) : (1e-25, 1e37)
            guard try sum.isLess(sum.scalar(least)).logicalOr(sum.isGreater(sum.scalar(most))).any().item() != 0 else {
                return try dropping(y, x.shape)
            }
        }
        // By the largest or, for its reciprocals, the least.
        if x.count == 0 { return try dropping(x.summed(axes).power(1 / order), x.shape) }
        let sizes = try x.absolute()
        let whole = try apply(Extreme(op: order > 0 ? .max : .min, axes: axes, keepdims: true), sizes)
        let isPlain = try whole.isEqual(whole.scalar(0)).logicalOr(whole.isFinite().logicalNot())
        let unit = try Tensor.select(isPlain, whole.scalar(1), whole)
        y = try (sizes / unit).power(order).summed(axes).power(1 / order) * unit
        return try dropping(y, x.shape)
    }

    private func dropping(_ y: Tensor?, _ shape: Shape) throws(TalwegError) -> View {
        guard let y else { throw .internal("vector_norm: no result") }
        return try y.reshape(shape.reduced(axes, keepdims: keepdims)).view
    }

    /// sign(x) (|x| / y)^(p - 1), and 0 at 0.
    func pullback(_ g: Tensor, _ r: UnaryRecord<VectorNorm>) throws(TalwegError) -> Tensor {
        let (x, g) = (try r.x, try g.restored(axes, r.inputShape))
        if order == 1 { return try g * x.sign() }
        let y = try r.y.restored(axes, r.inputShape)
        let norm = try Tensor.select(y.isEqual(y.scalar(0)), y.scalar(1), y)
        if order == 2 { return try g * (x / norm) }
        let share = try Tensor.select(x.isEqual(x.scalar(0)), x.scalar(1), x.absolute() / norm)
        return try g * (x.sign() * share.power(order - 1))
    }
}

/// Norms of matrices by name; the raw values are those of `tw_matrix_norm_kind`.
public enum MatrixNorm: Int32, Sendable {
    /// The root of the sum of squares.
    case frobenius = 0
    /// The sum of the singular values.
    case nuclear = 1
    /// The largest, and the smallest, sum of magnitudes of a column.
    case one = 2
    case minusOne = 3
    /// The largest, and the smallest, singular value.
    case two = 4
    case minusTwo = 5
    /// The largest, and the smallest, sum of magnitudes of a row.
    case infinity = 6
    case minusInfinity = 7
}

extension Tensor {
    /// Sums over axes that stay with size 1.
    fileprivate func summed(_ axes: AxisSet) throws(TalwegError) -> Tensor {
        try apply(Sum(axes: axes, keepdims: true), self)
    }

    /// (sum |x|^p)^(1/p) over axes (nil: all), p = `order`; the largest magnitude for p infinite, the smallest for
    /// -infinity, and for 0 how many are not 0.
    public func vectorNorm(axes: [Int]? = nil, keepdims: Bool = false, order: Double = 2)
        throws(TalwegError) -> Tensor
    {
        guard dtype.isFloating else { throw .dtype("vector_norm: needs a floating type, not \(dtype.name)") }
        let set = try shape.axes(axes, for: "vector_norm")
        switch order {
        case .infinity, -.infinity:
            let sizes = try absolute()
            if set.isEmpty { return sizes }
            return try apply(Extreme(op: order > 0 ? .max : .min, axes: set, keepdims: keepdims), sizes)
        case 0: return try apply(Sum(axes: set, keepdims: keepdims), isNotEqual(scalar(0)).cast(to: dtype))
        case _ where order.isNaN: throw .invalid("vector_norm: ord is NaN")
        default:
            // Of 16 bits in float32: what comes between is not to be rounded.
            return try widened { x throws(TalwegError) in
                try apply(VectorNorm(order: order, axes: set, keepdims: keepdims), x)
            }
        }
    }

    /// A norm of matrices [.., m, n], [..] or, if `keepdims`, [.., 1, 1].
    public func matrixNorm(_ kind: MatrixNorm = .frobenius, keepdims: Bool = false) throws(TalwegError) -> Tensor {
        _ = try view.requireMatrices("matrix_norm", square: false)
        let y: Tensor
        switch kind {
        case .frobenius: y = try vectorNorm(axes: [-2, -1])
        case .nuclear: y = try svdvals().sum(axes: [-1])
        case .one: y = try absolute().sum(axes: [-2]).max(axes: [-1])
        case .minusOne: y = try absolute().sum(axes: [-2]).min(axes: [-1])
        case .two: y = try svdvals().max(axes: [-1])
        case .minusTwo: y = try svdvals().min(axes: [-1])
        case .infinity: y = try absolute().sum(axes: [-1]).max(axes: [-1])
        case .minusInfinity: y = try absolute().sum(axes: [-1]).min(axes: [-1])
        }
        return keepdims ? try y.expandDims(-1).expandDims(-1) : y
    }
}
