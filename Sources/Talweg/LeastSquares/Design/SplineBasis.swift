import TalwegKernels

/// Where a spline's inner knots lie that are not given. The raw values are those of `tw_knot_placement`.
public enum KnotPlacement: Int32, Sendable {
    /// At quantiles of the data, with as many of it between any two; those at the ends repeated.
    case quantiles = 0
    /// Evenly between the ends; those at the ends repeated.
    case uniform = 1
    /// Evenly, and on beyond the ends as evenly: for penalties of differences.
    case extended = 2
}

/// What a spline is like.
public struct SplineOptions {
    public var degree = 3
    /// A cubic that goes on straight beyond the ends.
    public var isNatural = false
    /// Inner knots [k], ascending; nil: `count` of them.
    public var knots: Tensor?
    public var count = 5
    public var placement = KnotPlacement.quantiles
    /// The ends; nil: the data's.
    public var lower: Double?
    public var upper: Double?
    /// With the function that the others make a constant with.
    public var constant = false

    public init() {}
}

extension DesignBasis {
    /// B-splines of one variable (de Boor, A Practical Guide to Splines, 1978), or the natural cubic splines among
    /// them, whose second derivatives at the ends are 0: as R's bs and ns, these up to an orthogonal change of basis.
    public static func spline(_ x: Tensor, _ options: SplineOptions = SplineOptions()) throws(TalwegError)
        -> DesignBasis
    {
        let name = options.isNatural ? "natural_spline" : "bspline"
        let (low, high) = try columnRanges(x, name)
        guard low.count == 1 else { throw .shape("\(name): x \(x.shape) has \(low.count) columns; one was expected") }
        let degree = options.isNatural ? 3 : options.degree
        guard degree >= 0, degree <= 20 else {
            throw .invalid("\(name): degree is \(degree); it must be from 0 to 20")
        }
        let lower = options.lower ?? low[0], upper = options.upper ?? high[0]
        guard lower < upper, lower.isFinite, upper.isFinite else {
            throw .invalid("\(name): the ends are \(lower) and \(upper); the first must be the lesser")
        }
        let inner = try innerKnots(x, options, lower, upper, name)
        let placement = options.knots == nil ? options.placement : .quantiles
        guard !options.isNatural || placement != .extended else {
            throw .invalid("\(name): extended knots have no ends")
        }
        let spacing = (upper - lower) / Double(inner.count + 1)
        let before = (0..<(degree + 1)).map { placement == .extended ? lower - Double(degree - $0) * spacing : lower }
        let after = (0..<(degree + 1)).map { placement == .extended ? upper + Double($0) * spacing : upper }
        let curve = BSpline(knots: before + inner + after, degree: degree)
        let skipped = options.constant ? 0 : 1
        let count = curve.count
        guard count > skipped + (options.isNatural ? 2 : 0) else {
            throw .invalid("\(name): \(inner.count) inner knots of degree \(degree) leave no column")
        }
        if !options.isNatural {
            return DesignBasis(
                inputs: 1, columns: count - skipped, knots: curve.knots, scratch: 2 * (degree + 2)
            ) { x, out, room in
                let first = curve.values(x[0], derivative: 0, room)
                out.update(repeating: 0, count: count - skipped)
                for i in 0...degree where first + i >= skipped { out[first + i - skipped] = room[i] }
            }
        }
        let natural = NaturalEnds(curve, skipped: skipped, lower: lower, upper: upper)
        return DesignBasis(
            inputs: 1, columns: natural.columns, knots: curve.knots, scratch: 2 * (degree + 2) + natural.width
        ) { x, out, room in natural.fill(x[0], out, room) }
    }

    private static var mostKnots: Int { 100_000 }

    private static func innerKnots(
        _ x: Tensor, _ options: SplineOptions, _ lower: Double, _ upper: Double, _ name: String
    ) throws(TalwegError) -> [Double] {
        if let given = options.knots {
            guard given.rank == 1, given.count <= mostKnots else {
                throw .shape("\(name): knots \(given.shape); [k] was expected, of at most \(mostKnots)")
            }
            let view = try given.view.cast(to: .float64).contiguous()
            let values = Array(UnsafeBufferPointer(start: view.pointer(as: Double.self), count: view.count))
            withExtendedLifetime(view) {}
            for (i, value) in values.enumerated() {
                guard value > lower, value < upper, i == 0 || value >= values[i - 1] else {
                    throw .invalid(
                        "\(name): knot \(i) is \(value); they must ascend between \(lower) and \(upper)")
                }
            }
            return values
        }
        let count = options.count
        guard count >= 0, count <= mostKnots else {
            throw .invalid("\(name): \(count) inner knots; there must be from 0 to \(mostKnots)")
        }
        if options.placement != .quantiles {
            return (0..<count).map { lower + (upper - lower) * Double($0 + 1) / Double(count + 1) }
        }
        let view = try LinearProblem.matrix(x, name).cast(to: .float64).copy()
        var values = UnsafeMutableBufferPointer(start: view.pointer(as: Double.self), count: view.count)
        values.sort()
        var first = 0, last = values.count - 1
        while first <= last, values[first] < lower { first += 1 }
        while last >= first, values[last] > upper { last -= 1 }
        guard first <= last else { throw .invalid("\(name): no data between \(lower) and \(upper)") }
        // By linear interpolation between order statistics, as R's type 7 and NumPy.
        let knots = (0..<count).map { k -> Double in
            let place = Double(last - first) * Double(k + 1) / Double(count + 1)
            let i = min(first + Int(place), last), next = min(i + 1, last)
            return values[i] + (values[next] - values[i]) * (place - Double(i - first))
        }
        withExtendedLifetime(view) {}
        for knot in knots where !(knot > lower && knot < upper) {
            throw .invalid("\(name): too many of the data are equal for \(count) knots at quantiles; give the knots")
        }
        return knots
    }
}

/// B-splines over a vector of knots.
struct BSpline {
    let knots: [Double]
    let degree: Int
    var count: Int { knots.count - degree - 1 }

    /// The degree + 1 functions that can differ from 0 at x, or a derivative of theirs; returns the first one's
    /// number. Beyond the ends the outermost pieces go on.
    /// - Parameter out: room for 2 (degree + 2) numbers; the values come first
    func values(_ x: Double, derivative: Int, _ out: UnsafeMutablePointer<Double>) -> Int {
        knots.withUnsafeBufferPointer { t in
            // The last knot not above x, of those that begin an interval.
            var low = degree, high = count
            while high - low > 1 {
                let middle = (low + high) / 2
                if x < t[middle] { high = middle } else { low = middle }
            }
            let k = low
            let saved = out + (degree + 2)
            out[0] = 1
            // de Boor's recurrence up to the lower degree, then differences.
            for q in 1..<(degree - derivative + 1) {
                saved.update(from: out, count: q)
                out[q] = 0
                var carried = 0.0
                for i in 0..<q {
                    let right = t[k + i + 1], left = t[k + i + 1 - q]
                    let share = saved[i] / (right - left)
                    out[i] = carried + (right - x) * share
                    carried = (x - left) * share
                }
                out[q] = carried
            }
            for q in (degree - derivative + 1)..<(degree + 1) {
                saved.update(from: out, count: q)
                out[q] = 0
                var carried = 0.0
                for i in 0..<q {
                    let share = Double(q) * saved[i] / (t[k + i + 1] - t[k + i + 1 - q])
                    out[i] = carried - share
                    carried = share
                }
                out[q] = carried
            }
            return k - degree
        }
    }
}

/// The cubic splines without a second derivative at the ends: Q' B without its first two functions, for the two
/// reflectors Q that make the constraints' matrix triangular.
private struct NaturalEnds {
    let curve: BSpline
    let skipped: Int
    let lower: Double
    let upper: Double
    /// Functions before the constraints.
    let width: Int
    var columns: Int { width - 2 }
    private let first: [Double]
    private let second: [Double]
    private let factors: (Double, Double)

    init(_ curve: BSpline, skipped: Int, lower: Double, upper: Double) {
        (self.curve, self.skipped, self.lower, self.upper) = (curve, skipped, lower, upper)
        width = curve.count - skipped
        var a = NaturalEnds.row(curve, skipped, lower, 2), b = NaturalEnds.row(curve, skipped, upper, 2)
        let width = self.width
        let kernels = MatrixKernels<Double>()
        var tau = (0.0, 0.0)
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeMutableBufferPointer { b in
                guard let v = a.baseAddress, let w = b.baseAddress, width > 1 else { return }
                tau.0 = reflector(width, v, kernels).tau
                kernels.axpy(width, -tau.0 * kernels.dot(width, v, w), v, w)
                tau.1 = reflector(width - 1, w + 1, kernels).tau
                w[0] = 0
            }
        }
        (first, second, factors) = (a, b, tau)
    }

    private static func row(_ curve: BSpline, _ skipped: Int, _ x: Double, _ derivative: Int) -> [Double] {
        var row = Array(repeating: 0.0, count: curve.count - skipped)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { room in
            guard let values = room.baseAddress else { return }
            let begin = curve.values(x, derivative: derivative, values)
            for i in 0...3 where begin + i >= skipped { row[begin + i - skipped] = values[i] }
        }
        return row
    }

    func fill(_ x: Double, _ out: UnsafeMutablePointer<Double>, _ room: UnsafeMutablePointer<Double>) {
        let row = room + 2 * (curve.degree + 2)
        row.update(repeating: 0, count: width)
        let inside = min(max(x, lower), upper)
        var begin = curve.values(inside, derivative: 0, room)
        for i in 0...3 where begin + i >= skipped { row[begin + i - skipped] += room[i] }
        if inside != x {
            begin = curve.values(inside, derivative: 1, room)
            for i in 0...3 where begin + i >= skipped { row[begin + i - skipped] += (x - inside) * room[i] }
        }
        for (vector, factor) in [(first, factors.0), (second, factors.1)] {
            vector.withUnsafeBufferPointer { v in
                var sum = 0.0
                for i in 0..<width { sum += v[i] * row[i] }
                for i in 0..<width { row[i] -= factor * sum * v[i] }
            }
        }
        out.update(from: row + 2, count: columns)
    }
}
