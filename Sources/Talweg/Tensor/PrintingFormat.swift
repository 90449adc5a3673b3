/// How all elements of a text are written, so that they align: NumPy's
/// `FloatingFormat` in numpy/_core/arrayprint.py, at precision 8.
struct PrintFormat {
    /// Characters of every element.
    private(set) var wordLength: Int
    private var isScientific = false
    /// Characters before the point, and after it.
    private var left = 0
    private var right = 0
    /// Of a scientific format.
    private var fractionDigits = 0
    private var exponentDigits = 2

    /// Of whole numbers and bools.
    init(width: Int) { wordLength = width }

    init(_ values: UnsafeBufferPointer<Double>, _ precision: PrintPrecision) {
        wordLength = 0
        var (least, greatest) = (Double.infinity, 0.0)
        for value in values where value.isFinite && value != 0 {
            least = min(least, value.magnitude)
            greatest = max(greatest, value.magnitude)
        }
        if greatest > 0 {
            // NumPy compares in the dtype.
            isScientific =
                greatest >= precision.exponentLimit(atMost: 1e8) || least < precision.rounded(0.0001)
                || precision.rounded(greatest / least) > 1000
        }
        var hasNegativeInfinity = false
        var hasNonFinite = false
        for value in values {
            if value.isFinite {
                measure(value, precision)
            } else {
                hasNonFinite = true
                hasNegativeInfinity = hasNegativeInfinity || value == -.infinity
            }
        }
        if isScientific { right = fractionDigits + exponentDigits + 2 }
        if hasNonFinite { left = max(left, (hasNegativeInfinity ? 4 : 3) - right - 1) }
        wordLength = left + 1 + right
    }

    private mutating func measure(_ value: Double, _ precision: PrintPrecision) {
        let sign = value.sign == .minus ? 1 : 0
        if isScientific {
            let (_, fraction, exponent) = DecimalText.scientific(value, precision).scientificParts()
            left = max(left, sign + 1)
            fractionDigits = max(fractionDigits, fraction.count)
            exponentDigits = max(exponentDigits, String(exponent.magnitude).utf8.count)
        } else {
            let (whole, fraction) = DecimalText.positional(value, precision).positionalParts()
            left = max(left, sign + whole.count)
            right = max(right, fraction.count)
        }
    }

    func append(_ value: Double, _ precision: PrintPrecision, to text: inout [UInt8]) {
        if !value.isFinite {
            let word = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
            pad(wordLength - word.utf8.count, &text)
            text.append(contentsOf: word.utf8)
        } else if isScientific {
            // All have as many digits, a float32 maybe more than its fewest.
            let decimal = DecimalText(value, fractionDigits: fractionDigits)
            let (whole, fraction, exponent) = decimal.scientificParts()
            appendWhole([whole], decimal.isNegative, &text)
            text += fraction + [UInt8](repeating: 0x30, count: max(0, fractionDigits - fraction.count))
            text += DecimalText.exponentText(exponent, digits: exponentDigits)
        } else {
            let decimal = DecimalText.positional(value, precision)
            let (whole, fraction) = decimal.positionalParts()
            appendWhole(whole, decimal.isNegative, &text)
            text += fraction
            pad(right - fraction.count, &text)
        }
    }

    private func appendWhole(_ whole: [UInt8], _ isNegative: Bool, _ text: inout [UInt8]) {
        pad(left - whole.count - (isNegative ? 1 : 0), &text)
        if isNegative { text.append(0x2D) }
        text += whole
        text.append(0x2E)
    }

    private func pad(_ count: Int, _ text: inout [UInt8]) {
        for _ in 0..<max(0, count) { text.append(0x20) }
    }
}
