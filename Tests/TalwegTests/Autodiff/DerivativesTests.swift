import Testing

@testable import Talweg

@Suite struct DerivativesTests {
    private func vector(_ values: [Double]) throws -> Tensor { try leaf(Tensor(values)) }

    /// f(x, y) = x y + sin x at single numbers.
    @Test func jvpAndVjpAreTheJacobianFromEitherSide() throws {
        let (x, y) = (try vector([0.5]), try vector([2.0]))
        let f = try x * y + x.sin()
        // d = (y + cos x) dx + x dy
        let t = try #require(
            try Tensor.tangents(of: [f], wrt: [x, y], along: [Tensor([3.0]), Tensor([7.0])])[0])
        let slope = 2 + 0.8775825618903728
        #expect(abs(try t.doubles()[0] - (3 * slope + 7 * 0.5)) < 1e-14)
        let g = try Tensor.cotangents(of: [f, f], wrt: [x, y], given: [Tensor([1.0]), Tensor([10.0])])
        #expect(abs(try #require(g[0]).doubles()[0] - 11 * slope) < 1e-13)
        #expect(try #require(g[1]).doubles() == [5.5])
    }

    @Test func jacobianOfALinearMapIsItsMatrix() throws {
        let a = try Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
        let x = try vector([0.1, 0.2, 0.3])
        let y = try a.matmul(x)
        for mode in [DifferentiationMode.automatic, .reverse, .forward] {
            let j = try y.jacobian(wrt: [x], mode: mode)[0]
            #expect(j.shape.dims == [2, 3])
            #expect(try j.doubles() == [1, 2, 3, 4, 5, 6])
        }
        let unrelated = try vector([1])
        #expect(try y.jacobian(wrt: [unrelated])[0].doubles() == [0, 0])
    }

    @Test func jacobianHasADerivative() throws {
        let x = try vector([0.5, -2])
        for mode in [DifferentiationMode.reverse, .forward] {
            // y = x^3, J = diag(3 x^2), d sum J / dx = 6 x
            let j = try (x * x * x).jacobian(wrt: [x], mode: mode, createGraph: true)[0]
            #expect(try j.doubles() == [0.75, 0, 0, 12])
            let g = try #require(try j.sum().gradients(wrt: [x])[0])
            #expect(try g.doubles() == [3, -12])
        }
    }

    @Test func hessianInBlocks() throws {
        let (x, y) = (try vector([2, 3]), try vector([5]))
        // f = x0^2 x1 + x1 y
        let first = try x.slice(axis: 0, from: 0, to: 1)
        let second = try x.slice(axis: 0, from: 1, to: 2)
        let f = try (first * first * second + second * y).sum()
        let h = try f.hessian(wrt: [x, y])
        #expect(try h[0][0].doubles() == [6, 4, 4, 0])
        #expect(try h[0][1].doubles() == [0, 1])
        #expect(try h[1][0].doubles() == [0, 1])
        #expect(try h[1][1].doubles() == [0])
        #expect(h[0][1].shape.dims == [2, 1])
        let product = try f.hessianVectorProduct(wrt: [x, y], [Tensor([1.0, 10]), Tensor([100.0])])
        #expect(try product[0].doubles() == [6 + 40, 4 + 100])
        #expect(try product[1].doubles() == [10])
        #expect(throws: TalwegError.self) { try x.hessian(wrt: [x]) }
    }

    @Test func derivativesOfEmptyAndOfConstants() throws {
        let x = try leaf(Tensor.zeros(Shape([0, 2]), .float64))
        let j = try (x * 2).jacobian(wrt: [x])[0]
        #expect(j.shape.dims == [0, 2, 0, 2])
        let y = try vector([1])
        #expect(try Tensor([1.0, 2]).jacobian(wrt: [y])[0].doubles() == [0, 0])
        #expect(throws: TalwegError.self) { try y.jacobian(wrt: [Tensor([1.0])]) }
    }

    /// What is seeded does not move otherwise: inputs are independent of one another.
    @Test func anInputInTheMiddle() throws {
        let x = try vector([3])
        let middle = try x * x
        let y = try middle * 5 + x
        let t = try Tensor.tangents(of: [y], wrt: [x, middle], along: [Tensor([1.0]), Tensor([0.0])])
        #expect(try #require(t[0]).doubles() == [1])
        let u = try Tensor.tangents(of: [y, middle], wrt: [x], along: [Tensor([1.0])])
        #expect(try #require(u[0]).doubles() == [31])
        #expect(try #require(u[1]).doubles() == [6])
    }

    @Test func wrongTangentsAreRefused() throws {
        let x = try vector([1, 2])
        let y = try x * 2
        #expect(throws: TalwegError.self) { try Tensor.tangents(of: [y], wrt: [x], along: []) }
        #expect(throws: TalwegError.self) { try Tensor.tangents(of: [y], wrt: [x], along: [Tensor([1.0])]) }
        #expect(throws: TalwegError.self) {
            try Tensor.tangents(of: [y], wrt: [Tensor([1.0])], along: [Tensor([1.0])])
        }
        #expect(throws: TalwegError.self) { try Tensor.cotangents(of: [y], wrt: [x], given: []) }
        // Also of an output that depends on nothing.
        #expect(throws: TalwegError(.shape, "vjp: cotangent 0 is float64 [2], its output float64 [1]")) {
            try Tensor.cotangents(of: [Tensor([1.0]), y], wrt: [x], given: [Tensor([1.0, 2.0]), .ones(y.shape, y.dtype)])
        }
    }

    @Test func aLongChainGoesForward() throws {
        let x = try vector([1])
        var y = x
        for _ in 0..<20_000 { y = try y * 1.0001 }
        let t = try #require(try Tensor.tangents(of: [y], wrt: [x], along: [Tensor([1.0])])[0])
        #expect(try abs(t.doubles()[0] - y.doubles()[0]) < 1e-12)
    }
}
