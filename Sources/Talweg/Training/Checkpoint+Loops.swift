// Checkpoints of training loops that callers write themselves.

/// Writes the state of a training to one file, which is replaced as a whole or not at all: the module's parameters and
/// buffers, the optimizer's state, the schedule, the process's generator of random numbers, those of the module's
/// layers and those given.
/// - Parameters:
///   - numbers: what else the loop needs to go on, such as its epoch and batch; kept to the bit
/// - Throws: io
public func saveCheckpoint(
    to path: String, _ module: Module, _ optimizer: Optimizer? = nil, _ schedule: Schedule? = nil,
    generators: [Generator] = [], numbers: [Double] = []
) throws(TalwegError) {
    var state = TrainingState()
    for (path, tensor) in module.namedState { state.add("model/" + path, tensor) }
    try state.add(optimizer, schedule)
    try GeneratorStates.save(Generator.named(of: module, generators), to: &state)
    try state.add("loop/numbers", numbers)
    try CheckpointFile.write(state, to: path)
}

/// Puts back what `saveCheckpoint` wrote, in place; on failure nothing is changed. From a file that `fit` wrote the
/// module, the optimizer, the schedule and the generators are read.
/// - Returns: the loop's numbers; none from a file of `fit`
/// - Throws: io, format for a file that is no checkpoint, unsupported for one of another version, invalidArgument with
///   every name that is missing or too many for a model of other parameters
public func loadCheckpoint(
    from path: String, _ module: Module, _ optimizer: Optimizer? = nil, _ schedule: Schedule? = nil,
    generators: [Generator] = []
) throws(TalwegError) -> [Double] {
    let file = try CheckpointFile(path: path)
    let model = try LoadedTensors(
        file.tensors("model/"), for: module.namedState.map { ($0.path, $0.tensor) }, "model", in: path)
    let states = try GeneratorStates(file, for: Generator.named(of: module, generators))
    let numbers = file.has("loop/numbers") ? try file.numbers("loop/numbers") : []
    try load(optimizer, schedule, from: file)
    // What follows cannot fail.
    model.apply()
    states.apply()
    return numbers
}

/// The newest checkpoint that can be read in a folder that `fit` writes them to; nil if it has none.
public func newestCheckpoint(in folder: String) throws(TalwegError) -> String? {
    try CheckpointFolder(folder, create: false).newest()?.path
}

extension TrainingState {
    mutating func add(_ optimizer: Optimizer?, _ schedule: Schedule?) throws(TalwegError) {
        if let optimizer {
            for (name, tensor) in try optimizer.state(copying: false) { add("optimizer/" + name, tensor) }
        }
        if let schedule {
            for (name, tensor) in try schedule.state() { add("schedule/" + name, tensor) }
        }
    }
}

/// Puts back the state of an optimizer and a schedule, or of none of them if one fails.
func load(_ optimizer: Optimizer?, _ schedule: Schedule?, from file: CheckpointFile)
    throws(TalwegError)
{
    let before = try schedule?.state()
    if let schedule { try schedule.load(file.tensors("schedule/")) }
    do {
        if let optimizer { try optimizer.load(file.tensors("optimizer/")) }
    } catch {
        if let before { try? schedule?.load(before) }
        throw error
    }
}
