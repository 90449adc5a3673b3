import CIntrinsics
import TalwegKernels

/// One pass over the rows of a multinomial logistic model with class 0 as reference: eta_k = x . theta_k for the
/// others,
///
///     loss = sum w (log(1 + sum_k exp eta_k) - eta_y),  gradient_k = sum w (y_k - P_k) x,
///     information_kl = sum w P_k (delta_kl - P_l) x x'
final class MultinomialPass {
    let data: RegressionData
    /// Classes but the reference.
    let others: Int
    /// others x the width of a row.
    let size: Int
    /// [size], and [size, size] row-major, of which the blocks at and above the diagonal are set.
    let gradient: UnsafeMutablePointer<Double>
    let matrix: UnsafeMutablePointer<Double>
    private let area: Int
    private let chunks: Int
    private let rowsPerChunk: Int
    private let blockRows: Int
    private let perChunk: Int
    private let memory: UnsafeMutableRawPointer
    private let space: Storage

    /// - Parameter curved: whether matrices will be wanted
    init(_ data: RegressionData, classes: Int, curved: Bool = true) throws(TalwegError) {
        self.data = data
        others = classes - 1
        let width = data.width
        let (size, over) = width.multipliedReportingOverflow(by: others)
        let (square, overSquare) = curved ? size.multipliedReportingOverflow(by: size) : (0, false)
        guard !over, !overSquare, square < 1 << 40 else { throw .outOfMemory(bytes: Int.max) }
        self.size = size
        area = square
        blockRows = data.blockRows
        rowsPerChunk = RegressionData.rowsPerChunk(data.n, size, blockRows, order: curved ? size : 0)
        chunks = (data.n - 1) / rowsPerChunk + 1
        let (block, overBlock) = data.rowStride.multipliedReportingOverflow(by: blockRows)
        let (predictors, overPredictors) = blockRows.multipliedReportingOverflow(by: 2 * others + 1)
        guard !overBlock, !overPredictors else { throw .outOfMemory(bytes: Int.max) }
        let workspace = max(
            kernels.f64.gemmWorkspaceBytes(m: width, n: width, k: blockRows),
            kernels.f64.gemmWorkspaceBytes(m: blockRows, n: others, k: width),
            kernels.f64.gemmWorkspaceBytes(m: others, n: width, k: blockRows))
        perChunk = (try slabBytes(size, square, 8, block, block, predictors) + 64 + workspace + 63) & ~63
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes)
        memory = space.pointer
        var slab = Slab(memory)
        gradient = slab.doubles(size)
        matrix = slab.doubles(square)
    }

    /// The sum of the losses at theta [others, width].
    func run(_ theta: UnsafePointer<Double>, matrix wantsMatrix: Bool) -> Double {
        let width = data.width, stride = data.rowStride, others = others, size = size
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let gradient = slab.doubles(size), matrix = slab.doubles(area), total = slab.doubles(8)
            let x = slab.doubles(stride * blockRows), scaled = slab.doubles(stride * blockRows)
            let eta = slab.doubles(blockRows * (2 * others + 1))
            let error = eta + blockRows * (others + 1)
            let room = UnsafeMutableRawPointer(slab.doubles(0))
            gradient.update(repeating: 0, count: size)
            if wantsMatrix { matrix.update(repeating: 0, count: size * size) }
            total[0] = 0
            let end = min(data.n, (chunk + 1) * rowsPerChunk)
            var begin = chunk * rowsPerChunk
            while begin < end {
                let count = min(blockRows, end - begin)
                data.load(rows: begin, count, into: x)
                kernels.f64.gemm(
                    count, others, width, 1, x, stride, 1, theta, 1, width, 0, eta, others, 1, room)
                for i in 0..<count {
                    let w = data.weights?[begin + i] ?? 1
                    let label = Int(data.y[begin + i])
                    let row = eta + i * others, out = error + i * others
                    total[0] += w * MultinomialPass.probabilities(row, others, label)
                    for k in 0..<others { out[k] = w * ((label == k + 1 ? 1 : 0) - row[k]) }
                }
                kernels.f64.gemm(
                    others, width, count, 1, error, 1, others, x, stride, 1, 1, gradient, width, 1, room)
                if wantsMatrix {
                    for k in 0..<others {
                        for l in k..<others {
                            for i in 0..<count {
                                let row = eta + i * others
                                let w = (data.weights?[begin + i] ?? 1) * row[k] * ((k == l ? 1 : 0) - row[l])
                                let from = x + i * stride, to = scaled + i * stride
                                for j in 0..<width { to[j] = w * from[j] }
                            }
                            kernels.f64.gemm(
                                width, width, count, 1, x, 1, stride, scaled, stride, 1, 1,
                                matrix + k * width * size + l * width, size, 1, room)
                        }
                    }
                }
                begin += count
            }
        }
        var loss = 0.0
        for chunk in 0..<chunks {
            var slab = Slab(memory + chunk * perChunk)
            let other = slab.doubles(size), block = slab.doubles(area)
            loss += slab.doubles(8)[0]
            if chunk == 0 { continue }
            kernels.f64.axpy(size, 1, other, gradient)
            if wantsMatrix { kernels.f64.axpy(size * size, 1, block, matrix) }
        }
        return loss.isNaN ? .infinity : loss
    }

    /// Predictors become probabilities; the loss of the label.
    private static func probabilities(_ eta: UnsafeMutablePointer<Double>, _ others: Int, _ label: Int) -> Double {
        var top = 0.0
        for k in 0..<others { top = max(top, eta[k]) }
        let own = label == 0 ? 0 : eta[label - 1]
        var sum = tk_libm_exp(-top)
        for k in 0..<others {
            eta[k] = tk_libm_exp(eta[k] - top)
            sum += eta[k]
        }
        for k in 0..<others { eta[k] /= sum }
        return tk_libm_log(sum) + top - own
    }

    /// Of each row the label and the predictors at theta, in order.
    func visit(_ theta: UnsafePointer<Double>, _ body: (_ row: Int, UnsafePointer<Double>) -> Void) {
        var slab = Slab(memory)
        _ = (slab.doubles(size), slab.doubles(area), slab.doubles(8))
        let x = slab.doubles(data.rowStride * blockRows)
        _ = slab.doubles(data.rowStride * blockRows)
        let eta = slab.doubles(blockRows * (2 * others + 1))
        let room = UnsafeMutableRawPointer(slab.doubles(0))
        var begin = 0
        while begin < data.n {
            let count = min(blockRows, data.n - begin)
            data.load(rows: begin, count, into: x)
            kernels.f64.gemm(
                count, others, data.width, 1, x, data.rowStride, 1, theta, 1, data.width, 0, eta, others, 1, room)
            for i in 0..<count { body(begin + i, eta + i * others) }
            begin += count
        }
    }
}
