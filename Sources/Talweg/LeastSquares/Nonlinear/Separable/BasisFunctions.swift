/// Functions phi_k(alpha) of m points, of which a separable model is a sum with coefficients.
public protocol BasisFunctions {
    /// m and the number of functions.
    var count: Int { get }
    var functions: Int { get }
    var hasDerivatives: Bool { get }

    /// Writes phi [count, functions], row-major. Numbers that are not finite say that they have no value there.
    func values(_ alpha: UnsafePointer<Double>, _ phi: UnsafeMutablePointer<Double>) throws(TalwegError)

    /// Writes d phi / d alpha_j for each j, [p, count, functions].
    func derivatives(_ alpha: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) throws(TalwegError)
}

/// Basis functions by functions on plain memory.
public final class FunctionBasis: BasisFunctions {
    public typealias Evaluation = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TalwegError) -> Void

    public let count, functions: Int
    private let evaluate: Evaluation
    private let derive: Evaluation?

    public init(count: Int, functions: Int, derivatives: Evaluation? = nil, values: @escaping Evaluation)
        throws(TalwegError)
    {
        guard count >= 1, functions >= 1 else {
            throw .invalid("variable_projection: \(functions) functions of \(count) points; both must be 1 or more")
        }
        (self.count, self.functions, evaluate, derive) = (count, functions, values, derivatives)
    }

    public var hasDerivatives: Bool { derive != nil }

    public func values(_ alpha: UnsafePointer<Double>, _ phi: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try evaluate(alpha, phi)
    }

    public func derivatives(_ alpha: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try derive?(alpha, out)
    }
}

/// The basis and the data of a separable fit, weighted, with room for both.
final class SeparableData {
    let basis: any BasisFunctions
    let m, n, p: Int
    /// [m]: y, and the inverse of its standard deviations; nil: ones.
    let y: UnsafeMutablePointer<Double>
    let inverse: UnsafeMutablePointer<Double>?
    /// [m, n], column-major, and [p, m, n], as the basis writes them.
    let phi: ColumnMajor
    private let rows, slopes, behind, place: UnsafeMutablePointer<Double>
    private let isForward: Bool
    /// [p], between which differences are taken; nil: everywhere.
    private let lower, upper: UnsafeMutablePointer<Double>?
    private let space: Storage

    init(
        _ basis: any BasisFunctions, _ y: Tensor, sigma: Tensor?, parameters p: Int, _ options: NonlinearOptions
    ) throws(TalwegError) {
        (self.basis, m, n, self.p) = (basis, basis.count, basis.functions, p)
        isForward = options.differences == .forward
        guard y.count == m else {
            throw .shape("variable_projection: y has \(y.count) numbers, the basis \(m) points")
        }
        let (area, overflow) = m.multipliedReportingOverflow(by: n)
        let (slopes, over) = area.multipliedReportingOverflow(by: p)
        guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, area, area, slopes, m, m, p, p, p))
        var slab = Slab(space.pointer)
        phi = ColumnMajor(slab.doubles(area), rows: m, columns: n)
        rows = slab.doubles(area)
        behind = slab.doubles(area)
        self.slopes = slab.doubles(slopes)
        place = slab.doubles(p)
        lower = options.lower == nil ? nil : slab.doubles(p)
        upper = options.upper == nil ? nil : slab.doubles(p)
        self.y = slab.doubles(m)
        inverse = sigma == nil ? nil : slab.doubles(m)
        try SeparableData.copy(y, to: self.y, m, "y")
        if let given = options.lower, let lower { try SeparableData.copy(given, to: lower, p, "the lower bounds") }
        if let given = options.upper, let upper { try SeparableData.copy(given, to: upper, p, "the upper bounds") }
        guard let sigma, let inverse else { return }
        guard sigma.count == m || sigma.count == 1 else {
            throw .shape("variable_projection: sigma has \(sigma.count) numbers, the basis \(m) points")
        }
        try SeparableData.copy(
            sigma.count == 1 ? sigma.reshape([1]).broadcast(to: Shape([m])) : sigma, to: inverse, m, "sigma")
        for i in 0..<m {
            guard inverse[i] > 0 else {
                throw .invalid("variable_projection: sigma has \(inverse[i]) at \(i); standard deviations are above 0")
            }
            inverse[i] = 1 / inverse[i]
            self.y[i] *= inverse[i]
        }
    }

    private static func copy(_ tensor: Tensor, to target: UnsafeMutablePointer<Double>, _ count: Int, _ name: String)
        throws(TalwegError)
    {
        guard tensor.count == count else {
            throw .shape("variable_projection: \(name) has shape \(tensor.shape); there are \(count)")
        }
        let values = try tensor.detach().cast(to: .float64).view.contiguous()
        target.update(from: values.pointer(as: Double.self), count: count)
        withExtendedLifetime(values) {}
        for i in 0..<count where name.hasSuffix("bounds") ? target[i].isNaN : !target[i].isFinite {
            throw .numeric("variable_projection: \(name) has \(target[i]) at \(i)")
        }
    }

    /// Puts the weighted basis at alpha in `phi`; false where it is not finite.
    func evaluate(_ alpha: UnsafePointer<Double>) throws(TalwegError) -> Bool {
        rows.update(repeating: .nan, count: m * n)
        try basis.values(alpha, rows)
        var nothing = 0.0
        for i in 0..<m {
            let weight = inverse?[i] ?? 1
            for k in 0..<n {
                let value = rows[i * n + k] * weight
                phi[i, k] = value
                nothing += value * 0
            }
        }
        return nothing == 0
    }

    /// Makes the basis' derivatives ready for `slope`: its own, or differences within the bounds.
    func derive(_ alpha: UnsafePointer<Double>) throws(TalwegError) {
        slopes.update(repeating: .nan, count: p * m * n)
        if basis.hasDerivatives { return try basis.derivatives(alpha, slopes) }
        place.update(from: alpha, count: p)
        for j in 0..<p {
            let at = alpha[j], own = slopes + j * m * n
            defer { place[j] = at }
            /// The basis with this parameter elsewhere; whether it is finite there.
            func evaluate(_ point: Double, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
                place[j] = point
                out.update(repeating: .nan, count: m * n)
                try basis.values(place, out)
                var nothing = 0.0
                for i in 0..<(m * n) { nothing += out[i] * 0 }
                return nothing == 0
            }
            let share = isForward ? 1.4901161193847656e-08 : 6.055454452393343e-06
            let step = share * (at == 0 ? 1 : at.magnitude)
            var (high, low) = (min(at + step, upper?[j] ?? .infinity), isForward ? at : at - step)
            low = max(low, lower?[j] ?? -.infinity)
            if high == low {
                own.update(repeating: 0, count: m * n)
                continue
            }
            if isForward, high == at { low = max(at - step, lower?[j] ?? -.infinity) }
            if try !evaluate(high, own) {
                high = at
                _ = try evaluate(high, own)
            }
            if try !evaluate(low, behind) {
                low = at
                _ = try evaluate(low, behind)
            }
            let inverse = high > low ? 1 / (high - low) : .nan
            for i in 0..<(m * n) { own[i] = (own[i] - behind[i]) * inverse }
        }
    }

    /// (d phi / d alpha_j) c of all points.
    func slope(_ j: Int, _ c: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) {
        let own = slopes + j * m * n
        for i in 0..<m {
            var sum = 0.0
            for k in 0..<n { sum += own[i * n + k] * c[k] }
            out[i] = sum * (inverse?[i] ?? 1)
        }
    }

    /// (d phi / d alpha_j)' r
    func slopeTransposed(_ j: Int, _ r: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) {
        let own = slopes + j * m * n
        out.update(repeating: 0, count: n)
        for i in 0..<m {
            let value = r[i] * (inverse?[i] ?? 1)
            for k in 0..<n { out[k] += own[i * n + k] * value }
        }
    }

    /// phi c - y
    func residuals(_ c: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) {
        let vectors = MatrixKernels<Double>()
        for i in 0..<m { r[i] = -y[i] }
        for k in 0..<n { vectors.axpy(m, c[k], phi.column(k), r) }
    }
}
