import CIntrinsics
import TalwegKernels

/// The two recurrent layers; the raw value counts the gates.
enum RecurrentKind: Int {
    /// Gates i, f, g, o.
    case lstm = 4
    /// Gates r, z, n.
    case gru = 3
}

/// The tensors of a recurrent layer, with zeros for what the caller left out.
struct RecurrentInputs<Element> {
    /// [T, B, I], [B, H], [G, I], [G, H], [G], [G] with G gates times H, and for LSTM the cells [B, H].
    var x, hidden, inputWeights, weights, inputBias, bias: Element
    var cells: Element?

    init(_ list: [Element]) {
        (x, hidden, inputWeights, weights, inputBias, bias) = (list[0], list[1], list[2], list[3], list[4], list[5])
        cells = list.count > 6 ? list[6] : nil
    }

    var list: [Element] { [x, hidden, inputWeights, weights, inputBias, bias] + (cells.map { [$0] } ?? []) }
}

/// A pass over a sequence and what it leaves for the gradient.
struct RecurrentPass {
    let kind: RecurrentKind
    let steps, batch, width: Int
    /// [T, B, G]: the gates.
    let gates: View
    /// [T + 1, B, H]; the first is the initial state.
    let hidden: View
    /// LSTM [T + 1, B, H]: the cells; GRU [T, B, H]: the products of n.
    let cells: View
    private let kernel: FloatKernels

    private var gateWidth: Int { kind.rawValue * width }
    private static let name = "recurrent"

    /// One multiply for the input's share of all steps, then the steps.
    init(_ kind: RecurrentKind, _ inputs: RecurrentInputs<View>) throws(TalwegError) {
        let (x, dtype) = (inputs.x, inputs.x.dtype)
        guard let kernel = kernels.float(dtype) else {
            throw .dtype("recurrent: needs float32 or float64, not \(dtype.name)")
        }
        (self.kind, self.kernel) = (kind, kernel)
        (steps, batch, width) = (x.shape[0], x.shape[1], inputs.weights.shape[1])
        let gateWidth = kind.rawValue * width
        gates = try View(uninitialized: Shape([steps, batch, gateWidth], for: Self.name), dtype)
        try multiply(Self.rows(x), inputs.inputWeights.permuted([1, 0]), adding: 0, to: Self.rows(gates))
        hidden = try View(uninitialized: Shape([steps + 1, batch, width], for: Self.name), dtype)
        try Self.slice(hidden, 0, 1).assign(inputs.hidden.with(shape: Self.slice(hidden, 0, 1).shape, first: 0))
        let states = kind == .lstm ? steps + 1 : steps
        cells = try View(uninitialized: Shape([states, batch, width], for: Self.name), dtype)
        if let initial = inputs.cells {
            try Self.slice(cells, 0, 1).assign(initial.with(shape: Self.slice(cells, 0, 1).shape, first: 0))
        }
        let bias = try Self.bias(kind, width, inputs)
        let packed = try pack(inputs.weights.permuted([1, 0]))
        var arguments = tk_recurrent()
        arguments.weights = UnsafeRawPointer(packed.pointer)
        arguments.bias = UnsafeRawPointer(bias.pointer)
        try run(arguments, kind == .lstm ? kernel.recurrent.lstm : kernel.recurrent.gru)
        withExtendedLifetime((packed, bias)) {}
    }

    /// The gradients of the inputs that are wanted, given those of [T, B, H] states, the last state and the last
    /// cells.
    func gradients(_ g: [View?], _ inputs: RecurrentInputs<View>, wanted: [Bool]) throws(TalwegError) -> [View?] {
        let dtype = gates.dtype
        let dgates = try View(uninitialized: gates.shape, dtype)
        let dproducts = kind == .gru ? try View(uninitialized: gates.shape, dtype) : dgates
        let dh = try View(uninitialized: inputs.hidden.shape, dtype)
        let dc = try View(uninitialized: inputs.hidden.shape, dtype)
        let packed = try pack(inputs.weights)
        var dy = g[0]
        if let given = dy, given.strides[2] != 1, given.shape[2] > 1 { dy = try given.copy() }
        let lastHidden = try g[1]?.contiguous()
        let lastCells = g.count > 2 ? try g[2]?.contiguous() : nil
        var arguments = tk_recurrent()
        arguments.weights = UnsafeRawPointer(packed.pointer)
        if let dy {
            arguments.dy = UnsafeRawPointer(dy.pointer)
            arguments.dy_step = dy.strides[0]
            arguments.dy_row = dy.strides[1]
        }
        arguments.dh_last = lastHidden.map { UnsafeRawPointer($0.pointer) }
        arguments.dc_last = lastCells.map { UnsafeRawPointer($0.pointer) }
        arguments.dgates = dgates.pointer
        arguments.dgates_hidden = dproducts.pointer
        arguments.dh_first = dh.pointer
        arguments.dc_first = dc.pointer
        try run(arguments, kind == .lstm ? kernel.recurrent.lstmBackward : kernel.recurrent.gruBackward)
        withExtendedLifetime((packed, dy, lastHidden, lastCells)) {}

        let (slopes, products) = (try Self.rows(dgates), try Self.rows(dproducts))
        func product(_ a: View, _ b: View) throws(TalwegError) -> View {
            let c = try View(uninitialized: Shape([a.shape[0], b.shape[1]], for: Self.name), dtype)
            try multiply(a, b, adding: 0, to: c)
            return c
        }
        func columnSums(_ x: View) throws(TalwegError) -> View {
            var axes = AxisSet()
            axes.insert(0)
            return try reduce(.sum, x, axes, keepdims: false, Self.name)
        }
        var gradients: [View?] = [View?](repeating: nil, count: 7)
        if wanted[0] {
            let dx = try product(slopes, inputs.inputWeights)
            gradients[0] = dx.with(shape: inputs.x.shape, strides: inputs.x.shape.rowMajorStrides)
        }
        if wanted[1] { gradients[1] = dh }
        if wanted[2] { gradients[2] = try product(slopes.permuted([1, 0]), Self.rows(inputs.x)) }
        if wanted[3] {
            gradients[3] = try product(products.permuted([1, 0]), Self.rows(Self.slice(hidden, 0, steps)))
        }
        if wanted[4] { gradients[4] = try columnSums(slopes) }
        if wanted[5] { gradients[5] = try columnSums(products) }
        if kind == .lstm, wanted[6] { gradients[6] = dc }
        return gradients
    }

    /// The states after each step, the last one, and for LSTM the last cells.
    func outputs() throws(TalwegError) -> [View] {
        let last = try Shape([batch, width], for: Self.name)
        let states = try Self.slice(hidden, 1, steps)
        let final = try hidden.with(shape: last, first: steps * batch * width)
        if kind == .gru { return [states, final] }
        return [states, final, try cells.with(shape: last, first: steps * batch * width)]
    }

    /// The kernel on shares of the batch's rows. A row's numbers do not depend on the others, so shares may be
    /// one a thread: the weights are read once by each.
    private func run(_ given: tk_recurrent, _ function: RecurrentFunction) throws(TalwegError) {
        var arguments = given
        arguments.steps = steps
        arguments.batch = batch
        arguments.width = width
        arguments.gates = gates.pointer
        arguments.hidden = hidden.pointer
        arguments.cells = cells.pointer
        let work = Double(steps) * Double(batch) * Double(gateWidth) * Double(width)
        let threads = work < 100_000 ? 1 : ThreadPool.threads
        let rows = max(4, ((batch + threads - 1) / threads + 3) / 4 * 4)
        let bytes = kernel.recurrent.workspaceBytes(
            rows: min(rows, batch), width: width, gates: kind.rawValue, itemSize: gates.dtype.itemSize)
        let (common, batch) = (arguments, self.batch)
        try runTasks((batch + rows - 1) / rows, workspaceBytes: bytes) { task, workspace in
            var arguments = common
            function(&arguments, task * rows, min(batch, (task + 1) * rows), workspace)
        }
    }

    /// A matrix in the kernels' panels.
    private func pack(_ matrix: View) throws(TalwegError) -> View {
        let (k, n, columns) = (matrix.shape[0], matrix.shape[1], kernel.recurrent.panelColumns)
        let packed = try View(
            uninitialized: Shape([k, (n + columns - 1) / columns * columns], for: Self.name), matrix.dtype)
        kernel.recurrent.packPanels(k, n, matrix.pointer, matrix.strides[0], matrix.strides[1], packed.pointer)
        return packed
    }

    /// What the kernels add: see `tk_recurrent`.
    private static func bias(_ kind: RecurrentKind, _ width: Int, _ inputs: RecurrentInputs<View>)
        throws(TalwegError) -> View
    {
        let both = try elementwise(.add, inputs.inputBias, inputs.bias, name)
        if kind == .lstm { return both }
        let bias = try View(uninitialized: Shape([4 * width], for: name), both.dtype)
        func part(_ x: View, _ first: Int, _ count: Int) throws(TalwegError) -> View {
            try Slice(axis: 0, start: first * width, step: 1, count: count * width).forward(x)
        }
        try part(bias, 0, 2).assign(part(both, 0, 2))
        try part(bias, 2, 1).assign(part(inputs.inputBias, 2, 1))
        try part(bias, 3, 1).assign(part(inputs.bias, 2, 1))
        return bias
    }

    /// [T, B, n] as [T B, n].
    private static func rows(_ x: View) throws(TalwegError) -> View {
        try x.contiguous().with(shape: Shape([x.shape[0] * x.shape[1], x.shape[2]], for: name), first: 0)
    }

    private static func slice(_ x: View, _ first: Int, _ count: Int) throws(TalwegError) -> View {
        try Slice(axis: 0, start: first, step: 1, count: count).forward(x)
    }
}

extension View {
    /// Elements from `first` on of a row-major view, as a row-major view; or all of them with axes of size 1.
    fileprivate func with(shape: Shape, first: Int) throws(TalwegError) -> View {
        if !isContiguous { return try copy().with(shape: shape, first: first) }
        return with(shape: shape, strides: shape.rowMajorStrides, offset: offset + first)
    }
}
