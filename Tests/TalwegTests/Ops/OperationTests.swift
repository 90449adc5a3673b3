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
            for layout in row.layouts {
                try checkGradients(
                    "\(row.name) \(layout)", inputs(row, shapes, layout), second: row.second, row.apply)
            }
        }
    }

    /// Forward mode: values by differences, and its own gradient.
    @Test(arguments: elementwiseRows.filter { !$0.name.hasSuffix("(values)") } + familyRows)
    func tangents(_ row: OperationRow) throws {
        for shapes in row.shapes {
            for layout in row.layouts {
                try checkTangents("\(row.name) \(layout)", inputs(row, shapes, layout), second: row.second, row.apply)
            }
        }
    }

    /// The same numbers in another layout give the same result.
    @Test(arguments: familyRows)
    func layouts(_ row: OperationRow) throws {
        for shapes in row.shapes {
            for layout in Layout.allCases {
                let inputs = try inputs(row, shapes, layout)
                let plain = try row.apply(inputs.map { try $0.copy() })
                let other = try row.apply(inputs)
                #expect(other.shape == plain.shape)
                for (a, b) in zip(try plain.doubles(), try other.doubles()) {
                    #expect(abs(a - b) <= 1e-14 * max(1, abs(a)), "\(row.name) \(layout)")
                }
            }
        }
    }

    /// An operation that no row records would go untested.
    @Test func everyOperationHasARow() throws {
        var recorded: Set<String> = []
        for row in elementwiseRows + familyRows {
            for shapes in row.shapes {
                let inputs = try inputs(row, shapes, .contiguous).map { try leaf($0) }
                // Squared, so that the gradients of linear operations are recorded too.
                let value = try row.apply(inputs).square().sum()
                guard value.requiresGrad else { continue }
                record(value.node, in: &recorded)
                for gradient in try value.gradients(wrt: inputs, createGraph: true) {
                    record(gradient?.node, in: &recorded)
                }
            }
        }
        let declared = try declaredOperations()
        #expect(declared.count > 90, "the sources were not found or not understood")
        // What the rows cannot reach by these ways, and where it is tested.
        let elsewhere: Set<String> = []
        #expect(declared.subtracting(recorded).subtracting(elsewhere).sorted() == [])
    }

    private func record(_ node: Node?, in names: inout Set<String>) {
        var nodes: [Node] = []
        var seen: Set<ObjectIdentifier> = []
        func reach(_ node: Node?) {
            if let node, seen.insert(ObjectIdentifier(node)).inserted { nodes.append(node) }
        }
        reach(node)
        var next = 0
        while next < nodes.count {
            names.insert(nodes[next].name)
            nodes[next].forEachInput { reach($0.node) }
            next += 1
        }
    }

    /// The names of all operations that Sources/Talweg/Ops declares: structs of a protocol "...Operation" with a
    /// static name.
    private func declaredOperations() throws -> Set<String> {
        let folder = packageRoot + "/Sources/Talweg/Ops"
        var names: Set<String> = []
        for file in fileNames(in: folder) where file.hasSuffix(".swift") {
            var waiting = false
            for line in String(decoding: try #require(contents(of: folder + "/" + file)), as: UTF8.self).split(separator: "\n") {
                if line.hasPrefix("struct "), line.contains("Operation {") { waiting = true }
                guard waiting, let start = line.firstRange(of: "static let name = \"") else { continue }
                names.insert(String(line[start.upperBound...].prefix { $0 != "\"" }))
                waiting = false
            }
        }
        return names
    }

    private func inputs(_ row: OperationRow, _ shapes: [[Int]], _ layout: Layout) throws -> [Tensor] {
        try shapes.enumerated().map { try layout.make($1, 0.37 + 0.21 * Double($0), row.domain) }
    }
}
