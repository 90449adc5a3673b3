import CIntrinsics
import TalwegKernels

/// Minus the logarithm of the probability that a sequence of class probabilities gives the labels, over all ways of
/// putting blanks between them and repeating them (Graves et al., "Connectionist temporal classification", 2006): the
/// forward variables of section 4.1 in logarithms, and the gradient by these and the backward ones.
struct CTC: VariadicOperation {
    static let name = "ctc_loss"
    static let savesOutput = false

    let labels: CTCLabels
    let zeroInfinity: Bool
    /// float64 [n, steps, states]: log alpha.
    let forwards: View
    /// float64 [n]: the losses, before infinite ones are put to 0.
    let losses: View

    func saves(input: Int) -> Bool { true }

    /// The operation and its result, [n].
    static func made(_ x: View, _ labels: CTCLabels, zeroInfinity: Bool)
        throws(TalwegError) -> (operation: CTC, loss: View)
    {
        let (steps, n, classes) = (x.shape[0], x.shape[1], x.shape[2])
        let wide = try x.cast(to: .float64).contiguous()
        let states = labels.states
        let forwards = try View(uninitialized: Shape([n, steps, states], for: name), .float64)
        let losses = try View(uninitialized: Shape([n], for: name), .float64)
        let (from, alphas, out) = (
            wide.pointer(as: Double.self), forwards.pointer(as: Double.self), losses.pointer(as: Double.self)
        )
        ThreadPool.run(chunks: n) { row in
            let sequence = labels.sequence(row)
            out[row] = forward(
                sequence, from + row * classes, stride: n * classes, alphas + row * steps * states, width: states)
        }
        let result = try losses.copy()
        if zeroInfinity {
            let values = result.pointer(as: Double.self)
            for row in 0..<n where values[row] == .infinity { values[row] = 0 }
        }
        let operation = CTC(labels: labels, zeroInfinity: zeroInfinity, forwards: forwards, losses: losses)
        return (operation, try result.cast(to: x.dtype))
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try CTC.made(inputs[0], labels, zeroInfinity: zeroInfinity).loss
    }

    /// Fills log alpha [steps, width] of one sequence, whose scores lie `stride` apart; its loss.
    private static func forward(
        _ sequence: CTCLabels.Sequence, _ scores: UnsafePointer<Double>, stride: Int,
        _ alphas: UnsafeMutablePointer<Double>, width: Int
    ) -> Double {
        let states = sequence.states
        for state in 0..<states { alphas[state] = state < 2 ? scores[sequence.label(state)] : -.infinity }
        var step = 1
        while step < sequence.steps {
            let (now, before, score) = (alphas + step * width, alphas + (step - 1) * width, scores + step * stride)
            for state in 0..<states {
                let one = state >= 1 ? before[state - 1] : -.infinity
                let two = sequence.skips(to: state) ? before[state - 2] : -.infinity
                now[state] = logSum(before[state], one, two) + score[sequence.label(state)]
            }
            step += 1
        }
        let last = alphas + (sequence.steps - 1) * width
        return -logSum(last[states - 1], states >= 2 ? last[states - 2] : -.infinity, -.infinity)
    }

    /// log(exp(a) + exp(b) + exp(c))
    @inline(__always)
    private static func logSum(_ a: Double, _ b: Double, _ c: Double) -> Double {
        let most = max(a, b, c)
        if most == -.infinity { return most }
        return most + tk_libm_log(tk_libm_exp(a - most) + tk_libm_exp(b - most) + tk_libm_exp(c - most))
    }

    /// -g times the probability, given the labels, that a step is of a class.
    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<CTC>) throws(TalwegError) -> [Tensor?] {
        let x = try r.input(0)
        if ThreadState.current.recording {
            let loss = try CTCByParts(labels, x, finite: finite()).loss()
            return try loss.gradients(wrt: [x], gradient: g, retainGraph: true, createGraph: true)
        }
        let (steps, n, classes) = (x.shape[0], x.shape[1], x.shape[2])
        let wide = try x.view.cast(to: .float64).contiguous()
        let scale = try g.view.cast(to: .float64).contiguous()
        let dx = try View.full(x.shape, 0, .float64)
        let states = labels.states
        let (from, to) = (wide.pointer(as: Double.self), dx.pointer(as: Double.self))
        let (alphas, shares) = (forwards.pointer(as: Double.self), scale.pointer(as: Double.self))
        let (known, silent) = (losses.pointer(as: Double.self), zeroInfinity)
        try runTasks(n, workspaceBytes: slabBytes(states, states)) { row, memory in
            if silent, known[row] == .infinity { return }
            var slab = Slab(memory)
            CTC.backward(
                labels.sequence(row), from + row * classes, stride: n * classes, alphas + row * steps * states,
                width: states, loss: known[row], share: shares[row], (slab.doubles(states), slab.doubles(states)),
                to + row * classes)
        }
        return [Tensor(try dx.cast(to: x.dtype))]
    }

    /// The backward variables of one sequence, step by step, and with them its gradient.
    private static func backward(
        _ sequence: CTCLabels.Sequence, _ scores: UnsafePointer<Double>, stride: Int, _ alphas: UnsafePointer<Double>,
        width: Int, loss: Double, share: Double,
        _ room: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>), _ gradient: UnsafeMutablePointer<Double>
    ) {
        let states = sequence.states
        var (now, after) = room
        for state in 0..<states { now[state] = state >= states - 2 ? 0 : -.infinity }
        var step = sequence.steps - 1
        while true {
            for state in 0..<states {
                let posterior = tk_libm_exp(alphas[step * width + state] + now[state] + loss)
                gradient[step * stride + sequence.label(state)] -= posterior * share
            }
            if step == 0 { return }
            let score = scores + step * stride
            swap(&now, &after)
            for state in 0..<states {
                let one = state + 1 < states ? after[state + 1] + score[sequence.label(state + 1)] : -.infinity
                let skips = state + 2 < states && sequence.skips(to: state + 2)
                let two = skips ? after[state + 2] + score[sequence.label(state + 2)] : -.infinity
                now[state] = logSum(after[state] + score[sequence.label(state)], one, two)
            }
            step -= 1
        }
    }

    /// 1 for a sequence whose loss is finite, else 0.
    private func finite() throws(TalwegError) -> Tensor { try Tensor(losses).isFinite() }
}

extension Tensor {
    /// The connectionist temporal classification loss. The mean is of each loss over its number of labels, 1 at least.
    /// Labels for which the input is too short have an infinite loss.
    /// - Parameters:
    ///   - logProbabilities: [steps, n, classes] or [steps, classes], such as of `logSoftmax`
    ///   - targets: labels, none of them the blank: [n, longest], or all close together
    ///   - inputLengths: [n], how many steps count, 1 ... steps
    ///   - targetLengths: [n], how many labels count
    ///   - zeroInfinity: infinite losses, and their gradients, are 0; else the gradients are NaN
    /// - Throws: index for lengths and labels out of range.
    public static func ctcLoss(
        _ logProbabilities: Tensor, _ targets: Tensor, inputLengths: Tensor, targetLengths: Tensor, blank: Int = 0,
        zeroInfinity: Bool = false, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        try reduction.check(CTC.name)
        guard logProbabilities.rank == 2 || logProbabilities.rank == 3 else {
            throw .shape(
                "ctc_loss: log probabilities are \(logProbabilities.shape); [steps, n, classes] or [steps, classes] is "
                    + "needed")
        }
        try LossInputs.refuseEmpty(logProbabilities, reduction, CTC.name)
        let single = logProbabilities.rank == 2
        let given = try logProbabilities.lossReady()
        let x = try single ? given.expandDims(1) : given
        let labels = try CTCLabels(
            targets, of: x, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank)
        let (operation, loss) = try CTC.made(x.view, labels, zeroInfinity: zeroInfinity)
        var losses = try recorded(operation, [x], loss)
        if reduction == .mean {
            losses = try losses / Tensor(labels.lengths).maximum(Tensor.ones(.scalar, .int64)).cast(to: x.dtype)
        }
        return try reduction(single ? losses.squeeze(0) : losses)
    }
}
