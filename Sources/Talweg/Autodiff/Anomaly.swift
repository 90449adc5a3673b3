import TalwegKernels

// Anomaly mode: every result of an operation, and every gradient, is searched, so that a NaN is reported
// where it first comes up and not where it is noticed.

/// Switches anomaly mode on or off for this thread; gives what it was.
public func setAnomalyMode(_ enabled: Bool) -> Bool {
    let state = ThreadState.current
    defer { state.anomaly = enabled }
    return state.anomaly
}

/// Whether anomaly mode is on for this thread.
public var anomalyMode: Bool { ThreadState.current.anomaly }

@inline(never)
func checkForNaN(_ name: String, _ y: View, from x: View) throws(TalwegError) {
    try checkForNaN(name, [y], from: [x])
}

@inline(never)
func checkForNaN(_ name: String, _ y: View, from a: View, _ b: View) throws(TalwegError) {
    try checkForNaN(name, [y], from: [a, b])
}

/// - Throws: numeric if a result has a NaN and no input does: then the operation made it.
@inline(never)
func checkForNaN(_ name: String, _ outputs: [View], from inputs: [View]) throws(TalwegError) {
    for y in outputs {
        guard let found = try firstNaN(y) else { continue }
        for x in inputs where try firstNaN(x) != nil { return }
        throw .numeric(
            "anomaly: \(name) made a NaN at \(found) of its result \(y.shape), from inputs without one: "
                + inputs.map { "\($0.dtype.name) \($0.shape)" }.joined(separator: ", "))
    }
}

/// - Throws: numeric if a gradient that an operation's pullback made has a NaN.
@inline(never)
func checkGradientForNaN(_ name: String, _ gradient: View) throws(TalwegError) {
    guard let found = try firstNaN(gradient) else { return }
    throw .numeric(
        "anomaly: the gradient of \(name) made a NaN at \(found) of the gradient \(gradient.shape) of its input, "
            + "from a gradient without one")
}

/// The position of the first NaN, if there is one.
func firstNaN(_ x: View) throws(TalwegError) -> [Int]? {
    guard x.dtype.isFloating, x.count > 0 else { return nil }
    let marks = try elementwise(.isnan, x, "isnan").contiguous()
    let bytes = marks.pointer(as: UInt8.self)
    guard let place = (0..<x.count).first(where: { bytes[$0] != 0 }) else { return nil }
    var rest = place
    var position: [Int] = []
    for size in x.shape.dims.reversed() {
        position.append(rest % size)
        rest /= size
    }
    return position.reversed()
}
