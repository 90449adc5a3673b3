import TalwegKernels

/// (f(x; b) - y) / sigma of a named curve, with its own derivatives, by chunks on several threads.
final class CurveResiduals: ResidualFunction {
    let count: Int
    let model: CurveModel
    /// [m] each; the inverse of sigma, nil for ones.
    let x, y: UnsafeMutablePointer<Double>
    let inverse: UnsafeMutablePointer<Double>?
    /// The elementary functions of x at the parameters `at`, [p], chunk by chunk.
    private let prepared, at: UnsafeMutablePointer<Double>
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
            byteCount: slabBytes(count, count, sigma == nil ? 0 : count, model.parameters)
                + slabBytes(count, times: model.preparedArrays))
        var slab = Slab(space.pointer)
        (self.x, self.y) = (slab.doubles(count), slab.doubles(count))
        inverse = sigma == nil ? nil : slab.doubles(count)
        at = slab.doubles(model.parameters)
        at.update(repeating: .nan, count: model.parameters)
        prepared = slab.doubles(0)
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

    /// Calls `body` for each chunk with where it begins, its size, and the elementary functions at b.
    private func each(_ b: UnsafePointer<Double>, _ body: (Int, Int, UnsafeMutablePointer<Double>) -> Void) {
        let size = CurveResiduals.chunk, arrays = model.preparedArrays
        let isPrepared = (0..<model.parameters).allSatisfy { at[$0] == b[$0] }
        at.update(from: b, count: model.parameters)
        ThreadPool.run(chunks: (count + size - 1) / size) { index in
            let begin = index * size, n = min(size, count - begin), own = prepared + begin * arrays
            if !isPrepared { model.prepare(n, x + begin, b, own) }
            body(begin, n, own)
        }
    }

    func residuals(_ b: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        each(b) { begin, n, prepared in
            let own = r + begin, y = self.y + begin
            model.evaluate(n, x + begin, b, prepared: prepared, own)
            if let inverse {
                for i in 0..<n { own[i] = (own[i] - y[i]) * inverse[begin + i] }
            } else {
                for i in 0..<n { own[i] -= y[i] }
            }
        }
    }

    func jacobian(_ b: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        each(b) { begin, n, prepared in
            model.derive(n, x + begin, b, prepared: prepared, columns + begin, count)
            guard let inverse else { return }
            for j in 0..<model.parameters {
                let own = columns + begin + j * count
                for i in 0..<n { own[i] *= inverse[begin + i] }
            }
        }
        return true
    }
}
