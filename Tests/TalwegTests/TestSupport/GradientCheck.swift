import Testing

@testable import Talweg

/// A function of tensors whose gradients are to be checked.
typealias Function = ([Tensor]) throws -> Tensor

/// Compares the gradients of `function` with central differences in float64:
/// first order entry by entry, second order along random directions.
func checkGradients(
    _ name: String, _ inputs: [Tensor], second: Bool = true, tolerance: Double = 1e-6, _ function: Function
) throws {
    let inputs = try inputs.map { try leaf($0) }
    let output = try function(inputs)
    // Fixed, uneven weights make one number of the output.
    let weights = try wave(output.shape, 0.7)
    func value(_ inputs: [Tensor]) throws -> Double { try (function(inputs) * weights).sum().item() }

    let gradients = try (output * weights).sum().gradients(wrt: inputs)
    for (position, input) in inputs.enumerated() {
        let gradient = try gradients[position]?.doubles() ?? Array(repeating: 0, count: input.count)
        try #require(gradient.count == input.count, "\(name): gradient of another size")
        if let found = gradients[position] { #expect(found.shape == input.shape, "\(name): gradient's shape") }
        for element in 0..<input.count {
            let expected = try difference { step in
                try value(replacing(inputs, position, try shifted(inputs[position], element, by: step)))
            }
            #expect(
                close(gradient[element], expected, tolerance),
                "\(name): input \(position) \(input.shape), element \(element): \(gradient[element]), by differences \(expected)")
        }
    }
    guard second else { return }
    try checkSecondOrder(name, inputs, weights, tolerance * 10, function)
}

/// Compares the tangents of `function` with central differences, and those of its gradients, which are
/// second derivatives (forward over reverse), with the reverse mode's.
func checkTangents(
    _ name: String, _ inputs: [Tensor], second: Bool = true, tolerance: Double = 1e-6, _ function: Function
) throws {
    let inputs = try inputs.map { try leaf($0) }
    let directions = try inputs.enumerated().map { try wave($1.shape, 0.3 + Double($0)) }
    let output = try function(inputs)
    guard output.requiresGrad else { return }
    let tangent = try Tensor.tangents(of: [output], wrt: inputs, along: directions)[0]
    let found = try tangent?.doubles() ?? Array(repeating: 0, count: output.count)
    if let tangent { #expect(tangent.shape == output.shape && tangent.dtype == output.dtype, "\(name): tangent's shape") }
    let values = try [1e-3, -1e-3, 5e-4, -5e-4].map { step in
        try function(zip(inputs, directions).map { try leaf($0.detach() + $1 * step) }).doubles()
    }
    for element in 0..<output.count {
        let wide = (values[0][element] - values[1][element]) / 2e-3
        let narrow = (values[2][element] - values[3][element]) / 1e-3
        let expected = (4 * narrow - wide) / 3
        #expect(
            close(found[element], expected, tolerance),
            "\(name): tangent of element \(element): \(found[element]), by differences \(expected)")
    }
    guard second else { return }
    let weights = try wave(output.shape, 0.7)
    let value = try (function(inputs) * weights).sum()
    let gradients = try value.gradients(wrt: inputs, createGraph: true)
    let moved = try Tensor.tangents(of: gradients.compactMap { $0 }, wrt: inputs, along: directions)
    var slope: Tensor?
    for (gradient, direction) in zip(gradients, directions) {
        guard let gradient else { continue }
        let term = try (gradient * direction).sum()
        slope = try slope.map { try $0 + term } ?? term
    }
    let seconds: [Tensor?] =
        try slope.flatMap { $0.requiresGrad ? try $0.gradients(wrt: inputs) : nil } ?? inputs.map { _ in nil }
    // The Hessian is symmetric, so that both give its product with the directions.
    for (position, (tangent, second)) in zip(moved, zip(gradients, seconds).filter { $0.0 != nil }.map(\.1)).enumerated() {
        let a = try tangent?.doubles() ?? []
        let b = try second?.doubles() ?? []
        for element in 0..<max(a.count, b.count) {
            let (x, y) = (a.isEmpty ? 0 : a[element], b.isEmpty ? 0 : b[element])
            #expect(close(x, y, 1e-9), "\(name): second order, \(position), element \(element): \(x), reverse \(y)")
        }
    }
}

/// d/dt of gradient . direction along a second direction, against its double backward.
private func checkSecondOrder(
    _ name: String, _ inputs: [Tensor], _ weights: Tensor, _ tolerance: Double, _ function: Function
) throws {
    let directions = try inputs.enumerated().map { try wave($1.shape, 0.3 + Double($0)) }
    /// Sum over inputs of gradient . direction; nil if nothing depends on the inputs.
    func slope(_ inputs: [Tensor], createGraph: Bool) throws -> Tensor? {
        let output = try (function(inputs) * weights).sum()
        let gradients = try output.gradients(wrt: inputs, createGraph: createGraph)
        var sum: Tensor?
        for (gradient, direction) in zip(gradients, directions) {
            guard let gradient else { continue }
            let term = try (gradient * direction).sum()
            sum = try sum.map { try $0 + term } ?? term
        }
        return sum
    }
    guard let recorded = try slope(inputs, createGraph: true) else { return }
    let seconds: [Tensor?] = recorded.requiresGrad ? try recorded.gradients(wrt: inputs) : inputs.map { _ in nil }
    for (position, input) in inputs.enumerated() where input.count > 0 {
        let along = try wave(input.shape, 1.1)
        let found = try seconds[position].map { try ($0 * along).sum().item() } ?? 0
        let expected = try difference { step in
            let moved = try leaf(input.detach() + along * step)
            return try slope(replacing(inputs, position, moved), createGraph: false)?.item() ?? 0
        }
        #expect(
            close(found, expected, tolerance),
            "\(name): second order, input \(position) \(input.shape): \(found), by differences \(expected)")
    }
}

/// Central differences, extrapolated (Richardson) from two steps.
private func difference(_ value: (Double) throws -> Double) throws -> Double {
    let h = 1e-3
    let wide = try (value(h) - value(-h)) / (2 * h)
    let narrow = try (value(h / 2) - value(-h / 2)) / h
    return (4 * narrow - wide) / 3
}

private func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

private func replacing(_ inputs: [Tensor], _ position: Int, _ tensor: Tensor) -> [Tensor] {
    var all = inputs
    all[position] = tensor
    return all
}

/// The same layout in memory, one element moved, as a leaf.
private func shifted(_ x: Tensor, _ element: Int, by step: Double) throws -> Tensor {
    var unit = [Double](repeating: 0, count: x.count)
    unit[element] = step
    return try leaf(x.detach() + Tensor(unit, shape: x.shape.dims))
}

/// A leaf over the same elements, strides kept.
func leaf(_ x: Tensor) throws -> Tensor {
    let y = x.detach()
    try y.setRequiresGrad(true)
    return y
}

/// Uneven numbers of both signs, without zeros or ties: cos(frequency (i + 1)) + 0.05 i.
func wave(_ shape: Shape, _ frequency: Double) throws -> Tensor {
    let values = (0..<shape.count).map { i in
        let x = Double(i + 1) * (frequency + 0.61803398875)
        return (x - x.rounded(.down)) * 1.8 - 0.9 + 0.011 * Double(i % 7)
    }
    return try Tensor(values, shape: shape.dims)
}

/// The layouts that every operation is tested on: the same shape in different strides.
enum Layout: CaseIterable {
    case contiguous, transposed, sliced, reversed
    /// The first axis repeats one position, by stride 0: elements coincide.
    case repeated

    /// wave(shape) with the elements laid out this way.
    func make(_ dims: [Int], _ frequency: Double, _ map: (Tensor) throws -> Tensor = { $0 }) throws -> Tensor {
        let shape = try Shape(dims)
        let plain = try map(wave(shape, frequency)).detach()
        switch self {
        case .contiguous:
            return plain
        case .transposed:
            guard dims.count >= 2 else { return plain }
            return try plain.transpose().contiguous().transpose()
        case .sliced:
            guard let last = dims.last else { return plain }
            // Every other element of a tensor twice as wide, from 1.
            let wide = try Tensor.zeros(Shape(Array(dims.dropLast()) + [2 * last + 1]), .float64)
            let view = try wide.slice(axis: -1, from: 1, step: 2)
            try view.assign(plain)
            return view
        case .reversed:
            guard !dims.isEmpty else { return plain }
            return try plain.slice(axis: 0, step: -1).contiguous().slice(axis: 0, step: -1)
        case .repeated:
            guard let first = dims.first, first > 1 else { return plain }
            return try plain.slice(axis: 0, from: 0, to: 1).broadcast(to: shape)
        }
    }
}
