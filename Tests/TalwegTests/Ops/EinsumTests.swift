import Testing

@testable import Talweg

@Suite struct EinsumTests {
    private func refuses(_ subscripts: String, _ shapes: [[Int]], saying text: String) throws {
        let operands = try shapes.map { try Tensor.ones(Shape($0), .float64) }
        do {
            let y = try Tensor.einsum(subscripts, operands)
            Issue.record("\(subscripts) gave \(y.shape)")
        } catch {
            #expect(error.message.contains(text), "\(error.message)")
        }
    }

    @Test func malformed() throws {
        let m = [2, 3]
        try refuses("ij,jk", [m], saying: "2 terms for 1 operands")
        try refuses("i", [m], saying: "term 0 has 1 labels for the operand's 2 axes")
        try refuses("ijk...", [m], saying: "term 0 has 3 labels")
        try refuses("i$", [m], saying: "byte 1 is no letter")
        try refuses("i\u{e9}", [m], saying: "byte 1 is no letter")
        try refuses("i..", [m], saying: "'.' stands for axes")
        try refuses("i...j...", [m], saying: "more than one '...'")
        try refuses("ij-", [m], saying: "'-' without '>'")
        try refuses("ij->i->j", [m], saying: "more than one '->'")
        try refuses("ij->i,j", [m], saying: "one term")
        try refuses("ij->ii", [m], saying: "label 'i' is twice in the result")
        try refuses("ij->k", [m], saying: "label 'k' of the result is in no term")
        try refuses("i...->i", [m], saying: "the result needs it too")
        try refuses("ij,jk", [m, m], saying: "label 'j' has size 2 in operand 1 of shape [2, 3], 3 before")
        try refuses("ii", [m], saying: "label 'i' has sizes 2 and 3 in operand 0")
        try refuses("...i,...i", [[2, 4], [3, 4]], saying: "label '...' has size 3")
        try refuses("abcde,fghij", [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1]], saying: "10 axes in the result")
        try refuses("", [], saying: "0 operands")
        try refuses(String(repeating: ",", count: 64), Array(repeating: [], count: 65), saying: "65 operands")
    }

    /// The order is that of the fewest multiply-adds: a chain from its cheap end.
    @Test func order() {
        func labels(_ text: String) -> LabelSet { LabelSet(text.unicodeScalars.map { Int($0.value) - 97 }) }
        var sizes = [Double](repeating: 1, count: 64)
        for (label, size) in [1000.0, 2, 1000, 2, 1000].enumerated() { sizes[label] = size }
        let terms = ["ab", "bc", "cd", "de"].map(labels)
        let best = EinsumOrder(terms, output: labels("ae"), sizes: sizes)
        // The small product in the middle first, then either end: both cost the same.
        let steps = best.steps.map { [$0.0, $0.1] }
        #expect(steps == [[1, 2], [0, 4], [5, 3]] || steps == [[1, 2], [4, 3], [0, 5]], "\(steps)")
        // Ten operands, greedily: the small products in the middle come first.
        let many = EinsumOrder(terms + Array(repeating: labels("b"), count: 6), output: labels("ae"), sizes: sizes)
        #expect(many.steps.count == 9)
        #expect(Set(many.steps.flatMap { [$0.0, $0.1] }).count == 18)
    }

    @Test func productsOfManyOperands() throws {
        let operands = try (0..<12).map { try wave(Shape([2, 2]), 0.3 + 0.1 * Double($0)) }
        let letters = "abcdefghijklm".map(String.init)
        let chain = (0..<12).map { letters[$0] + letters[$0 + 1] }.joined(separator: ",")
        var expected = operands[0]
        for operand in operands.dropFirst() { expected = try expected.matmul(operand) }
        let found = try Tensor.einsum(chain + "->am", operands)
        for (a, b) in zip(try found.doubles(), try expected.doubles()) { #expect(abs(a - b) <= 1e-14 * max(1, abs(b))) }
    }

    /// Of integers the products wrap around, of bool they are whether there is one.
    @Test func otherTypes() throws {
        let a = try Tensor([1, 0, 1, 1], shape: [2, 2], dtype: .bool)
        let y = try Tensor.einsum("ij,jk->ik", [a, a])
        #expect(y.dtype == .bool)
        #expect(try y.doubles() == [1, 0, 1, 1])
        let bytes = try Tensor([16, 3, 2, 200], shape: [2, 2], dtype: .uint8)
        let square = try Tensor.einsum("ij,jk->ik", [bytes, bytes])
        #expect(square.dtype == .uint8)
        // 16 * 16 + 3 * 2, 16 * 3 + 3 * 200, 2 * 16 + 200 * 2, 2 * 3 + 200 * 200
        let sums: [Int] = [262, 648, 432, 40_006]
        let wrapped: [Double] = sums.map { Double($0 % 256) }
        #expect(try square.doubles() == wrapped)
        #expect(try Tensor.einsum("ij->i", [bytes]).doubles() == [19, 202])
    }

    /// What is only another view of the operand is not copied, and it takes gradients.
    @Test func views() throws {
        let x = try leaf(wave(Shape([3, 3]), 0.4))
        let diagonal = try Tensor.einsum("ii->i", [x])
        #expect(diagonal.data == x.data)
        #expect(diagonal.strides == [4])
        let same = try Tensor.einsum("ij", [x])
        #expect(same !== x)
        try same.sum().backward()
        #expect(try x.grad?.doubles() == Array(repeating: 1, count: 9))
    }
}
