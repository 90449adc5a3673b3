import TalwegKernels

/// One recurrent layer's walk in one direction over a batch in pieces: see `SequenceLengths`.
struct RecurrentWalk {
    let cell: RecurrentCell
    let weights: RecurrentWeights
    /// [P, H], of an LSTM whose states are projected.
    let projection: Tensor?
    let backwards: Bool
    /// The layer's, for messages.
    let name: String

    private typealias State = (hidden: Tensor?, cells: Tensor?)

    /// The pieces' states, and each sequence's state and cells after its last step.
    /// - Parameters:
    ///   - pieces: [steps, batch, features], batches that do not grow.
    ///   - hidden, cells: before the first step, of all sequences; nil: zeros.
    func run(_ pieces: [Tensor], _ hidden: Tensor?, _ cells: Tensor?)
        throws(TalwegError) -> (pieces: [Tensor], hidden: Tensor, cells: Tensor?)
    {
        var states: [Tensor] = []
        var state: State = (hidden, cells)
        if backwards {
            state = (nil, nil)
            var before = 0
            for piece in pieces.reversed() {
                // Sequences that end here join those that are longer.
                state.hidden = try joined(state.hidden, hidden, before, piece.shape[1], projection?.shape[0])
                if cell == .lstm { state.cells = try joined(state.cells, cells, before, piece.shape[1], nil) }
                let result = try walk(piece.flip(axes: [0]), state)
                states.append(try result.states.flip(axes: [0]))
                state = (result.hidden, result.cells)
                before = piece.shape[1]
            }
            states.reverse()
            return (states, try some(state.hidden), state.cells)
        }
        var (ended, endedCells): ([Tensor], [Tensor]) = ([], [])
        for (place, piece) in pieces.enumerated() {
            let result = try walk(piece, state)
            states.append(result.states)
            let left = place + 1 < pieces.count ? pieces[place + 1].shape[1] : 0
            if left == 0 || left < piece.shape[1] {
                // Sequences that have ended; they follow the longer ones.
                ended.append(left == 0 ? result.hidden : try result.hidden.slice(axis: 0, from: left))
                if let cells = result.cells {
                    endedCells.append(left == 0 ? cells : try cells.slice(axis: 0, from: left))
                }
            }
            state = (
                left == 0 ? nil : try result.hidden.slice(axis: 0, to: left),
                try left == 0 ? nil : result.cells?.slice(axis: 0, to: left)
            )
        }
        return (states, try together(ended), cell == .lstm ? try together(endedCells) : nil)
    }

    private func some(_ x: Tensor?) throws(TalwegError) -> Tensor {
        guard let x else { throw .internal("\(name): no pieces") }
        return x
    }

    /// Those that ended last come first.
    private func together(_ ended: [Tensor]) throws(TalwegError) -> Tensor {
        try ended.count == 1 ? ended[0] : .concatenate(ended.reversed(), axis: 0)
    }

    /// The state of rows 0 ..< before, and the initial one of rows before ..< batch.
    private func joined(_ state: Tensor?, _ initial: Tensor?, _ before: Int, _ batch: Int, _ projected: Int?)
        throws(TalwegError) -> Tensor?
    {
        guard let state else {
            return try initial.map { initial throws(TalwegError) in try initial.slice(axis: 0, to: batch) }
        }
        guard before < batch else { return state }
        let width = projected ?? (cell == .lstm ? weights.input.shape[0] / 4 : weights.hidden.shape[1])
        let rest = try initial?.slice(axis: 0, from: before, to: batch)
        return try .concatenate(
            [state, rest.orZeros(Shape([batch - before, width], for: name), state.dtype)], axis: 0)
    }

    private func walk(_ x: Tensor, _ state: State)
        throws(TalwegError) -> (states: Tensor, hidden: Tensor, cells: Tensor?)
    {
        if let projection { return try projected(x, state, projection) }
        let results = try Tensor.recurrent(cell, x, state.hidden, state.cells, weights, false, name)
        return (results[0], results[1], cell == .lstm ? results[2] : nil)
    }

    /// The states are P y with y the cells' outputs, so the recurrent product W_hh P y of all steps but the first is
    /// that of an LSTM with the weights W_hh P, and the projection is one product for all steps. The first step's
    /// state need not be such a product.
    private func projected(_ given: Tensor, _ state: State, _ projection: Tensor)
        throws(TalwegError) -> (states: Tensor, hidden: Tensor, cells: Tensor?)
    {
        var (x, cells) = (given, state.cells)
        var first: Tensor?
        if let hidden = state.hidden {
            let width = projection.shape[1]
            let sums = try x.select(axis: 0, index: 0).linear(weights.input, weights.inputBias)
                + hidden.linear(weights.hidden, weights.hiddenBias)
            let gates = try sums.split(axis: 1, sizes: [width, width, width, width])
            var after = try gates[0].sigmoid() * gates[2].tanh()
            if let before = cells { after = try after + gates[1].sigmoid() * before }
            first = try gates[3].sigmoid() * after.tanh()
            cells = after
            x = try x.slice(axis: 0, from: 1)
        }
        var outputs: [Tensor] = []
        if let first { outputs.append(try first.expandDims(0)) }
        var last = first
        if x.shape[0] > 0 {
            let wide = RecurrentWeights(
                input: weights.input, hidden: try weights.hidden.matmul(projection), inputBias: weights.inputBias,
                hiddenBias: weights.hiddenBias)
            let results = try Tensor.recurrent(.lstm, x, first, cells, wide, false, name)
            outputs.append(results[0])
            (last, cells) = (results[1], results[2])
        }
        guard let last, outputs.count > 0 else { throw .internal("\(name): no steps") }
        let all = try outputs.count == 1 ? outputs[0] : .concatenate(outputs, axis: 0)
        return (try all.linear(projection), try last.linear(projection), cells)
    }
}
