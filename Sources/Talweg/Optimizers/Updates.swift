import CIntrinsics
import TalwegKernels

/// The elements of one step of one parameter, or a piece of them: all row-major and of one dtype.
struct Update {
    var count: Int
    let dtype: DType
    /// The number of the parameter.
    let slot: Int
    var parameter: UnsafeMutableRawPointer
    var gradient: UnsafeRawPointer
    var first: UnsafeMutableRawPointer?
    var second: UnsafeMutableRawPointer?
    var third: UnsafeMutableRawPointer?
    /// Which of the step's options are its own.
    var options = 0

    /// Elements start ..< start + count.
    func piece(from start: Int, count: Int) -> Update {
        let bytes = start * dtype.itemSize
        var piece = self
        piece.count = count
        piece.parameter += bytes
        piece.gradient += bytes
        piece.first = first.map { $0 + bytes }
        piece.second = second.map { $0 + bytes }
        piece.third = third.map { $0 + bytes }
        return piece
    }
}

/// All updates of a step, cut into pieces by size: large parameters are shared among threads, small ones are
/// gathered, and the pool is asked once. The cuts do not depend on the threads, and the kernels work element by
/// element, so no bit does.
struct Updates {
    private(set) var pieces: [Update] = []
    /// What kernels are told, each for some of the pieces.
    private(set) var options: [tk_update] = []
    /// Where each chunk's pieces end.
    private var ends: [Int] = []
    /// Elements in the last chunk.
    private var filled = 0

    mutating func removeAll() {
        pieces.removeAll(keepingCapacity: true)
        options.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        filled = 0
    }

    mutating func append(_ update: Update) {
        var start = 0
        while start < update.count {
            let count = min(elementsPerChunk, update.count - start)
            pieces.append(update.count == count ? update : update.piece(from: start, count: count))
            if ends.count > 0, filled + count <= elementsPerChunk {
                ends[ends.count - 1] += 1
                filled += count
            } else {
                ends.append(pieces.count)
                filled = count
            }
            start += count
        }
    }

    /// Gives a piece options: nil for those of the piece before it.
    mutating func setOptions(_ new: tk_update?, of piece: Int) {
        if let new { options.append(new) }
        pieces[piece].options = options.count - 1
    }

    /// Calls `body` with each piece's number, the piece and its options.
    func forEachPiece(_ body: (Int, Update, UnsafePointer<tk_update>) -> Void) {
        pieces.withUnsafeBufferPointer { pieces in
            ends.withUnsafeBufferPointer { ends in
                options.withUnsafeBufferPointer { options in
                    guard let options = options.baseAddress else { return }
                    ThreadPool.run(chunks: ends.count) { chunk in
                        for index in (chunk == 0 ? 0 : ends[chunk - 1])..<ends[chunk] {
                            let piece = pieces[index]
                            body(index, piece, options + piece.options)
                        }
                    }
                }
            }
        }
    }

    /// Calls a kernel of the updates' family with each piece.
    func run(_ f32: UpdateFunction, _ f64: UpdateFunction) {
        forEachPiece { _, piece, options in
            let kernel = piece.dtype == .float32 ? f32 : f64
            kernel(
                piece.count, options, piece.parameter, piece.gradient, piece.first, piece.second, piece.third)
        }
    }

    /// The square root of the sum of the squares of all gradients, added up piece by piece.
    func gradientNorm() throws(TalwegError) -> Double {
        let count = pieces.count
        let sums = try Workspace(byteCount: count * MemoryLayout<Double>.size)
        let squares = sums.pointer.assumingMemoryBound(to: Double.self)
        pieces.withUnsafeBufferPointer { pieces in
            ends.withUnsafeBufferPointer { ends in
                ThreadPool.run(chunks: ends.count) { chunk in
                    for index in (chunk == 0 ? 0 : ends[chunk - 1])..<ends[chunk] {
                        squares[index] = sumOfSquares(pieces[index].count, pieces[index].gradient, pieces[index].dtype)
                    }
                }
            }
        }
        var sum = 0.0
        for index in 0..<count { sum += squares[index] }
        return sum.squareRoot()
    }
}

/// The sum of the squares of contiguous elements.
func sumOfSquares(_ count: Int, _ x: UnsafeRawPointer, _ dtype: DType) -> Double {
    if dtype == .float32 {
        var sum: Float = 0
        kernels.f32.sumOfSquares(count, x, 1, &sum)
        return Double(sum)
    }
    var sum = 0.0
    kernels.f64.sumOfSquares(count, x, 1, &sum)
    return sum
}
