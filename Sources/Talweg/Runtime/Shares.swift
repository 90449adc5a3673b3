import Synchronization

/// The chunks of a pool's job, a share of neighbouring ones for each thread.
///
/// How many of its share are taken is a word for each thread on a line of its own, so that taking costs no
/// traffic between cores until a thread takes another's. A word holds the number of its job too: one of another
/// job counts as zero, and nothing need be written before a job begins.
struct Shares {
    /// Of a job: a word's lower half counts them.
    static let mostChunks = 0xffff_ffff
    /// Threads beyond these have no share of their own.
    private static let most = 64
    /// Words from one to the next: two lines, as processors fetch them in pairs.
    private static let apart = 16

    private let taken = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: most * apart)
    private var chunks = 0
    private var count = 1

    init() {
        for index in 0..<Shares.most * Shares.apart { (taken + index).initialize(to: Atomic(0)) }
    }

    /// Between jobs: cuts the next one's chunks into `wanted` shares. They are `wanted` at least
    /// and `mostChunks` at most.
    mutating func divide(_ chunks: Int, _ wanted: Int) {
        let wanted = min(wanted, Shares.most)
        self.chunks = chunks
        guard wanted != count else { return }
        count = wanted
        // Every job touches all of its words. These were not touched lately, and job numbers come round again.
        for index in 0..<wanted { taken[index * Shares.apart].store(0, ordering: .relaxed) }
    }

    /// Calls `body` with the chunks that thread number `thread` gets: those of its share, then what is left of the
    /// others'. The job has a number, not 0 and not that of the job before.
    func take(_ thread: Int, job: UInt64, _ body: Job) {
        // The first `longer` shares have one chunk more.
        let (size, longer) = chunks.quotientAndRemainder(dividingBy: count)
        for turn in 0..<count {
            let share = (thread + turn) % count
            let first = share * size + min(share, longer)
            let end = first + size + (share < longer ? 1 : 0)
            while let chunk = next(share, end - first, job) { body.pointee(first + chunk) }
        }
    }

    /// The next of a share's `size` chunks, nil if there is none.
    private func next(_ share: Int, _ size: Int, _ job: UInt64) -> Int? {
        let word = share * Shares.apart
        var seen = taken[word].load(ordering: .relaxed)
        while true {
            let before = seen >> 32 == job ? Int(truncatingIfNeeded: seen & 0xffff_ffff) : 0
            if before >= size { return nil }
            let (exchanged, original) = taken[word].compareExchange(
                expected: seen, desired: job << 32 | UInt64(before + 1), ordering: .relaxed)
            if exchanged { return before }
            seen = original
        }
    }
}
