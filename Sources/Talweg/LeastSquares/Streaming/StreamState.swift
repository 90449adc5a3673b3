import TalwegKernels

/// What a stream keeps of the rows that it has seen: the triangular factor of
///
///     sqrt(w) [1, x - shift, y - shift]
///
/// without the ones if no intercept is fitted, what no coefficients explain of each target, and the weights' sums.
/// Columns are multiplied by powers of two, as a `LinearSystem`'s are; both these and the shifts follow the data, since
/// the factor can be brought to others: a column times a power of two exactly, and one less d times the ones by
/// subtracting d times the factor's first column.
final class StreamState {
    let p: Int
    let k: Int
    /// Columns of the factor without the targets'.
    let columns: Int
    let hasIntercept: Bool
    var width: Int { columns + k }
    /// Rows that are absorbed at a time.
    let blockRows: Int
    let stack: StackedQR
    /// [p + k] each; a scale of 0: nothing but zeros has been seen.
    let scale: UnsafeMutablePointer<Double>
    let shift: UnsafeMutablePointer<Double>
    /// Squares that are left of the targets, [k].
    let tail: UnsafeMutablePointer<Double>
    var totals = Totals()

    private let space: Storage

    struct Totals {
        /// Rows that were pushed and not dropped again, and those of them with a weight above 0.
        var rows = 0
        var rowsInUse = 0
        /// Sum of the weights over 4^exponent.
        var sum = Twofold()
        var exponent = 0
        /// Of the weights above 0.
        var logarithms = 0.0
        var isWeighted = false
    }

    init(features p: Int, targets k: Int, intercept: Bool) throws(TalwegError) {
        guard p >= 0, k > 0, p < 1 << 31, k < 1 << 31 else {
            throw .invalid("lstsq_stream: \(p) features and \(k) targets")
        }
        guard p > 0 || intercept else { throw .invalid("lstsq_stream: no features, and no intercept is fitted") }
        self.p = p
        self.k = k
        hasIntercept = intercept
        columns = p + (intercept ? 1 : 0)
        let width = columns + k
        blockRows = max(64, min(512, 49152 / width & ~7))
        let factor = try StackedQR.bytes(columns: columns, width: width, rows: blockRows)
        space = try Storage(byteCount: factor + slabBytes(p + k, p + k, k))
        stack = StackedQR(memory: space.pointer, columns: columns, width: width, rows: blockRows)
        var slab = Slab(space.pointer + (factor & ~63))
        scale = slab.doubles(p + k)
        shift = slab.doubles(p + k)
        tail = slab.doubles(k)
        scale.update(repeating: 0, count: p + k)
        shift.update(repeating: 0, count: p + k)
        tail.update(repeating: 0, count: k)
    }

    /// The factor's column of X's (or, from p on, y's) column j.
    func place(_ j: Int) -> Int { j + columns - p }

    /// A copy.
    func copied() throws(TalwegError) -> StreamState {
        let copy = try StreamState(features: p, targets: k, intercept: hasIntercept)
        copy.take(self)
        return copy
    }

    /// Becomes what another of the same sizes is.
    func take(_ other: StreamState) {
        for j in 0..<width { stack.r.column(j).update(from: other.stack.r.column(j), count: columns) }
        scale.update(from: other.scale, count: p + k)
        shift.update(from: other.shift, count: p + k)
        tail.update(from: other.tail, count: k)
        totals = other.totals
    }

    /// Multiplies column j's scale by a power of two, exactly.
    func rescale(_ j: Int, to next: Double) {
        if scale[j] == next { return }
        if scale[j] != 0 {
            let factor = next / scale[j]
            shift[j] *= factor
            kernels.f64.scale(columns, factor, stack.r.column(place(j)), stack.r.column(place(j)))
            if j >= p { tail[j - p] *= factor * factor }
        }
        scale[j] = next
    }

    /// Moves column j's shift to the mean of its rows where that lies far outside their spread.
    func recentre(_ j: Int) {
        let column = stack.r.column(place(j))
        guard hasIntercept, stack.r[0, 0] != 0, column[0] != 0 else { return }
        let spread = kernels.f64.dot(columns - 1, column + 1, 1, column + 1, 1) + (j >= p ? tail[j - p] : 0)
        guard column[0] * column[0] > 4 * spread else { return }
        let next = shift[j] + column[0] / stack.r[0, 0]
        column[0] -= (next - shift[j]) * stack.r[0, 0]
        shift[j] = next
    }

    /// Divides all rows by 2^(next - exponent), for weights much above those before.
    func reweigh(to next: Int) {
        let change = totals.exponent - next
        if change == 0 { return }
        multiply(LinearSystem.power(change))
        totals.exponent = next
    }

    /// Multiplies all rows by a factor, and so the weights by its square.
    func multiply(_ factor: Double) {
        for j in 0..<width { kernels.f64.scale(columns, factor, stack.r.column(j), stack.r.column(j)) }
        let square = factor * factor
        for t in 0..<k { tail[t] *= square }
        totals.sum = Twofold(totals.sum.high * square, totals.sum.low * square)
    }

    /// Takes the first rows of the factor's block in; what is left of the targets belongs to the tail.
    func absorb(_ rows: Int) {
        stack.absorb(rows: rows)
        for t in 0..<k {
            let column = stack.block.column(columns + t)
            tail[t] += kernels.f64.dot(rows, column, 1, column, 1)
        }
    }

    /// Squares of target t about its mean, or about 0.
    func total(_ t: Int) -> Double {
        let first = hasIntercept ? 1 : 0
        let column = stack.r.column(columns + t) + first
        return tail[t] + kernels.f64.dot(columns - first, column, 1, column, 1)
    }
}
