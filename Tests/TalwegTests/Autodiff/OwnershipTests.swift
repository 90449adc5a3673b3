import Dispatch
import Synchronization
import Testing

@testable import Talweg

// Gradients are taken over and added in place only where nothing else has their elements.
@Suite struct OwnershipTests {
    private func leaf(_ values: [Double]) throws -> Tensor {
        let x = try Tensor(values)
        try x.setRequiresGrad(true)
        return x
    }

    @Test func leavesOfOneCotangentHaveGradientsOfTheirOwn() throws {
        let (a, b) = (try leaf([1, 2]), try leaf([3, 4]))
        try (a + b).sum().backward()
        let (ga, gb) = (try #require(a.grad), try #require(b.grad))
        #expect(ga.view.storage !== gb.view.storage)
        try ga.assign(Tensor.full(ga.shape, 9, .float64))
        #expect(try gb.doubles() == [1, 1])
    }

    @Test func theCallersGradientStaysTheCallers() throws {
        let x = try leaf([1, 2])
        let given = try Tensor([5, 7])
        try x.reshape([2, 1]).backward(gradient: given.reshape([2, 1]))
        let gradient = try #require(x.grad)
        #expect(gradient.view.storage !== given.view.storage)
        try (x * 3.0).backward(gradient: given)
        #expect(try given.doubles() == [5, 7])
        #expect(try #require(x.grad).doubles() == [20, 28])
    }

    @Test func sumsOfCotangents() throws {
        // x is used by five operations, twice by some; d/dx (2x + x^2 + 3x + x) = 6 + 2x
        let x = try leaf([1, 2, 3])
        let y = try (x + x) + x * x + x * 3.0 + x
        try y.sum().backward()
        #expect(try #require(x.grad).doubles() == [8, 10, 12])
    }

    @Test func aGradientThatWasHandedOutKeepsItsValues() throws {
        let x = try leaf([1, 2])
        try (x * x).sum().backward()
        let first = try #require(x.grad)
        try (x * x).sum().backward()
        #expect(try first.doubles() == [2, 4])
        #expect(try #require(x.grad).doubles() == [4, 8])
    }

    @Test func severalThreadsWalkOneGraph() throws {
        let x = try leaf([1, 2])
        let y = try (x * x * x).sum()
        let group = DispatchGroup()
        let failures = Atomic<Int>(0)
        let (walks, threads) = (200, 4)
        for thread in 0..<threads {
            DispatchQueue.global().async(group: group) {
                for _ in 0..<walks {
                    // 3 x^2, whatever the others do meanwhile
                    if thread % 2 == 0 {
                        let found = try? y.gradients(wrt: [x], retainGraph: true).first??.doubles()
                        if found != [3, 12] { failures.wrappingAdd(1, ordering: .relaxed) }
                    } else if (try? y.backward(retainGraph: true)) == nil {
                        failures.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            }
        }
        group.wait()
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test func theLossOfSquaresAndTheLinearMapAgreeOnAndOffTheTape() throws {
        // Off the tape the pullbacks are fused; with createGraph they are operations. Sums of five
        // terms of about 1, in any order, agree to 5 * 5 * 2^-53 = 3e-15.
        let x = try Tensor.uniform(Shape([5, 3], for: "test"), low: -1, high: 1, .float64, Generator(seed: 1))
        let target = try Tensor.uniform(Shape([5, 2], for: "test"), low: -1, high: 1, .float64, Generator(seed: 2))
        let weight = try Tensor.uniform(Shape([2, 3], for: "test"), low: -1, high: 1, .float64, Generator(seed: 3))
        let bias = try Tensor.uniform(Shape([2], for: "test"), low: -1, high: 1, .float64, Generator(seed: 4))
        for leaf in [x, target, weight, bias] { try leaf.setRequiresGrad(true) }
        let leaves = [x, target, weight, bias]
        let loss = try Tensor.meanSquaredError(x.linear(weight, bias), target)
        let fused = try loss.gradients(wrt: leaves, retainGraph: true)
        let taped = try loss.gradients(wrt: leaves, retainGraph: true, createGraph: true)
        for (a, b) in zip(fused, taped) {
            let (a, b) = (try #require(a).doubles(), try #require(b).doubles())
            for (p, q) in zip(a, b) { #expect(abs(p - q) <= 1e-14 * max(1, abs(q))) }
        }
    }
}
