import CIntrinsics
import TalwegKernels

/// The model of the mean alone, or without an intercept of the offset.
struct GLMNullModel {
    private let data: RegressionData
    private let family: GLMRows
    private let block: GLMRows.Block
    private let space: Storage
    private static let rows = 512

    init(_ data: RegressionData, _ family: GLMRows) throws(TalwegError) {
        self.data = data
        self.family = family
        let rows = GLMNullModel.rows
        space = try Storage(byteCount: slabBytes(rows, rows, rows, rows, rows, rows, rows))
        var slab = Slab(space.pointer)
        block = GLMRows.Block(
            y: slab.doubles(rows), prior: slab.doubles(rows), offset: slab.doubles(rows), eta: slab.doubles(rows),
            score: slab.doubles(rows), weight: slab.doubles(rows), mean: slab.doubles(rows))
    }

    func loss() throws(TalwegError) -> Double {
        guard data.intercept else { return totals(0).loss }
        var sum = 0.0, least = Double.infinity, most = -Double.infinity
        if let weights = data.weights {
            for i in 0..<data.n where weights[i] > 0 {
                sum += weights[i] * data.y[i]
                least = min(least, data.y[i])
                most = max(most, data.y[i])
            }
        } else {
            kernels.reduce(.sum, .float64)?(data.n, data.y, 1, &sum)
            kernels.reduce(.min, .float64)?(data.n, data.y, 1, &least)
            kernels.reduce(.max, .float64)?(data.n, data.y, 1, &most)
        }
        let mean = sum / data.sumOfWeights
        if least == most, data.offset == nil { return 0 }
        if family.family == .binomial, data.offset == nil, least == 0, most == 1, GLMRows.areClasses(data.y, data.n) {
            return -data.sumOfWeights * (mean * tk_libm_log(mean) + (1 - mean) * tk_libm_log1p(-mean))
        }
        var c = family.predictor(mean)
        var current = totals(c)
        guard data.offset != nil else { return current.loss }
        // Newton's method with one unknown.
        for _ in 0..<50 where current.weight > 0 {
            var step = current.score / current.weight
            var next = totals(c + step)
            for _ in 0..<30 where !(next.loss <= current.loss) {
                step /= 2
                next = totals(c + step)
            }
            guard next.loss <= current.loss else { break }
            c += step
            current = next
            if step.magnitude <= 1e-12 * max(1, c.magnitude) { break }
        }
        return current.loss
    }

    private func totals(_ c: Double) -> (loss: Double, score: Double, weight: Double) {
        var total = (loss: 0.0, score: 0.0, weight: 0.0)
        var begin = 0
        while begin < data.n {
            let count = min(GLMNullModel.rows, data.n - begin)
            for i in 0..<count {
                block.y[i] = data.y[begin + i]
                block.prior[i] = data.weights?[begin + i] ?? 1
                block.offset[i] = data.offset?[begin + i] ?? 0
                block.eta[i] = c + block.offset[i]
            }
            total.loss += family.evaluate(count, block, start: false)
            for i in 0..<count {
                total.score += block.score[i]
                total.weight += block.weight[i]
            }
            begin += count
        }
        return total
    }
}
