/// A function of residual blocks, called on the thread that solves.
public protocol BlockFunction {
    /// Whether it writes derivatives.
    var hasDerivatives: Bool { get }

    /// Writes the residuals, [count, m], of the family's blocks from `first` on, and, where they are wanted, their
    /// derivatives by each parameter block, [count, m, size]. Numbers that are not finite say that there is no value.
    /// - Parameters:
    ///   - parameters: for each of a block's parameter blocks [count, size]
    ///   - jacobians: nil: none is wanted; an entry that is nil: none of that parameter block
    func evaluate(
        first: Int, count: Int, parameters: UnsafePointer<UnsafePointer<Double>>,
        residuals: UnsafeMutablePointer<Double>, jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) throws(TalwegError)
}

/// Residual blocks of one function: each of m residuals of some parameter blocks, whose sizes are all alike.
final class ResidualFamily {
    let function: any BlockFunction
    let count: Int
    /// How many residuals each has, m, and how many parameter blocks.
    let residuals, arity: Int
    /// [count, arity]
    let blocks: PlainArray<Int32>
    /// [arity]: of the parameter blocks and of their tangent spaces.
    let sizes, tangents: [Int]
    /// [arity + 1]: where the columns of each begin in a row of the Jacobian.
    let columns: [Int]
    let loss: ResidualLoss
    let lossScale: Double

    var width: Int { columns[arity] }

    init(
        _ function: any BlockFunction, residuals: Int, blocks: PlainArray<Int32>, sizes: [Int], tangents: [Int],
        loss: ResidualLoss, lossScale: Double
    ) {
        self.function = function
        self.residuals = residuals
        self.blocks = blocks
        self.sizes = sizes
        self.tangents = tangents
        self.loss = loss
        self.lossScale = lossScale
        arity = sizes.count
        count = blocks.count / max(sizes.count, 1)
        columns = tangents.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    }

    /// How many blocks are evaluated in one call.
    static let chunk = 8192

    /// What a block's squared length z, in units of the loss' scale, makes of its residuals and derivatives so that
    /// their Gauss-Newton model is the cost's: r times `residual`, J times `derivative` less `along` times r (r' J)
    /// (Triggs et al., "Bundle adjustment - a modern synthesis", 2000, section 4.3), the curvature along r not below a
    /// thousandth of what it is without.
    func weights(_ squares: Double) -> (residual: Double, derivative: Double, along: Double) {
        let z = squares / (lossScale * lossScale)
        let (_, first, second) = loss.values(z)
        guard first > 0, squares > 0 else { return (first.squareRoot(), first.squareRoot(), 0) }
        let root = first.squareRoot()
        let share = max(1 + 2 * z * second / first, 1e-3).squareRoot()
        return (root / share, root, root * (1 - share) / squares)
    }

    /// Half the sum of a block's loss.
    @inline(__always)
    func cost(_ r: UnsafePointer<Double>) -> Double {
        var squares = 0.0
        for i in 0..<residuals { squares += r[i] * r[i] }
        if loss == .linear { return squares / 2 }
        let unit = lossScale * lossScale
        // Infinite residuals have a finite loss, and no derivative.
        return loss.values(squares / unit).rho * unit / 2 + squares * 0
    }
}
