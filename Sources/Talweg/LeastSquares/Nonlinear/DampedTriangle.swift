/// S upper triangular with S' S = R' R + lambda, and the step w of least |R w + q|^2 + lambda |w|^2, by rotations of
/// the rows sqrt(lambda) I into R (More, "The Levenberg-Marquardt algorithm: implementation and theory", 1978).
struct DampedTriangle {
    /// [p, p], row-major.
    private let s: UnsafeMutablePointer<Double>
    private let row: UnsafeMutablePointer<Double>
    private let stride: Int

    static func doubles(_ p: Int) throws(TalwegError) -> Int {
        let (area, overflow) = p.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        return try slabBytes(area, p)
    }

    init(_ p: Int, _ slab: inout Slab) {
        stride = p
        s = slab.doubles(p * p)
        row = slab.doubles(p)
    }

    /// - Parameter lambda: above 0
    func solve(_ model: LinearModel, _ lambda: Double, _ w: UnsafeMutablePointer<Double>) {
        let n = model.size
        for i in 0..<n {
            let own = s + i * stride
            for j in i..<n { own[j] = i < model.rank ? model.factor[i, j] : 0 }
            w[i] = i < model.rank ? -model.q[i] : 0
        }
        let root = lambda.squareRoot()
        for k in 0..<n {
            for j in k..<n { row[j] = 0 }
            row[k] = root
            var rest = 0.0
            for i in k..<n where row[i] != 0 {
                let own = s + i * stride
                let (turn, length) = PlaneRotation.eliminating(own[i], row[i])
                own[i] = length
                for j in (i + 1)..<max(n, i + 1) {
                    let (a, b) = (own[j], row[j])
                    own[j] = turn.c * a + turn.s * b
                    row[j] = turn.c * b - turn.s * a
                }
                let (a, b) = (w[i], rest)
                w[i] = turn.c * a + turn.s * b
                rest = turn.c * b - turn.s * a
            }
        }
        solveUpper(n, w)
    }

    /// x = S^-1 x
    func solveUpper(_ n: Int, _ x: UnsafeMutablePointer<Double>) {
        var i = n - 1
        while i >= 0 {
            let own = s + i * stride
            var sum = x[i]
            for j in (i + 1)..<max(n, i + 1) { sum -= own[j] * x[j] }
            x[i] = own[i] == 0 ? 0 : sum / own[i]
            i -= 1
        }
    }

    /// x = S^-T x
    func solveTransposed(_ n: Int, _ x: UnsafeMutablePointer<Double>) {
        for i in 0..<n {
            let own = s + i * stride
            x[i] = own[i] == 0 ? 0 : x[i] / own[i]
            for j in (i + 1)..<max(n, i + 1) { x[j] -= own[j] * x[i] }
        }
    }
}
