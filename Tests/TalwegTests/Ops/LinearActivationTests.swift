import Testing

@testable import Talweg

@Suite struct LinearActivationTests {
    /// The fused operation and its gradients against the operations that it is made of.
    @Test(arguments: Activation.allCases, [DType.float32, .float64])
    func agreesWithItsParts(_ activation: Activation, _ dtype: DType) throws {
        let shapes = [(1, 1, 1), (7, 5, 3), (300, 40, 70), (33, 600, 21), (700, 9, 2), (7, 300, 250)]
        for (rows, inputs, outputs) in shapes {
            let x = try Tensor.normal(Shape([rows, inputs]), dtype, Generator(seed: 1))
            let w = try Tensor.normal(Shape([outputs, inputs]), dtype, Generator(seed: 2))
            let b = try Tensor.normal(Shape([outputs]), dtype, Generator(seed: 3))
            let g = try Tensor.normal(Shape([rows, outputs]), dtype, Generator(seed: 4))
            for input in [x, w, b] { try input.setRequiresGrad(true) }
            let whole = try x.linear(w, b, activation: activation)
            let sum = try x.matmul(w.transpose()) + b
            let parts =
                switch activation {
                case .identity: sum
                case .relu: try sum.relu()
                case .gelu: try sum.gelu()
                case .tanh: try sum.tanh()
                case .sigmoid: try sum.sigmoid()
                }
            let bound = (dtype == .float32 ? 1e-4 : 1e-12) * Double(inputs).squareRoot()
            try expectNear(whole, parts, bound)
            let found = try (whole * g).sum().gradients(wrt: [x, w, b])
            let expected = try (parts * g).sum().gradients(wrt: [x, w, b])
            for (found, expected) in zip(found, expected) {
                try expectNear(#require(found), #require(expected), bound * Double(rows).squareRoot() * 4)
            }
        }
    }

    private func expectNear(_ a: Tensor, _ b: Tensor, _ bound: Double) throws {
        let (a, b) = (try a.doubles(), try b.doubles())
        try #require(a.count == b.count)
        for (x, y) in zip(a, b) { try #require(abs(x - y) <= bound * max(1, abs(y))) }
    }

    @Test func sameBitsOnAnyNumberOfThreads() throws {
        let before = threads
        defer { try? setThreads(before) }
        let x = try Tensor.normal(Shape([501, 70]), .float32, Generator(seed: 1))
        let w = try Tensor.normal(Shape([203, 70]), .float32, Generator(seed: 2))
        let b = try Tensor.normal(Shape([203]), .float32, Generator(seed: 3))
        for input in [x, w, b] { try input.setRequiresGrad(true) }
        func run() throws -> [[Double]] {
            let y = try x.linear(w, b, activation: .gelu)
            return try ([y] + y.square().sum().gradients(wrt: [x, w, b])).map { try #require($0).doubles() }
        }
        try setThreads(1)
        let one = try run()
        for count in [2, 3] {
            try setThreads(count)
            #expect(try run() == one)
        }
    }
}
