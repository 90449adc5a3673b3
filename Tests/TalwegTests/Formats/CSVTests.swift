import Glibc
import Testing

@testable import Talweg

@Suite struct CSVTests {
    private func read(
        _ text: String, delimiter: Character = ",", skipLines: Int = 0, dtype: DType = .float64
    ) throws -> Tensor {
        let folder = try TemporaryFolder()
        try write(text, to: folder.file("a.csv"))
        return try CSV.read(folder.file("a.csv"), delimiter: delimiter, skipLines: skipLines, dtype: dtype)
    }

    private func expect(
        _ text: String, _ shape: [Int], _ values: [Double], delimiter: Character = ",", skipLines: Int = 0
    ) throws {
        let found = try read(text, delimiter: delimiter, skipLines: skipLines)
        #expect(found.shape.dims == shape, "\(text.debugDescription)")
        let numbers = try found.doubles()
        let same = zip(numbers, values).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        #expect(same && numbers.count == values.count, "\(text.debugDescription): \(numbers)")
    }

    @Test func layouts() throws {
        let nan = Double.nan
        try expect("1,2\n3,4\n", [2, 2], [1, 2, 3, 4])
        try expect("1,2\n3,4", [2, 2], [1, 2, 3, 4])
        try expect("1,2\r\n3,4\r\n", [2, 2], [1, 2, 3, 4])
        try expect("1,2\r3,4\r", [2, 2], [1, 2, 3, 4])
        try expect("\u{FEFF}1,2\n", [1, 2], [1, 2])
        try expect("\n\n1,2\n\n  \n3,4\n\n", [2, 2], [1, 2, 3, 4])
        try expect("\r\n1,2\r\n\r\n3,4\r\n\r\n", [2, 2], [1, 2, 3, 4])
        try expect("5", [1, 1], [5])
        try expect("1\n2\n3\n", [3, 1], [1, 2, 3])
        try expect("1,,3\n,,\n", [2, 3], [1, nan, 3, nan, nan, nan])
        try expect(" 1 ,\t2 \n", [1, 2], [1, 2])
        try expect("\"1\",\" 2.5 \",\"\"\n", [1, 3], [1, 2.5, nan])
        try expect("1\t\t3\n", [1, 3], [1, nan, 3], delimiter: "\t")
        try expect("1 2 3\n", [1, 3], [1, 2, 3], delimiter: " ")
        try expect("1;2\n", [1, 2], [1, 2], delimiter: ";")
        try expect("a,b\n# c\n1,2\n", [1, 2], [1, 2], skipLines: 2)
        try expect("a,b\r\n1,2\r\n", [1, 2], [1, 2], skipLines: 1)
        try expect("nan,NaN,inf,-Infinity,+INF,-nan\n", [1, 6], [nan, nan, .infinity, -.infinity, .infinity, nan])
        try expect("1e400,-1e400,1e-400,5e-324\n", [1, 4], [.infinity, -.infinity, 0, .leastNonzeroMagnitude])
        try expect("3.14159265358979323846264338327950288\n", [1, 1], [.pi])
    }

    @Test func withoutData() throws {
        for text in ["", "\n", "\r\n\r\n", "   ", "\u{FEFF}", "\u{FEFF}\n"] { try expect(text, [0, 0], []) }
        try expect("a,b\n", [0, 0], [], skipLines: 1)
        try expect("a,b\n", [0, 0], [], skipLines: 100)
    }

    @Test func mistakesNameTheirPlace() {
        func message(_ text: String, skipLines: Int = 0) -> String {
            let error = failure { try read(text, skipLines: skipLines) }
            #expect(error.status == .format, "\(text.debugDescription)")
            return error.message
        }
        #expect(message("1,2\n3,abc\n").contains("line 2, column 2: \"abc\" is not a number"))
        #expect(message("a\r\n\r\n1\r\n\r\nx\r\n", skipLines: 1).contains("line 5, column 1: \"x\""))
        #expect(message("1,2\n3\n").contains("line 2 has 1 columns, line 1 has 2"))
        #expect(message("\n1,2\n\n3,4,5\n").contains("line 4 has more columns than line 2, which has 2"))
        #expect(message("1,2 3\n").contains("line 1, column 2: \"2 3\""))
        #expect(message("1,\"2\n").contains("column 2"))
        #expect(message("1,\"2,3\"\n").contains("column 2"))
        #expect(message("1,\"2\"x\n").contains("column 2"))
        #expect(message(String(repeating: "x", count: 100)).contains("\"\(String(repeating: "x", count: 40))...\""))
        for text in [
            "infini", "na", "-", "1e", "0x10", "1_000", "--1", "\0", "\"", "1,\"", "+", "nanx", "\u{1}", "1d5",
        ] {
            #expect(message(text).contains("is not a number"), "\(text)")
        }
    }

    @Test func arguments() throws {
        let folder = try TemporaryFolder()
        #expect(failure { try CSV.read(folder.file("none.csv")) }.status == .io)
        #expect(failure { try CSV.read(folder.path) }.status == .io)
        #expect(failure { try CSV.read("") }.status == .invalidArgument)
        for delimiter: Character in ["1", "e", ".", "-", "+", "\"", "\n", "\r", "\r\n", "\0", "\u{E9}"] {
            #expect(failure { try read("1", delimiter: delimiter) }.status == .invalidArgument)
        }
        #expect(failure { try read("1", skipLines: -1) }.status == .invalidArgument)
        #expect(failure { try read("1", dtype: .int32) }.status == .dtype)
        let cube = try Tensor.zeros(Shape([2, 2, 2]), .float64)
        #expect(failure { try CSV.write(cube, to: folder.file("a")) }.status == .shape)
        #expect(failure { try CSV.write(Tensor([1], shape: []), to: folder.file("a")) }.status == .shape)
        #expect(folder.names.isEmpty)
    }

    /// Every place where a block can end: a row of all kinds of fields is moved through it.
    @Test func blocksEndAnywhere() throws {
        let row = "-12.5e+1,\"nan\", -inf ,,1.23456789012345678901,\r\n"
        let folder = try TemporaryFolder()
        for padding in 0...row.utf8.count {
            // The first field is followed by blanks up to the block's end, less some.
            let blanks = String(repeating: " ", count: (1 << 20) - 2 - padding)
            try write("7,\(blanks)8,1,2,3,4\n\(row)\(row)", to: folder.file("a"))
            let found = try CSV.read(folder.file("a")).doubles()
            #expect(found.prefix(6) == [7, 8, 1, 2, 3, 4])
            for start in [6, 12] where found.count == 18 {
                #expect(found[start] == -125 && found[start + 1].isNaN && found[start + 2] == -.infinity)
                #expect(found[start + 3].isNaN && found[start + 4] == 1.23456789012345678901 && found[start + 5].isNaN)
            }
            #expect(found.count == 18)
        }
        // No field is so long.
        try write(String(repeating: "1", count: 1 << 21), to: folder.file("a"))
        #expect(failure { try CSV.read(folder.file("a")) }.message.contains("longer than"))
    }

    @Test(arguments: DType.allCases) func writtenIsReadBack(dtype: DType) throws {
        var generator = SplitMix64(state: 6)
        var values = [
            0, -0.0, 1, .nan, .infinity, -.infinity, 0.1, 1e300, .leastNonzeroMagnitude, 123456789, -1e-10, 1e16, 1e23,
        ]
        if dtype == .float64 {
            values += (0..<2000).map { _ in Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator)) }
        } else if dtype == .float32 {
            values += (0..<2000).map { _ in
                Double(Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator)))
            }
        }
        while values.count % 3 != 0 { values.append(7) }
        let folder = try TemporaryFolder()
        let table = try Tensor(values, shape: [values.count / 3, 3], dtype: dtype)
        let column = try table.slice(axis: 1, from: 1, to: 2).squeeze(1)
        // The narrow ones are written with the digits of their float32 value.
        let read: DType = dtype.isFloating && dtype != .float64 ? .float32 : .float64
        for (tensor, shape) in [
            (table, table.shape.dims), (try table.transpose(), [3, values.count / 3]), (column, [values.count / 3, 1]),
        ] {
            try CSV.write(tensor, to: folder.file("a.csv"), delimiter: ";")
            let found = try CSV.read(folder.file("a.csv"), delimiter: ";", dtype: read)
            #expect(found.shape.dims == shape)
            let pairs = try zip(found.doubles(), tensor.doubles())
            #expect(pairs.allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN })
        }
    }

    @Test func writtenText() throws {
        let folder = try TemporaryFolder()
        try CSV.write(Tensor([1.5, .nan, -.infinity, 2], shape: [2, 2]), to: folder.file("a"))
        #expect(contents(of: folder.file("a")) == Array("1.5,nan\n-inf,2.0\n".utf8))
        try CSV.write(Tensor([1, 0], dtype: .bool), to: folder.file("a"))
        #expect(contents(of: folder.file("a")) == Array("1\n0\n".utf8))
        try CSV.write(Tensor.zeros(Shape([1 << 40, 0]), .float32), to: folder.file("a"))
        #expect(contents(of: folder.file("a")) == [])
    }

    @Test func decimalPointWhateverTheLocale() throws {
        let old = uselocale(nil)
        let german = newlocale(LC_NUMERIC_MASK_VALUE, "de_DE.UTF-8", nil)
        guard let german else { return }
        uselocale(german)
        defer {
            uselocale(old)
            freelocale(german)
        }
        try expect("1.5,1e-300,1.23456789012345678901\n", [1, 3], [1.5, 1e-300, 1.23456789012345678901])
        #expect(try Tensor([1.0 / 3, 1e10]).text() == "[3.33333333e-01 1.00000000e+10]")
    }
}

/// LC_NUMERIC_MASK, a macro that Swift does not import.
private let LC_NUMERIC_MASK_VALUE = Int32(1) << LC_NUMERIC
