#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Determinants of square matrices, the products of the pivots: with an exponent of their own, so that only
/// the result may overflow.
struct Determinant: UnaryOperation {
    static let name = "det"
    static let saves: Saves = [.first, .output]

    func forward(_ x: View) throws(TalwegError) -> View {
        let factors = try LUFactors(x, Self.name)
        let y = try View(uninitialized: Shape(x.shape.dims.dropLast(2), for: Self.name), .float64)
        factors.forEachDeterminant { index, sign, mantissa, exponent in
            y.pointer(as: Double.self)[index] = sign * scalbn(mantissa, Int32(clamping: exponent))
        }
        return try y.cast(to: x.dtype)
    }

    /// det(A) A^-T (Jacobi's formula), which a singular matrix has not.
    func pullback(_ g: Tensor, _ r: UnaryRecord<Determinant>) throws(TalwegError) -> Tensor {
        try (g * r.y).expandDims(-1).expandDims(-1) * r.x.inverse().transpose()
    }
}

/// Signs and logarithms of the magnitudes of determinants. The sign is constant.
struct SignAndLogDeterminant: MultiOperation {
    static let name = "slogdet"
    func saves(input: Int) -> Bool { true }

    static func forward(_ x: View) throws(TalwegError) -> [View] {
        let factors = try LUFactors(x, name)
        let shape = try Shape(x.shape.dims.dropLast(2), for: name)
        let (signs, logarithms) = (
            try View(uninitialized: shape, .float64), try View(uninitialized: shape, .float64)
        )
        factors.forEachDeterminant { index, sign, mantissa, exponent in
            signs.pointer(as: Double.self)[index] = sign
            // Of a mantissa near 1, where the exponent is 0.
            let (m, e) = mantissa < 0.5.squareRoot() ? (2 * mantissa, exponent - 1) : (mantissa, exponent)
            logarithms.pointer(as: Double.self)[index] = log(m) + Double(e) * log(2)
        }
        return [try signs.cast(to: x.dtype), try logarithms.cast(to: x.dtype)]
    }

    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SignAndLogDeterminant>)
        throws(TalwegError) -> [Tensor?]
    {
        guard let logarithm = g[1] else { return [try Tensor.zeros(r.input(0).shape, r.input(0).dtype)] }
        return [try logarithm.expandDims(-1).expandDims(-1) * r.input(0).inverse().transpose()]
    }
}

extension Tensor {
    /// The determinant of this matrix, or those of a stack.
    public func determinant() throws(TalwegError) -> Tensor { try apply(Determinant(), self) }

    /// The sign of the determinant, 0 if the matrix is singular, and the natural logarithm of its magnitude.
    public func signAndLogDeterminant() throws(TalwegError) -> (sign: Tensor, logMagnitude: Tensor) {
        let results = try recorded(SignAndLogDeterminant(), [self], SignAndLogDeterminant.forward(view))
        return (results[0].detach(), results[1])
    }

    /// The product of n of this square matrix, by squaring; of its inverse if n is negative.
    public func matrixPower(_ n: Int) throws(TalwegError) -> Tensor {
        _ = try view.requireMatrices("matrix_power", square: true)
        if n == 0 {
            return try Tensor.eye(shape[rank - 1], shape[rank - 1], dtype).broadcast(to: shape).copy()
        }
        var square = n < 0 ? try inverse() : self
        var left = n.magnitude
        var product: Tensor?
        while true {
            if left & 1 == 1 {
                if let known = product { product = try known.matmul(square) } else { product = square }
            }
            left >>= 1
            guard left > 0 else { break }
            square = try square.matmul(square)
        }
        if let product, n != 1 { return product }
        return try alias()
    }
}
