import TalwegKernels

/// mean((prediction - target)^2)
struct MeanSquaredError: BinaryOperation {
    static let name = "mse_loss"
    static let saves: Saves = .inputs

    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        let kernel = try floatKernels(a.dtype, Self.name).losses.squaredError
        let (x, y) = (try a.contiguous(), try b.contiguous())
        let n = a.count
        if n <= elementsPerChunk { return try .scalar(kernel(n, x.pointer, y.pointer) / Double(n), a.dtype) }
        let chunks = (n + elementsPerChunk - 1) / elementsPerChunk
        let partial = try Workspace(byteCount: chunks * MemoryLayout<Double>.size)
        let sums = partial.pointer.assumingMemoryBound(to: Double.self)
        let (px, py, size) = (x.pointer, y.pointer, a.dtype.itemSize)
        ThreadPool.run(chunks: chunks) { chunk in
            let first = chunk * elementsPerChunk
            sums[chunk] = kernel(min(elementsPerChunk, n - first), px + first * size, py + first * size)
        }
        var sum = 0.0
        for chunk in 0..<chunks { sum += sums[chunk] }
        return try .scalar(sum / Double(n), a.dtype)
    }

    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<MeanSquaredError>) throws(TalwegError) -> Tensor {
        try gradient(g, r.a, r.b)
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<MeanSquaredError>) throws(TalwegError) -> Tensor {
        try gradient(g, r.b, r.a)
    }

    /// (a - b) 2 g / n
    private func gradient(_ g: Tensor, _ a: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
        let n = a.count
        if ThreadState.current.recording { return try (a - b) * (g * (2 / Double(n))) }
        let kernel = try floatKernels(a.dtype, Self.name).losses.scaledDifference
        let (x, y) = (try a.view.contiguous(), try b.view.contiguous())
        let dx = try View(uninitialized: a.shape, a.dtype)
        let scale = g.view.double() * 2 / Double(n)
        let (px, py, to, size) = (x.pointer, y.pointer, dx.pointer, a.dtype.itemSize)
        forEachChunk(n) { first, count in
            kernel(count, scale, px + first * size, py + first * size, to + first * size)
        }
        return Tensor(dx)
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
}
