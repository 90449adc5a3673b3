import TalwegKernels

/// A seeded source of random numbers: Philox 4x32-10 (Salmon, Moraes, Dror and
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Element i of a
/// stream is a pure function of seed and position, so it is the same on any
/// number of threads and after a resume.
public final class Generator: @unchecked Sendable {
    // Guarded by the lock.
    private var current: (seed: UInt64, position: UInt64)
    private let lock: Lock

    public init(seed: UInt64) {
        current = (seed, 0)
        lock = Lock()
    }

    private init(shared seed: UInt64) {
        current = (seed, 0)
        lock = Lock(heldAcrossFork: true)
    }

    /// The process's generator, for callers that name none.
    public static let shared = Generator(shared: 0)

    /// All that what follows depends on.
    public var state: (seed: UInt64, position: UInt64) { lock.withLock { current } }
    public var seed: UInt64 { state.seed }
    public var position: UInt64 { state.position }

    public func set(seed: UInt64, position: UInt64 = 0) {
        lock.withLock { current = (seed, position) }
    }

    /// Takes the next elements of the stream, each made of some of its 32-bit
    /// words. The position counts words, so that no word serves two draws.
    /// - Returns: the seed, and the offset of the first element.
    func take(_ count: Int, wordsPerElement words: UInt64) -> (seed: UInt64, offset: UInt64) {
        if let region = ThreadState.current.contents.pointee.region {
            region._withUnsafeGuaranteedRef { $0.note(self) }
        }
        return lock.withLock {
            let offset = current.position / words + (current.position % words == 0 ? 0 : 1)
            current.position = (offset &+ UInt64(count)) &* words
            return (current.seed, offset)
        }
    }

    /// Puts a buffer in random order (Fisher and Yates), by two words of the stream a position.
    func shuffle(_ order: UnsafeMutableBufferPointer<Int64>) {
        guard order.count > 1 else { return }
        let (seed, first) = take(2 * (order.count - 1), wordsPerElement: 1)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 512) { buffer in
            guard let words = buffer.baseAddress else { return }
            var i = order.count - 1
            while i > 0 {
                let count = min(i, 256)
                let offset = first &+ UInt64(2 * (order.count - 1 - i))
                kernels.f32.random.bits(2 * count, seed, offset, words)
                for k in 0..<count {
                    let value = UInt64(words[2 * k]) << 32 | UInt64(words[2 * k + 1])
                    order.swapAt(i, Int(place(value, below: UInt64(i + 1))))
                    i -= 1
                }
            }
        }
    }

    /// A whole number in 0..<bound from 64 random bits, without bias: those of the last, partial range of `bound`
    /// numbers, of which there is one in 2^64 / bound, are drawn again.
    private func place(_ value: UInt64, below bound: UInt64) -> UInt64 {
        let limit = UInt64.max - UInt64.max % bound
        var value = value
        while value >= limit {
            let (seed, offset) = take(1, wordsPerElement: 2)
            var bits: (UInt32, UInt32) = (0, 0)
            withUnsafeMutableBytes(of: &bits) { bytes in
                if let out = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) {
                    randomBits(key: seed, offset: 2 &* offset, n: 2, out: out)
                }
            }
            value = UInt64(bits.0) << 32 | UInt64(bits.1)
        }
        return value % bound
    }
}
