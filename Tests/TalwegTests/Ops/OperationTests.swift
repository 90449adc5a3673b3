import Testing

@testable import Talweg

extension OperationRow: CustomTestStringConvertible {
    var testDescription: String { name }
}

/// Every operation of the table: values, gradients, layouts.
@Suite struct OperationTests {
    @Test(arguments: elementwiseRows)
    func values(_ row: OperationRow) throws {
        let scalar = try #require(row.scalar)
        for shapes in row.shapes {
            for layout in Layout.allCases {
                let inputs = try inputs(row, shapes, layout)
                let output = try row.apply(inputs)
                var shape = inputs[0].shape
                for input in inputs { shape = try Shape.broadcast(shape, input.shape, for: "test") }
                #expect(output.shape == shape)
                let expanded = try inputs.map { try $0.broadcast(to: shape).doubles() }
                let found = try output.doubles()
                for i in 0..<shape.count {
                    let expected = scalar(expanded.map { $0[i] })
                    #expect(
                        abs(found[i] - expected) <= 4 * expected.ulp,
                        "\(row.name) \(layout) \(shape), element \(i): \(found[i]), expected \(expected)")
                }
            }
        }
    }

    @Test(arguments: elementwiseRows.filter { !$0.name.hasSuffix("(values)") } + familyRows)
    func gradients(_ row: OperationRow) throws {
        for shapes in row.shapes {
            for layout in Layout.allCases {
                try checkGradients(
                    "\(row.name) \(layout)", inputs(row, shapes, layout), second: row.second, row.apply)
            }
        }
    }

    /// The same numbers in another layout give the same result.
    @Test(arguments: familyRows)
    func layouts(_ row: OperationRow) throws {
        for shapes in row.shapes {
            let plain = try row.apply(inputs(row, shapes, .contiguous))
            for layout in Layout.allCases {
                let other = try row.apply(inputs(row, shapes, layout))
                #expect(other.shape == plain.shape)
                for (a, b) in zip(try plain.doubles(), try other.doubles()) {
                    #expect(abs(a - b) <= 1e-14 * max(1, abs(a)), "\(row.name) \(layout)")
                }
            }
        }
    }

    private func inputs(_ row: OperationRow, _ shapes: [[Int]], _ layout: Layout) throws -> [Tensor] {
        try shapes.enumerated().map { try layout.make($1, 0.37 + 0.21 * Double($0), row.domain) }
    }
}
