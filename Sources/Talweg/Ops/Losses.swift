import TalwegKernels

/// mean((prediction - target)^2)
struct MeanSquaredError: BinaryOperation {
    static let name = "mse_loss"
    static let saves: Saves = .inputs
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        let difference = try elementwise(.subtract, a, b, Self.name)
        guard let kernel = kernels.unary(.square, a.dtype) else {
            throw .dtype("mse_loss: needs a floating type, not \(a.dtype.name)")
        }
        mapUnary(kernel, difference, to: difference)
        let sum = try reduce(.sum, difference, .all(a.rank), keepdims: false, Self.name)
        return try elementwise(.divide, sum, View.full(.scalar, Double(a.count), a.dtype), Self.name)
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<MeanSquaredError>) throws(TalwegError) -> Tensor {
        try (r.a - r.b) * (g * (2 / Double(r.firstShape.count)))
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<MeanSquaredError>) throws(TalwegError) -> Tensor {
        try (r.b - r.a) * (g * (2 / Double(r.firstShape.count)))
    }
}

/// The mean over rows of -log softmax(logits)[label], with labels fixed.
struct CrossEntropy: UnaryOperation {
    static let name = "cross_entropy_loss"
    static let saves: Saves = .first
    /// int64 [n], checked.
    let labels: View

    func forward(_ x: View) throws(TalwegError) -> View {
        let (n, classes) = (x.shape[0], x.shape[1])
        guard let table = kernels.float(x.dtype) else {
            throw .dtype("cross_entropy_loss: needs a floating type, not \(x.dtype.name)")
        }
        let logits = try x.contiguous()
        let losses = try View(uninitialized: Shape([n], for: Self.name), x.dtype)
        let picks = labels.pointer(as: Int64.self)
        let size = x.dtype.itemSize
        let perChunk = max(1, elementsPerChunk / classes)
        guard let subtract = kernels.binary(.subtract, x.dtype) else {
            throw .dtype("cross_entropy_loss: not defined for \(x.dtype.name)")
        }
        let (from, to) = (logits.pointer, losses.pointer)
        ThreadPool.run(chunks: (n + perChunk - 1) / perChunk) { chunk in
            var row = chunk * perChunk
            let end = min(n, row + perChunk)
            while row < end {
                let (logit, loss) = (from + row * classes * size, to + row * size)
                table.logSumExp(classes, logit, loss)
                subtract(1, loss, 1, logit + Int(picks[row]) * size, 1, loss, 1)
                row += 1
            }
        }
        let sum = try reduce(.sum, losses, .all(1), keepdims: false, Self.name)
        return try elementwise(.divide, sum, View.full(.scalar, Double(n), x.dtype), Self.name)
    }

    /// (softmax(logits) - one hot(labels)) g / n
    func pullback(_ g: Tensor, _ r: UnaryRecord<CrossEntropy>) throws(TalwegError) -> Tensor {
        let n = r.inputShape[0]
        let hot = try View.full(r.inputShape, 0, g.dtype)
        let one = try View.full(.scalar, 1, g.dtype)
        let (size, classes) = (g.dtype.itemSize, r.inputShape[1])
        let picks = labels.pointer(as: Int64.self)
        for row in 0..<n {
            (hot.pointer + (row * classes + Int(picks[row])) * size)
                .copyMemory(from: one.pointer, byteCount: size)
        }
        return try (r.x.softmax() - Tensor(hot)) * (g / Double(n))
    }
}

extension Tensor {
    /// mean((prediction - target)^2); the shapes must agree exactly, since a
    /// broadcast here is nearly always a mistake.
    public static func meanSquaredError(_ prediction: Tensor, _ target: Tensor) throws(TalwegError) -> Tensor {
        guard prediction.shape == target.shape else {
            throw .shape("mse_loss: the prediction is \(prediction.shape), the target \(target.shape)")
        }
        guard prediction.count > 0 else { throw .shape("mse_loss: of no elements, \(prediction.shape)") }
        let (a, b) = try promoted(prediction, target)
        return try apply(MeanSquaredError(), a.floating(), b.floating())
    }

    /// The mean over rows of -log softmax(logits)[label].
    /// - Parameters:
    ///   - logits: [n, classes]
    ///   - labels: [n], integers in 0 ..< classes
    public static func crossEntropy(_ logits: Tensor, _ labels: Tensor) throws(TalwegError) -> Tensor {
        guard logits.rank == 2, labels.rank == 1, logits.shape[0] == labels.shape[0] else {
            throw .shape(
                "cross_entropy_loss: logits \(logits.shape) and labels \(labels.shape); [n, classes] and [n] are needed")
        }
        guard logits.count > 0 else { throw .shape("cross_entropy_loss: of no elements, \(logits.shape)") }
        guard !labels.dtype.isFloating, labels.dtype != .bool else {
            throw .dtype("cross_entropy_loss: labels are integers, not \(labels.dtype.name)")
        }
        let classes = Int64(logits.shape[1])
        // In storage of their own: the pullback reads them later, unchanged.
        let own = try labels.view.owned(as: .int64)
        let values = own.pointer(as: Int64.self)
        for row in 0..<own.count where values[row] < 0 || values[row] >= classes {
            throw .index("cross_entropy_loss: label \(values[row]) of row \(row) is outside 0...\(classes - 1)")
        }
        return try apply(CrossEntropy(labels: own), logits.floating())
    }
}
