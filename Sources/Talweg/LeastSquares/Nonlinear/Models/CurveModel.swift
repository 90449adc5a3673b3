import TalwegKernels

/// A family of curves y = f(x; b).
public enum CurveFamily: Int32, Sendable, CaseIterable {
    /// b0 + b1 x + ... + b_n x^n, n the order
    case polynomial = 0
    /// b0 exp(b1 x) + b2
    case exponential = 1
    /// b0 x^b1, x > 0
    case power = 2
    /// b0 / (1 + exp(-b1 (x - b2)))
    case logistic = 3
    /// b0 exp(-(x - b1)^2 / (2 b2^2))
    case gaussian = 4
    /// b0 / (1 + ((x - b1) / b2)^2)
    case lorentzian = 5
    /// b0 + sum over k = 1 ... n, the order, of b_(2k-1) cos(k w x) + b_(2k) sin(k w x), w the last
    case fourier = 6
    /// b0 x / (b1 + x)
    case michaelisMenten = 7
    /// b0 exp(-b1 x) sin(b2 x + b3)
    case dampedSine = 8
}

/// A curve of a family.
public struct CurveModel: Sendable {
    public let family: CurveFamily
    /// Of polynomials and Fourier sums, from 1 to 32; else 1.
    public let order: Int

    public init(_ family: CurveFamily, order: Int = 1) throws(TalwegError) {
        guard order >= 1, order <= 32 else { throw .invalid("curve_fit: the order is \(order); 1 to 32 are allowed") }
        self.family = family
        self.order = order
    }

    /// p
    public var parameters: Int {
        switch family {
        case .polynomial: order + 1
        case .power, .michaelisMenten: 2
        case .exponential, .logistic, .gaussian, .lorentzian: 3
        case .dampedSine: 4
        case .fourier: 2 * order + 2
        }
    }

    /// f(x; b), float64 of x's shape.
    public func callAsFunction(_ x: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
        guard b.count == parameters else {
            throw .shape("curve: \(b.count) parameters were given; the curve has \(parameters)")
        }
        let at = try x.detach().cast(to: .float64).view.contiguous()
        let by = try b.detach().cast(to: .float64).view.contiguous()
        let result = try View(uninitialized: x.shape, .float64)
        let room = try Workspace(byteCount: slabBytes(x.count, times: preparedArrays))
        let prepared = room.pointer.assumingMemoryBound(to: Double.self)
        let (places, values) = (at.pointer(as: Double.self), by.pointer(as: Double.self))
        prepare(x.count, places, values, prepared)
        evaluate(x.count, places, values, prepared: prepared, result.pointer(as: Double.self))
        withExtendedLifetime((at, by)) {}
        return Tensor(result)
    }

    /// How many arrays of as many numbers as there are x `prepare` writes.
    var preparedArrays: Int {
        switch family {
        case .polynomial, .lorentzian, .michaelisMenten: 0
        case .exponential, .logistic, .gaussian: 1
        case .power: 2
        case .dampedSine: 3
        case .fourier: 2 * order
        }
    }

    /// The elementary functions of n numbers, which values and derivatives share, array after array.
    func prepare(
        _ n: Int, _ x: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ s: UnsafeMutablePointer<Double>
    ) {
        switch family {
        case .polynomial, .lorentzian, .michaelisMenten: break
        case .exponential:
            for i in 0..<n { s[i] = b[1] * x[i] }
            apply(.exp, n, s, s)
        case .power:
            let logarithm = s + n
            apply(.log, n, x, logarithm)
            for i in 0..<n { s[i] = b[1] * logarithm[i] }
            apply(.exp, n, s, s)
        case .logistic:
            for i in 0..<n { s[i] = b[1] * (x[i] - b[2]) }
            apply(.sigmoid, n, s, s)
        case .gaussian:
            for i in 0..<n {
                let u = (x[i] - b[1]) / b[2]
                s[i] = -0.5 * u * u
            }
            apply(.exp, n, s, s)
        case .fourier:
            for k in 1...order {
                turn(n, x, b[2 * order + 1] * Double(k), 0, cosine: s + (2 * k - 2) * n, sine: s + (2 * k - 1) * n)
            }
        case .dampedSine:
            for i in 0..<n { s[i] = -b[1] * x[i] }
            apply(.exp, n, s, s)
            turn(n, x, b[2], b[3], cosine: s + n, sine: s + 2 * n)
        }
    }

    /// f(x) of n numbers.
    func evaluate(
        _ n: Int, _ x: UnsafePointer<Double>, _ b: UnsafePointer<Double>, prepared s: UnsafePointer<Double>,
        _ f: UnsafeMutablePointer<Double>
    ) {
        switch family {
        case .polynomial:
            for i in 0..<n {
                var sum = b[order], k = order - 1
                while k >= 0 {
                    sum = sum * x[i] + b[k]
                    k -= 1
                }
                f[i] = sum
            }
        case .exponential: for i in 0..<n { f[i] = b[0] * s[i] + b[2] }
        case .power, .logistic, .gaussian: for i in 0..<n { f[i] = b[0] * s[i] }
        case .lorentzian:
            for i in 0..<n {
                let u = (x[i] - b[1]) / b[2]
                f[i] = b[0] / (1 + u * u)
            }
        case .fourier:
            for i in 0..<n { f[i] = b[0] }
            for k in 1...order {
                let cosine = s + (2 * k - 2) * n, sine = cosine + n
                for i in 0..<n { f[i] += b[2 * k - 1] * cosine[i] + b[2 * k] * sine[i] }
            }
        case .michaelisMenten: for i in 0..<n { f[i] = b[0] * x[i] / (b[1] + x[i]) }
        case .dampedSine: for i in 0..<n { f[i] = b[0] * s[i] * s[2 * n + i] }
        }
    }

    /// df/db, column j at d + j stride.
    func derive(
        _ n: Int, _ x: UnsafePointer<Double>, _ b: UnsafePointer<Double>, prepared s: UnsafePointer<Double>,
        _ d: UnsafeMutablePointer<Double>, _ stride: Int
    ) {
        func column(_ j: Int) -> UnsafeMutablePointer<Double> { d + j * stride }
        switch family {
        case .polynomial:
            column(0).update(repeating: 1, count: n)
            for k in 1...order {
                let (own, last) = (column(k), column(k - 1))
                for i in 0..<n { own[i] = last[i] * x[i] }
            }
        case .exponential:
            let slope = column(1)
            column(0).update(from: s, count: n)
            for i in 0..<n { slope[i] = b[0] * x[i] * s[i] }
            column(2).update(repeating: 1, count: n)
        case .power:
            let slope = column(1)
            column(0).update(from: s, count: n)
            for i in 0..<n { slope[i] = b[0] * s[i] * s[n + i] }
        case .logistic:
            let (rate, middle) = (column(1), column(2))
            column(0).update(from: s, count: n)
            for i in 0..<n {
                let slope = b[0] * s[i] * (1 - s[i])
                rate[i] = slope * (x[i] - b[2])
                middle[i] = -slope * b[1]
            }
        case .gaussian:
            let (center, width) = (column(1), column(2))
            column(0).update(from: s, count: n)
            for i in 0..<n {
                let u = (x[i] - b[1]) / b[2]
                let slope = b[0] * s[i] * u / b[2]
                (center[i], width[i]) = (slope, slope * u)
            }
        case .lorentzian:
            let (share, center, width) = (column(0), column(1), column(2))
            for i in 0..<n {
                let u = (x[i] - b[1]) / b[2]
                let s = 1 / (1 + u * u)
                let slope = 2 * b[0] * s * s * u / b[2]
                (share[i], center[i], width[i]) = (s, slope, slope * u)
            }
        case .fourier:
            let rate = column(2 * order + 1)
            column(0).update(repeating: 1, count: n)
            rate.update(repeating: 0, count: n)
            for k in 1...order {
                let cosine = s + (2 * k - 2) * n, sine = cosine + n
                column(2 * k - 1).update(from: cosine, count: n)
                column(2 * k).update(from: sine, count: n)
                for i in 0..<n { rate[i] += Double(k) * x[i] * (b[2 * k] * cosine[i] - b[2 * k - 1] * sine[i]) }
            }
        case .michaelisMenten:
            let (share, half) = (column(0), column(1))
            for i in 0..<n {
                let inverse = 1 / (b[1] + x[i])
                share[i] = x[i] * inverse
                half[i] = -b[0] * share[i] * inverse
            }
        case .dampedSine:
            let (unit, decay, rate, phase) = (column(0), column(1), column(2), column(3))
            for i in 0..<n {
                unit[i] = s[i] * s[2 * n + i]
                phase[i] = b[0] * s[i] * s[n + i]
                decay[i] = -b[0] * x[i] * unit[i]
                rate[i] = x[i] * phase[i]
            }
        }
    }

    private func apply(_ op: UnaryOp, _ n: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
        kernels.unary(op, .float64)?(n, x, 1, y, 1)
    }

    /// cos(w x + phase) and sin(w x + phase)
    private func turn(
        _ n: Int, _ x: UnsafePointer<Double>, _ w: Double, _ phase: Double, cosine: UnsafeMutablePointer<Double>,
        sine: UnsafeMutablePointer<Double>
    ) {
        for i in 0..<n { sine[i] = w * x[i] + phase }
        apply(.cos, n, sine, cosine)
        apply(.sin, n, sine, sine)
    }
}
