import Testing

@testable import Talweg

@Suite struct SafetensorsTests {
    /// Opens a file of a header and so many bytes of data.
    private func open(_ header: String, _ data: Int = 0) throws -> SafetensorsFile {
        try open(Array(header.utf8), data)
    }

    private func open(_ header: [UInt8], _ data: Int = 0) throws -> SafetensorsFile {
        try open(header, bytes: (0..<data).map { UInt8(truncatingIfNeeded: $0) })
    }

    private func open(_ header: [UInt8], bytes: [UInt8]) throws -> SafetensorsFile {
        let folder = try TemporaryFolder()
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        try write(length + header + bytes, to: folder.file("a"))
        return try SafetensorsFile(path: folder.file("a"))
    }

    private func reason(_ header: String, _ data: Int = 0) -> String {
        let error = failure { try open(header, data) }
        #expect(error.status == .format, "\(header.prefix(100)): \(error)")
        return error.message
    }

    /// The vectors of the reference implementation, and what it says of each.
    @Test(.enabled(if: testData != nil, "needs ../shared/data or TALWEG_TEST_DATA")) func referenceVectors() throws {
        let folder = try #require(testData) + "/safetensors/"
        let reasons = [
            "MetadataIncompleteBuffer": "more than the tensors' data", "HeaderTooLarge": "header too large",
            "HeaderTooSmall": "header too small", "ValidationOverflow": "overflows", "InvalidOffset": "invalid offsets",
        ]
        // The manifest has a line for each of an object's members.
        let lines = String(decoding: try #require(contents(of: folder + "manifest.json")), as: UTF8.self)
            .split(separator: "\n")
        func values(_ key: String) -> [String] {
            lines.filter { $0.contains("\"\(key)\":") }.map { String($0.split(separator: "\"")[3]) }
        }
        let (files, expectations) = (values("file"), values("expect"))
        #expect(files.count == 7 && expectations.count == 7)
        for (file, expected) in zip(files, expectations) {
            if expected == "ok" {
                let opened = try SafetensorsFile(path: folder + file)
                #expect(opened.names == ["test"])
                let tensor = try opened.tensor(named: "test")
                #expect(tensor.dtype == .int32 && (tensor.shape.dims == [2, 2] || tensor.shape.dims == [2, 0]))
            } else {
                let error = failure { try SafetensorsFile(path: folder + file) }
                let reason = try #require(reasons[expected], "\(expected)")
                #expect(error.status == .format && error.message.contains(reason), "\(file): \(error)")
            }
        }
    }

    @Test func savedIsRead() throws {
        let folder = try TemporaryFolder()
        var tensors: [(name: String, tensor: Tensor)] = []
        for dtype in DType.allCases {
            for dims in [[], [3], [2, 3], [0], [2, 0, 3], [1, 1, 2, 1, 1, 1, 1, 2]] {
                let count = dims.reduce(1, *)
                let values = (0..<count).map { Double($0 % 2 == 0 ? $0 : 1) }
                tensors.append(("\(dtype.name) \(dims)", try Tensor(values, shape: dims, dtype: dtype)))
            }
        }
        tensors.append(("strided", try Tensor((0..<12).map(Double.init), shape: [3, 4]).transpose()))
        tensors.append(("\"quotes\" \\ \u{1} \u{1F600} \u{E9}/\n", try Tensor([7])))
        tensors.append(("", try Tensor([8])))
        try Safetensors.save(tensors, to: folder.file("a.safetensors"))
        #expect(folder.names == ["a.safetensors"])

        let file = try SafetensorsFile(path: folder.file("a.safetensors"))
        #expect(file.count == tensors.count && Set(file.names) == Set(tensors.map(\.name)))
        #expect(try (0..<file.count).map { try file.name(at: $0) } == file.names)
        for (name, tensor) in tensors {
            let found = try file.tensor(named: name)
            #expect(found.dtype == tensor.dtype && found.shape == tensor.shape)
            #expect(try found.doubles() == tensor.doubles(), "\(name)")
        }
        #expect(failure { try file.tensor(named: "none") }.status == .index)
        #expect(failure { try file.name(at: -1) }.status == .index)
        #expect(failure { try file.name(at: file.count) }.status == .index)

        let bytes = try #require(contents(of: folder.file("a.safetensors")))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length % 8 == 0)
    }

    /// Byte for byte what the reference implementation (safetensors 0.8.0) writes.
    @Test func bytes() throws {
        let folder = try TemporaryFolder()
        try Safetensors.save(
            [("b", Tensor([1, 2], dtype: .uint8)), ("w", Tensor([1, -1], shape: [1, 2], dtype: .float32))],
            to: folder.file("a"))
        let header = #"{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}   "#
        let expected = [112, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0xBF, 1, 2]
        #expect(contents(of: folder.file("a")) == expected)
        try Safetensors.save([], to: folder.file("a"))
        #expect(contents(of: folder.file("a")) == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
        #expect(try SafetensorsFile(path: folder.file("a")).names == [])
    }

    @Test func namesThatCannotBe() throws {
        let folder = try TemporaryFolder()
        let one = try Tensor([1])
        for names in [["a", "a"], ["__metadata__"]] {
            let error = failure { try Safetensors.save(names.map { ($0, one) }, to: folder.file("a")) }
            #expect(error.status == .invalidArgument)
        }
        // Equal for Swift, different as bytes, and so in the file.
        try Safetensors.save([("\u{E9}", one), ("e\u{301}", Tensor([2]))], to: folder.file("a"))
        let file = try SafetensorsFile(path: folder.file("a"))
        #expect(try file.tensor(named: "e\u{301}").item() == 2)
        #expect(try file.tensor(named: "\u{E9}").item() == 1)
    }

    @Test func wellFormedHeaders() throws {
        #expect(try open("{}").names == [])
        #expect(try open("{ } \n\t ").names == [])
        #expect(try open(#"{"__metadata__":{"format":"pt","é":"\u00e9"}}"#).names == [])
        // Members in any order, members that are not known, the data's order.
        let nested = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        let file = try open(
            #"{"b":{"data_offsets":[4,6],"x":\#(nested),"shape":[2],"dtype":"U8"},"#
                + #""a":{"dtype":"I32","more":{"a":[1.5e-3,true,false,null,"\"",{}]},"shape":[],"#
                + #""data_offsets":[0,4]}, "#
                + #""\u0063\ud83d\ude00":{"dtype":"BOOL","shape":[2],"data_offsets":[6,8]}}"#, 8)
        #expect(file.names == ["a", "b", "c\u{1F600}"])
        #expect(try file.tensor(named: "a").itemInt64() == 0x0302_0100)
        #expect(try file.tensor(named: "b").doubles() == [4, 5])
        #expect(try file.tensor(named: "c\u{1F600}").doubles() == [1, 1])
        // Empty tensors share offsets.
        let empty = try open(
            #"{"z":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"#
                + #""a":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}"#)
        #expect(empty.names == ["z", "a"])
        #expect(try empty.tensor(named: "a").shape.dims == [3, 0])
    }

    /// Names as the format spells them, numbers little-endian.
    @Test func namesOfTypes() throws {
        let cases: [(String, DType, [UInt8], [Double])] = [
            ("F16", .float16, [0x00, 0x3c, 0x00, 0xc1], [1, -2.5]), ("BF16", .bfloat16, [0x80, 0x3f, 0x20, 0xc0], [1, -2.5]),
            ("I8", .int8, [0x80, 0x7f], [-128, 127]), ("U8", .uint8, [0x80, 0x7f], [128, 127]),
            ("I16", .int16, [0xff, 0xff, 0x01, 0x02], [-1, 513]), ("U16", .uint16, [0xff, 0xff, 0x01, 0x02], [65535, 513]),
            ("I32", .int32, [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [-1, 1]),
            ("U32", .uint32, [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [4_294_967_295, 1]),
            ("U64", .uint64, [0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0], [0x1p63, 1]),
        ]
        for (name, dtype, data, values) in cases {
            let header = #"{"t":{"dtype":"\#(name)","shape":[2],"data_offsets":[0,\#(data.count)]}}"#
            let tensor = try open(Array(header.utf8), bytes: data).tensor(named: "t")
            #expect(try tensor.dtype == dtype && tensor.doubles() == values, "\(name)")
        }
    }

    @Test func typesThatAreNotThereYet() throws {
        for (name, bits) in [
            ("C64", 64),
            ("F8_E4M3", 8), ("F8_E5M2", 8), ("F8_E8M0", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6),
        ] {
            let file = try open(#"{"t":{"dtype":"\#(name)","shape":[4],"data_offsets":[0,\#(bits / 2)]}}"#, bits / 2)
            #expect(file.names == ["t"])
            let error = failure { try file.tensor(named: "t") }
            #expect(error.status == .dtype && error.message.contains(name))
        }
        let large = try open(#"{"t":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,2]}}"#, 2)
        #expect(failure { try large.tensor(named: "t") }.status == .shape)
        // The reference accepts the shape; there are no elements.
        let huge = try open(#"{"t":{"dtype":"U8","shape":[18446744073709551615,0],"data_offsets":[0,0]}}"#)
        #expect(failure { try huge.tensor(named: "t") }.status == .shape)
    }

    @Test func offsets() {
        func header(_ entries: (Int, Int)...) -> String {
            let members = entries.enumerated().map { index, ends in
                let size = abs(ends.1 - ends.0)
                return #""t\#(index)":{"dtype":"U8","shape":[\#(size)],"data_offsets":[\#(ends.0),\#(ends.1)]}"#
            }
            return "{" + members.joined(separator: ",") + "}"
        }
        #expect(reason(header((0, 2), (3, 4)), 4).contains("invalid offsets 3 to 4"))
        #expect(reason(header((0, 3), (2, 4)), 4).contains("invalid offsets 2 to 4"))
        #expect(reason(header((0, 2), (0, 2)), 2).contains("invalid offsets"))
        #expect(reason(header((1, 2)), 2).contains("invalid offsets"))
        #expect(reason(header((2, 0)), 2).contains("invalid offsets"))
        #expect(reason(header((0, 2)), 1).contains("truncated"))
        #expect(reason(header((0, 2)), 3).contains("more than"))
        #expect(reason("{}", 1).contains("more than"))
        func one(_ dtype: String, _ shape: String, _ begin: String, _ end: String) -> String {
            #"{"t":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(begin),\#(end)]}}"#
        }
        #expect(reason(one("F32", "2", "0", "4"), 4).contains("has 4 bytes of data"))
        #expect(reason(one("F4", "3", "0", "1"), 1).contains("12 bits"))
        #expect(reason(one("F64", "2305843009213693952", "0", "0")).contains("overflows"))
        #expect(reason(one("U8", "4294967296,4294967296", "0", "0")).contains("overflows"))
        #expect(reason(one("U8", "1", "0", "18446744073709551615"), 1).contains("bytes of data"))
        #expect(reason(one("U8", "18446744073709551616", "0", "1"), 1).contains("above 2^64"))
        #expect(reason(one("U8", "-1", "0", "1"), 1).contains("whole number"))
        #expect(reason(one("U8", "1.0", "0", "1"), 1).contains("whole number"))
        #expect(reason(one("U8", "1e0", "0", "1"), 1).contains("whole number"))
        #expect(reason(one("U8", "01", "0", "1"), 1).contains("whole number"))
        #expect(reason(one("X8", "1", "0", "1"), 1).contains("unknown dtype \"X8\""))
    }

    @Test func malformedHeaders() throws {
        let t = #""t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#
        #expect(reason("{\(t),\(t)}", 1).contains("comes twice"))
        #expect(reason(#"{\#(t),"\u0074":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}"#, 1).contains("comes twice"))
        for member in [#""dtype":"U8""#, #""shape":[1]"#, #""data_offsets":[0,1]"#] {
            let doubled = #"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],\#(member)}}"#
            #expect(reason(doubled, 1).contains("comes twice"))
        }
        #expect(reason(#"{"__metadata__":{},"__metadata__":{}}"#).contains("comes twice"))
        #expect(reason(#"{"t":{"dtype":"U8","shape":[1]}}"#, 1).contains("lacks"))
        #expect(reason("{\(t)} x", 1).contains("more follows"))
        #expect(reason("{}{}").contains("more follows"))
        #expect(reason(" {}").contains("does not begin"))
        #expect(reason("[]").contains("does not begin"))
        #expect(reason("").contains("does not begin"))
        for text in [
            "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":{", "{,}", "{\(t),}", "{\(t)",
            "{\"a\":1}", "{\"a\":[]}", "{\"a\":null}",
            #"{"__metadata__":[]}"#, #"{"__metadata__":null}"#, #"{"__metadata__":{"a":1}}"#,
            #"{"__metadata__":{"a":{}}}"#, #"{"__metadata__":{"a":"b",}}"#, #"{a:1}"#, #"{'a':1}"#,
            #"{"t":{"dtype":5}}"#, #"{"t":{"shape":[1,]}}"#, #"{"t":{"shape":1}}"#, #"{"t":{"data_offsets":[1]}}"#,
            #"{"t":{"data_offsets":[1,2,3]}}"#, #"{"t":{"x":tru}}"#, #"{"t":{"x":01}}"#, #"{"t":{"x":1.}}"#,
            #"{"t":{"x":.5}}"#, #"{"t":{"x":1e}}"#, #"{"t":{"x":-}}"#, #"{"t":{"x":[1,]}}"#, #"{"t":{"x":[1}}}"#,
            #"{"t":{"x":{"a"}}}"#, #"{"t":{"x":NaN}}"#, #"{"\u12":1}"#, #"{"\u123G":1}"#, #"{"\x":1}"#,
            #"{"\ud800":1}"#, #"{"\ud800\u0041":1}"#, #"{"\udc00":1}"#, "{\"a\nb\":1}", "{\"a\tb\":1}", "{\"\\",
        ] { _ = reason(text, 1) }
        // Not UTF-8: a byte alone, an overlong form, a surrogate, a cut character.
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
            let error = failure { try open(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) }
            #expect(error.status == .format && error.message.contains("UTF-8"))
        }
    }

    @Test func hostileHeadersCostLittle() throws {
        // Brackets nested as deep as the header is long.
        let brackets = String(repeating: "[", count: 2_000_000)
        #expect(reason(#"{"t":{"x":\#(brackets)"#).contains("nested"))
        #expect(reason(#"{"t":{"x":"# + String(repeating: "{\"a\":", count: 500_000)).contains("nested"))
        // Very many tensors, sorted the wrong way round, and very long names.
        let count = 50_000
        let entries = (0..<count).map { index in
            let begin = count - 1 - index
            return #""\#(index)":{"dtype":"U8","shape":[1],"data_offsets":[\#(begin),\#(begin + 1)]}"#
        }
        let file = try open("{" + entries.joined(separator: ",") + "}", count)
        #expect(file.count == count)
        #expect(try file.name(at: 0) == "49999")
        #expect(try file.tensor(named: "17").itemInt64() == Int64(UInt8(truncatingIfNeeded: count - 18)))
        let long = String(repeating: "n", count: 1_000_000)
        let message = reason(#"{"\#(long)":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}"#, 1)
        #expect(message.utf8.count < 500)
    }

    @Test func files() throws {
        let folder = try TemporaryFolder()
        #expect(failure { try SafetensorsFile(path: folder.file("none")) }.status == .io)
        #expect(failure { try SafetensorsFile(path: folder.path) }.status == .io)
        #expect(failure { try SafetensorsFile(path: "/dev/zero") }.status == .io)
        #expect(failure { try SafetensorsFile(path: "") }.status == .invalidArgument)
        #expect(failure { try SafetensorsFile(path: "a\0b") }.status == .invalidArgument)
        // Every truncation of a good file.
        try Safetensors.save([("a", Tensor([1, 2, 3])), ("b", Tensor([1], dtype: .int32))], to: folder.file("a"))
        let whole = try #require(contents(of: folder.file("a")))
        for count in 0..<whole.count {
            try write(Array(whole.prefix(count)), to: folder.file("b"))
            let error = failure { try SafetensorsFile(path: folder.file("b")) }
            #expect(error.status == .format, "\(count) bytes: \(error)")
        }
        // Cut while it is open.
        let file = try SafetensorsFile(path: folder.file("a"))
        try write(Array(whole.dropLast(10)), to: folder.file("a"))
        #expect(failure { try file.tensor(named: "a") }.status == .io)
    }

    /// Bytes changed at random never do more than give an error.
    @Test func damagedFiles() throws {
        let folder = try TemporaryFolder()
        try Safetensors.save(
            [("a", Tensor([1, 2, 3], shape: [3, 1])), ("b\"\u{E9}", Tensor([1], dtype: .int32))], to: folder.file("a"))
        let whole = try #require(contents(of: folder.file("a")))
        var generator = SplitMix64(state: 4)
        for _ in 0..<1000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                    Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : "{}[]\",:\\0129".utf8.randomElement(using: &generator) ?? 0
            }
            try write(bytes, to: folder.file("b"))
            let error = failure {
                let file = try SafetensorsFile(path: folder.file("b"))
                for name in file.names { _ = try file.tensor(named: name) }
            }
            #expect([.ok, .format, .dtype, .shape].contains(error.status), "\(error)")
        }
    }
}
