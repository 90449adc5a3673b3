import TalwegKernels

// Anomaly mode: every result of an operation, and every gradient, is searched, so that a NaN is reported
// where it first comes up and not where it is noticed. Infinities are met in regular work, as in masks, so they
// are searched for on demand only.

/// What the messages begin with.
let anomalyPrefix = "anomaly: "

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
    let what = ThreadState.current.anomalySeeksInfinity ? "an infinity" : "a NaN"
    for y in outputs {
        guard let found = try firstNaN(y) else { continue }
        for x in inputs where try firstNaN(x) != nil { return }
        throw .numeric(
            "\(anomalyPrefix)\(name) made \(what) at \(found) of its result \(y.shape), from inputs without one: "
                + inputs.map { "\($0.dtype.name) \($0.shape)" }.joined(separator: ", "))
    }
}

/// - Throws: numeric if a gradient that an operation's pullback made has a NaN.
@inline(never)
func checkGradientForNaN(_ name: String, _ gradient: View) throws(TalwegError) {
    guard let found = try firstNaN(gradient) else { return }
    let what = ThreadState.current.anomalySeeksInfinity ? "an infinity" : "a NaN"
    throw .numeric(
        "\(anomalyPrefix)the gradient of \(name) made \(what) at \(found) of the gradient \(gradient.shape) of its "
            + "input, from a gradient without one")
}

/// The position of the first NaN, or infinity if such are looked for, if there is one.
func firstNaN(_ x: View) throws(TalwegError) -> [Int]? {
    guard x.dtype.isFloating, x.count > 0 else { return nil }
    let seeksInfinity = ThreadState.current.anomalySeeksInfinity
    let marks = try elementwise(seeksInfinity ? .isinf : .isnan, x, "isnan").contiguous()
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
