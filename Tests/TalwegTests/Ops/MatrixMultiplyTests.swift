import Testing

@testable import Talweg

@Suite struct MatrixMultiplyTests {
    /// Against the plain triple loop in float64, over odd sizes and both types.
    @Test(arguments: [DType.float32, .float64])
    func againstPlainLoops(_ dtype: DType) throws {
        let shapes = [
            (1, 1, 1), (3, 5, 7), (17, 33, 9), (64, 64, 64), (130, 70, 95), (1, 300, 40), (40, 300, 1),
            // Cut by columns: in slices, in packed pieces.
            (7, 300, 250), (40, 70, 900),
        ]
        for (m, k, n) in shapes {
            let a = try Tensor.normal(Shape([m, k]), dtype, Generator(seed: 1))
            let b = try Tensor.normal(Shape([k, n]), dtype, Generator(seed: 2))
            let found = try a.matmul(b).doubles()
            let (x, y) = (try a.doubles(), try b.doubles())
            let unit = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
            for i in 0..<m {
                for j in 0..<n {
                    var sum = 0.0
                    var size = 0.0
                    for p in 0..<k {
                        sum += x[i * k + p] * y[p * n + j]
                        size += abs(x[i * k + p] * y[p * n + j])
                    }
                    // The bound of any order of summation (Higham, 3.1).
                    try #require(abs(found[i * n + j] - sum) <= Double(k + 1) * unit * size, "\(m) \(k) \(n)")
                }
            }
        }
    }

    @Test func shapesThatDoNotFit() throws {
        let a = try Tensor.zeros(Shape([3, 4]), .float64)
        let b = try Tensor.zeros(Shape([5, 2]), .float64)
        #expect(throws: TalwegError(.shape, "matmul: [3, 4] x [5, 2]: inner sizes 4 and 5 differ")) {
            try a.matmul(b)
        }
        #expect(throws: TalwegError.self) { try a.matmul(a.scalar(1)) }
        #expect(throws: TalwegError.self) { try a.cast(to: .int64).matmul(b.cast(to: .int64)) }
    }

    @Test func sameBitsOnAnyNumberOfThreads() throws {
        let a = try Tensor.normal(Shape([301, 257]), .float32, Generator(seed: 1))
        let b = try Tensor.normal(Shape([257, 203]), .float32, Generator(seed: 2))
        let before = threads
        defer { try? setThreads(before) }
        try setThreads(1)
        let one = try (a.matmul(b).doubles(), b.transpose().matmul(a.transpose()).doubles())
        for count in [2, 3, 7] {
            try setThreads(count)
            #expect(try a.matmul(b).doubles() == one.0)
            #expect(try b.transpose().matmul(a.transpose()).doubles() == one.1)
        }
    }
}
