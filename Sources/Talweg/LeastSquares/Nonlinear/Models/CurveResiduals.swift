import TalwegKernels

/// (f(x; b) - y) / sigma of a named curve, with its own derivatives, by chunks on several threads.
final class CurveResiduals: ResidualFunction {
    let count: Int
    let model: CurveModel
    /// [m] each; the inverse of sigma, nil for ones.
    let x, y: UnsafeMutablePointer<Double>
    let inverse: UnsafeMutablePointer<Double>?
    private let scratch: UnsafeMutablePointer<Double>
    private let space: Storage

    private static let chunk = 4096

    init(_ model: CurveModel, _ x: Tensor, _ y: Tensor, sigma: Tensor?) throws(TalwegError) {
        self.model = model
        count = y.count
        guard x.count == y.count else {
            throw .shape("curve_fit: x is \(x.shape), y is \(y.shape); there must be as many of both")
        }
        guard count >= 1 else { throw .shape("curve_fit: there are no points") }
        space = try Storage(
            byteCount: slabBytes(count, count, sigma == nil ? 0 : count)
                + slabBytes(count, times: CurveModel.scratchArrays))
        var slab = Slab(space.pointer)
        (self.x, self.y) = (slab.doubles(count), slab.doubles(count))
        inverse = sigma == nil ? nil : slab.doubles(count)
        scratch = slab.doubles(0)
        try CurveResiduals.copy(x, to: self.x, count, "x")
        try CurveResiduals.copy(y, to: self.y, count, "y")
        if let sigma, let inverse {
            try CurveResiduals.copy(sigma.count == 1 ? sigma.reshape([1]).broadcast(to: Shape([count])) : sigma,
                to: inverse, count, "sigma")
            for i in 0..<count {
                guard inverse[i] > 0 else {
                    throw .invalid("curve_fit: sigma has \(inverse[i]) at \(i); standard deviations are above 0")
                }
                inverse[i] = 1 / inverse[i]
            }
        }
        if model.family == .power {
            for i in 0..<count where !(self.x[i] > 0) {
                throw .invalid("curve_fit: x has \(self.x[i]) at \(i); a power needs x above 0")
            }
        }
    }

    private static func copy(_ tensor: Tensor, to target: UnsafeMutablePointer<Double>, _ count: Int, _ name: String)
        throws(TalwegError)
    {
        guard tensor.count == count else {
            throw .shape("curve_fit: \(name) has \(tensor.count) numbers for \(count) points")
        }
        let values = try tensor.detach().cast(to: .float64).view.contiguous()
        target.update(from: values.pointer(as: Double.self), count: count)
        withExtendedLifetime(values) {}
        for i in 0..<count where !target[i].isFinite {
            throw .numeric("curve_fit: \(name) has \(target[i]) at \(i)")
        }
    }

    /// Calls `body` for each chunk with where it begins, its size, and scratch memory of its own.
    private func each(_ body: (Int, Int, UnsafeMutablePointer<Double>) -> Void) {
        let size = CurveResiduals.chunk
        ThreadPool.run(chunks: (count + size - 1) / size) { index in
            let begin = index * size
            body(begin, min(size, count - begin), scratch + begin * CurveModel.scratchArrays)
        }
    }

    func residuals(_ b: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        each { begin, n, scratch in
            let own = r + begin, y = self.y + begin
            model.evaluate(n, x + begin, b, own, scratch)
            if let inverse {
                for i in 0..<n { own[i] = (own[i] - y[i]) * inverse[begin + i] }
            } else {
                for i in 0..<n { own[i] -= y[i] }
            }
        }
    }

    func jacobian(_ b: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        each { begin, n, scratch in
            model.derive(n, x + begin, b, columns + begin, count, scratch)
            guard let inverse else { return }
            for j in 0..<model.parameters {
                let own = columns + begin + j * count
                for i in 0..<n { own[i] *= inverse[begin + i] }
            }
        }
        return true
    }
}
