import TalwegKernels

/// The last few steps and what they changed the gradient by, from which the inverse of the matrix that a preconditioner
/// stands for is made better: limited-memory BFGS (Nocedal, Math. Comp. 35, 1980).
struct CurvaturePairs {
    let size: Int
    private(set) var count = 0
    /// How many are remembered, and how many there is room for.
    private let most: Int
    private var room: Int
    private var steps, changes, inverses, shares: UnsafeMutablePointer<Double>
    private var space: Storage

    /// - Parameter growing: make room for few at first; `reserve` makes more.
    init(size: Int, most: Int = 10, growing: Bool = false) throws(TalwegError) {
        self.size = size
        self.most = most
        room = growing ? min(most, 4) : most
        (space, steps, changes, inverses, shares) = try CurvaturePairs.memory(size, room)
    }

    private static func memory(_ size: Int, _ room: Int) throws(TalwegError) -> (
        Storage, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
        UnsafeMutablePointer<Double>
    ) {
        let (area, overflow) = size.multipliedReportingOverflow(by: room)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(area, area, room, room))
        var slab = Slab(space.pointer)
        return (space, slab.doubles(area), slab.doubles(area), slab.doubles(room), slab.doubles(room))
    }

    /// Makes room for one more, if there may be more.
    mutating func reserve() throws(TalwegError) {
        guard count == room, room < most else { return }
        let (old, oldSteps, oldChanges, oldInverses) = (space, steps, changes, inverses)
        let larger = min(most, 2 * room)
        (space, steps, changes, inverses, shares) = try CurvaturePairs.memory(size, larger)
        room = larger
        steps.update(from: oldSteps, count: count * size)
        changes.update(from: oldChanges, count: count * size)
        inverses.update(from: oldInverses, count: count)
        withExtendedLifetime(old) {}
    }

    mutating func removeAll() { count = 0 }

    /// A step and the change of the gradient along it; one without curvature is left out.
    mutating func add(step: UnsafePointer<Double>, change: UnsafePointer<Double>) {
        let curvature = kernels.f64.dot(size, step, 1, change, 1)
        let length = kernels.f64.dot(size, change, 1, change, 1)
        guard curvature > 1e-14 * length, curvature.isFinite else { return }
        if count == room {
            for pair in 1..<max(count, 1) {
                (steps + (pair - 1) * size).update(from: steps + pair * size, count: size)
                (changes + (pair - 1) * size).update(from: changes + pair * size, count: size)
                inverses[pair - 1] = inverses[pair]
            }
            count -= 1
        }
        (steps + count * size).update(from: step, count: size)
        (changes + count * size).update(from: change, count: size)
        inverses[count] = 1 / curvature
        count += 1
    }

    /// direction = (the inverse) gradient; `initial` applies the one without pairs, in place.
    func solve(
        _ gradient: UnsafePointer<Double>, _ direction: UnsafeMutablePointer<Double>,
        initial: (UnsafeMutablePointer<Double>) -> Void
    ) {
        direction.update(from: gradient, count: size)
        for pair in (0..<count).reversed() {
            let step = steps + pair * size
            shares[pair] = inverses[pair] * kernels.f64.dot(size, step, 1, direction, 1)
            kernels.f64.axpy(size, -shares[pair], changes + pair * size, direction)
        }
        initial(direction)
        for pair in 0..<count {
            let share = inverses[pair] * kernels.f64.dot(size, changes + pair * size, 1, direction, 1)
            kernels.f64.axpy(size, shares[pair] - share, steps + pair * size, direction)
        }
    }

    /// The inverse's size along the last step, s'y / y'y, for one without pairs; 1 if there are none.
    var scale: Double {
        guard count > 0 else { return 1 }
        let change = changes + (count - 1) * size
        let length = kernels.f64.dot(size, change, 1, change, 1)
        return 1 / (inverses[count - 1] * length)
    }

    /// Steps and changes, [count, size] each, as copies.
    func tensors() throws(TalwegError) -> (steps: Tensor, changes: Tensor) {
        func copy(_ from: UnsafePointer<Double>) throws(TalwegError) -> Tensor {
            let view = try View(uninitialized: Shape([count, size]), .float64)
            view.pointer(as: Double.self).update(from: from, count: count * size)
            return Tensor(view)
        }
        return (try copy(steps), try copy(changes))
    }

    /// Takes over what `tensors` gave, with the bits that it was made with.
    mutating func load(_ given: Int, _ steps: UnsafePointer<Double>, _ changes: UnsafePointer<Double>)
        throws(TalwegError)
    {
        removeAll()
        for pair in 0..<given {
            try reserve()
            add(step: steps + pair * size, change: changes + pair * size)
        }
    }
}
