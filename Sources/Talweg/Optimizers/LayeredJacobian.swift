import TalwegKernels

/// The Jacobian of the outputs of a Sequential of Linear layers and functions of single elements, by one walk back for
/// each output of a row, all rows at once (Hagan and Menhaj, "Training feedforward networks with the Marquardt
/// algorithm", 1994).
struct LayeredJacobian {
    private enum Layer {
        /// Where the weight's and the bias's columns begin; nil where they have none.
        case linear(Linear, weight: Int?, bias: Int?)
        case elementwise(Module)
    }

    private var layers: [Layer] = []

    /// nil for a module of another kind, or with other parameters.
    init?(_ module: Module, _ parameters: [Tensor]) {
        guard let module = module as? Sequential, module.parameters.isEmpty else { return nil }
        var begins: [ObjectIdentifier: Int] = [:]
        var begin = 0
        for parameter in parameters {
            begins[ObjectIdentifier(parameter)] = begin
            begin += parameter.count
        }
        var met = Set<ObjectIdentifier>()
        for (_, child) in module.children {
            switch child {
            case let linear as Linear:
                guard let weight = linear.parameter("weight") else { return nil }
                for held in [weight, linear.parameter("bias")] { if let held { met.insert(ObjectIdentifier(held)) } }
                layers.append(
                    .linear(
                        linear, weight: begins[ObjectIdentifier(weight)],
                        bias: linear.parameter("bias").flatMap { begins[ObjectIdentifier($0)] }))
            case is ReLU, is Tanh, is Sigmoid, is GELU: layers.append(.elementwise(child))
            case let layer as ActivationLayer where LayeredJacobian.isOfElements(layer.function):
                layers.append(.elementwise(child))
            default: return nil
            }
        }
        guard begins.keys.allSatisfy({ met.contains($0) }) else { return nil }
    }

    /// Whether a function acts on each element by itself.
    private static func isOfElements(_ function: ActivationFunction) -> Bool {
        switch function {
        case .softmax, .logSoftmax, .softmin, .glu, .swiglu, .geglu, .reglu: false
        default: true
        }
    }

    /// Writes the Jacobian [rows, parameters], column after column.
    /// - Returns: false, with nothing written, if the output has not this many rows.
    func write(_ inputs: Tensor, rows: Int, to columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        guard inputs.rank >= 1 else { return false }
        let width = inputs.shape[inputs.rank - 1]
        guard width > 0, inputs.count > 0 else { return false }
        let n = inputs.count / width
        var x = try inputs.reshape([n, width])
        // Of each layer: what goes in, or the slopes.
        var kept: [Tensor] = []
        for layer in layers {
            switch layer {
            case .linear(let linear, _, _):
                kept.append(x)
                x = try withRecording(false) { () throws(TalwegError) in try linear.forward(x) }
            case .elementwise(let function):
                let (y, slopes) = try LayeredJacobian.slopes(function, at: x)
                kept.append(slopes)
                x = y
            }
        }
        guard x.count == rows, x.rank == 2 else { return false }
        clear(columns, rows)
        let outputs = x.shape[1]
        for output in 0..<outputs {
            let start = try Tensor.zeros(x.shape, x.dtype)
            try start.slice(axis: 1, from: output, to: output + 1).assign(Tensor.full(.scalar, 1, x.dtype))
            try back(start, kept, columns + output, rows: rows, outputs: outputs)
        }
        return true
    }

    /// The values and the derivatives of a function of single elements.
    private static func slopes(_ function: Module, at x: Tensor) throws(TalwegError) -> (y: Tensor, slopes: Tensor) {
        let leaf = Tensor(x.view)
        try leaf.setRequiresGrad(true)
        let y = try withRecording(true) { () throws(TalwegError) in try function.forward(leaf) }
        let found = try y.gradients(wrt: [leaf], gradient: Tensor.ones(y.shape, y.dtype))
        guard let first = found.first, let slopes = first else {
            return (y.detach(), try Tensor.zeros(x.shape, x.dtype))
        }
        return (y.detach(), slopes)
    }

    /// Zeros in all columns of the layers': a weight that is there twice adds to its own.
    private func clear(_ columns: UnsafeMutablePointer<Double>, _ rows: Int) {
        for case .linear(let linear, let weight, let bias) in layers {
            for (begin, parameter) in [(weight, linear.parameter("weight")), (bias, linear.parameter("bias"))] {
                guard let begin, let parameter else { continue }
                (columns + begin * rows).update(repeating: 0, count: parameter.count * rows)
            }
        }
    }

    /// From the derivatives of one output of each row by the last layer's, [n, outputs], to the columns.
    private func back(
        _ start: Tensor, _ kept: [Tensor], _ columns: UnsafeMutablePointer<Double>, rows: Int, outputs: Int
    ) throws(TalwegError) {
        try withRecording(false) { () throws(TalwegError) in
            var delta = start
            for (layer, held) in zip(layers, kept).reversed() {
                switch layer {
                case .elementwise: delta = try delta * held
                case .linear(let linear, let weight, let bias):
                    let d = try delta.transpose().view.cast(to: .float64).contiguous()
                    if let weight {
                        let h = try held.transpose().view.cast(to: .float64).contiguous()
                        add(d, h, to: columns + weight * rows, rows, outputs)
                    }
                    if let bias { add(d, nil, to: columns + bias * rows, rows, outputs) }
                    guard let w = linear.parameter("weight") else { throw .state("linear: its weight was removed") }
                    delta = try delta.matmul(w)
                }
            }
        }
    }

    /// Adds d[a, i] h[b, i] to column a, b of residual i, or d[a, i] to column a.
    private func add(_ d: View, _ h: View?, to columns: UnsafeMutablePointer<Double>, _ rows: Int, _ outputs: Int) {
        let (n, width) = (d.shape[1], h.map { $0.shape[0] } ?? 1)
        let (from, by) = (d.pointer(as: Double.self), h?.pointer(as: Double.self))
        forEachRowGroup(d.shape[0] * width, width: n) { first, count in
            for column in first..<(first + count) {
                let own = from + column / width * n
                let to = columns + column * rows
                if let by {
                    let other = by + column % width * n
                    for i in 0..<n { to[i * outputs] += own[i] * other[i] }
                } else {
                    for i in 0..<n { to[i * outputs] += own[i] }
                }
            }
        }
    }
}
