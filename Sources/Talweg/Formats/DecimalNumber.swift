/// A number as text: what it says, before it is rounded to a floating type.
/// The value is ±significand x 10^exponent, unless there were more digits.
struct DecimalNumber {
    var isNegative = false
    var significand: UInt64 = 0
    var exponent = 0
    /// More digits than the significand holds.
    var isCut = false

    /// Reads digits with an optional sign, point and exponent, and moves `p` to
    /// the first byte that is no part of it.
    /// - Returns: nil if there is no number, or `end` was met where one may go on.
    static func scan(_ p: inout UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>) -> DecimalNumber? {
        var number = DecimalNumber()
        if p < end, p.pointee == 0x2D || p.pointee == 0x2B {
            number.isNegative = p.pointee == 0x2D
            p += 1
        }
        var digits = 0
        number.takeDigits(&p, end, &digits, places: 0)
        if p < end, p.pointee == 0x2E {
            p += 1
            number.takeDigits(&p, end, &digits, places: 1)
        }
        guard digits > 0 else { return nil }
        if p < end, p.pointee | 0x20 == 0x65 {
            p += 1
            var isNegative = false
            if p < end, p.pointee == 0x2D || p.pointee == 0x2B {
                isNegative = p.pointee == 0x2D
                p += 1
            }
            var exponent = 0
            let start = p
            while p < end, p.pointee &- 0x30 < 10 {
                // Beyond this every value is 0 or infinite.
                exponent = min(exponent * 10 + Int(p.pointee &- 0x30), 1 << 40)
                p += 1
            }
            guard p > start else { return nil }
            number.exponent += isNegative ? -exponent : exponent
        }
        return number
    }

    /// - Parameter places: 1 after the point, where each digit makes the exponent less by one
    private mutating func takeDigits(
        _ p: inout UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>, _ count: inout Int, places: Int
    ) {
        while p < end {
            let digit = p.pointee &- 0x30
            guard digit < 10 else { return }
            // Below this bound one more digit fits.
            if significand < 1_000_000_000_000_000_000 {
                significand = significand &* 10 &+ UInt64(digit)
                exponent -= places
            } else {
                isCut = isCut || digit != 0
                exponent += 1 - places
            }
            count += 1
            p += 1
        }
    }
}

/// A type that decimal text is rounded to: the nearest value, of two the even one.
protocol DecimalConvertible: BinaryFloatingPoint & BitwiseCopyable & LosslessStringConvertible {
    /// Exponents of ten for which no value overflows or is subnormal, and for
    /// which the power of five fits 64 bits.
    static var exactExponents: ClosedRange<Int> { get }
    /// mantissa x 2^exponent, where neither rounds.
    static func scaled(_ mantissa: UInt64, _ exponent: Int) -> Self
}

extension Double: DecimalConvertible {
    static var exactExponents: ClosedRange<Int> { -27...27 }
    static func scaled(_ mantissa: UInt64, _ exponent: Int) -> Double {
        Double(mantissa) * Double(bitPattern: UInt64(exponent + 1023) << 52)
    }
}

extension Float: DecimalConvertible {
    static var exactExponents: ClosedRange<Int> { -27...18 }
    static func scaled(_ mantissa: UInt64, _ exponent: Int) -> Float {
        Float(mantissa) * Float(bitPattern: UInt32(exponent + 127) << 23)
    }
}

extension DecimalNumber {
    /// The nearest value; nil where that takes more than 64-bit numbers.
    ///
    /// significand x 10^e = significand x 5^e x 2^e. For up to 19 digits and a
    /// 5^|e| within 64 bits, one 128-bit product or quotient holds every bit
    /// that decides, with what is left over as a sticky bit.
    func value<Value: DecimalConvertible>(as type: Value.Type) -> Value? {
        if significand == 0 { return isNegative ? -Value.zero : Value.zero }
        guard !isCut, Value.exactExponents.contains(exponent) else { return nil }
        var bits: UInt64
        var shift = exponent
        var sticky: Bool
        if exponent >= 0 {
            let (high, low) = significand.multipliedFullWidth(by: powersOfFive[exponent])
            let free = high.leadingZeroBitCount
            bits = high == 0 ? low : high << free | (free == 0 ? 0 : low >> (64 - free))
            sticky = high != 0 && low << free != 0
            shift += high == 0 ? 0 : 64 - free
        } else {
            // Both with their top bit set; halved, the dividend's upper word is below the divisor.
            let power = powersOfFive[-exponent]
            let divisor = power << power.leadingZeroBitCount
            let dividend = significand << significand.leadingZeroBitCount
            let (quotient, remainder) = divisor.dividingFullWidth((dividend >> 1, dividend << 63))
            bits = quotient
            sticky = remainder != 0
            shift += power.leadingZeroBitCount - significand.leadingZeroBitCount - 63
        }
        let excess = 64 - bits.leadingZeroBitCount - (Value.significandBitCount + 1)
        if excess > 0 {
            let rest = bits & (1 << excess - 1)
            let half: UInt64 = 1 << (excess - 1)
            bits >>= excess
            if rest > half || rest == half && (sticky || bits & 1 == 1) { bits += 1 }
            shift += excess
        }
        let magnitude = Value.scaled(bits, shift)
        return isNegative ? -magnitude : magnitude
    }
}

/// 5^0 ... 5^27, all that fit 64 bits.
private let powersOfFive: InlineArray<28, UInt64> = {
    var powers = InlineArray<28, UInt64>(repeating: 1)
    for i in 1..<28 { powers[i] = powers[i - 1] * 5 }
    return powers
}()
