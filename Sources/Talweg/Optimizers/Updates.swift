import TalwegKernels

/// The elements of one step of one parameter, or a piece of them: all row-major and of one dtype.
struct Update {
    var count: Int
    let dtype: DType
    /// The parameter's steps, this one included.
    let step: Int
    var parameter: UnsafeMutableRawPointer
    var gradient: UnsafeRawPointer
    var first: UnsafeMutableRawPointer?
    var second: UnsafeMutableRawPointer?
    /// Of this step; see `Optimizer.corrections`.
    var corrections = (1.0, 1.0)

    /// Elements start ..< start + count.
    func piece(from start: Int, count: Int) -> Update {
        let bytes = start * dtype.itemSize
        var piece = self
        piece.count = count
        piece.parameter += bytes
        piece.gradient += bytes
        piece.first = first.map { $0 + bytes }
        piece.second = second.map { $0 + bytes }
        return piece
    }
}

/// All updates of a step, cut into pieces by size: large parameters are shared among threads, small ones are
/// gathered, and the pool is asked once. The cuts do not depend on the threads, and the kernels work element by
/// element, so no bit does.
struct Updates {
    private var pieces: [Update] = []
    /// Where each chunk's pieces end.
    private var ends: [Int] = []
    /// Elements in the last chunk.
    private var filled = 0

    mutating func removeAll() {
        pieces.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        filled = 0
    }

    mutating func append(_ update: Update) {
        var start = 0
        while start < update.count {
            let count = min(elementsPerChunk, update.count - start)
            pieces.append(update.count == count ? update : update.piece(from: start, count: count))
            if let last = ends.indices.last, filled + count <= elementsPerChunk {
                ends[last] += 1
                filled += count
            } else {
                ends.append(pieces.count)
                filled = count
            }
            start += count
        }
    }

    /// Sets the corrections of each piece; parameters have mostly made the same steps.
    mutating func prepare(_ corrections: (Int) -> (Double, Double)) {
        var known: (step: Int, numbers: (Double, Double))?
        for index in pieces.indices {
            let step = pieces[index].step
            if known?.step != step { known = (step, corrections(step)) }
            if let known { pieces[index].corrections = known.numbers }
        }
    }

    func forEachPiece(_ body: (Update) -> Void) {
        pieces.withUnsafeBufferPointer { pieces in
            ends.withUnsafeBufferPointer { ends in
                ThreadPool.run(chunks: ends.count) { chunk in
                    for index in (chunk == 0 ? 0 : ends[chunk - 1])..<ends[chunk] { body(pieces[index]) }
                }
            }
        }
    }

    /// The square root of the sum of the squares of all gradients, added up piece by piece.
    func gradientNorm() throws(TalwegError) -> Double {
        let (count, size) = (pieces.count, MemoryLayout<Double>.size)
        let sums = try Workspace(byteCount: count * size)
        let squares = sums.pointer.assumingMemoryBound(to: Double.self)
        pieces.withUnsafeBufferPointer { pieces in
            ends.withUnsafeBufferPointer { ends in
                ThreadPool.run(chunks: ends.count) { chunk in
                    for index in (chunk == 0 ? 0 : ends[chunk - 1])..<ends[chunk] {
                        let piece = pieces[index]
                        if piece.dtype == .float32 {
                            var sum: Float = 0
                            kernels.f32.sumOfSquares(piece.count, piece.gradient, 1, &sum)
                            squares[index] = Double(sum)
                        } else {
                            kernels.f64.sumOfSquares(piece.count, piece.gradient, 1, squares + index)
                        }
                    }
                }
            }
        }
        var sum = 0.0
        for index in 0..<count { sum += squares[index] }
        return sum.squareRoot()
    }
}

/// What gradients of a norm are multiplied by so that it is at most `limit` (Pascanu, Mikolov and Bengio, "On the
/// difficulty of training recurrent neural networks", 2013), with PyTorch's guard against a norm of 0.
func clippingScale(_ norm: Double, to limit: Double, for caller: String) throws(TalwegError) -> Double {
    guard norm.isFinite else { throw .numeric("\(caller): the norm of the gradients is \(norm)") }
    return min(1, limit / (norm + 1e-6))
}

/// Scales the gradients of leaves, in place, so that their norm all together is at most `limit`.
/// - Returns: the norm that it was. Leaves without a gradient are passed over.
/// - Throws: numeric, with the gradients unchanged, if the norm is not finite.
public func clipGradientNorm(_ parameters: [Tensor], to limit: Double) throws(TalwegError) -> Double {
    guard limit > 0, limit.isFinite else {
        throw .invalid("clip_grad_norm: max_norm is \(limit); it must be finite and above 0")
    }
    var updates = Updates()
    var gradients: [Tensor] = []
    var copies: [View] = []
    for parameter in parameters {
        guard let gradient = parameter.grad else { continue }
        guard gradient.dtype == .float32 || gradient.dtype == .float64 else {
            throw .dtype("clip_grad_norm: gradients are float32 or float64, not \(gradient.dtype.name)")
        }
        let view = try gradient.view.contiguous()
        let address = view.pointer
        updates.append(
            Update(
                count: view.count, dtype: view.dtype, step: 0, parameter: address,
                gradient: UnsafeRawPointer(address), first: nil, second: nil))
        gradients.append(gradient)
        copies.append(view)
    }
    let norm = try updates.gradientNorm()
    let scale = try clippingScale(norm, to: limit, for: "clip_grad_norm")
    if scale < 1 {
        updates.forEachPiece { piece in
            let kernel = piece.dtype == .float32 ? kernels.f32.scale : kernels.f64.scale
            kernel(piece.count, scale, piece.gradient, piece.parameter)
        }
        for (gradient, copy) in zip(gradients, copies) {
            _ = gradient.mutableData()
            if !gradient.view.isContiguous { gradient.view.assign(copy) }
        }
    }
    withExtendedLifetime((gradients, copies)) {}
    return norm
}
