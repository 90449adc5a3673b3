import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Averages of a module's weights over the steps, beside them: exponential (Polyak and Juditsky, "Acceleration of
/// stochastic approximation by averaging", 1992, as it is used today) or equal, for stochastic weight averaging
/// (Izmailov et al., "Averaging weights leads to wider optima and better generalization", 2018).
///
/// It holds copies of the module's parameters and persistent buffers: at first as they are, after the first update
/// those of that, then averages. Averages of float16 and bfloat16 are float32.
public final class AveragedWeights {
    public enum Kind: Sendable {
        /// average += (1 - decay) (weight - average); corrected, (1 - decay) / (1 - decay^n) at update n, which
        /// weighs what was seen as if it had been going on for ever.
        case exponential(decay: Double, corrected: Bool)
        /// The mean of all updates.
        case equal
    }

    private struct Entry {
        let path: String
        let average: View
        /// Whether it is averaged: else it is the newest.
        let isAveraged: Bool
    }

    public let module: Module
    public let kind: Kind
    /// How many updates were made.
    public private(set) var updates = 0
    private var entries: [Entry] = []
    /// What the module held when the averages took its place.
    private var held: Snapshot?

    /// - Parameter averagesBuffers: average the buffers too that are numbers with fractions, instead of keeping
    ///   the newest.
    /// - Throws: invalidArgument for a decay out of range.
    public init(_ module: Module, _ kind: Kind, averagesBuffers: Bool = false) throws(TalwegError) {
        if case .exponential(let decay, _) = kind {
            guard decay >= 0, decay < 1 else {
                throw .invalid("average: decay is \(decay); it must be 0 or more and below 1")
            }
        }
        self.module = module
        self.kind = kind
        let buffers = Set(module.namedBuffers.map { ObjectIdentifier($0.tensor) })
        for (path, tensor) in module.namedState {
            let isBuffer = buffers.contains(ObjectIdentifier(tensor))
            let narrow = tensor.dtype == .float16 || tensor.dtype == .bfloat16
            let isAveraged = tensor.dtype.isFloating && (averagesBuffers || !isBuffer)
            let dtype = narrow && isAveraged ? DType.float32 : tensor.dtype
            entries.append(Entry(path: path, average: try tensor.view.owned(as: dtype), isAveraged: isAveraged))
        }
    }

    private var name: String {
        switch kind {
        case .exponential: "ema"
        case .equal: "swa"
        }
    }

    /// What a module holds at the paths of the entries.
    private func matching(_ module: Module) throws(TalwegError) -> [Tensor] {
        let found = module.namedState
        guard found.count == entries.count else {
            throw .state("average: the module holds \(found.count) tensors; \(entries.count) are averaged")
        }
        for ((path, tensor), entry) in zip(found, entries) {
            guard path == entry.path, tensor.shape == entry.average.shape else {
                throw .shape(
                    "average: the module has \"\(path)\" \(tensor.shape) where \"\(entry.path)\" "
                        + "\(entry.average.shape) is averaged")
            }
        }
        return found.map(\.tensor)
    }

    /// Takes the module's weights into the averages.
    /// - Throws: state while the averages are in the module's place, or if it holds other tensors than at first.
    public func update() throws(TalwegError) {
        guard held == nil else { throw .state("average: an update while the averages are in the module's place") }
        let tensors = try matching(module)
        // All memory is had before the first average changes.
        var sources: [View] = []
        for (tensor, entry) in zip(tensors, entries) {
            sources.append(try tensor.view.cast(to: entry.average.dtype).contiguous())
        }
        let share = share(updates + 1)
        for (source, entry) in zip(sources, entries) {
            if entry.isAveraged, updates > 0 {
                AveragedWeights.blend(source, into: entry.average, share)
            } else {
                entry.average.assign(source)
            }
        }
        updates += 1
    }

    /// What update n weighs.
    private func share(_ n: Int) -> Double {
        switch kind {
        case .exponential(let decay, let corrected): corrected ? (1 - decay) / (1 - pow(decay, Double(n))) : 1 - decay
        case .equal: 1 / Double(n)
        }
    }

    private static func blend(_ source: View, into average: View, _ share: Double) {
        let kernel = average.dtype == .float32 ? kernels.f32.updates.blend : kernels.f64.updates.blend
        let size = average.dtype.itemSize
        forEachChunk(average.count) { _, start, count in
            kernel(count, share, source.pointer + start * size, average.pointer + start * size)
        }
    }

    /// Puts the averages in the module's place, until `restore`.
    /// - Throws: state if they are there already.
    public func apply() throws(TalwegError) {
        guard held == nil else { throw .state("average: the averages are in the module's place already") }
        var before = Snapshot()
        try before.take(matching(module))
        try copy(to: module)
        held = before
    }

    /// Puts back what the module held before `apply`.
    /// - Throws: state if the averages are not in its place.
    public func restore() throws(TalwegError) {
        guard let held else { throw .state("average: the averages are not in the module's place") }
        held.restore()
        self.held = nil
    }

    /// Whether the averages are in the module's place.
    public var isApplied: Bool { held != nil }

    /// Overwrites what a module holds, which has tensors of the same paths and shapes, with the averages.
    public func copy(to module: Module) throws(TalwegError) {
        let tensors = try matching(module)
        var averages: [View] = []
        for (tensor, entry) in zip(tensors, entries) { averages.append(try entry.average.cast(to: tensor.dtype)) }
        for (tensor, average) in zip(tensors, averages) {
            // Tells the tape that the elements change.
            _ = tensor.mutableData()
            tensor.view.assign(average)
        }
    }

    /// A copy of the average of what the module has at a path.
    public func average(at path: String) throws(TalwegError) -> Tensor {
        guard let entry = entries.first(where: { $0.path == path }) else {
            throw .index("average: there is none at \"\(path)\"")
        }
        return Tensor(try entry.average.copy())
    }

    // MARK: State

    /// The averages and how many updates they hold, as named tensors.
    public func state() throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        var found = [(name: "\(name).updates", tensor: try StateReader.scalar(Double(updates)))]
        for entry in entries { found.append(("\(name).average.\(entry.path)", Tensor(try entry.average.copy()))) }
        return found
    }

    /// Takes over the state of averages of the same kind over a module of the same paths and shapes.
    /// - Throws: invalidArgument, with nothing changed and every name told that is missing, unexpected or differs.
    public func load(_ state: [(name: String, tensor: Tensor)]) throws(TalwegError) {
        var reader = try StateReader(state, for: "average")
        let updates = try reader.count("\(name).updates") ?? 0
        var read: [(View, View)] = []
        for entry in entries {
            let average = entry.average
            let found = try reader.tensor("\(name).average.\(entry.path)", average.shape, average.dtype)
            if let found { read.append((average, found)) }
        }
        try reader.finish()
        for (average, found) in read { average.assign(found) }
        self.updates = updates
    }

    /// Writes the state to a safetensors file, which is replaced as a whole or not at all.
    public func save(to path: String) throws(TalwegError) { try Safetensors.save(state(), to: path) }

    /// `load` from a file that `save` wrote.
    public func load(from path: String) throws(TalwegError) { try load(StateReader.entries(of: path)) }
}
