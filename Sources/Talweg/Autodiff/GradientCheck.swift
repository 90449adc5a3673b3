import TalwegKernels

/// How gradients are compared with differences.
public struct GradientCheckOptions: Sendable {
    /// The step of the central differences.
    public var step = 1e-4
    /// A derivative d and its difference quotient q agree if |d - q| <= absolute + relative |q|.
    public var absolute = 1e-6
    public var relative = 1e-5
    /// Whether second derivatives are compared too, along one direction.
    public var secondOrder = false
    /// Whether forward mode is compared too, along one direction.
    public var forwardMode = true

    public init() {}
}

/// What a comparison of gradients with differences found.
public struct GradientCheck: Sendable {
    public enum Kind: Int32, Sendable { case gradient = 0, tangent = 1, second = 2 }

    public var passed: Bool
    /// How many derivatives were compared.
    public var compared: Int
    /// Of the worst of them: which kind it is of, the input and the element of that input (of a tangent: of the
    /// output; of a second derivative: 0), both values, and by how many times it misses what is allowed (above 1: it
    /// fails).
    public var kind = Kind.gradient
    public var input = 0
    public var element = 0
    public var derivative = 0.0
    public var difference = 0.0
    public var excess = 0.0
}

extension Tensor {
    /// Compares the gradients of a function at some inputs with central differences, extrapolated from two steps
    /// (Richardson). The outputs are made one number by fixed weights.
    /// - Parameters:
    ///   - inputs: float64, since differences in less would say little; not changed.
    ///   - body: a function of them, the same at every call.
    public static func checkGradients(
        at inputs: [Tensor], options: GradientCheckOptions = GradientCheckOptions(),
        _ body: ([Tensor]) throws(TalwegError) -> [Tensor]
    ) throws(TalwegError) -> GradientCheck {
        guard options.step > 0, options.step.isFinite, options.absolute >= 0, options.relative >= 0 else {
            throw .invalid(
                "check_gradients: step \(options.step), absolute \(options.absolute), relative \(options.relative)")
        }
        for (position, input) in inputs.enumerated() where input.dtype != .float64 {
            throw .dtype("check_gradients: input \(position) is \(input.dtype.name); differences need float64")
        }
        for (position, input) in inputs.enumerated() where input.count > largest {
            throw .invalid(
                "check_gradients: input \(position) has \(input.count) elements, each of which takes four calls; at most "
                    + "\(largest) are compared")
        }
        return try withoutActuallyEscaping(body) { body throws(TalwegError) in
            try withRecording(true) { () throws(TalwegError) in try Checker(options: options, body: body).run(inputs) }
        }
    }
}

/// The most elements of an input.
private let largest = 1 << 20

private struct Checker {
    let options: GradientCheckOptions
    let body: ([Tensor]) throws(TalwegError) -> [Tensor]

    func run(_ given: [Tensor]) throws(TalwegError) -> GradientCheck {
        var inputs: [Tensor] = []
        for input in given { inputs.append(try leaf(input)) }
        var check = GradientCheck(passed: true, compared: 0)
        try compareGradients(inputs, &check)
        if options.forwardMode { try compareTangents(inputs, &check) }
        if options.secondOrder { try compareSecond(inputs, &check) }
        return check
    }

    /// Every derivative of the weighted sum.
    private func compareGradients(_ inputs: [Tensor], _ check: inout GradientCheck) throws(TalwegError) {
        let value = try weighted(body(inputs))
        let gradients: [Tensor?] =
            value.requiresGrad ? try value.gradients(wrt: inputs) : inputs.map { _ in nil }
        for (position, input) in inputs.enumerated() {
            let found = try gradients[position]?.doubles() ?? [Double](repeating: 0, count: input.count)
            let plain = try input.doubles()
            for element in 0..<input.count {
                let difference = try extrapolated { step throws(TalwegError) in
                    var moved = plain
                    moved[element] += step
                    var all = inputs
                    all[position] = try leaf(Tensor(moved, shape: input.shape.dims))
                    return try weighted(body(all)).item()
                }
                compare(.gradient, position, element, found[element], difference, &check)
            }
        }
    }

    /// The tangent of every output element along one direction.
    private func compareTangents(_ inputs: [Tensor], _ check: inout GradientCheck) throws(TalwegError) {
        let directions = try directions(inputs, 0.3)
        let outputs = try body(inputs)
        let tangents = try Tensor.tangents(of: outputs, wrt: inputs, along: directions)
        for (position, output) in outputs.enumerated() where output.dtype.isFloating {
            let found = try tangents[position]?.doubles() ?? [Double](repeating: 0, count: output.count)
            var values: [[Double]] = []
            for step in [options.step, -options.step, options.step / 2, -options.step / 2] {
                let moved = try body(moved(inputs, directions, step))
                guard moved.count == outputs.count, moved[position].count == output.count else {
                    throw .invalid("check_gradients: the function gave other shapes for inputs of the same shapes")
                }
                values.append(try moved[position].doubles())
            }
            for element in 0..<output.count {
                let wide = (values[0][element] - values[1][element]) / (2 * options.step)
                let narrow = (values[2][element] - values[3][element]) / options.step
                compare(.tangent, position, element, found[element], (4 * narrow - wide) / 3, &check)
            }
        }
    }

    /// d/dt of gradient . direction along a second direction.
    private func compareSecond(_ inputs: [Tensor], _ check: inout GradientCheck) throws(TalwegError) {
        let (first, along) = (try directions(inputs, 0.3), try directions(inputs, 1.1))
        func slope(_ inputs: [Tensor], createGraph: Bool) throws(TalwegError) -> Tensor? {
            let value = try weighted(body(inputs))
            guard value.requiresGrad else { return nil }
            var sum: Tensor?
            for (gradient, direction) in zip(try value.gradients(wrt: inputs, createGraph: createGraph), first) {
                guard let gradient else { continue }
                let term = try (gradient * direction).sum()
                sum = try sum.map { held throws(TalwegError) in try held + term } ?? term
            }
            return sum
        }
        guard let recorded = try slope(inputs, createGraph: true) else { return }
        let seconds: [Tensor?] = recorded.requiresGrad ? try recorded.gradients(wrt: inputs) : inputs.map { _ in nil }
        for (position, input) in inputs.enumerated() where input.count > 0 {
            let found = try seconds[position].map { s throws(TalwegError) in try (s * along[position]).sum().item() } ?? 0
            let difference = try extrapolated { step throws(TalwegError) in
                var all = inputs
                all[position] = try leaf(input.detach() + along[position] * step)
                return try slope(all, createGraph: false)?.item() ?? 0
            }
            compare(.second, position, 0, found, difference, &check)
        }
    }

    private func compare(
        _ kind: GradientCheck.Kind, _ input: Int, _ element: Int, _ found: Double, _ expected: Double,
        _ check: inout GradientCheck
    ) {
        let allowed = options.absolute + options.relative * abs(expected)
        // Not a number misses by any measure; where both are infinite alike, they agree.
        let error = found == expected ? 0 : abs(found - expected)
        let excess = error.isNaN ? Double.infinity : error == 0 ? 0 : error / allowed
        check.compared += 1
        if excess > 1 { check.passed = false }
        if excess > check.excess || check.compared == 1 {
            check.kind = kind
            check.input = input
            check.element = element
            check.derivative = found
            check.difference = expected
            check.excess = excess
        }
    }

    /// One number of the outputs, by uneven weights.
    private func weighted(_ outputs: [Tensor]) throws(TalwegError) -> Tensor {
        var sum = try Tensor.zeros(.scalar, .float64)
        for (position, output) in outputs.enumerated() where output.dtype.isFloating {
            sum = try sum + (output * uneven(output.shape, 0.7 + Double(position))).sum()
        }
        return sum
    }

    private func directions(_ inputs: [Tensor], _ frequency: Double) throws(TalwegError) -> [Tensor] {
        var all: [Tensor] = []
        for (position, input) in inputs.enumerated() {
            all.append(try uneven(input.shape, frequency + Double(position)))
        }
        return all
    }

    private func moved(_ inputs: [Tensor], _ directions: [Tensor], _ step: Double) throws(TalwegError) -> [Tensor] {
        var all: [Tensor] = []
        for (input, direction) in zip(inputs, directions) { all.append(try leaf(input.detach() + direction * step)) }
        return all
    }

    private func extrapolated(_ value: (Double) throws(TalwegError) -> Double) throws(TalwegError) -> Double {
        let h = options.step
        let wide = (try value(h) - value(-h)) / (2 * h)
        let narrow = (try value(h / 2) - value(-h / 2)) / h
        return (4 * narrow - wide) / 3
    }

    private func leaf(_ x: Tensor) throws(TalwegError) -> Tensor {
        let y = x.detach()
        try y.setRequiresGrad(true)
        return y
    }

    /// Numbers of both signs between -1 and 1 without a pattern: multiples of the golden ratio, modulo 2.
    private func uneven(_ shape: Shape, _ frequency: Double) throws(TalwegError) -> Tensor {
        let x = try Tensor.zeros(shape, .float64)
        let values = x.view.pointer(as: Double.self)
        for i in 0..<shape.count {
            let t = Double(i + 1) * (frequency + 0.6180339887498949)
            values[i] = 2 * (t - t.rounded(.down)) - 1 + 0.01 * Double(i % 7)
        }
        return x
    }
}
