import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs `body` on several threads at once, each told its number, and gives the seconds that the whole took:
/// from the moment that all were ready until the last was done.
func timeOnThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
    if count == 1 {
        let start = now()
        body(0)
        return now() - start
    }
    let gate = Gate(count)
    var threads: [pthread_t] = []
    for index in 1..<count {
        let seat = Unmanaged.passRetained(Seat(index, gate, body))
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
            }, seat.toOpaque())
        guard status == 0 else {
            // Its share is not done, so that the figure can only be too low.
            seat.release()
            gate.arrive()
            continue
        }
        #if os(Linux)
        threads.append(thread)
        #else
        if let thread { threads.append(thread) }
        #endif
    }
    gate.arrive()
    gate.wait()
    let start = now()
    body(0)
    for thread in threads { pthread_join(thread, nil) }
    return now() - start
}

private final class Seat {
    private let index: Int
    private let gate: Gate
    private let body: @Sendable (Int) -> Void

    init(_ index: Int, _ gate: Gate, _ body: @escaping @Sendable (Int) -> Void) {
        self.index = index
        self.gate = gate
        self.body = body
    }

    func serve() {
        gate.arrive()
        gate.wait()
        body(index)
    }
}

/// Opens when all have arrived; waits without sleeping.
private final class Gate: Sendable {
    private let missing: Atomic<Int>
    init(_ count: Int) { missing = Atomic(count) }
    func arrive() { missing.subtract(1, ordering: .acquiringAndReleasing) }
    func wait() { while missing.load(ordering: .acquiring) > 0 {} }
}
