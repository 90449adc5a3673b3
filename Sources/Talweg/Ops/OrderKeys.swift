import TalwegKernels

/// How elements of a dtype become unsigned numbers of as many bits, in the same order. One number stands for all NaN,
/// the greatest, and one for both zeros.
struct OrderKeys<Bits: FixedWidthInteger & UnsignedInteger> {
    /// Turned where the element is negative: floating-point numbers fall with their bits.
    private let fold: Bits
    /// Turned in all.
    private let sign: Bits
    private let magnitude: Bits
    private let infinity: Bits
    private let negativeZero: Bits
    /// All ones for descending order.
    private let turn: Bits

    init(_ dtype: DType, descending: Bool = false) {
        let top: Bits = 1 << (Bits.bitWidth - 1)
        let infinity = dtype.infinityBits.map { Bits(truncatingIfNeeded: $0) }
        fold = infinity == nil ? 0 : ~top
        sign = infinity != nil || dtype.isSignedInteger ? top : 0
        magnitude = ~top
        self.infinity = infinity ?? .max
        negativeZero = infinity == nil ? 0 : top
        turn = descending ? .max : 0
    }

    @inline(__always)
    func key(_ bits: Bits) -> Bits {
        var key = plain(bits)
        if bits == negativeZero { key = sign }
        if isNaN(bits) { key = .max }
        return key ^ turn
    }

    @inline(__always)
    func isNaN(_ bits: Bits) -> Bool { bits & magnitude > infinity }

    /// Of integers: none.
    @inline(__always)
    func isNegativeZero(_ bits: Bits) -> Bool { bits == negativeZero && negativeZero != 0 }

    var isDescending: Bool { turn != 0 }

    /// A key that NaN and the sign of zero are told by: `bits` undoes it.
    @inline(__always)
    func reversible(_ bits: Bits) -> Bits { plain(bits) ^ turn }

    @inline(__always)
    func bits(ofReversible key: Bits) -> Bits {
        let key = key ^ turn
        let negative = (key >> (Bits.bitWidth - 1)) &- 1
        return key ^ (negative & fold | sign)
    }

    @inline(__always)
    private func plain(_ bits: Bits) -> Bits {
        let negative = 0 &- (bits >> (Bits.bitWidth - 1))
        return bits ^ (negative & fold | sign)
    }

    /// The keys of row-major elements, in parallel.
    func fill(_ n: Int, _ from: UnsafePointer<Bits>, _ to: UnsafeMutablePointer<Bits>) {
        forEachChunk(n) { first, count in
            for i in first..<(first + count) { to[i] = key(from[i]) }
        }
    }
}

extension DType {
    /// The bits of infinity: those of NaN are greater, the sign aside. nil for integers.
    fileprivate var infinityBits: UInt64? {
        switch self {
        case .float64: 0x7ff0_0000_0000_0000
        case .float32: 0x7f80_0000
        case .float16: 0x7c00
        case .bfloat16: 0x7f80
        default: nil
        }
    }

    fileprivate var isSignedInteger: Bool { isInteger && !isUnsigned }
}
