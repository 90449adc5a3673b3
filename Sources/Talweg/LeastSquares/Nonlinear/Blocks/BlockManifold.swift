import CIntrinsics

/// The space that a block's parameters lie in, and how a step in its tangent space moves them.
public enum BlockManifold {
    /// x + d
    case euclidean
    /// Pairs (x, y, angle), or any numbers whose last one is an angle: x + d, the angle kept in -pi ... pi.
    case angleLast
    /// Unit quaternions (w, x, y, z): exp(d / 2) x, d [3] a rotation vector.
    case quaternion
    /// A unit quaternion and, behind it, numbers to which d is added: poses (w, x, y, z, translation), d [6].
    case quaternionFirst
    /// Vectors that keep their length: rotated by d, of one number fewer, across them.
    case sphere
    /// The caller's.
    case custom(any CustomManifold)

    /// How many numbers a step has.
    func tangentSize(of size: Int) -> Int {
        switch self {
        case .euclidean, .angleLast: size
        case .quaternion: 3
        case .quaternionFirst, .sphere: size - 1
        case .custom(let manifold): manifold.tangentSize
        }
    }

    var isEuclidean: Bool { if case .euclidean = self { true } else { false } }

    func check(size: Int) throws(TalwegError) {
        switch self {
        case .quaternion where size != 4:
            throw .shape("problem: a block of \(size) numbers is no quaternion, which has 4")
        case .quaternionFirst where size < 5:
            throw .shape("problem: a block of \(size) numbers is no quaternion with numbers behind it")
        case .sphere where size < 2: throw .shape("problem: a block of \(size) numbers is no sphere; 2 are the least")
        case .custom(let manifold) where manifold.tangentSize < 1 || manifold.tangentSize > size:
            throw .shape("problem: tangent_size is \(manifold.tangentSize) for a block of \(size) numbers")
        default: return
        }
    }

    /// Whether values lie in it, near enough: a quaternion's length, which steps keep, is 1, a sphere's not 0.
    func holds(_ x: UnsafePointer<Double>, size: Int) -> Bool {
        let count: Int
        switch self {
        case .euclidean, .angleLast, .custom: return true
        case .quaternion, .quaternionFirst: count = 4
        case .sphere: count = size
        }
        var squares = 0.0
        for i in 0..<count { squares += x[i] * x[i] }
        if case .sphere = self { return squares > 0 }
        return (squares - 1).magnitude < 1e-6
    }

    /// y = x moved by d.
    func plus(
        _ x: UnsafePointer<Double>, _ d: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, size: Int
    ) throws(TalwegError) {
        switch self {
        case .euclidean: for i in 0..<size { y[i] = x[i] + d[i] }
        case .angleLast:
            for i in 0..<size { y[i] = x[i] + d[i] }
            let turn = 2 * Double.pi
            let angle = y[size - 1]
            y[size - 1] = angle - turn * (angle / turn).rounded()
        case .quaternion: BlockManifold.rotate(x, d, y)
        case .quaternionFirst:
            BlockManifold.rotate(x, d, y)
            for i in 4..<size { y[i] = x[i] + d[i - 1] }
        case .sphere: Reflection(x, size).plus(x, d, y)
        case .custom(let manifold): try manifold.plus(x, d, y)
        }
    }

    /// The derivatives of `plus` at d = 0, [size, tangent], row-major.
    func derive(_ x: UnsafePointer<Double>, _ j: UnsafeMutablePointer<Double>, size: Int) throws(TalwegError) {
        let t = tangentSize(of: size)
        j.update(repeating: 0, count: size * t)
        switch self {
        case .euclidean, .angleLast: for i in 0..<size { j[i * t + i] = 1 }
        case .quaternion, .quaternionFirst:
            let rows = [(-x[1], -x[2], -x[3]), (x[0], x[3], -x[2]), (-x[3], x[0], x[1]), (x[2], -x[1], x[0])]
            for (i, row) in rows.enumerated() {
                (j[i * t], j[i * t + 1], j[i * t + 2]) = (row.0 / 2, row.1 / 2, row.2 / 2)
            }
            for i in 4..<max(size, 4) { j[i * t + i - 1] = 1 }
        case .sphere: Reflection(x, size).derive(j)
        case .custom(let manifold): try manifold.derive(x, j)
        }
    }

    /// y = exp(d / 2) x, brought back to length 1.
    private static func rotate(
        _ x: UnsafePointer<Double>, _ d: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
    ) {
        let angle = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).squareRoot()
        let half = angle / 2
        // sin(h) / (2 h), by its series where that is 0 / 0.
        let share = half < 1e-4 ? 0.5 - half * half / 12 : tk_libm_sin(half) / angle
        let w = tk_libm_cos(half), (a, b, c) = (share * d[0], share * d[1], share * d[2])
        let product = (
            w * x[0] - a * x[1] - b * x[2] - c * x[3], w * x[1] + a * x[0] + b * x[3] - c * x[2],
            w * x[2] - a * x[3] + b * x[0] + c * x[1], w * x[3] + a * x[2] - b * x[1] + c * x[0]
        )
        let length = (product.0 * product.0 + product.1 * product.1 + product.2 * product.2
            + product.3 * product.3).squareRoot()
        (y[0], y[1], y[2], y[3]) = (product.0 / length, product.1 / length, product.2 / length, product.3 / length)
    }

    /// The reflection that takes x to a multiple of the last unit vector; its other columns are the tangents (Hartley
    /// and Zisserman, Multiple View Geometry, 2nd ed., A4.1.2 and A6.9.3).
    private struct Reflection {
        let x: UnsafePointer<Double>
        let size: Int
        let length, last, beta: Double

        init(_ x: UnsafePointer<Double>, _ size: Int) {
            (self.x, self.size) = (x, size)
            var squares = 0.0
            for i in 0..<size { squares += x[i] * x[i] }
            length = squares.squareRoot()
            // v = x + sign(x_n) |x| e_n, H = I - beta v v'.
            last = x[size - 1] + (x[size - 1] < 0 ? -length : length)
            beta = 2 / (squares - x[size - 1] * x[size - 1] + last * last)
        }

        private func v(_ i: Int) -> Double { i == size - 1 ? last : x[i] }

        /// Along the great circle.
        func plus(_ x: UnsafePointer<Double>, _ d: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
            var squares = 0.0, product = 0.0
            for i in 0..<(size - 1) {
                squares += d[i] * d[i]
                product += v(i) * d[i]
            }
            let angle = squares.squareRoot()
            let share = angle < 1e-8 ? 1 : tk_libm_sin(angle) / angle, c = tk_libm_cos(angle)
            for i in 0..<size {
                let along = (i < size - 1 ? d[i] : 0) - beta * v(i) * product
                y[i] = c * x[i] + share * length * along
            }
        }

        func derive(_ j: UnsafeMutablePointer<Double>) {
            let t = size - 1
            for i in 0..<size {
                for k in 0..<t { j[i * t + k] = length * ((i == k ? 1 : 0) - beta * v(i) * v(k)) }
            }
        }
    }
}

/// A space of the caller's.
public protocol CustomManifold: AnyObject {
    var tangentSize: Int { get }
    /// y = x moved by d
    func plus(_ x: UnsafePointer<Double>, _ d: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    /// The derivatives of `plus` at d = 0, [size, tangent], row-major.
    func derive(_ x: UnsafePointer<Double>, _ j: UnsafeMutablePointer<Double>) throws(TalwegError)
}
