import CIntrinsics
import TalwegKernels

/// What attention is told beside q, k and v.
struct AttentionSettings {
    var scale: Double
    var causal = false
    var dropout = 0.0
    /// Of the dropout: the seed, and the first block of the random words.
    var random: (seed: UInt64, offset: UInt64) = (0, 0)
    /// bool and of q's dtype; both broadcast to [batch, heads, queries, keys].
    var keep: Saved?
    var bias: Saved?
}

/// q [B, H, T, D], k [B, HK, S, D] and v [B, HK, S, E], checked, and the kernels' arguments made of them.
struct AttentionCall {
    let q, k, v: View
    private let kernel: FloatKernels
    private var arguments = tk_attention()
    /// Hold the memory that the arguments point to.
    private var masks: [View] = []

    var batch: Int { q.shape[0] }
    var heads: Int { q.shape[1] }
    var keyHeads: Int { k.shape[1] }
    var queries: Int { q.shape[2] }
    var keys: Int { k.shape[2] }
    var valueWidth: Int { v.shape[3] }

    init(_ q: View, _ k: View, _ v: View, _ settings: AttentionSettings) throws(TalwegError) {
        guard let kernel = kernels.float(q.dtype), k.dtype == q.dtype, v.dtype == q.dtype else {
            throw .dtype("attention: q is \(q.dtype.name), k \(k.dtype.name), v \(v.dtype.name)")
        }
        (self.q, self.k, self.v, self.kernel) = (q, k, v, kernel)
        arguments.heads = heads
        arguments.group = keyHeads == 0 ? 1 : heads / keyHeads
        arguments.queries = queries
        arguments.keys = keys
        arguments.width = q.shape[3]
        arguments.value_width = valueWidth
        arguments.scale = settings.scale
        arguments.causal = settings.causal ? 1 : 0
        arguments.dropout = settings.dropout
        arguments.seed = settings.random.seed
        arguments.offset = settings.random.offset
        arguments.q = array(q)
        arguments.k = array(k)
        arguments.v = array(v)
        let scores = try Shape([batch, heads, queries, keys], for: "attention")
        if let keep = settings.keep { arguments.keep = try mask(keep, scores) }
        if let bias = settings.bias { arguments.bias = try mask(bias, scores) }
    }

    private mutating func mask(_ saved: Saved, _ scores: Shape) throws(TalwegError) -> tk_array4 {
        let view = try saved.tensor("attention").view
        masks.append(view)
        return array(view.with(shape: scores, strides: view.strides(broadcastTo: scores)))
    }

    private func array(_ x: View) -> tk_array4 {
        tk_array4(
            data: x.pointer, batch: x.strides[0], head: x.strides[1], row: x.strides[2], column: x.strides[3])
    }

    /// Writes `out` [B, H, T, E] of any strides and gives the rows' log-sums.
    func forward(to out: View) throws(TalwegError) -> View {
        let logSums = try View(uninitialized: Shape([batch, heads, queries], for: "attention"), q.dtype)
        if out.count == 0 { return logSums }
        var arguments = self.arguments
        arguments.out = array(out)
        arguments.log_sums = logSums.pointer
        // Rows in a task: few enough to go round, enough to be worth packing the keys for.
        let rows = min(256, max(48, queries * batch * heads / 16 / 12 * 12))
        let parts = (queries + rows - 1) / rows
        let bytes = kernel.attentionWorkspace(&arguments, min(rows, queries))
        let (heads, queries, run) = (self.heads, self.queries, kernel.attention)
        try withUnsafePointer(to: arguments) { (arguments) throws(TalwegError) in
            try runTasks(batch * heads * parts, workspaceBytes: bytes) { task, workspace in
                let (part, place) = (task % parts, task / parts)
                run(
                    arguments, place / heads, place % heads, part * rows, min(queries, (part + 1) * rows), workspace)
            }
        }
        return logSums
    }

    /// Writes the gradients of q, k and v, of their shapes and any strides, given that of `out`.
    func backward(_ g: View, out: View, logSums: View, _ dq: View, _ dk: View, _ dv: View) throws(TalwegError) {
        if g.count == 0 || keys == 0 {
            for gradient in [dq, dk, dv] { gradient.assign(try View.full(.scalar, 0, q.dtype).repeated(gradient.shape)) }
            return
        }
        // Keys in a task: all of a head's where there are heads enough, since the tasks' parts of dq must be added.
        let wanted = batch * keyHeads >= 16 ? 1 : min((keys + 255) / 256, 32 / (batch * keyHeads))
        let length = ((keys + wanted - 1) / wanted + 127) / 128 * 128
        let parts = (keys + length - 1) / length
        var arguments = self.arguments
        arguments.out = array(out)
        arguments.dout = array(g)
        arguments.log_sums = logSums.pointer
        arguments.dk = array(dk)
        arguments.dv = array(dv)
        arguments.dq = array(dq)
        let partial = parts == 1
            ? nil : try View(uninitialized: Shape([parts] + q.shape.dims, for: "attention"), q.dtype)
        if let partial {
            arguments.dq = array(partial.with(shape: q.shape, strides: q.shape.rowMajorStrides))
        }
        let partBytes = partial == nil ? 0 : q.count * q.dtype.itemSize
        let (keyHeads, keys, run) = (self.keyHeads, self.keys, kernel.attentionBackward)
        let bytes = kernel.attentionBackwardWorkspace(&arguments, length)
        let common = arguments
        try runTasks(batch * keyHeads * parts, workspaceBytes: bytes) { task, workspace in
            let (part, place) = (task % parts, task / parts)
            var arguments = common
            if let data = arguments.dq.data { arguments.dq.data = data + part * partBytes }
            run(
                &arguments, place / keyHeads, place % keyHeads, part * length, min(keys, (part + 1) * length),
                workspace)
        }
        if let partial {
            var parts = AxisSet()
            parts.insert(0)
            dq.assign(try reduce(.sum, partial, parts, keepdims: false, "attention"))
        }
    }
}

extension View {
    /// The one element at every place of a shape.
    fileprivate func repeated(_ shape: Shape) -> View { with(shape: shape, strides: strides(broadcastTo: shape)) }
}
