import TalwegKernels

/// Half the deviance of a model with one linear predictor, for a penalty to be added; coefficients are of rows as they
/// are read, the intercept last.
final class GLMLoss: PenalisedLoss {
    let size: Int
    private(set) var pass: GLMPass
    var gradient: UnsafeMutablePointer<Double> { pass.gradient }
    var matrix: UnsafePointer<Double> { UnsafePointer(pass.matrix) }

    /// - Parameter curved: whether matrices will be wanted
    init(_ data: RegressionData, _ family: GLMRows, curved: Bool) throws(TalwegError) {
        size = data.width
        pass = try GLMPass(data, family, capacity: curved ? min(data.width, 512) : 0, packs: true)
    }

    func evaluate(_ b: UnsafePointer<Double>, members: UnsafePointer<Int>?, count: Int, start: Bool)
        throws(TalwegError) -> Double
    {
        if count == 0 { return pass.run(b, matrix: false, start: start) }
        if count > pass.capacity {
            pass = try GLMPass(pass.data, pass.family, capacity: min(max(count, 2 * pass.capacity), size), packs: true)
        }
        pass.choose(members, count)
        let loss = pass.run(b, matrix: true, start: start)
        for i in 0..<count {
            for j in 0..<i { pass.matrix[j * count + i] = pass.matrix[i * count + j] }
        }
        return loss
    }
}

/// The loss of a multinomial model with coefficients of all classes, [classes][width], from the pass with class 0 as
/// reference: what class 0 has in its derivatives is what the others have together, negated.
final class MultinomialLoss: PenalisedLoss {
    let size: Int
    let gradient: UnsafeMutablePointer<Double>
    var matrix: UnsafePointer<Double> { UnsafePointer(chosen) }
    private let classes, width: Int
    private let pass: MultinomialPass
    private let theta: UnsafeMutablePointer<Double>
    private var chosen: UnsafeMutablePointer<Double>
    private var capacity = 0
    private let space: Storage
    private var square: Storage

    init(_ pass: MultinomialPass) throws(TalwegError) {
        self.pass = pass
        width = pass.data.width
        classes = pass.others + 1
        let (size, over) = width.multipliedReportingOverflow(by: classes)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        self.size = size
        space = try Storage(byteCount: slabBytes(size, size))
        var slab = Slab(space.pointer)
        gradient = slab.doubles(size)
        theta = slab.doubles(size)
        square = try Storage(byteCount: 64)
        chosen = square.pointer.assumingMemoryBound(to: Double.self)
    }

    func evaluate(_ b: UnsafePointer<Double>, members: UnsafePointer<Int>?, count: Int, start: Bool)
        throws(TalwegError) -> Double
    {
        for k in 1..<classes {
            for j in 0..<width { theta[(k - 1) * width + j] = b[k * width + j] - b[j] }
        }
        let loss = pass.run(theta, matrix: count > 0)
        for j in 0..<width {
            var sum = 0.0
            for k in 1..<classes {
                let value = pass.gradient[(k - 1) * width + j]
                gradient[k * width + j] = value
                sum += value
            }
            gradient[j] = -sum
        }
        if count > 0 { try assemble(members, count) }
        return loss
    }

    private func assemble(_ members: UnsafePointer<Int>?, _ count: Int) throws(TalwegError) {
        if count > capacity {
            let next = min(max(count, 2 * capacity), size)
            let (area, over) = next.multipliedReportingOverflow(by: next)
            guard !over else { throw .outOfMemory(bytes: Int.max) }
            square = try Storage(byteCount: slabBytes(area))
            (chosen, capacity) = (square.pointer.assumingMemoryBound(to: Double.self), next)
        }
        for i in 0..<count {
            let (k, a) = (members?[i] ?? i).quotientAndRemainder(dividingBy: width)
            for j in 0...i {
                let (l, b) = (members?[j] ?? j).quotientAndRemainder(dividingBy: width)
                let value = element(k, a, l, b)
                chosen[i * count + j] = value
                chosen[j * count + i] = value
            }
        }
    }

    /// Of classes k and l and columns a and b.
    private func element(_ k: Int, _ a: Int, _ l: Int, _ b: Int) -> Double {
        if k > 0, l > 0 {
            // The pass has the blocks at and above the diagonal, and these are symmetric.
            let (low, high) = (min(k, l) - 1, max(k, l) - 1)
            return pass.matrix[(low * width + a) * pass.size + high * width + b]
        }
        var sum = 0.0
        if k == 0, l == 0 {
            for m in 1..<classes { sum += element(0, a, m, b) }
        } else {
            for m in 1..<classes { sum += element(max(k, l), a, m, b) }
        }
        return -sum
    }
}
