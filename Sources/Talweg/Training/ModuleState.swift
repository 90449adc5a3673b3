// A module's state beside its file: for checkpoints.

extension Module {
    /// Parameters and persistent buffers, here and below, each once.
    final var stateTensors: [Tensor] { namedState.map(\.tensor) }

    /// The generators of random numbers here and below, such as "1.generator": each once.
    final var namedGenerators: [(path: String, generator: Generator)] {
        var found: [(path: String, generator: Generator)] = []
        var seen = Set<ObjectIdentifier>([ObjectIdentifier(Generator.shared)])
        for (path, module) in modules {
            for (name, generator) in module.generators where seen.insert(ObjectIdentifier(generator)).inserted {
                found.append((path.isEmpty ? name : path + "." + name, generator))
            }
        }
        return found
    }
}

/// Tensors read from a file for those of a model: written over them once all have been found to fit.
struct LoadedTensors {
    private var pairs: [(target: Tensor, source: Tensor)] = []

    /// - Throws: invalidArgument with every name that one has and the other has not, shape and dtype for the first
    ///   that differs.
    init(
        _ found: [(name: String, tensor: Tensor)], for wanted: [(path: String, tensor: Tensor)], _ what: String,
        in path: String
    ) throws(TalwegError) {
        var byName: [String: Tensor] = [:]
        for (name, tensor) in found { byName[name] = tensor }
        let names = Set(wanted.map(\.path))
        let missing = wanted.map(\.path).filter { byName[$0] == nil }
        let extra = found.map(\.name).filter { !names.contains($0) }
        guard missing.isEmpty, extra.isEmpty else {
            var parts: [String] = []
            if !missing.isEmpty { parts.append("it lacks \(LoadedTensors.listed(missing))") }
            if !extra.isEmpty { parts.append("the \(what) has no \(LoadedTensors.listed(extra))") }
            throw .invalid("checkpoint: \(path) is of another \(what): " + parts.joined(separator: "; "))
        }
        for (name, target) in wanted {
            guard let source = byName[name] else { continue }
            guard source.shape == target.shape else {
                throw .shape("checkpoint: \"\(name)\" is \(source.shape) in \(path), \(target.shape) in the \(what)")
            }
            guard source.dtype == target.dtype else {
                throw .dtype(
                    "checkpoint: \"\(name)\" is \(source.dtype.name) in \(path), \(target.dtype.name) in the \(what)")
            }
            pairs.append((target, source))
        }
    }

    /// Every name, quoted.
    private static func listed(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// Cannot fail.
    func apply() {
        for (target, source) in pairs {
            // Tells the tape that the elements change.
            _ = target.mutableData()
            target.view.assign(source.view)
        }
    }

    /// The tensors that were read, for a snapshot of their targets.
    var copies: [(tensor: Tensor, elements: View)] { pairs.map { ($0.target, $0.source.view) } }
}

/// The states of random generators in a checkpoint, as four words of 32 bits, which float64 holds exactly.
struct GeneratorStates {
    private var pairs: [(generator: Generator, seed: UInt64, position: UInt64)] = []

    static func save(_ named: [(path: String, generator: Generator)], to state: inout TrainingState)
        throws(TalwegError)
    {
        for (path, generator) in named {
            let (seed, position) = generator.state
            let words = [seed >> 32, seed & 0xffff_ffff, position >> 32, position & 0xffff_ffff]
            try state.add("random/\(path)", words.map { Double($0) })
        }
    }

    init(_ file: CheckpointFile, for named: [(path: String, generator: Generator)]) throws(TalwegError) {
        for (path, generator) in named {
            var words: [UInt64] = []
            for number in try file.numbers("random/\(path)", count: 4) {
                guard let word = UInt32(exactly: number) else {
                    throw .format("checkpoint: \(file.path): \"random/\(path)\" holds \(number), no 32-bit word")
                }
                words.append(UInt64(word))
            }
            pairs.append((generator, words[0] << 32 | words[1], words[2] << 32 | words[3]))
        }
    }

    func apply() {
        for (generator, seed, position) in pairs { generator.set(seed: seed, position: position) }
    }
}

extension Generator {
    /// The process's and a module's, and those that the caller names, as checkpoints call them.
    static func named(of module: Module, _ given: [Generator]) -> [(path: String, generator: Generator)] {
        var all: [(path: String, generator: Generator)] = [("process", .shared)]
        for (path, generator) in module.namedGenerators { all.append(("module/\(path)", generator)) }
        for (place, generator) in given.enumerated() { all.append(("given/\(place)", generator)) }
        return all
    }
}
