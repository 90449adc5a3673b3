import TalwegKernels

/// The last few steps and what they changed the gradient by, from which the inverse of the matrix that a preconditioner
/// stands for is made better: limited-memory BFGS (Nocedal, Math. Comp. 35, 1980).
struct CurvaturePairs {
    private let size: Int
    private let steps, changes: UnsafeMutablePointer<Double>
    private let inverses, shares: UnsafeMutablePointer<Double>
    private var count = 0
    private let space: Storage

    private static let most = 10

    init(size: Int) throws(TalwegError) {
        let most = CurvaturePairs.most
        self.size = size
        let (area, overflow) = size.multipliedReportingOverflow(by: most)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, area, most, most))
        var slab = Slab(space.pointer)
        steps = slab.doubles(area)
        changes = slab.doubles(area)
        inverses = slab.doubles(most)
        shares = slab.doubles(most)
    }

    /// A step and the change of the gradient along it; one without curvature is left out.
    mutating func add(step: UnsafePointer<Double>, change: UnsafePointer<Double>) {
        let curvature = kernels.f64.dot(size, step, 1, change, 1)
        let length = kernels.f64.dot(size, change, 1, change, 1)
        guard curvature > 1e-14 * length, curvature.isFinite else { return }
        if count == CurvaturePairs.most {
            for pair in 1..<count {
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
}
