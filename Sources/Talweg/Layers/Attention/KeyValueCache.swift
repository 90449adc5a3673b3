import TalwegKernels

/// The keys and values of what a model has seen, for decoding step by step: each of its attention layers that is
/// called with the cache appends those of its input, and attends to all of them. One cache serves all layers of a
/// model; a layer of cross attention keeps the keys and values of its memory, from the first step on.
///
/// It keeps no gradient: it is used without recording. If a call fails, it holds what it held before.
public final class KeyValueCache {
    /// The most positions.
    public let capacity: Int
    /// By the layer.
    private var entries: [ObjectIdentifier: Entry] = [:]
    /// How many calls are inside one another.
    private var depth = 0

    /// What one layer keeps.
    private final class Entry {
        /// Held, so that its identity stays its own.
        let layer: Module
        /// [B, HK, capacity, D], of a memory [B, HK, S, D].
        var keys, values: View?
        var length = 0
        let isMemory: Bool

        init(_ layer: Module, isMemory: Bool) { (self.layer, self.isMemory) = (layer, isMemory) }
    }

    /// - Throws: invalidArgument for a capacity below 1.
    public init(capacity: Int) throws(TalwegError) {
        guard capacity >= 1 else {
            throw .invalid("key_value_cache: the capacity is \(capacity); it must be 1 or more")
        }
        self.capacity = capacity
    }

    /// How many positions it holds: as many as all layers have seen.
    public var length: Int {
        entries.values.lazy.filter { !$0.isMemory }.map(\.length).min() ?? 0
    }

    /// Forgets all positions, and memories. What was allocated for positions stays.
    public func reset() {
        for entry in entries.values {
            entry.length = 0
            if entry.isMemory { (entry.keys, entry.values) = (nil, nil) }
        }
    }

    /// How many positions a layer has appended.
    func length(of layer: Module) -> Int { entries[ObjectIdentifier(layer)]?.length ?? 0 }

    /// Runs one call; if it fails, what it appended is forgotten. A call within another leaves that to the other.
    func call<R>(_ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
        depth += 1
        defer { depth -= 1 }
        guard depth == 1 else { return try body() }
        let before = entries.mapValues(\.length)
        do {
            return try body()
        } catch {
            for (layer, entry) in entries {
                entry.length = before[layer] ?? 0
                if entry.isMemory, entry.length == 0 { (entry.keys, entry.values) = (nil, nil) }
            }
            throw error
        }
    }

    /// Appends a layer's keys and values [B, HK, T, D] and gives all that it has seen.
    func append(_ keys: Tensor, _ values: Tensor, for layer: Module) throws(TalwegError) -> (Tensor, Tensor) {
        let entry = try entry(layer, isMemory: false)
        let (length, more) = (entry.length, keys.shape[2])
        try checkUnrecorded(keys, values)
        guard more <= capacity - length else {
            throw .state(
                "key_value_cache: it holds \(length) positions of \(capacity), and \(more) more do not fit; "
                    + "reset it or make a larger one")
        }
        let heldKeys = try room(entry.keys, keys, empty: length == 0)
        let heldValues = try room(entry.values, values, empty: length == 0)
        let place = Slice(axis: 2, start: length, step: 1, count: more)
        try place.forward(heldKeys).assign(keys.view)
        try place.forward(heldValues).assign(values.view)
        (entry.keys, entry.values, entry.length) = (heldKeys, heldValues, length + more)
        let all = Slice(axis: 2, start: 0, step: 1, count: length + more)
        return (Tensor(try all.forward(heldKeys)), Tensor(try all.forward(heldValues)))
    }

    /// The keys and values of a layer's memory, which are computed at the first call after a reset.
    func memory(for layer: Module, _ compute: () throws(TalwegError) -> (Tensor, Tensor)) throws(TalwegError)
        -> (Tensor, Tensor)
    {
        let entry = try entry(layer, isMemory: true)
        if let keys = entry.keys, let values = entry.values { return (Tensor(keys), Tensor(values)) }
        let (keys, values) = try compute()
        try checkUnrecorded(keys, values)
        (entry.keys, entry.values, entry.length) = (keys.view, values.view, max(keys.shape[2], 1))
        return (keys, values)
    }

    private func entry(_ layer: Module, isMemory: Bool) throws(TalwegError) -> Entry {
        if let found = entries[ObjectIdentifier(layer)] {
            guard found.isMemory == isMemory else {
                throw .state("key_value_cache: a layer attends to its own input and to a memory with the same cache")
            }
            return found
        }
        let made = Entry(layer, isMemory: isMemory)
        entries[ObjectIdentifier(layer)] = made
        return made
    }

    /// [B, HK, capacity, D] for rows like `rows`.
    private func room(_ held: View?, _ rows: Tensor, empty: Bool) throws(TalwegError) -> View {
        let shape = try rows.shape.replacing(axis: 2, by: capacity, for: "key_value_cache")
        if let held {
            if held.shape == shape, held.dtype == rows.dtype { return held }
            guard empty else {
                throw .shape(
                    "key_value_cache: it holds keys and values \(held.dtype.name) \(held.shape), the new ones are "
                        + "\(rows.dtype.name) \(rows.shape) [batch, heads, positions, width]; "
                        + "reset it for another batch")
            }
        }
        return try View(uninitialized: shape, rows.dtype)
    }

    private func checkUnrecorded(_ keys: Tensor, _ values: Tensor) throws(TalwegError) {
        guard !ThreadState.current.recording || !(keys.requiresGrad || values.requiresGrad) else {
            throw .state("key_value_cache: it keeps no gradient; switch recording off while decoding")
        }
    }
}
