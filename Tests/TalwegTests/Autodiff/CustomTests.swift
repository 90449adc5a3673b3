import Testing

@testable import Talweg

@Suite struct CustomTests {
    /// (x^2 y, x + y) with the rules written down.
    nonisolated(unsafe) private static let operation = CustomOperation(
        name: "pair",
        forward: { inputs throws(TalwegError) in
            [try inputs[0] * inputs[0] * inputs[1], try inputs[0] + inputs[1]]
        },
        backward: { pass throws(TalwegError) in
            let (x, y) = (pass.inputs[0], pass.inputs[1])
            let zero = try Tensor.zeros(x.shape, x.dtype)
            let (g, h) = (pass.gradients[0] ?? zero, pass.gradients[1] ?? zero)
            return [try g * x * y * 2 + h, try g * x * x + h]
        })

    @Test func derivatives() throws {
        let inputs = [try leaf(wave(Shape([3]), 0.2)), try leaf(wave(Shape([3]), 0.8))]
        try checkGradients("custom, first", inputs) { try CustomTests.operation($0)[0] }
        try checkGradients("custom, second", inputs) { try CustomTests.operation($0)[1] }
        try checkTangents("custom, both", inputs) { let y = try CustomTests.operation($0); return try y[0] * y[1] }
    }

    @Test func aTangentFunction() throws {
        // A backward pass that no tape records: by plain numbers.
        let opaque: (CustomPass) throws(TalwegError) -> [Tensor?] = { pass throws(TalwegError) in
            let values = try pass.inputs[0].doubles()
            let g = try unwrapped(pass.gradients[0]).doubles()
            return [try Tensor(zip(values, g).map { 2 * $0 * $1 })]
        }
        let square: ([Tensor]) throws(TalwegError) -> [Tensor] = { inputs throws(TalwegError) in [try inputs[0].square()] }
        let x = try leaf(Tensor([3.0, 4]))
        let without = try CustomOperation(name: "square", forward: square, backward: opaque)([x])[0]
        #expect(throws: TalwegError.self) { try Tensor.tangents(of: [without], wrt: [x], along: [Tensor([1.0, 1])]) }
        try without.sum().backward()
        #expect(try x.grad?.doubles() == [6, 8])
        let with = try CustomOperation(
            name: "square", forward: square, backward: opaque, tangent: opaque)([x])[0]
        let t = try Tensor.tangents(of: [with], wrt: [x], along: [Tensor([1.0, 10])])
        #expect(try t[0]?.doubles() == [6, 80])
    }

    @Test func wrongGradientsAreRefused() throws {
        let x = try leaf(Tensor([1.0, 2]))
        func failing(_ gradients: @escaping ([Tensor]) throws(TalwegError) -> [Tensor?]) throws -> Tensor {
            try CustomOperation(
                name: "odd", forward: { i throws(TalwegError) in [try i[0] * 2] },
                backward: { pass throws(TalwegError) in try gradients(pass.inputs) })([x])[0]
        }
        func refused(_ gradients: @escaping ([Tensor]) throws(TalwegError) -> [Tensor?]) throws {
            let y = try failing(gradients)
            let error = #expect(throws: TalwegError.self) { try y.sum().backward() }
            #expect(error?.message.hasPrefix("odd: ") == true)
            #expect(x.grad == nil)
        }
        try refused { _ in [] }
        try refused { _ throws(TalwegError) in [try Tensor([1.0])] }
        try refused { inputs throws(TalwegError) in [try inputs[0].cast(to: .float32)] }
        let none = try failing { _ in [nil] }
        try none.sum().backward()
        #expect(x.grad == nil)
    }

    @Test func withoutATapeNothingIsKept() throws {
        let y = try CustomTests.operation([Tensor([1.0]), Tensor([2.0])])
        #expect(!y[0].requiresGrad)
        #expect(try y[0].doubles() == [2])
    }

    @Test func hooksSeeAndReplaceGradients() throws {
        let x = try leaf(Tensor([2.0]))
        let y = try x * x
        let z = try y * 3
        var seen: [Double] = []
        let number = try y.addGradientHook { g throws(TalwegError) in
            seen.append(try g.item())
            return try g * 10
        }
        let other = try x.addGradientHook { g throws(TalwegError) in
            seen.append(try g.item())
            return nil
        }
        try z.backward(retainGraph: true)
        #expect(seen == [3, 120])
        #expect(try x.grad?.item() == 120)
        #expect(try z.gradients(wrt: [y], retainGraph: true)[0]?.item() == 30)
        y.removeGradientHook(number)
        x.removeGradientHook(other)
        try x.setGrad(nil)
        try z.backward()
        #expect(try x.grad?.item() == 12)
        #expect(throws: TalwegError.self) { try Tensor([1.0]).addGradientHook { _ throws(TalwegError) in nil } }
        let w = try x * x
        _ = try w.addGradientHook { _ throws(TalwegError) in try Tensor([1.0, 2]) }
        #expect(throws: TalwegError.self) { try w.backward() }
    }

    @Test func anomalyModeNamesTheOperation() throws {
        _ = setAnomalyMode(true)
        defer { _ = setAnomalyMode(false) }
        let x = try leaf(Tensor([1.0, -1, 4], shape: [3]))
        let forward = #expect(throws: TalwegError.self) { try x.sqrt().sum() }
        #expect(forward?.status == .numeric && forward?.message.contains("sqrt made a NaN at [1]") == true)
        // 0 / 0 in the gradient alone: the norm of zeros by the formula x / norm.
        let zero = try leaf(Tensor([0.0]))
        let y = try (zero * zero).sqrt()
        let back = #expect(throws: TalwegError.self) { try y.sum().backward() }
        #expect(back?.message.contains("gradient of") == true, "\(back?.message ?? "nothing")")
        // A NaN that came in is nobody's fault.
        _ = try Tensor([Double.nan]) + 1
    }

    @Test func theGradientCheckerFindsAWrongFactor() throws {
        let x = try Tensor([0.4, -0.7, 1.1])
        var options = GradientCheckOptions()
        options.secondOrder = true
        let good = try Tensor.checkGradients(at: [x], options: options) { i throws(TalwegError) in
            [try i[0].sin() * i[0], try i[0].exp()]
        }
        #expect(good.passed && good.compared == 3 + 6 + 1 && good.excess < 0.1)
        let wrong = CustomOperation(
            name: "wrong", forward: { i throws(TalwegError) in [try i[0].square()] },
            backward: { pass throws(TalwegError) in [try pass.gradients[0].map { g throws(TalwegError) in try g * pass.inputs[0] * 3 }] })
        let bad = try Tensor.checkGradients(at: [x]) { i throws(TalwegError) in try wrong(i) }
        #expect(!bad.passed && bad.excess > 1000)
        #expect(abs(bad.derivative / bad.difference - 1.5) < 1e-6)
        #expect(throws: TalwegError.self) {
            try Tensor.checkGradients(at: [x.cast(to: .float32)]) { i throws(TalwegError) in i }
        }
    }
}

private func unwrapped<T>(_ value: T?) throws(TalwegError) -> T {
    guard let value else { throw TalwegError(.internal, "nil") }
    return value
}
