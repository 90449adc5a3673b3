import Talweg

// States as named tensors: those of optimizers, schedules and averaged weights.

/// Writes the names, a line each.
func writeNames(
    _ state: [(name: String, tensor: Tensor)], _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) throws(TalwegError) {
    try write(state.map(\.name).joined(separator: "\n"), text, capacity, needed)
}

/// Gives handles on copies of all tensors, or none.
func giveState(
    _ state: [(name: String, tensor: Tensor)], _ scope: OpaquePointer?,
    _ tensors: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int64, _ count: UnsafeMutablePointer<Int64>?
) throws(TalwegError) {
    let count = try required(count, "count")
    let owner: Scope? = scope == nil ? nil : try resolve(scope, "scope")
    count.pointee = Int64(state.count)
    guard state.count <= capacity else {
        throw TalwegError(.invalidArgument, "state: \(state.count) tensors, but room for \(capacity)")
    }
    if state.isEmpty { return }
    let tensors = try required(tensors, "tensors")
    for (place, entry) in state.enumerated() {
        do {
            tensors[place] = try own(entry.tensor.copy(), by: owner)
        } catch {
            // What belongs to a scope goes with it.
            for made in 0..<place {
                if owner == nil { free(tensors[made], as: Tensor.self) }
                tensors[made] = nil
            }
            throw error
        }
    }
}

/// The caller's named tensors.
func takeState(
    _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int64
) throws(TalwegError) -> [(name: String, tensor: Tensor)] {
    guard count >= 0, count <= 1 << 40 else { throw TalwegError(.invalidArgument, "state: count is \(count)") }
    var found: [(name: String, tensor: Tensor)] = []
    for place in 0..<Int(count) {
        guard let names, let tensors else { throw TalwegError(.null, "names or tensors is NULL") }
        found.append((try string(names[place], "name"), try resolve(tensors[place], "tensor")))
    }
    return found
}
