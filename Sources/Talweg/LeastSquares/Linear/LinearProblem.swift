import TalwegKernels

/// The data of a linear fit: X [n, p], Y [n, k] and row weights, checked, with
/// the scale and the mean of each column.
///
/// Columns, X's and then Y's, are multiplied by powers of two (which rounds
/// nothing) so that no square of an element overflows or vanishes, and the
/// weights by a power of four. All that is computed of them is in these scaled
/// units until `LeastSquaresResult` takes it back.
final class LinearProblem {
    let x: View
    let y: View
    let n: Int
    let p: Int
    let k: Int
    let intercept: Bool
    /// The penalty in the units of the scaled weights; what is above 1e300 makes the coefficients 0 all the same.
    let ridge: Double
    /// X's and Y's columns.
    var width: Int { p + k }

    /// The power of two that each column is multiplied by, [p + k].
    let scale: UnsafeMutablePointer<Double>
    /// Weighted means of the scaled columns as sums of two, 0 without an intercept, [p + k] each.
    let mean: UnsafeMutablePointer<Double>
    let meanRest: UnsafeMutablePointer<Double>
    /// n weights times a power of four, at most 4, or nil for all 1.
    let weights: UnsafeMutablePointer<Double>?
    /// The logarithm to base 2 of what the weights' square roots are divided by.
    let weightExponent: Int
    let sumOfWeights: Double
    /// Rows with a weight above 0.
    let rowsInUse: Int

    private let columnSpace: Storage
    private let weightSpace: Storage?

    init(_ X: Tensor, _ y: Tensor, _ options: LeastSquaresOptions) throws(TalwegError) {
        guard X.rank == 1 || X.rank == 2 else {
            throw .shape("lstsq: X \(X.shape) has \(X.rank) axes; [n, p] or [n] was expected")
        }
        guard y.rank == 1 || y.rank == 2 else {
            throw .shape("lstsq: y \(y.shape) has \(y.rank) axes; [n] or [n, k] was expected")
        }
        x = try LinearProblem.matrix(X)
        self.y = try LinearProblem.matrix(y)
        n = x.shape[0]
        p = x.shape[1]
        k = self.y.shape[1]
        guard self.y.shape[0] == n else {
            throw .shape("lstsq: X \(X.shape) has \(n) rows, y \(y.shape) has \(self.y.shape[0])")
        }
        guard n > 0 else { throw .shape("lstsq: X \(X.shape) has no rows") }
        guard k > 0 else { throw .shape("lstsq: y \(y.shape) has no targets") }
        guard p > 0 || options.intercept else {
            throw .shape("lstsq: X \(X.shape) has no columns, and no intercept is fitted")
        }
        intercept = options.intercept

        let width = p + k
        columnSpace = try Storage(byteCount: slabBytes(width, width, width))
        var slab = Slab(columnSpace.pointer)
        scale = slab.doubles(width)
        mean = slab.doubles(width)
        meanRest = slab.doubles(width)

        guard let given = options.weights else {
            weights = nil
            weightSpace = nil
            weightExponent = 0
            sumOfWeights = Double(n)
            rowsInUse = n
            ridge = min(options.ridge, 1e300)
            try measure()
            return
        }
        guard given.rank == 1, given.count == n else {
            throw .shape("lstsq: weights \(given.shape) do not fit the \(n) rows of X \(X.shape)")
        }
        // Padded: a block of rows is read in whole vectors.
        let space = try Storage(byteCount: slabBytes(n, LinearProblem.padding))
        let copy = space.pointer.assumingMemoryBound(to: Double.self)
        kernels.cast(from: given.dtype, to: .float64)(n, given.view.pointer, given.view.strides[0], copy, 1)
        let summary = try LinearProblem.normalise(copy, n)
        weightSpace = space
        weights = copy
        (weightExponent, sumOfWeights, rowsInUse) = summary
        ridge = min(LinearProblem.shift(options.ridge, by: -2 * weightExponent), 1e300)
        try measure()
    }

    /// A 1-d tensor as one column.
    private static func matrix(_ tensor: Tensor) throws(TalwegError) -> View {
        let view = tensor.view
        if view.rank == 2 { return view }
        var strides = PerAxis(repeating: 0)
        strides[0] = view.strides[0]
        return view.with(shape: try Shape([view.shape[0], 1], for: "lstsq"), strides: strides)
    }

    static let padding = 8

    /// Checks the weights, and divides them by a power of four that brings the largest to 1...4.
    /// - Returns: the logarithm of its root, the sum, and how many are above 0.
    private static func normalise(_ w: UnsafeMutablePointer<Double>, _ n: Int) throws(TalwegError)
        -> (Int, Double, Int)
    {
        var largest = 0.0
        var used = 0
        for i in 0..<n {
            guard w[i].isFinite else { throw .numeric("lstsq: weights has \(w[i]) in row \(i)") }
            guard w[i] >= 0 else { throw .invalid("lstsq: weights has \(w[i]) in row \(i); none may be negative") }
            if w[i] > 0 { used += 1 }
            largest = max(largest, w[i])
        }
        guard used > 0 else { throw .invalid("lstsq: all \(n) weights are 0") }
        let exponent = largest.exponent >> 1
        for i in 0..<n { w[i] = shift(w[i], by: -2 * exponent) }
        (w + n).update(repeating: 0, count: padding)
        return (exponent, twofoldSum((n + 3) & ~3, w, weights: nil).value, used)
    }

    /// x * 2^exponent, without an overflow on the way.
    static func shift(_ x: Double, by exponent: Int) -> Double {
        if exponent == 0 { return x }
        let first = exponent / 2, second = exponent - exponent / 2
        return x * power(first) * power(second)
    }

    /// 2^exponent, for exponents of at most 1022 in magnitude.
    static func power(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: min(max(exponent, -1022), 1022), significand: 1)
    }
}
