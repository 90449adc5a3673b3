import TalwegKernels

/// The data of a linear fit: X [n, p], Y [n, k] and row weights, checked, with
/// the scale and the mean of each column.
final class LinearProblem: LinearSystem {
    let x: View
    let y: View
    /// n weights times a power of four, at most 4, or nil for all 1.
    let weights: UnsafeMutablePointer<Double>?

    private let weightSpace: Storage?

    /// Rows read at a time: a block of all columns should stay in the second-level cache.
    let blockRows: Int
    let rowsPerChunk: Int
    let chunks: Int

    /// Of what is fitted, for messages.
    let name: String

    /// - Parameter measured: whether the scales and means are to be found at once; else `measure` does that, or a
    ///   solver that finds them on its way.
    init(_ X: Tensor, _ y: Tensor, _ options: LeastSquaresOptions, _ name: String = "lstsq", measured: Bool = true)
        throws(TalwegError)
    {
        self.name = name
        guard X.rank == 1 || X.rank == 2 else {
            throw .shape("\(name): X \(X.shape) has \(X.rank) axes; [n, p] or [n] was expected")
        }
        guard y.rank == 1 || y.rank == 2 else {
            throw .shape("\(name): y \(y.shape) has \(y.rank) axes; [n] or [n, k] was expected")
        }
        x = try LinearProblem.matrix(X, name)
        var target = try LinearProblem.matrix(y, name)
        if let offset = options.offset {
            target = try LinearProblem.difference(target, offset, shape: y.shape, name)
        }
        self.y = target
        let n = x.shape[0], p = x.shape[1], k = self.y.shape[1]
        guard self.y.shape[0] == n else {
            throw .shape("\(name): X \(X.shape) has \(n) rows, y \(y.shape) has \(self.y.shape[0])")
        }
        guard n > 0 else { throw .shape("\(name): X \(X.shape) has no rows") }
        guard k > 0 else { throw .shape("\(name): y \(y.shape) has no targets") }
        guard p > 0 || options.intercept else {
            throw .shape("\(name): X \(X.shape) has no columns, and no intercept is fitted")
        }
        var weighting = Weighting(sum: Double(n), rowsInUse: n)
        if let given = options.weights {
            guard given.rank == 1, given.count == n else {
                throw .shape("\(name): weights \(given.shape) do not fit the \(n) rows of X \(X.shape)")
            }
            // Padded: a block of rows is read in whole vectors.
            let space = try Storage(byteCount: slabBytes(n, LinearProblem.padding))
            let copy = space.pointer.assumingMemoryBound(to: Double.self)
            kernels.cast(from: given.dtype, to: .float64)(n, given.view.pointer, given.view.strides[0], copy, 1)
            weighting = try LinearProblem.normalise(copy, n, name)
            weightSpace = space
            weights = copy
        } else {
            weightSpace = nil
            weights = nil
        }
        weighting.logarithms += options.logarithm
        let width = p + k
        blockRows = min(n, max(128, min(512, 49152 / width & ~7)))
        rowsPerChunk = LinearProblem.rowsPerChunk(n, p, width: width, block: blockRows)
        chunks = (n + rowsPerChunk - 1) / rowsPerChunk
        try super.init(
            rows: n, columns: p, targets: k, intercept: options.intercept, ridge: options.ridge, weighting)
        scale.update(repeating: 1, count: width)
        if measured { try measure() }
    }

    /// A 1-d tensor as one column.
    static func matrix(_ tensor: Tensor, _ name: String = "lstsq") throws(TalwegError) -> View {
        let view = tensor.view
        if view.rank == 2 { return view }
        var sizes = PerAxis(repeating: 0), strides = sizes
        (sizes[0], sizes[1], strides[0]) = (view.shape[0], 1, view.strides[0])
        return view.with(shape: try Shape(sizes: sizes, rank: 2, for: name), strides: strides)
    }

    /// y less what is known of it, as float64.
    private static func difference(_ y: View, _ offset: Tensor, shape: Shape, _ name: String) throws(TalwegError)
        -> View
    {
        guard offset.shape == shape else {
            throw .shape("\(name): offset \(offset.shape) does not fit y \(shape)")
        }
        let known = try matrix(offset, name).cast(to: .float64).contiguous()
        let out = try y.cast(to: .float64).copy()
        let (target, part) = (out.pointer(as: Double.self), known.pointer(as: Double.self))
        for i in 0..<out.count {
            guard part[i].isFinite else { throw .numeric("\(name): offset has \(part[i]) in row \(i / out.shape[1])") }
            target[i] -= part[i]
        }
        return out
    }

    static let padding = 8

    /// Checks the weights, and divides them by a power of four that brings the largest to 1...4.
    private static func normalise(_ w: UnsafeMutablePointer<Double>, _ n: Int, _ name: String)
        throws(TalwegError) -> Weighting
    {
        var largest = 0.0
        var used = 0
        for i in 0..<n {
            guard w[i].isFinite else { throw .numeric("\(name): weights has \(w[i]) in row \(i)") }
            guard w[i] >= 0 else { throw .invalid("\(name): weights has \(w[i]) in row \(i); none may be negative") }
            if w[i] > 0 { used += 1 }
            largest = max(largest, w[i])
        }
        guard used > 0 else { throw .invalid("\(name): all \(n) weights are 0") }
        let exponent = largest.exponent >> 1
        let logarithms = sumOfLogarithms(w, n)
        for i in 0..<n { w[i] = shift(w[i], by: -2 * exponent) }
        (w + n).update(repeating: 0, count: padding)
        return Weighting(
            exponent: exponent, sum: twofoldSum((n + 3) & ~3, w, weights: nil).value, rowsInUse: used,
            logarithms: logarithms, isGiven: true)
    }
}
