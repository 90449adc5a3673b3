import Testing

@testable import Talweg

@Suite struct PrintingTests {
    /// Fixtures/printing.py made the file, with NumPy.
    @Test func everyCaseReadsAsNumPyPrintsIt() throws {
        let lines = try fixture("printing.txt").split(separator: "\n", omittingEmptySubsequences: false)
        var number = 0
        var cases = 0
        while number < lines.count, lines[number].hasPrefix("@ ") {
            let header = lines[number]
            number += 1
            var expected: [Substring] = []
            while number < lines.count, lines[number].hasPrefix("|") {
                expected.append(lines[number].dropFirst())
                number += 1
            }
            let tensor = try parse(header)
            let text = expected.joined(separator: "\n")
            #expect(try tensor.text() == text, "\(header.prefix(100))")
            for strided in try layouts(tensor) { #expect(try strided.text() == text, "\(header.prefix(100)), strided") }
            cases += 1
        }
        #expect(cases > 200)
    }

    /// What NumPy 2.4.6's array2string gives with separator=', ', prefix='tensor(' and suffix=')'.
    @Test func literalsHaveCommas() throws {
        func literal(_ tensor: Tensor) throws -> String { try tensor.literal(prefixLength: 7) }
        #expect(try literal(Tensor([1, 2.25])) == "[1.  , 2.25]")
        #expect(try literal(Tensor([1, .nan, -.infinity])) == "[  1.,  nan, -inf]")
        #expect(try literal(Tensor([1, 2, 30, 4], shape: [2, 2], dtype: .int64)) == "[[ 1,  2],\n        [30,  4]]")
        #expect(try literal(.ones(Shape([2, 1, 2]), .float32)) == "[[[1., 1.]],\n\n        [[1., 1.]]]")
        #expect(try literal(Tensor([1], shape: [])) == "1." && literal(.zeros(Shape([0, 3]), .float32)) == "[]")
        let long = try literal(.arange(0, 20, 1, .float64))
        #expect(long == """
            [ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12.,
                    13., 14., 15., 16., 17., 18., 19.]
            """)
        let summary = try literal(Tensor.arange(0, 2000, 1, .int64).reshape([1000, 2]))
        #expect(summary == """
            [[   0,    1],
                    [   2,    3],
                    [   4,    5],
                    ...,
                    [1994, 1995],
                    [1996, 1997],
                    [1998, 1999]]
            """)
        #expect(throws: TalwegError.self) { try Tensor.ones(Shape([1]), .float32).literal(prefixLength: -1) }
        #expect(throws: TalwegError.self) { try Tensor.ones(Shape([1]), .float32).literal(prefixLength: 76) }
    }

    private func parse(_ header: Substring) throws -> Tensor {
        let words = header.split(separator: " ").dropFirst()
        let names = Dictionary(uniqueKeysWithValues: DType.allCases.map { ($0.name, $0) })
        let dtype = try #require(names[String(words[1])])
        let dims = words[2] == "scalar" ? [] : words[2].split(separator: "x").map { Int($0) ?? -1 }
        let shape = try Shape(dims)
        let list = words.dropFirst(2)
        var values = list.map { Double($0) ?? 0 }
        if list.first == "wave" {
            let (scale, shift) = (values[1], values[2])
            values = (0..<shape.count).map { Double($0 * 7919 % 1013) * scale - shift }
        }
        if dtype == .int64, list.first != "wave" {
            let exact = list.map { Int64($0) ?? 0 }
            return try exact.withUnsafeBytes { try Tensor(copying: $0.baseAddress, shape, .int64) }
        }
        if dtype == .uint64, list.first != "wave" {
            let exact = list.map { UInt64($0) ?? 0 }
            return try exact.withUnsafeBytes { try Tensor(copying: $0.baseAddress, shape, .uint64) }
        }
        return try Tensor(values, shape: dims, dtype: dtype)
    }

    /// The same elements by other strides.
    private func layouts(_ tensor: Tensor) throws -> [Tensor] {
        guard tensor.rank > 0 else { return [] }
        let order = Array((0..<tensor.rank).reversed())
        var layouts = [
            try tensor.permute(order).contiguous().permute(order),
            try tensor.slice(axis: 0, step: -1).contiguous().slice(axis: 0, step: -1),
        ]
        if tensor.rank < maximumRank {
            let last = try tensor.expandDims(-1)
            layouts.append(try Tensor.concatenate([last, last], axis: -1).select(axis: -1, index: 1))
        }
        return layouts
    }

    @Test func onlyWhatIsShownIsRead() throws {
        // 2^50 elements over one: reading them all would not end.
        let one = try Tensor([2.5], shape: [1]).broadcast(to: Shape([1 << 50]))
        #expect(try one.text() == "[2.5 2.5 2.5 ... 2.5 2.5 2.5]")
        let deep = try Tensor([1], shape: [1], dtype: .int32).broadcast(to: Shape([1 << 20, 1 << 20, 2]))
        #expect(
            deep.description == """
                [[[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]

                 [[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]

                 [[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]

                 ...

                 [[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]

                 [[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]

                 [[1 1]
                  [1 1]
                  [1 1]
                  ...
                  [1 1]
                  [1 1]
                  [1 1]]]
                """)
    }
}
