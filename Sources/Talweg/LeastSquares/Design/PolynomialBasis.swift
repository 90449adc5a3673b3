/// Which polynomials of one variable a basis is made of. The raw values are those of `tw_polynomial_family`.
public enum PolynomialFamily: Int32, Sendable {
    case monomial = 0
    case chebyshev = 1
    case legendre = 2
}

extension DesignBasis {
    /// Products of polynomials of the columns of X up to a total degree, or of one column each.
    /// - Parameters:
    ///   - scaled: take each column's range in X to -1...1 first
    ///   - interactions: products of several columns, too
    ///   - constant: with the column of ones, the first
    public static func polynomial(
        _ X: Tensor, degree: Int, family: PolynomialFamily = .chebyshev, scaled: Bool = true,
        interactions: Bool = true, constant: Bool = false
    ) throws(TalwegError) -> DesignBasis {
        guard degree >= 1, degree <= 1000 else {
            throw .invalid("polynomial: degree is \(degree); it must be from 1 to 1000")
        }
        let (low, high) = try columnRanges(X, "polynomial")
        let d = low.count
        let terms = try exponents(variables: d, degree: degree, interactions: interactions, constant: constant)
        let columns = terms.count / d
        let products = factors(terms, variables: d, degree: degree)
        // A column that does not vary stays at the middle of its range.
        let center = (0..<d).map { scaled ? low[$0] / 2 + high[$0] / 2 : 0 }
        let factor = (0..<d).map { j -> Double in
            let half = high[j] / 2 - low[j] / 2
            return scaled ? (half > 0 ? 1 / half : 1) : 1
        }
        let size = degree + 1
        return DesignBasis(inputs: d, columns: columns, scratch: d * size) { x, out, table in
            for j in 0..<d {
                values(family, (x[j] - center[j]) * factor[j], degree, table + j * size)
            }
            products.withUnsafeBufferPointer { products in
                for c in 0..<columns {
                    let (other, place) = products[c]
                    out[c] = other < 0 ? table[place] : out[other] * table[place]
                }
            }
        }
    }

    /// Of each term, which one it is a multiple of by a polynomial of its last variable (-1: of none), and where in the
    /// table of all variables' polynomials that is.
    private static func factors(_ terms: [Int], variables d: Int, degree: Int) -> [(Int, Int)] {
        var numbers: [ArraySlice<Int>: Int] = [:]
        return (0..<(terms.count / d)).map { c in
            var term = terms[(c * d)..<((c + 1) * d)]
            numbers[term] = c
            guard let last = term.lastIndex(where: { $0 > 0 }) else { return (-1, 0) }
            let place = (last - c * d) * (degree + 1) + term[last]
            term[last] = 0
            return (term.allSatisfy { $0 == 0 } ? -1 : numbers[term] ?? -1, place)
        }
    }

    /// The polynomials of degree 0 to `degree` at t, by their recurrences.
    private static func values(
        _ family: PolynomialFamily, _ t: Double, _ degree: Int, _ out: UnsafeMutablePointer<Double>
    ) {
        out[0] = 1
        if degree == 0 { return }
        out[1] = t
        for k in 1..<max(degree, 1) {
            switch family {
            case .monomial: out[k + 1] = out[k] * t
            case .chebyshev: out[k + 1] = 2 * t * out[k] - out[k - 1]
            case .legendre:
                out[k + 1] = (Double(2 * k + 1) * t * out[k] - Double(k) * out[k - 1]) / Double(k + 1)
            }
        }
    }

    /// The degree of each variable in each term, a term after the other: by total degree, then as in a^2, a b, b^2.
    private static func exponents(variables d: Int, degree: Int, interactions: Bool, constant: Bool)
        throws(TalwegError) -> [Int]
    {
        var count = 1.0
        if interactions {
            for k in 1...degree { count = count * Double(d + k) / Double(k) }
        } else {
            count += Double(d) * Double(degree)
        }
        guard count * Double(d) < 1e6 else {
            throw .invalid("polynomial: \(d) columns up to degree \(degree) make too many terms")
        }
        var terms: [Int] = constant ? Array(repeating: 0, count: d) : []
        for total in 1...degree {
            if !interactions {
                for j in 0..<d {
                    for other in 0..<d { terms.append(other == j ? total : 0) }
                }
                continue
            }
            // All ways to share the total out, the first variable having most first.
            var term = Array(repeating: 0, count: d)
            term[0] = total
            while true {
                terms.append(contentsOf: term)
                // The last variable but one that can give one up takes with it what the last has.
                var j = d - 2
                while j >= 0, term[j] == 0 { j -= 1 }
                if j < 0 { break }
                let moved = term[d - 1]
                term[d - 1] = 0
                term[j] -= 1
                term[j + 1] = moved + 1
            }
        }
        return terms
    }
}
