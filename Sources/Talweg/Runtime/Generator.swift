import TalwegKernels

/// A seeded source of random numbers: Philox 4x32-10 (Salmon, Moraes, Dror and
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Element i of a
/// stream is a pure function of seed and position, so it is the same on any
/// number of threads and after a resume.
public final class Generator: @unchecked Sendable {
    // Guarded by the lock.
    private var state: (seed: UInt64, position: UInt64)
    private let lock: Lock

    public init(seed: UInt64) {
        state = (seed, 0)
        lock = Lock()
    }

    private init(shared seed: UInt64) {
        state = (seed, 0)
        lock = Lock(heldAcrossFork: true)
    }

    /// The process's generator, for callers that name none.
    public static let shared = Generator(shared: 0)

    public var seed: UInt64 { lock.withLock { state.seed } }
    public var position: UInt64 { lock.withLock { state.position } }

    public func set(seed: UInt64, position: UInt64 = 0) {
        lock.withLock { state = (seed, position) }
    }

    /// Takes the next elements of the stream, each made of some of its 32-bit
    /// words. The position counts words, so that no word serves two draws.
    /// - Returns: the seed, and the offset of the first element.
    func take(_ count: Int, wordsPerElement words: UInt64) -> (seed: UInt64, offset: UInt64) {
        lock.withLock {
            let offset = state.position / words + (state.position % words == 0 ? 0 : 1)
            state.position = (offset &+ UInt64(count)) &* words
            return (state.seed, offset)
        }
    }

    /// A whole number in 0..<bound, without bias (rejection of the last, partial range).
    func next(below bound: UInt64) -> UInt64 {
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let (seed, offset) = take(2, wordsPerElement: 1)
            var bits: (UInt32, UInt32) = (0, 0)
            withUnsafeMutableBytes(of: &bits) { bytes in
                if let out = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) {
                    randomBits(key: seed, offset: offset, n: 2, out: out)
                }
            }
            let value = UInt64(bits.0) << 32 | UInt64(bits.1)
            if value < limit { return value % bound }
        }
    }

    /// Puts a buffer in random order (Fisher and Yates).
    func shuffle(_ order: UnsafeMutableBufferPointer<Int64>) {
        var i = order.count - 1
        while i > 0 {
            order.swapAt(i, Int(next(below: UInt64(i + 1))))
            i -= 1
        }
    }
}
