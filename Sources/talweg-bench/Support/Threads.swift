import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs `body` on several threads at once, each told its number, and gives the seconds from the moment that the
/// first began until the last was done.
func timeOnThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
    let gate = Gate(count)
    let first = Seat(0, gate, body)
    var others: [(seat: Seat, thread: pthread_t)] = []
    for index in 1..<max(count, 1) {
        let seat = Seat(index, gate, body)
        let argument = Unmanaged.passRetained(seat)
        #if os(Linux)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        let status = pthread_create(
            &thread, nil,
            { argument in
                #if os(Linux)
                guard let argument else { return nil }
                #endif
                Unmanaged<Seat>.fromOpaque(argument).takeRetainedValue().serve()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            // Its share is not done, so that the figure can only be too low.
            argument.release()
            gate.arrive()
            continue
        }
        #if os(Linux)
        others.append((seat, thread))
        #else
        if let thread { others.append((seat, thread)) }
        #endif
    }
    first.serve()
    for other in others { pthread_join(other.thread, nil) }
    let seats = [first] + others.map(\.seat)
    let begin = seats.map(\.begin).min() ?? 0
    let end = seats.map(\.end).max() ?? 0
    return end - begin
}

/// A thread's part, and when it began and ended. The others read these once they have joined it.
private final class Seat: @unchecked Sendable {
    private let index: Int
    private let gate: Gate
    private let body: @Sendable (Int) -> Void
    private(set) var begin = 0.0
    private(set) var end = 0.0

    init(_ index: Int, _ gate: Gate, _ body: @escaping @Sendable (Int) -> Void) {
        self.index = index
        self.gate = gate
        self.body = body
    }

    func serve() {
        gate.arrive()
        gate.wait()
        begin = now()
        body(index)
        end = now()
    }
}

/// Opens when all have arrived; waits without sleeping.
private final class Gate: Sendable {
    private let missing: Atomic<Int>
    init(_ count: Int) { missing = Atomic(count) }
    func arrive() { missing.subtract(1, ordering: .acquiringAndReleasing) }
    func wait() { while missing.load(ordering: .acquiring) > 0 {} }
}
