import Testing

@testable import Talweg

@Suite struct DecimalNumberTests {
    private func parse<Value: DecimalConvertible>(_ text: String, _ type: Value.Type) -> (value: Value?, rest: Int)? {
        var bytes = Array(text.utf8)
        return bytes.withUnsafeMutableBufferPointer { buffer in
            guard var p = buffer.baseAddress else { return nil }
            let end = p + buffer.count
            guard let number = DecimalNumber.scan(&p, end) else { return nil }
            return (number.value(as: type), end - p)
        }
    }

    private func check(_ text: String) {
        let (double, float) = (parse(text, Double.self), parse(text, Float.self))
        #expect(double?.rest == 0 && float?.rest == 0, "\(text)")
        // nil leaves it to the standard library.
        if let found = double?.value { #expect(found.bitPattern == Double(text)?.bitPattern, "\(text): \(found)") }
        if let found = float?.value { #expect(found.bitPattern == Float(text)?.bitPattern, "\(text): \(found)") }
    }

    @Test func agreesWithTheStandardLibrary() {
        var generator = SplitMix64(state: 5)
        for _ in 0..<40_000 {
            let digits = UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0..<64)
            let sign = Bool.random(using: &generator) ? "-" : ""
            check("\(sign)\(digits)e\(Int.random(in: -30...30, using: &generator))")
            let text = String(digits)
            let place = Int.random(in: 0...text.count, using: &generator)
            check("\(sign)\(text.prefix(place)).\(text.dropFirst(place))")
            let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
            if value.isFinite { check("\(value)") }
            let near = Double.random(in: -1e6...1e6, using: &generator)
            check("\(near)")
            check("\(Float(near))")
        }
    }

    @Test func tiesGoToEven() {
        // Halfway between two floats or doubles, and just beside.
        for text in [
            "9007199254740993", "9007199254740993.0", "9007199254740992.999", "9007199254740993.001",
            "16777217", "16777219", "16777217.0000000001", "16777216.9999999999", "0.5", "1.5", "8388609.5",
            "9007199254740995", "1e23", "8.5e22", "123456789012345678", "18446744073709551615",
        ] { check(text) }
    }

    @Test func spellings() {
        for text in [
            "0", "-0", "+1", "1.", ".5", "00012.5000", "1e5", "1E+05", "1e-5", "0e99", "000000000000000000000001",
            "0.00000000000000000000000000000000001", "1000000000000000000000000000000", "1e00000000000000000000005",
        ] { check(text) }
        #expect(parse("-0", Double.self)?.value?.sign == .minus)
        for text in ["", "-", ".", "e5", "1e", "1e+", "+-1", "x"] {
            #expect(parse(text, Double.self) == nil, "\(text)")
        }
        #expect(parse("12abc", Double.self)?.rest == 3)
        #expect(parse("1.2.3", Double.self)?.rest == 2)
    }

    @Test func whatTakesMoreIsLeft() {
        #expect(parse("1.23456789012345678901", Double.self)?.value == nil)
        #expect(parse("1e300", Double.self)?.value == nil)
        #expect(parse("1e99999999999999999999", Double.self)?.value == nil)
        #expect(parse("1.500000000000000000000000", Double.self)?.value == 1.5)
    }
}
