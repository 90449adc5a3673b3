import Testing

@testable import Talweg

@Suite struct RandomTests {
    @Test func integersInEveryRange() throws {
        for (low, high) in [(0, 1), (-3, 4), (0, 1 << 32), (5, (1 << 32) + 6), (.min, .max), (.max - 1, .max)] {
            let y = try Tensor.integers(Shape([1000]), low: low, high: high, .int64, Generator(seed: 1))
            let values = UnsafeBufferPointer(start: y.view.pointer(as: Int64.self), count: 1000)
            #expect(values.allSatisfy { $0 >= low && $0 < high })
            if high &- low == 7 { #expect(Set(values).count == 7) }
        }
        #expect(throws: TalwegError.self) { try Tensor.integers(.scalar, low: 2, high: 2, .int64) }
        #expect(throws: TalwegError.self) { try Tensor.integers(.scalar, low: -1, high: 2, .uint8) }
        #expect(throws: TalwegError.self) { try Tensor.integers(.scalar, low: 0, high: 258, .uint8) }
        #expect(throws: TalwegError.self) { try Tensor.integers(.scalar, low: 0, high: 2, .float32) }
        #expect(throws: TalwegError.self) { try Tensor.integers(.scalar, low: 0, high: 2, .bool) }
        #expect(try Tensor.integers(Shape([9]), low: 0, high: 256, .uint8).dtype == .uint8)
    }

    /// A tensor in two parts has the elements of the whole, with what was refused and drawn again.
    @Test(arguments: [6, 3 << 30, 3 << 61]) func integersAreAStream(_ high: Int) throws {
        let (whole, parts) = (Generator(seed: 3), Generator(seed: 3))
        let all = try Tensor.integers(Shape([40_000]), low: 0, high: high, .int64, whole)
        let first = try Tensor.integers(Shape([123]), low: 0, high: high, .int64, parts)
        let rest = try Tensor.integers(Shape([40_000 - 123]), low: 0, high: high, .int64, parts)
        #expect(try Tensor.concatenate([first, rest]).isEqual(all).all().item() == 1)
        #expect(whole.position == parts.position)
    }

    @Test func permutedPositions() throws {
        let x = try leaf(wave(Shape([5, 3]), 0.2))
        let order = try Tensor.permutation(3, Generator(seed: 9))
        let y = try x.permuted(axis: -1, Generator(seed: 9))
        #expect(try y.isEqual(x.indexSelect(axis: 1, order)).all().item() == 1)
        try y.sum().backward()
        #expect(try x.grad?.doubles() == Array(repeating: 1, count: 15))
    }

    @Test func categoricalNeverDrawsNothing() throws {
        let weights = try Tensor([0, 1, 0, 3, 0], shape: [5])
        let drawn = try Tensor.categorical(weights, count: 5000, Generator(seed: 2))
        #expect(Set(try drawn.doubles()) == [1, 3])
        let once = try Tensor.categorical(weights, count: 2, replacement: false, Generator(seed: 2))
        #expect(Set(try once.doubles()) == [1, 3])
        let logits = try Tensor([-.infinity, 0, -.infinity, 800, 900], shape: [5])
        #expect(Set(try Tensor.categorical(logits, areLogits: true, count: 99, Generator(seed: 2)).doubles()) == [4])
        for bad in [[0.0, 0], [1, -1], [1, .nan], [1, .infinity]] {
            #expect(throws: TalwegError.self) { try Tensor.categorical(Tensor(bad), count: 1) }
        }
        #expect(throws: TalwegError.self) { try Tensor.categorical(weights, count: 3, replacement: false) }
        #expect(throws: TalwegError.self) { try Tensor.categorical(weights, count: -1) }
        #expect(throws: TalwegError.self) { try Tensor.categorical(.ones(.scalar, .float64), count: 1) }
        #expect(throws: TalwegError.self) { try Tensor.categorical(.ones(Shape([2, 0]), .float64), count: 1) }
        #expect(throws: TalwegError.self) {
            try Tensor.categorical(Tensor([-.infinity, -.infinity]), areLogits: true, count: 1)
        }
        #expect(try Tensor.categorical(.ones(Shape([0, 3]), .float64), count: 2).shape == Shape([0, 2]))
    }

    @Test func probabilitiesAreChecked() throws {
        #expect(try Tensor.bernoulli(Tensor([0, 1, 0, 1])).doubles() == [0, 1, 0, 1])
        for bad in [-0.1, 1.1, .nan] { #expect(throws: TalwegError.self) { try Tensor.bernoulli(Tensor([bad])) } }
        #expect(throws: TalwegError.self) { try Tensor.exponential(.scalar, scale: -1, .float64) }
        #expect(throws: TalwegError.self) { try Tensor.exponential(.scalar, .int32) }
    }
}
