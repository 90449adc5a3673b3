/// An unevaluated sum of two doubles, for sums and products as if in twice the
/// working precision: Ogita, Rump and Oishi, "Accurate sum and dot product",
/// SIAM J. Sci. Comput. 26 (2005); the exact sum is Knuth's, the exact product
/// Dekker's.
struct Twofold {
    var high = 0.0
    var low = 0.0

    init(_ high: Double = 0, _ low: Double = 0) {
        self.high = high
        self.low = low
    }

    /// Rounded to a double.
    var value: Double { high + low }

    mutating func add(_ x: Double) {
        let (sum, error) = exactSum(high, x)
        high = sum
        low += error
    }

    mutating func add(_ x: Twofold) {
        add(x.high)
        low += x.low
    }

    mutating func addProduct(_ a: Double, _ b: Double) {
        let product = a * b
        add(product)
        low += (-product).addingProduct(a, b)
    }

    /// The quotient by a number that is itself a sum, to nearly twice the precision.
    func divided(by d: Twofold) -> Twofold {
        let divisor = d.value
        let first = value / divisor
        // The remainder: self - first * d, where the leading parts cancel.
        var rest = self
        rest.addProduct(-first, d.high)
        rest.addProduct(-first, d.low)
        let second = rest.value / divisor
        let (sum, error) = exactSum(first, second)
        return Twofold(sum, error)
    }
}

/// a + b = sum + error exactly.
@inline(__always)
func exactSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
}

/// Four twofold sums side by side.
struct TwofoldLanes {
    typealias Lanes = SIMD4<Double>
    var high = Lanes()
    var low = Lanes()

    @inline(__always) init() {}

    @inline(__always) init(_ high: Lanes, _ low: Lanes) {
        self.high = high
        self.low = low
    }

    @inline(__always) mutating func add(_ x: Lanes) {
        let sum = high + x
        let part = sum - high
        low += (high - (sum - part)) + (x - part)
        high = sum
    }

    /// Adds a product; `a` and `b` are at most 2^995 in magnitude, where splitting cannot overflow.
    @inline(__always) mutating func addProduct(_ a: Halves, _ b: Halves) {
        let product = a.whole * b.whole
        let error = ((a.high * b.high - product) + a.high * b.low + a.low * b.high) + a.low * b.low
        add(product)
        low += error
    }

    /// The sum of the lanes.
    var total: Twofold {
        var sum = Twofold(high[0], low[0])
        for i in 1..<4 { sum.add(Twofold(high[i], low[i])) }
        return sum
    }

    /// Lanes split in halves of 26 bits (Veltkamp), whose products are exact.
    struct Halves {
        let whole: Lanes
        let high: Lanes
        let low: Lanes

        @inline(__always) init(_ x: Lanes) {
            whole = x
            let scaled = x * 134_217_729
            high = scaled - (scaled - x)
            low = x - high
        }
    }
}

/// The sum of x[i], or of w[i] x[i], as if in twice the precision. Counts are
/// multiples of 4; the memory behind the last element is padded with zeros.
@inline(__always)
func twofoldSum(_ count: Int, _ x: UnsafePointer<Double>, weights w: UnsafePointer<Double>?) -> Twofold {
    // Two chains, since an addition waits for the one before.
    var a = TwofoldLanes(), b = TwofoldLanes()
    var i = 0
    if let w {
        while i + 4 <= count {
            a.addProduct(.init(lanes(x + i)), .init(lanes(w + i)))
            i += 4
        }
    } else {
        while i + 8 <= count {
            a.add(lanes(x + i))
            b.add(lanes(x + i + 4))
            i += 8
        }
        if i + 4 <= count { a.add(lanes(x + i)) }
    }
    var sum = a.total
    sum.add(b.total)
    return sum
}

/// Four elements.
@inline(__always)
func lanes(_ p: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Double>.self)
}

extension TwofoldLanes {
    /// The sums, with the low parts at most half a unit in the last place of the high ones.
    @inline(__always) func store(_ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>) {
        let sum = self.high + self.low
        let rest = self.low - (sum - self.high)
        UnsafeMutableRawPointer(high).storeBytes(of: sum, as: Lanes.self)
        UnsafeMutableRawPointer(low).storeBytes(of: rest, as: Lanes.self)
    }
}
