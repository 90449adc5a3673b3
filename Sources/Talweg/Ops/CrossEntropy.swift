import CIntrinsics
import TalwegKernels

/// What a cross-entropy loss may be told.
public struct CrossEntropyOptions: Sendable {
    /// Rows with this label have no loss and do not count; nil: there are none.
    public var ignoreIndex: Int64?
    /// Of the target, this share is spread evenly over all classes (Szegedy et al., "Rethinking the
    /// Inception architecture for computer vision", 2016).
    public var labelSmoothing: Double
    /// How much each class counts, [classes]; nil: all alike.
    public var weight: Tensor?
    /// The mean is over the weights of the labels that count.
    public var reduction: Reduction

    public init(
        ignoreIndex: Int64? = nil, labelSmoothing: Double = 0, weight: Tensor? = nil, reduction: Reduction = .mean
    ) {
        self.ignoreIndex = ignoreIndex
        self.labelSmoothing = labelSmoothing
        self.weight = weight
        self.reduction = reduction
    }
}

/// The mean over rows of -log softmax(logits)[label], with labels fixed. What it keeps is one logarithm a row:
/// the gradient is made of the logits and these in one pass.
struct CrossEntropy: VariadicOperation {
    static let name = "cross_entropy_loss"
    static let savesOutput = false
    /// int64 [n], checked.
    let labels: View
    let options: tk_cross_entropy_options
    /// The rows whose label is not ignored.
    let counted: Int
    /// log(sum(exp(x))) of each row.
    let logarithms: View

    func saves(input: Int) -> Bool { true }

    /// The operation and its result.
    static func made(_ x: View, labels: View, _ options: tk_cross_entropy_options)
        throws(TalwegError) -> (operation: CrossEntropy, loss: View)
    {
        let (n, classes) = (x.shape[0], x.shape[1])
        let table = try floatKernels(x.dtype, name)
        let logits = try x.contiguous()
        let rowShape = try Shape([n], for: name)
        let losses = try View(uninitialized: rowShape, x.dtype)
        let logarithms = try View(uninitialized: rowShape, x.dtype)
        let picks = labels.pointer(as: Int64.self)
        let (from, to, sums, size) = (logits.pointer, losses.pointer, logarithms.pointer, x.dtype.itemSize)
        var options = options
        withUnsafePointer(to: &options) { options in
            forEachRowGroup(n, width: classes) { first, count in
                table.losses.crossEntropy(
                    count, classes, options, from + first * classes * size, picks + first, to + first * size,
                    sums + first * size)
            }
        }
        var counted = 0
        for row in 0..<n where picks[row] != options.ignore_index { counted += 1 }
        let sum = try reduce(.sum, losses, .all(1), keepdims: false, name)
        return (
            CrossEntropy(labels: labels, options: options, counted: counted, logarithms: logarithms),
            try .scalar(sum.double() / Double(counted), x.dtype)
        )
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try CrossEntropy.made(inputs[0], labels: labels, options).loss
    }

    /// (softmax(logits) - target) g / n
    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<CrossEntropy>) throws(TalwegError) -> [Tensor?] {
        let x = try r.input(0)
        if ThreadState.current.recording { return [try composedPullback(g, x)] }
        let (n, classes) = (x.shape[0], x.shape[1])
        let table = try floatKernels(x.dtype, Self.name)
        let logits = try x.view.contiguous()
        let dx = try View(uninitialized: x.shape, x.dtype)
        let scale = g.view.double() / Double(counted)
        let picks = labels.pointer(as: Int64.self)
        let (from, to, sums, size) = (logits.pointer, dx.pointer, logarithms.pointer, x.dtype.itemSize)
        var options = options
        withUnsafePointer(to: &options) { options in
            forEachRowGroup(n, width: classes) { first, count in
                table.losses.crossEntropyBackward(
                    count, classes, options, scale, from + first * classes * size, picks + first,
                    sums + first * size, to + first * classes * size)
            }
        }
        return [Tensor(dx)]
    }

    private func composedPullback(_ g: Tensor, _ x: Tensor) throws(TalwegError) -> Tensor {
        let (n, classes) = (x.shape[0], x.shape[1])
        let target = try View.full(x.shape, options.smoothing / Double(classes), .float64)
        let weights = try View.full(Shape([n, 1], for: Self.name), 0, .float64)
        let (hot, weight) = (target.pointer(as: Double.self), weights.pointer(as: Double.self))
        let picks = labels.pointer(as: Int64.self)
        for row in 0..<n where picks[row] != options.ignore_index {
            hot[row * classes + Int(picks[row])] += 1 - options.smoothing
            weight[row] = 1 / Double(counted)
        }
        let (targets, shares) = (Tensor(try target.cast(to: x.dtype)), Tensor(try weights.cast(to: x.dtype)))
        return try (x.softmax() - targets) * (g * shares)
    }
}

extension Tensor {
    /// The mean over rows of -log softmax(logits)[label]; NaN if every row is ignored.
    /// - Parameters:
    ///   - logits: [n, classes], or [n, classes, ..], or [classes]
    ///   - target: labels [n], or [n, ..], or one: integers in 0 ..< classes; or shares of the classes, floating, of
    ///     the logits' shape
    public static func crossEntropy(_ logits: Tensor, _ target: Tensor, _ options: CrossEntropyOptions = .init())
        throws(TalwegError) -> Tensor
    {
        guard options.labelSmoothing >= 0, options.labelSmoothing <= 1 else {
            throw .invalid("cross_entropy_loss: label_smoothing is \(options.labelSmoothing); it is from 0 to 1")
        }
        let fused = options.weight == nil && options.reduction == .mean && logits.rank == 2 && target.rank == 1
        guard fused, !target.dtype.isFloating else { return try crossEntropyByParts(logits, target, options) }
        guard logits.shape[0] == target.shape[0] else {
            throw .shape(
                "cross_entropy_loss: logits \(logits.shape) and labels \(target.shape); [n, classes] and [n] are needed")
        }
        guard logits.count > 0 else { throw .shape("cross_entropy_loss: of no elements, \(logits.shape)") }
        guard target.dtype != .bool else { throw .dtype("cross_entropy_loss: labels are integers, not bool") }
        let classes = Int64(logits.shape[1])
        // In storage of their own: the pullback reads them later, unchanged.
        let own = try target.view.ownedIntegers()
        let values = own.pointer(as: Int64.self)
        // Of checked labels none is -1.
        let ignored = options.ignoreIndex ?? -1
        for row in 0..<own.count where values[row] < 0 || values[row] >= classes {
            guard options.ignoreIndex != nil, values[row] == ignored else {
                throw .index("cross_entropy_loss: label \(values[row]) of row \(row) is outside 0...\(classes - 1)")
            }
        }
        let x = try logits.lossReady()
        let (operation, loss) = try CrossEntropy.made(
            x.view, labels: own,
            tk_cross_entropy_options(ignore_index: ignored, smoothing: options.labelSmoothing))
        return try recorded(operation, [x], loss)
    }
}
