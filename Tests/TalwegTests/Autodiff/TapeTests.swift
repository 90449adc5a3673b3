import Dispatch
import Testing

@testable import Talweg

@Suite struct TapeTests {
    private func scalar(_ value: Double) throws -> Tensor { try leaf(Tensor([value], shape: [])) }

    @Test func gradientsAccumulateUntilCleared() throws {
        let x = try scalar(3)
        try (x * x).backward()
        #expect(try x.grad?.item() == 6)
        try (x * x).backward()
        #expect(try x.grad?.item() == 12)
        try x.setGrad(nil)
        #expect(x.grad == nil)
    }

    @Test func oneTensorUsedTwice() throws {
        let x = try scalar(2)
        // d/dx (x x + x) = 2 x + 1
        try (x * x + x).backward()
        #expect(try x.grad?.item() == 5)
    }

    @Test func higherDerivativesThroughCreateGraph() throws {
        let x = try scalar(0.7)
        // x^4: 4 x^3, 12 x^2, 24 x, 24
        var y = try x.square().square()
        for expected in [4 * 0.343, 12 * 0.49, 24 * 0.7, 24] {
            y = try #require(try y.gradients(wrt: [x], createGraph: true)[0])
            #expect(abs(try y.item() - expected) < 1e-13)
        }
        #expect(x.grad == nil)
    }

    @Test func recordingCanBeSwitchedOff() throws {
        let x = try scalar(2)
        let y = try withRecording(false) { () throws(TalwegError) in try x * x }
        #expect(!y.requiresGrad)
        #expect(throws: TalwegError.self) { try y.backward() }
        #expect(try (x * x).requiresGrad)
        #expect(try !(x * x).detach().requiresGrad)
    }

    @Test func aReleasedTapeIsRefused() throws {
        let x = try scalar(2)
        let y = try x * x
        try y.backward(retainGraph: true)
        try y.backward()
        #expect(try x.grad?.item() == 8)
        #expect { try y.backward() } throws: { ($0 as? TalwegError)?.status == .state }
        #expect(try x.grad?.item() == 8)
    }

    @Test func aWriteInPlaceIsRefused() throws {
        let x = try scalar(2)
        let y = try x * x
        try x.assign(Tensor([5], shape: []))
        #expect { try y.backward() } throws: { ($0 as? TalwegError)?.status == .state }
        #expect(x.grad == nil)
    }

    @Test func intermediateAndUnusedInputs() throws {
        let (x, z) = (try scalar(2), try scalar(1))
        let y = try x * x
        let w = try y * y
        let gradients = try w.gradients(wrt: [y, x, z])
        #expect(try gradients[0]?.item() == 8)
        #expect(try gradients[1]?.item() == 32)
        #expect(gradients[2] == nil)
        #expect(x.grad == nil)
    }

    @Test func manyElementsNeedAGradient() throws {
        let x = try leaf(Tensor([1, 2, 3]))
        let y = try x * x
        #expect { try y.backward() } throws: { ($0 as? TalwegError)?.status == .shape }
        #expect { try y.backward(gradient: Tensor([1, 2])) } throws: { ($0 as? TalwegError)?.status == .shape }
        try y.backward(gradient: Tensor([1, 10, 100]))
        #expect(try x.grad?.doubles() == [2, 40, 600])
    }

    @Test func onlyFloatingLeaves() throws {
        let n = try Tensor([1, 2], dtype: .int64)
        #expect { try n.setRequiresGrad(true) } throws: { ($0 as? TalwegError)?.status == .dtype }
        let x = try scalar(1)
        #expect { try (x * x).setRequiresGrad(false) } throws: { ($0 as? TalwegError)?.status == .state }
    }

    @Test func aGradientIsSetIfItFits() throws {
        let x = try leaf(Tensor([1, 2]))
        #expect { try x.setGrad(Tensor([1, 2], dtype: .float32)) } throws: { ($0 as? TalwegError)?.status == .dtype }
        #expect { try x.setGrad(Tensor([1])) } throws: { ($0 as? TalwegError)?.status == .shape }
        try x.setGrad(Tensor([3, 4]))
        #expect(try x.grad?.doubles() == [3, 4])
        #expect { try x.detach().setGrad(Tensor([3, 4])) } throws: { ($0 as? TalwegError)?.status == .state }
    }

    /// A recursive walk or release would overflow the stack here.
    @Test func aLongChain() throws {
        let x = try scalar(1)
        var y = x
        for _ in 0..<200_000 { y = try y + 1e-6 }
        try y.backward()
        #expect(try x.grad?.item() == 1)
    }

    @Test func gradientOfACastHasTheInputsType() throws {
        let x = try leaf(Tensor([1, 2], dtype: .float32))
        try (x.cast(to: .float64) * 3).sum().backward()
        #expect(x.grad?.dtype == .float32)
        #expect(try x.grad?.doubles() == [3, 3])
    }

    /// The gradient's own tape leads back to the leaf: that must not keep both alive.
    @Test func aRecordedGradientDoesNotKeepItselfAlive() throws {
        weak var seen: Tensor?
        do {
            let x = try scalar(2)
            seen = x
            try (x * x).backward(createGraph: true)
            #expect(try x.grad?.item() == 4)
        }
        #expect(seen == nil)
    }

    /// A tensor as its own gradient must not keep itself alive.
    @Test func aTensorAsItsOwnGradient() throws {
        weak var seen: Tensor?
        do {
            let x = try scalar(2)
            seen = x
            try x.setGrad(x)
            #expect(try x.grad?.item() == 2)
            try x.setGrad(nil)
            try x.backward(gradient: x, createGraph: true)
            #expect(try x.grad?.item() == 2)
        }
        #expect(seen == nil)
    }

    /// A recursive release would overflow the stack here.
    @Test func aLongChainOfGradients() throws {
        let first = try scalar(1)
        var last = first
        for _ in 0..<200_000 {
            try last.backward()
            last = try #require(last.grad)
            try last.setRequiresGrad(true)
        }
        #expect(try last.item() == 1)
    }

    /// Writing to one gradient changes neither another nor the seed.
    @Test func gradientsShareNothing() throws {
        for createGraph in [false, true] {
            let (x, y) = (try leaf(Tensor([1, 2])), try leaf(Tensor([3, 4])))
            let seed = try Tensor([1, 1])
            let found = try (x + y).gradients(wrt: [x, y], gradient: seed, createGraph: createGraph)
            try #require(found[0]).assign(Tensor([9, 9]))
            #expect(try found[1]?.doubles() == [1, 1])
            try (x + y).backward(gradient: seed, createGraph: createGraph)
            try #require(x.grad).assign(Tensor([9, 9]))
            #expect(try y.grad?.doubles() == [1, 1])
            #expect(try seed.doubles() == [1, 1])
        }
    }

    @Test func aConditionWrittenInPlaceIsRefused() throws {
        let x = try leaf(Tensor([1, 2]))
        let condition = try Tensor([1, 0], dtype: .bool)
        let y = try Tensor.select(condition, x, x * 3).sum()
        try condition.assign(Tensor([0, 1], dtype: .bool))
        #expect { try y.backward() } throws: { ($0 as? TalwegError)?.status == .state }
        #expect(x.grad == nil)
        // Of another type it was converted: the copy is as it was.
        let numbers = try Tensor([1, 0])
        let z = try Tensor.select(numbers, x, x * 3).sum()
        try numbers.assign(Tensor([0, 1]))
        try z.backward()
        #expect(try x.grad?.doubles() == [1, 3])
    }

    @Test func thePassedGradientIsNotTaken() throws {
        let x = try leaf(Tensor([1, 2]))
        let seed = try Tensor([1, 1])
        try (x + 0).backward(gradient: seed)
        try seed.assign(Tensor([9, 9]))
        #expect(try x.grad?.doubles() == [1, 1])
    }
}

/// Graphs of several threads that meet in one leaf.
@Suite struct SharedLeafTests {
    @Test func backwardOnSeveralThreads() throws {
        let x = try leaf(Tensor([1, 2, 3]))
        // Threads of their own: the pool works in place while another test has it.
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            for _ in 0..<50 {
                try? (x * x).sum().backward()
                try? x.setGrad(nil)
            }
        }
        try (x * x).sum().backward()
        #expect(try x.grad?.doubles() == [2, 4, 6])
    }
}
