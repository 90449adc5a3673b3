import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The type that NumPy counts the digits of a number in.
enum PrintPrecision {
    /// float16
    case half
    /// float32, and bfloat16, whose numbers are written as float32's
    case single
    /// float64
    case double

    init(_ dtype: DType) { self = dtype == .float16 ? .half : dtype == .float64 ? .double : .single }

    /// A power of ten up to which all whole numbers are of the type: from there an exponent is written.
    func exponentLimit(atMost greatest: Double) -> Double {
        switch self {
        case .half: 1e3
        case .single: 1e6
        case .double: greatest
        }
    }

    func rounded(_ x: Double) -> Double {
        switch self {
        case .half:
            var (x, half, back) = (x, UInt16(0), 0.0)
            kernels.cast(from: .float64, to: .float16)(1, &x, 1, &half, 1)
            kernels.cast(from: .float16, to: .float64)(1, &half, 1, &back, 1)
            return back
        case .single: return Double(Float(x))
        case .double: return x
        }
    }
}

/// Decimal digits of a finite number: ±significand x 10^exponent, with no zeros
/// at the significand's end.
struct DecimalText {
    var isNegative: Bool
    var significand: UInt64
    var exponent: Int

    /// The fewest digits that are read back as the same number.
    init(_ value: Double, _ precision: PrintPrecision) {
        switch precision {
        case .half: self.init(half: value)
        case .single: self.init(parsing: Float(value.magnitude).description.utf8, isNegative: value.sign == .minus)
        case .double: self.init(parsing: value.magnitude.description.utf8, isNegative: value.sign == .minus)
        }
    }

    /// The fewest digits between the numbers halfway to a float16's neighbours: 1 to 5.
    private init(half value: Double) {
        let x = value.magnitude
        self.init(0, 0, isNegative: value.sign == .minus)
        if x == 0 { return }
        // Distances to the neighbours; exact, as is what is made of them. Below 2^-14 all are 2^-24.
        let above = Swift.max(x.binade, 0x1p-14) * 0x1p-10
        let below = x == x.binade && x > 0x1p-14 ? above / 2 : above
        let (low, high) = (x - below / 2, x + above / 2)
        let isEven = (x / above).truncatingRemainder(dividingBy: 2) == 0
        for count in 0..<5 {
            let nearest = DecimalText(value, fractionDigits: count, keepsZeros: true)
            // The greater neighbour too: below a power of two numbers lie closer.
            for significand in [nearest.significand, nearest.significand + 1] {
                // A quotient of exact numbers, so on the right side of both limits.
                let (digits, power) = (Double(significand), nearest.exponent)
                let decimal = power < 0 ? digits / Self.powerOfTen(-power) : digits * Self.powerOfTen(power)
                if low < decimal && decimal < high || isEven && (decimal == low || decimal == high) {
                    self.init(significand, power, isNegative: isNegative)
                    return
                }
            }
        }
    }

    /// Exact up to 22.
    private static func powerOfTen(_ exponent: Int) -> Double {
        var power = 1.0
        for _ in 0..<exponent { power *= 10 }
        return power
    }

    private enum Part { case whole, fraction, exponent }

    /// Of at most 19 digits written as 12.5 or 1.25e-07, with any decimal point.
    private init(parsing text: some Sequence<UInt8>, isNegative: Bool, keepsZeros: Bool = false) {
        var part = Part.whole
        var power = 0
        var powerSign = 1
        self.isNegative = isNegative
        significand = 0
        exponent = 0
        for byte in text {
            switch byte {
            case 0x30...0x39:
                let digit = byte - 0x30
                if part == .exponent {
                    power = power * 10 + Int(digit)
                } else {
                    significand = significand &* 10 &+ UInt64(digit)
                    exponent -= part == .fraction ? 1 : 0
                }
            case 0x65: part = .exponent
            case 0x2D: powerSign = -1
            case 0x2B: break
            default: part = .fraction
            }
        }
        exponent += power * powerSign
        if !keepsZeros { dropZeros() }
    }

    private init(_ significand: UInt64, _ exponent: Int, isNegative: Bool) {
        self.isNegative = isNegative
        self.significand = significand
        self.exponent = exponent
        dropZeros()
    }

    private mutating func dropZeros() {
        if significand == 0 { exponent = 0 }
        while significand != 0, significand % 10 == 0 {
            significand /= 10
            exponent += 1
        }
    }

    var digits: [UInt8] { Array(String(significand).utf8) }

    /// With at most 8 digits after the point, for |value| < 10^8: if the fewest
    /// digits are more, the number itself is rounded, half to even.
    static func positional(_ value: Double, _ precision: PrintPrecision) -> DecimalText {
        let shortest = DecimalText(value, precision)
        if shortest.exponent >= -8 { return shortest }
        // value x 10^8 is below 2^54, and exactly m x 10^8 x 2^e with m x 10^8 below 2^80.
        let mantissa = UInt128(value.significandBitPattern) | UInt128(value.isNormal ? 1 : 0) << 52
        let scaled = mantissa * 100_000_000
        let power = (value.isNormal ? Int(value.exponent) : -1022) - 52
        if power >= 0 { return shortest }
        if power < -100 { return DecimalText(0, 0, isNegative: shortest.isNegative) }
        let rest = scaled & (1 << UInt128(-power) - 1)
        let half = UInt128(1) << UInt128(-power - 1)
        var rounded = scaled >> UInt128(-power)
        if rest > half || rest == half && rounded & 1 == 1 { rounded += 1 }
        return DecimalText(UInt64(truncatingIfNeeded: rounded), -8, isNegative: shortest.isNegative)
    }

    /// With at most 8 digits after the first one, as `positional` rounds.
    static func scientific(_ value: Double, _ precision: PrintPrecision) -> DecimalText {
        let shortest = DecimalText(value, precision)
        return shortest.significand < 1_000_000_000 ? shortest : DecimalText(value, fractionDigits: 8)
    }

    /// The number itself rounded to so many digits after the first one.
    init(_ value: Double, fractionDigits: Int, keepsZeros: Bool = false) {
        // The C library rounds exactly; its decimal point depends on the process's locale.
        self = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            let length = withVaList([Int32(fractionDigits), value.magnitude]) {
                vsnprintf(text.baseAddress, text.count, "%.*e", $0)
            }
            let bytes = text.prefix(max(0, Int(length))).lazy.map { UInt8(bitPattern: $0) }
            return DecimalText(parsing: bytes, isNegative: value.sign == .minus, keepsZeros: keepsZeros)
        }
    }

    /// Digits before and after the point.
    func positionalParts() -> (whole: [UInt8], fraction: [UInt8]) {
        var digits = self.digits
        if exponent >= 0 {
            if significand != 0 { digits += [UInt8](repeating: 0x30, count: exponent) }
            return (digits, [])
        }
        if digits.count <= -exponent {
            digits = [UInt8](repeating: 0x30, count: -exponent - digits.count + 1) + digits
        }
        return (Array(digits.dropLast(-exponent)), Array(digits.suffix(-exponent)))
    }

    /// The digit before the point, those after it, and the exponent.
    func scientificParts() -> (whole: UInt8, fraction: [UInt8], exponent: Int) {
        let digits = self.digits
        return (digits[0], Array(digits.dropFirst()), significand == 0 ? 0 : exponent + digits.count - 1)
    }

    /// As NumPy prints a number that is no array: all its digits, with an
    /// exponent from 10^16 (float32: 10^6, float16: 10^3) and below 10^-4.
    static func scalar(_ value: Double, _ precision: PrintPrecision) -> String {
        if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        let decimal = DecimalText(value, precision)
        var text: [UInt8] = decimal.isNegative ? [0x2D] : []
        if value == 0 || value.magnitude < precision.exponentLimit(atMost: 1e16) && value.magnitude >= 1e-4 {
            let (whole, fraction) = decimal.positionalParts()
            text += whole + [0x2E] + (fraction.isEmpty ? [0x30] : fraction)
        } else {
            let (whole, fraction, exponent) = decimal.scientificParts()
            text += [whole] + (fraction.isEmpty ? [] : [0x2E] + fraction)
            text += exponentText(exponent, digits: 2)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// e, the sign and at least so many digits.
    static func exponentText(_ exponent: Int, digits: Int) -> [UInt8] {
        let text = Array(String(exponent.magnitude).utf8)
        return [0x65, exponent < 0 ? 0x2D : 0x2B] + [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
    }
}
