import TalwegKernels

/// What a module's outputs are off from their targets, as a function of its parameters that require a gradient:
/// residual (output - target) root(weight), one for each element of the output.
final class ModuleResiduals: ResidualFunction {
    let count: Int
    let parameters: [Tensor]
    /// How many numbers these hold.
    let size: Int
    private let module: Module
    private let inputs, targets: Tensor
    /// float64 [count]; nil: ones
    private let roots: View?
    private let layers: LayeredJacobian?

    /// - Parameters:
    ///   - inputs: [n, ..]
    ///   - targets: of the output's shape
    ///   - weights: of the residuals' squares, 0 or more: [n], or of the output's shape; nil: ones
    init(_ module: Module, _ inputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(TalwegError) {
        let name = "levenberg_marquardt"
        var found: [Tensor] = []
        var size = 0
        for (path, parameter) in module.namedParameters where parameter.requiresGrad {
            guard parameter.dtype == .float32 || parameter.dtype == .float64 else {
                throw .dtype("\(name): parameter \(path) is \(parameter.dtype.name); float32 or float64 is needed")
            }
            found.append(parameter)
            size += parameter.count
        }
        guard size > 0 else { throw .state("\(name): the module has no parameters that require a gradient") }
        (self.module, self.inputs, parameters, self.size) = (module, inputs.detach(), found, size)
        let output = try withRecording(false) { () throws(TalwegError) in try module.forward(inputs.detach()) }
        guard output.shape == targets.shape else {
            throw .shape(
                "\(name): the module's output is \(output.shape), the targets \(targets.shape); they must agree")
        }
        guard output.dtype == .float32 || output.dtype == .float64 else {
            throw .dtype("\(name): the module's output is \(output.dtype.name); float32 or float64 is needed")
        }
        guard output.count > 0 else { throw .shape("\(name): there are no residuals: the output is \(output.shape)") }
        count = output.count
        self.targets = try targets.detach().cast(to: output.dtype)
        roots = try weights.map { w throws(TalwegError) in try ModuleResiduals.roots(w, output.shape) }
        layers = LayeredJacobian(module, found)
    }

    private static func roots(_ weights: Tensor, _ shape: Shape) throws(TalwegError) -> View {
        let name = "levenberg_marquardt"
        var w = try weights.detach().cast(to: .float64)
        if w.shape != shape {
            guard shape.rank >= 1, w.rank == 1, w.shape[0] == shape[0] else {
                throw .shape(
                    "\(name): the weights are \(w.shape), the output \(shape); one a row or one an element is needed")
            }
            w = try w.reshape([shape[0]] + [Int](repeating: 1, count: shape.rank - 1)).broadcast(to: shape)
        }
        try w.requireBetween(0, .greatestFiniteMagnitude, name, "weights")
        return try w.sqrt().view.contiguous()
    }

    // MARK: Parameters

    /// The parameters' numbers, one after the other.
    func start() throws(TalwegError) -> Tensor {
        let view = try View(uninitialized: Shape([size]), .float64)
        forEachPart(view) { parameter, part in
            mapUnary(kernels.cast(from: parameter.dtype, to: .float64), parameter.view, to: part)
        }
        return Tensor(view)
    }

    /// Gives the parameters these numbers.
    func move(to x: UnsafePointer<Double>) throws(TalwegError) {
        let view = try View(uninitialized: Shape([size]), .float64)
        view.pointer(as: Double.self).update(from: x, count: size)
        forEachPart(view) { parameter, part in
            // Tells the tape, too, that the elements change.
            _ = parameter.mutableData()
            mapUnary(kernels.cast(from: .float64, to: parameter.dtype), part, to: parameter.view)
        }
    }

    private func forEachPart(_ vector: View, _ body: (Tensor, View) -> Void) {
        var offset = 0
        for parameter in parameters {
            let shape = parameter.shape
            body(parameter, vector.with(shape: shape, strides: shape.rowMajorStrides, offset: offset))
            offset += parameter.count
        }
    }

    // MARK: Residuals

    func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try move(to: x)
        let off = try withRecording(false) { () throws(TalwegError) in try checked(module.forward(inputs)) - targets }
        let values = try off.view.cast(to: .float64).contiguous()
        r.update(from: values.pointer(as: Double.self), count: count)
        withExtendedLifetime(values) {}
        guard let roots = roots?.pointer(as: Double.self) else { return }
        for i in 0..<count { r[i] *= roots[i] }
    }

    func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        try move(to: x)
        if try layers?.write(inputs, rows: count, to: columns) != true { try writeByTape(columns) }
        guard let roots = roots?.pointer(as: Double.self) else { return true }
        let m = count
        forEachRowGroup(size, width: m) { first, columnCount in
            for column in first..<(first + columnCount) {
                for i in 0..<m { columns[column * m + i] *= roots[i] }
            }
        }
        return true
    }

    /// By as many walks of the tape as there are residuals, or parameters if these are fewer.
    private func writeByTape(_ columns: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let output = try withRecording(true) { () throws(TalwegError) in try checked(module.forward(inputs)) }
        // What the output does not depend on has derivatives of 0.
        let found = try output.requiresGrad ? output.jacobian(wrt: parameters) : []
        var next = columns
        for (position, parameter) in parameters.enumerated() {
            let block = count * parameter.count
            if position < found.count {
                let part = try found[position].detach().reshape([count, parameter.count]).transpose()
                let values = try part.view.cast(to: .float64).contiguous()
                next.update(from: values.pointer(as: Double.self), count: block)
                withExtendedLifetime(values) {}
            } else {
                next.update(repeating: 0, count: block)
            }
            next += block
        }
    }

    private func checked(_ output: Tensor) throws(TalwegError) -> Tensor {
        guard output.shape == targets.shape, output.dtype == targets.dtype else {
            throw .shape(
                "levenberg_marquardt: the module's output is \(output.dtype.name) \(output.shape), at first "
                    + "\(targets.dtype.name) \(targets.shape)")
        }
        return output
    }
}
