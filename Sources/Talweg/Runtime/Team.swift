import CIntrinsics
import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is called for each chunk.
typealias Job = UnsafePointer<(Int) -> Void>

/// The pool's worker threads, and the one job they share at a time.
///
/// Those who wait look at an atomic word for some microseconds before they sleep on a
/// condition, so that calls that follow one another closely cost no call of the system.
/// A worker takes part by adding itself to the word while the job is open; the
/// caller closes it when no chunk is left and waits for those inside alone. So a
/// worker that the system has not woken in time delays nobody.
///
/// Each has a share of the chunks, neighbours of one another and the same ones in every job of as many
/// chunks, so that what a thread wrote lies in its own core's cache when the next job reads it. Whoever is
/// done with its own takes what is left of the others'.
final class Team: @unchecked Sendable {
    /// The team of this process, if no other thread has it. `yield` gives it back.
    static func acquire() -> Team? {
        guard !busy.exchange(true, ordering: .acquiring) else { return nil }
        if current == nil { current = Team() }
        return current
    }

    static func yield() { busy.store(false, ordering: .releasing) }

    private static let busy = Atomic<Bool>(false)
    /// Of the thread that set `busy`.
    nonisolated(unsafe) private static var current: Team?

    /// The teams of the processes that this one is a child of.
    nonisolated(unsafe) private static var forgotten: Team?
    private var before: Team?

    /// How long to look before sleeping, in nanoseconds: somewhat longer than it takes to
    /// wake a thread.
    private static let patience = 60_000

    /// The number of the job, whether it is open, whether its caller sleeps, and how
    /// many workers are inside.
    private let word = Atomic<UInt64>(0)
    private static let open: UInt64 = 1 << 31
    private static let callerSleeps: UInt64 = 1 << 30
    private static let inside: UInt64 = (1 << 30) - 1

    private let sleepers = Atomic<Int>(0)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// How many there are; the caller's.
    private var workers = 0
    /// How many of them run already: the last one's index.
    private let started = Atomic<Int>(0)

    // Written by the caller before a job is opened, read by workers inside it.
    private var job: Job?
    private var shares = Shares()
    /// How many workers may come inside.
    private let helpers = Atomic<Int>(0)
    private let mayLook = Atomic<Bool>(false)

    private init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        pthread_cond_init(done, nil)
        _ = Team.forgottenByChildren
    }

    /// A child of fork makes its own: its parent's workers did not come along.
    private static let forgottenByChildren: Void = ForkGuard.inChild {
        // Kept: the threads that know of it are not there to let go.
        if let team = current.take() {
            team.before = forgotten
            forgotten = team
        }
        busy.store(false, ordering: .relaxed)
    }

    func run(chunks: Int, threads wanted: Int, _ body: Job) {
        grow(to: wanted - 1)
        job = body
        let helpers = min(wanted - 1, workers)
        self.helpers.store(helpers, ordering: .relaxed)
        let looks = wanted <= AvailableCores.count
        mayLook.store(looks, ordering: .relaxed)
        let number = max(1, ((word.load(ordering: .relaxed) >> 32) &+ 1) & 0xffff_ffff)
        shares.divide(chunks, helpers + 1)
        word.store(number << 32 | Team.open, ordering: .sequentiallyConsistent)
        // A worker counts itself a sleeper before it looks at the word for the last time.
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { rouse(helpers) }

        work(body, number, 0)

        // From here on nobody comes inside.
        var now = word.bitwiseAnd(~Team.open, ordering: .acquiringAndReleasing).newValue
        if now & Team.inside == 0 { return }
        if looks {
            now = look { $0 & Team.inside == 0 }
            if now & Team.inside == 0 { return }
        }
        now = word.bitwiseOr(Team.callerSleeps, ordering: .acquiringAndReleasing).newValue
        if now & Team.inside == 0 { return }
        pthread_mutex_lock(mutex)
        while word.load(ordering: .acquiring) & Team.inside != 0 { pthread_cond_wait(done, mutex) }
        pthread_mutex_unlock(mutex)
    }

    /// Looks at the word until it is as wanted, or for as long as `patience` says; gives what was seen last.
    private func look(_ wanted: (UInt64) -> Bool) -> UInt64 {
        var start = timespec()
        clock_gettime(CLOCK_MONOTONIC, &start)
        while true {
            for _ in 0..<64 {
                let seen = word.load(ordering: .acquiring)
                if wanted(seen) { return seen }
                tk_pause()
            }
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            let waited = (now.tv_sec - start.tv_sec) &* 1_000_000_000 &+ (now.tv_nsec - start.tv_nsec)
            if waited > Team.patience { return word.load(ordering: .acquiring) }
        }
    }

    private func rouse(_ helpers: Int) {
        pthread_mutex_lock(mutex)
        if helpers == workers {
            pthread_cond_broadcast(wake)
        } else {
            for _ in 0..<helpers { pthread_cond_signal(wake) }
        }
        pthread_mutex_unlock(mutex)
    }

    /// Starts threads up to `wanted`. Where the system gives no more, fewer serve. A team is never freed, so
    /// they need hold nothing: what only a worker held would be lost memory in a child of fork.
    private func grow(to wanted: Int) {
        while workers < wanted {
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            #if os(Linux)
            var thread = pthread_t()
            #else
            var thread: pthread_t?
            #endif
            let status = pthread_create(
                &thread, &attributes,
                { argument in
                    #if os(Linux)
                    guard let argument else { return nil }
                    #endif
                    let team = Unmanaged<Team>.fromOpaque(argument).takeUnretainedValue()
                    team.serve(team.started.wrappingAdd(1, ordering: .relaxed).newValue)
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
            pthread_attr_destroy(&attributes)
            guard status == 0 else { return }
            workers += 1
        }
    }

    /// A worker's life.
    private func serve(_ index: Int) {
        ThreadState.current.insidePool = true
        var seen: UInt64 = 0
        while true {
            let now = nextJob(after: seen)
            seen = now >> 32
            if enter(now) {
                // The caller waits for those inside, so the job is this one.
                if let job { work(job, seen, index) }
                leave()
            }
        }
    }

    /// Waits for an open job with another number than `seen`; gives the word.
    private func nextJob(after seen: UInt64) -> UInt64 {
        func isNew(_ word: UInt64) -> Bool { word >> 32 != seen && word & Team.open != 0 }
        var now = word.load(ordering: .acquiring)
        if isNew(now) { return now }
        if mayLook.load(ordering: .relaxed) {
            now = look(isNew)
            if isNew(now) { return now }
        }
        pthread_mutex_lock(mutex)
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while true {
            now = word.load(ordering: .sequentiallyConsistent)
            if isNew(now) { break }
            pthread_cond_wait(wake, mutex)
        }
        sleepers.wrappingSubtract(1, ordering: .relaxed)
        pthread_mutex_unlock(mutex)
        return now
    }

    /// Whether there is room for one more in the job that `seen` is the word of.
    private func enter(_ seen: UInt64) -> Bool {
        var now = seen
        while now >> 32 == seen >> 32, now & Team.open != 0,
            now & Team.inside < UInt64(helpers.load(ordering: .relaxed))
        {
            let (exchanged, original) = word.compareExchange(
                expected: now, desired: now &+ 1, ordering: .acquiringAndReleasing)
            if exchanged { return true }
            now = original
        }
        return false
    }

    private func leave() {
        let now = word.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        guard now & Team.callerSleeps != 0, now & Team.inside == 0 else { return }
        pthread_mutex_lock(mutex)
        pthread_cond_signal(done)
        pthread_mutex_unlock(mutex)
    }

    /// Thread number `index`'s part of a job; the caller is number 0.
    private func work(_ body: Job, _ number: UInt64, _ index: Int) {
        let state = ThreadState.current
        let outer = state.insidePool
        state.insidePool = true
        defer { state.insidePool = outer }
        shares.take(index, job: number, body)
    }
}
