import Testing

@testable import Talweg

@Suite(.serialized) struct CheckpointTests {
    private func weights() throws -> (Tensor, Tensor) {
        (try leaf(wave(Shape([4, 4]), 0.3)), try leaf(wave(Shape([3, 4]), 0.9)))
    }

    /// Gradients by the argument and by a parameter that the function holds.
    @Test func givesTheSameGradients() throws {
        let (w, x) = try weights()
        func block(_ x: Tensor) throws(TalwegError) -> Tensor { try x.matmul(w).tanh().matmul(w).sigmoid() }
        let plain = try block(x).sum().gradients(wrt: [w, x])
        var runs = 0
        let y = try Tensor.checkpoint([x]) { inputs throws(TalwegError) in
            runs += 1
            return [try block(inputs[0])]
        }
        #expect(runs == 1)
        let found = try y[0].sum().gradients(wrt: [w, x])
        #expect(runs == 2)
        for (a, b) in zip(plain, found) { #expect(try a?.doubles() == b?.doubles()) }
    }

    @Test func savesNothing() throws {
        let x = try leaf(Tensor([1.0]))
        weak var middle: Tensor?
        func chain(_ inputs: [Tensor]) throws(TalwegError) -> [Tensor] {
            let first = try inputs[0].sin()
            middle = first
            return [try first.sin().sin()]
        }
        let plain = try chain([x])
        #expect(middle != nil)
        let y = try Tensor.checkpoint([x], chain)
        #expect(middle == nil)
        try y[0].backward()
        #expect(middle == nil)
        #expect(try x.grad?.item() == plain[0].gradients(wrt: [x])[0]?.item())
    }

    @Test func randomNumbersAreTheSameTheSecondTime() throws {
        let x = try leaf(Tensor.full(Shape([1000]), 1, .float64))
        let y = try Tensor.checkpoint([x]) { inputs throws(TalwegError) in
            // The product's gradient needs the dropped-out numbers again.
            let kept = try inputs[0].dropout(0.5)
            return [try kept * kept]
        }[0]
        let position = Generator.shared.position
        try y.sum().backward()
        #expect(Generator.shared.position == position)
        // y = m^2 x^2 with m 0 or 2, so y' = 2 y at x = 1.
        let gradient = try #require(x.grad).doubles()
        #expect(gradient == (try y.doubles()).map { 2 * $0 })
        #expect(gradient.contains(0) && gradient.contains(8))
    }

    /// Also those of generators that a layer has for itself, in a part within a part.
    @Test func generatorsAreAsTheyWere() throws {
        let x = try leaf(Tensor.full(Shape([1000]), 1, .float64))
        let own = Generator(seed: 9)
        func drop(_ inputs: [Tensor]) throws(TalwegError) -> [Tensor] {
            let kept = try inputs[0].dropout(0.5, own)
            return [try kept * kept]
        }
        let y = try Tensor.checkpoint([x]) { inputs throws(TalwegError) in
            let inner = try Tensor.checkpoint(inputs, drop)
            return [try inner[0] + drop(inputs)[0]]
        }[0]
        let position = own.position
        try y.sum().backward()
        #expect(own.position == position)
        // Each part m^2 x^2 with m 0 or 2: y' = 2 y at x = 1.
        let gradient = try #require(x.grad).doubles()
        #expect(gradient == (try y.doubles()).map { 2 * $0 })
        #expect(gradient.contains(0) && gradient.contains(8) && gradient.contains(16))
    }

    @Test func secondDerivativesAndForwardMode() throws {
        let x = try leaf(Tensor([0.5, 1.5]))
        func cube(_ inputs: [Tensor]) throws(TalwegError) -> [Tensor] { [try inputs[0] * inputs[0] * inputs[0]] }
        let y = try Tensor.checkpoint([x], cube)[0]
        let g = try #require(try y.sum().gradients(wrt: [x], createGraph: true)[0])
        #expect(try g.doubles() == [0.75, 6.75])
        #expect(try #require(try g.sum().gradients(wrt: [x])[0]).doubles() == [3, 9])
        // Also after a plain pass that keeps the tape.
        let kept = try Tensor.checkpoint([x], cube)[0].sum()
        _ = try kept.gradients(wrt: [x], retainGraph: true)
        let again = try #require(try kept.gradients(wrt: [x], createGraph: true)[0])
        #expect(try #require(again.sum().gradients(wrt: [x])[0]).doubles() == [3, 9])
        let z = try Tensor.checkpoint([x], cube)[0]
        let t = try Tensor.tangents(of: [z], wrt: [x], along: [Tensor([1.0, 2])])
        #expect(try #require(t[0]).doubles() == [0.75, 13.5])
    }

    @Test func nested() throws {
        let x = try leaf(Tensor([0.3]))
        let y = try Tensor.checkpoint([x]) { outer throws(TalwegError) in
            let inner = try Tensor.checkpoint([outer[0].sin()]) { i throws(TalwegError) in [try i[0].exp().square()] }
            return [try inner[0].log() * outer[0]]
        }[0]
        // y = 2 x sin x
        try y.backward()
        let expected = 2 * (0.29552020666133955 + 0.3 * 0.955336489125606)
        #expect(abs(try #require(x.grad).item() - expected) < 1e-14)
    }

    @Test func walkedTwice() throws {
        let x = try leaf(Tensor([2.0]))
        let y = try Tensor.checkpoint([x]) { i throws(TalwegError) in [try i[0] * i[0]] }[0]
        try y.backward()
        try y.backward()
        #expect(try x.grad?.item() == 8)
    }

    @Test func failuresAreTold() throws {
        let x = try leaf(Tensor([2.0]))
        var runs = 0
        let y = try Tensor.checkpoint([x]) { i throws(TalwegError) in
            runs += 1
            return [try runs == 1 ? i[0] * i[0] : i[0].sin().cos()]
        }[0]
        #expect(throws: TalwegError.self) { try y.backward() }
        #expect(x.grad == nil)
        let z = try Tensor.checkpoint([x]) { i throws(TalwegError) in [try i[0] * i[0]] }[0]
        try x.assign(Tensor([3.0]))
        #expect(throws: TalwegError.self) { try z.backward() }
        #expect(throws: TalwegError.self) {
            try Tensor.checkpoint([x]) { _ throws(TalwegError) in throw TalwegError(.numeric, "no") }
        }
        // Recording goes on as before.
        try (x * x).backward()
        #expect(try x.grad?.item() == 6)
    }
}
