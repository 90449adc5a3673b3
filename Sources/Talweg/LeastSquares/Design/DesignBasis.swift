import TalwegKernels

/// A basis of functions of the columns of X, which makes a design matrix of rows: one row [inputs] of X becomes one row
/// [columns]. It keeps what it took from the data that it was made for (ranges, knots), so that new rows are treated
/// alike.
public final class DesignBasis: @unchecked Sendable {
    /// One row, and room for `scratch` numbers.
    typealias Row = (UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void

    /// Columns of X.
    public let inputs: Int
    /// Columns of the design matrix.
    public let columns: Int
    /// Of a spline, with those at the ends repeated; empty for other bases.
    public let knots: [Double]
    private let scratch: Int
    private let work: Work

    private enum Work {
        case row(Row)
        case callback(DesignCallback)
    }

    init(inputs: Int, columns: Int, knots: [Double] = [], scratch: Int = 0, _ row: @escaping Row) {
        (self.inputs, self.columns, self.knots, self.scratch) = (inputs, columns, knots, scratch)
        work = .row(row)
    }

    /// A basis of the caller's.
    public init(inputs: Int, columns: Int, _ callback: DesignCallback) throws(TalwegError) {
        guard inputs >= 1, columns >= 1 else {
            throw .invalid("basis: \(inputs) inputs and \(columns) columns; there must be one of each at least")
        }
        (self.inputs, self.columns, knots, scratch) = (inputs, columns, [], 0)
        work = .callback(callback)
    }

    /// The design matrix [n, columns] of rows X [n, inputs], or [n] of one input, in the dtype of X (float64 for
    /// integers).
    public func evaluate(_ X: Tensor) throws(TalwegError) -> Tensor {
        guard X.rank == 2 && X.shape[1] == inputs || X.rank == 1 && inputs == 1 else {
            throw .shape("basis: X \(X.shape) does not fit a basis of \(inputs) column\(inputs == 1 ? "" : "s")")
        }
        let n = X.shape[0]
        let x = try LinearProblem.matrix(X, "basis").cast(to: .float64).contiguous()
        let out = try View(uninitialized: Shape([n, columns], for: "basis"), .float64)
        let source = x.pointer(as: Double.self), target = out.pointer(as: Double.self)
        for i in 0..<x.count where !source[i].isFinite {
            throw .numeric("basis: X has \(source[i]) in row \(i / inputs), column \(i % inputs)")
        }
        switch work {
        case .row(let row):
            let rows = 512, chunks = min((n + rows - 1) / rows, 64)
            let perChunk = try slabBytes(scratch)
            let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: max(chunks, 1))
            guard !overflow else { throw .outOfMemory(bytes: Int.max) }
            let room = try Storage(byteCount: bytes)
            let memory = room.pointer
            ThreadPool.run(chunks: chunks) { chunk in
                var slab = Slab(memory + chunk * perChunk)
                let own = slab.doubles(scratch)
                let share = (n + chunks - 1) / chunks
                for i in min(n, chunk * share)..<min(n, (chunk + 1) * share) {
                    row(source + i * inputs, target + i * columns, own)
                }
            }
            withExtendedLifetime(room) {}
        case .callback(let callback):
            if n > 0 { try callback.run(n, source, target) }
        }
        withExtendedLifetime(x) {}
        return Tensor(try out.cast(to: X.dtype.isFloating ? X.dtype : .float64))
    }

    /// The knots, float64.
    public func knotTensor() throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape([knots.count], for: "basis"), .float64)
        for (i, knot) in knots.enumerated() { out.pointer(as: Double.self)[i] = knot }
        return Tensor(out)
    }

    /// The matrix [columns - order, columns] of the differences of that order of neighbours: the squares of its product
    /// with the coefficients of equally spaced B-splines penalise roughness (Eilers and Marx, Statistical Science 11,
    /// 1996).
    public static func differences(columns: Int, order: Int) throws(TalwegError) -> Tensor {
        guard order >= 0, order < columns, order <= 64 else {
            throw .invalid("difference_matrix: order is \(order); it must be from 0 to 64 and below \(columns) columns")
        }
        let rows = columns - order
        let out = try View.full(Shape([rows, columns], for: "difference_matrix"), 0, .float64)
        let values = out.pointer(as: Double.self)
        // Binomial coefficients with alternating signs.
        var coefficient = order % 2 == 0 ? 1.0 : -1.0
        for k in 0...order {
            for i in 0..<rows { values[i * columns + i + k] = coefficient }
            coefficient *= -Double(order - k) / Double(k + 1)
        }
        return Tensor(out)
    }
}

/// A function of the caller's that fills a design matrix: rows, X [rows][inputs], out [rows][columns]. False cancels.
public final class DesignCallback: @unchecked Sendable {
    public typealias Body = (Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Bool
    private let body: Body
    private let destroy: () -> Void

    public init(_ body: @escaping Body, destroy: @escaping () -> Void) { (self.body, self.destroy) = (body, destroy) }

    deinit { destroy() }

    func run(_ rows: Int, _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) {
        guard body(rows, x, out) else { throw TalwegError(.cancelled, "basis: the callback asked to stop") }
    }
}

/// The least and the greatest of each column of X, float64 and finite.
func columnRanges(_ X: Tensor, _ name: String) throws(TalwegError) -> (low: [Double], high: [Double]) {
    guard X.rank == 1 || X.rank == 2 else {
        throw .shape("\(name): X \(X.shape) has \(X.rank) axes; [n, d] or [n] was expected")
    }
    let x = try LinearProblem.matrix(X, name).cast(to: .float64).contiguous()
    let n = x.shape[0], d = x.shape[1]
    guard n > 0, d > 0 else { throw .shape("\(name): X \(X.shape) is empty") }
    guard d <= 1_000_000 else { throw .shape("\(name): X \(X.shape) has more than a million columns") }
    let values = x.pointer(as: Double.self)
    var low = (0..<d).map { values[$0] }, high = low
    for i in 0..<n {
        for j in 0..<d {
            let value = values[i * d + j]
            guard value.isFinite else { throw .numeric("\(name): X has \(value) in row \(i), column \(j)") }
            low[j] = min(low[j], value)
            high[j] = max(high[j], value)
        }
    }
    withExtendedLifetime(x) {}
    return (low, high)
}
