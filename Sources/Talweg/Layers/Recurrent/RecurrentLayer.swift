import TalwegKernels

/// Layers of recurrent cells over a sequence: what RNN, LSTM and GRU share.
///
/// Inputs: x [T, B, I] ([B, T, I] if `batchFirst`; [T, I] for one sequence), the initial states
/// [layers * directions, B, H] or none for zeros, of an LSTM the initial cells likewise, and integer lengths [B] or
/// none. Outputs: the states of the last layer [T, B, directions * H], those of all layers after the last step
/// [layers * directions, B, H], and of an LSTM the cells likewise. With lengths, a sequence ends after as many steps:
/// its outputs past them are 0, its last state is that after its last step, where the opposite direction begins.
///
/// Parameters, under PyTorch's names: weight_ih_l0 [G, I], weight_hh_l0 [G, H], bias_ih_l0 [G], bias_hh_l0 [G], of an
/// LSTM with a projection weight_hr_l0 [P, H], the same with _reverse, then those of layer 1; G is H times the gates.
public class RecurrentLayer: Module {
    public let inputSize: Int
    public let hiddenSize: Int
    public let options: RecurrentOptions
    private let cell: RecurrentCell
    /// By layer, the directions together.
    private let names: [RecurrentNames]

    /// The width of the states: that of the projection if there is one.
    public final var stateSize: Int { options.projection > 0 ? options.projection : hiddenSize }
    private var directions: Int { options.bidirectional ? 2 : 1 }

    init(_ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, _ options: RecurrentOptions, _ name: String)
        throws(TalwegError)
    {
        try options.check(name, inputs, hidden, projects: cell == .lstm)
        (self.cell, inputSize, hiddenSize, self.options) = (cell, inputs, hidden, options)
        var names: [RecurrentNames] = []
        for layer in 0..<options.layers {
            names.append(RecurrentNames("_l\(layer)"))
            if options.bidirectional { names.append(RecurrentNames("_l\(layer)_reverse")) }
        }
        self.names = names
        super.init()
        let (wide, overflow) = stateSize.multipliedReportingOverflow(by: directions)
        guard !overflow else { throw .shape("\(name): a state of \(hidden) is too wide") }
        for (place, name) in names.enumerated() {
            try name.make(
                in: self, cell, inputs: place < directions ? inputs : wide, hidden: hidden,
                projection: options.projection, bias: options.bias, options.dtype, options.generator)
        }
    }

    /// The states of the last layer, from zeros.
    public final override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try run(x, nil, nil, nil)[0] }

    public final override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        let most = cell == .lstm ? 4 : 3
        guard inputs.count <= most, let x = inputs.first ?? nil else {
            throw .invalid(
                "\(typeName): takes a sequence, its state\(cell == .lstm ? ", its cells" : "") and lengths, the last "
                    + "\(most - 1) of which may be left out")
        }
        func input(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }
        return try run(x, input(1), cell == .lstm ? input(2) : nil, input(most - 1))
    }

    /// The outputs, of a batch or of one sequence.
    final func run(_ x: Tensor, _ hidden: Tensor?, _ cells: Tensor?, _ lengths: Tensor?)
        throws(TalwegError) -> [Tensor]
    {
        guard x.rank == 2 else { return try runBatch(x, hidden, cells, lengths) }
        guard lengths == nil else {
            throw .shape("\(typeName): lengths are of a batch, and the input \(x.shape) is one sequence")
        }
        let axis = options.batchFirst ? 0 : 1
        var results = try runBatch(
            x.expandDims(axis), hidden.map { h throws(TalwegError) in try h.expandDims(1) },
            cells.map { c throws(TalwegError) in try c.expandDims(1) }, nil)
        results[0] = try results[0].squeeze(axis)
        for place in 1..<results.count { results[place] = try results[place].squeeze(1) }
        return results
    }

    private func runBatch(_ given: Tensor, _ hidden: Tensor?, _ cells: Tensor?, _ lengths: Tensor?)
        throws(TalwegError) -> [Tensor]
    {
        guard given.rank == 3, given.shape[2] == inputSize else {
            throw .shape(
                "\(typeName): the input is \(given.shape); \(options.batchFirst ? "[batch, steps" : "[steps, batch"), "
                    + "\(inputSize)] is needed")
        }
        let x = options.batchFirst ? try given.permute([1, 0, 2]) : given
        let (steps, batch) = (x.shape[0], x.shape[1])
        guard steps > 0 else { throw .shape("\(typeName): a sequence of no steps, \(given.shape)") }
        try check(hidden, "state", batch, stateSize)
        try check(cells, "cells", batch, hiddenSize)
        let packing = try lengths.map { lengths throws(TalwegError) in
            try SequenceLengths(lengths, steps: steps, batch: batch, typeName)
        }
        var pieces = try packing?.pieces(x) ?? [x]
        let first = try hidden.map { h throws(TalwegError) in try packing?.ordered(h, axis: 1) ?? h }
        let firstCells = try cells.map { c throws(TalwegError) in try packing?.ordered(c, axis: 1) ?? c }
        var (lastStates, lastCells): ([Tensor], [Tensor]) = ([], [])
        for layer in 0..<options.layers {
            var found: [[Tensor]] = []
            for direction in 0..<directions {
                let place = layer * directions + direction
                let walk = RecurrentWalk(
                    cell: cell, weights: try names[place].weights(of: self),
                    projection: options.projection == 0 ? nil : parameter(names[place].projection),
                    backwards: direction == 1, name: typeName)
                let result = try walk.run(
                    pieces, first.map { h throws(TalwegError) in try h.select(axis: 0, index: place) },
                    firstCells.map { c throws(TalwegError) in try c.select(axis: 0, index: place) })
                found.append(result.pieces)
                lastStates.append(result.hidden)
                if let cells = result.cells { lastCells.append(cells) }
            }
            pieces = found[0]
            for place in pieces.indices {
                if directions == 2 { pieces[place] = try .concatenate([found[0][place], found[1][place]], axis: 2) }
                if isTraining, options.dropout > 0, layer < options.layers - 1 {
                    pieces[place] = try pieces[place].dropout(options.dropout, options.generator)
                }
            }
        }
        var y = try packing?.joined(pieces) ?? pieces[0]
        if options.batchFirst { y = try y.permute([1, 0, 2]) }
        var results = [y]
        for states in [lastStates, lastCells] where !states.isEmpty {
            let all = try states.count == 1 ? states[0].expandDims(0) : .stack(states)
            results.append(try packing?.restored(all, axis: 1) ?? all)
        }
        return results
    }

    private func check(_ state: Tensor?, _ what: String, _ batch: Int, _ width: Int) throws(TalwegError) {
        guard let state else { return }
        let shape = try Shape([options.layers * directions, batch, width], for: typeName)
        guard state.shape == shape else {
            throw .shape("\(typeName): the initial \(what) has shape \(state.shape); \(shape) is needed")
        }
    }
}
