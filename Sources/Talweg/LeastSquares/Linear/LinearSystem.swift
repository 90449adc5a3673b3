import CIntrinsics
import TalwegKernels

/// What a solver needs to know of a linear fit beside a factor of its data: sizes, the scale and the mean of each
/// column, the weights' sum. `LinearProblem` has the rows as well; a stream has let them go.
///
/// Columns, X's and then Y's, are multiplied by powers of two (which rounds nothing) so that no square of an element
/// overflows or vanishes, and the weights by a power of four. All that is computed of them is in these scaled units
/// until `LeastSquaresResult` takes it back.
class LinearSystem {
    /// Rows, those without weight too.
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
    let weighting: Weighting

    /// The logarithm to base 2 of what the weights' square roots are divided by.
    var weightExponent: Int { weighting.exponent }
    /// Of the scaled weights.
    var sumOfWeights: Double { weighting.sum }
    /// Rows with a weight above 0.
    var rowsInUse: Int { weighting.rowsInUse }

    private let columnSpace: Workspace

    init(rows n: Int, columns p: Int, targets k: Int, intercept: Bool, ridge: Double, _ weighting: Weighting)
        throws(TalwegError)
    {
        (self.n, self.p, self.k, self.intercept, self.weighting) = (n, p, k, intercept, weighting)
        self.ridge = min(LinearSystem.shift(ridge, by: -2 * weighting.exponent), 1e300)
        let (width, overflow) = p.addingReportingOverflow(k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        columnSpace = try Workspace(byteCount: slabBytes(width, width, width))
        var slab = Slab(columnSpace.pointer)
        scale = slab.doubles(width)
        mean = slab.doubles(width)
        meanRest = slab.doubles(width)
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

/// What a fit needs to know of all its weights together.
struct Weighting {
    /// The logarithm to base 2 of what the weights' square roots are divided by.
    var exponent = 0
    /// Of the weights so divided.
    var sum: Double
    /// How many are above 0.
    var rowsInUse: Int
    /// The sum of the logarithms of those above 0, as they were given.
    var logarithms = 0.0
    /// Whether there are any, or all rows count 1.
    var isGiven = false
}

/// The sum of ln x[i] over those above 0, by products that neither overflow nor vanish.
func sumOfLogarithms(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    var sum = 0.0
    var product = 1.0
    for i in 0..<count where x[i] > 0 {
        if x[i] < 1e-100 || x[i] > 1e100 {
            sum += tk_libm_log(x[i])
            continue
        }
        product *= x[i]
        if product < 1e-200 || product > 1e200 {
            sum += tk_libm_log(product)
            product = 1
        }
    }
    return sum + tk_libm_log(product)
}
