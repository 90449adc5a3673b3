import Testing

@testable import Talweg

/// Each optimizer against its formula, written out here in Double.
@Suite struct OptimizerTests {
    /// How one element changes by one gradient; keeps its own state.
    typealias Rule = (_ p: Double, _ g: Double) -> Double
    /// A rule's state starts anew for every element.
    typealias MakeRule = () -> Rule

    private static let start = [1.0, -0.5, 0.25, 2, -3, 0.75]

    /// Uneven gradients of both signs, other ones each step.
    private static func gradient(_ element: Int, _ step: Int) -> Double {
        let x = Double(element + 1) * 0.37 + Double(step) * 1.71
        return (x - x.rounded()) * 3 + (element == 2 ? 0 : 0.1)
    }

    /// Six steps of an optimizer on `layout`, and of the rule on each element.
    private func compare(_ optimizer: Optimizer, _ makeRule: MakeRule, _ dtype: DType, turned: Bool) throws {
        var parameter = try Tensor(Self.start, shape: [2, 3], dtype: dtype)
        if turned { parameter = try parameter.transpose().contiguous().transpose() }
        try parameter.setRequiresGrad(true)
        try optimizer.add(parameter)
        var expected = Self.start
        let rules = Self.start.map { _ in makeRule() }
        for step in 0..<6 {
            let values = Self.start.indices.map { Self.gradient($0, step) }
            try parameter.setGrad(Tensor(values, shape: [2, 3], dtype: dtype))
            try optimizer.step()
            for element in expected.indices {
                expected[element] = rules[element](expected[element], values[element])
            }
        }
        let tolerance = dtype == .float32 ? 3e-6 : 1e-13
        for (found, wanted) in zip(try parameter.doubles(), expected) {
            #expect(abs(found - wanted) <= tolerance * max(1, abs(wanted)))
        }
    }

    private func compare(_ make: () throws -> Optimizer, _ rule: MakeRule) throws {
        for dtype in [DType.float64, .float32] {
            for turned in [false, true] { try compare(make(), rule, dtype, turned: turned) }
        }
    }

    @Test(arguments: [(0, false, 0), (0.9, false, 0), (0.9, true, 0), (0.5, true, 0.1), (0, false, 0.1)])
    func sgd(_ momentum: Double, _ nesterov: Bool, _ decay: Double) throws {
        try compare({
            try SGD(learningRate: 0.05, momentum: momentum, nesterov: nesterov, weightDecay: decay)
        }) {
            var v = 0.0
            return { p, g in
                let g = g + decay * p
                v = momentum * v + g
                return p - 0.05 * (nesterov ? g + momentum * v : v)
            }
        }
    }

    @Test(arguments: [(0, 0), (0.9, 0), (0, 0.1), (0.5, 0.1)])
    func rmsprop(_ momentum: Double, _ decay: Double) throws {
        try compare({
            try RMSProp(learningRate: 0.01, alpha: 0.9, epsilon: 1e-6, momentum: momentum, weightDecay: decay)
        }) {
            var (s, v) = (0.0, 0.0)
            return { p, g in
                let g = g + decay * p
                s = 0.9 * s + 0.1 * g * g
                v = momentum * v + g / (s.squareRoot() + 1e-6)
                return p - 0.01 * v
            }
        }
    }

    @Test(arguments: [(false, 0), (false, 0.1), (true, 0), (true, 0.1)])
    func adam(_ decoupled: Bool, _ decay: Double) throws {
        try compare({
            decoupled
                ? try AdamW(learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-7, weightDecay: decay)
                : try Adam(learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-7, weightDecay: decay)
        }) {
            var (m, s, first, second) = (0.0, 0.0, 1.0, 1.0)
            return { p, g in
                let p = decoupled ? p - 0.01 * decay * p : p
                let g = decoupled ? g : g + decay * p
                m = 0.8 * m + 0.2 * g
                s = 0.99 * s + 0.01 * g * g
                (first, second) = (first * 0.8, second * 0.99)
                return p - 0.01 * (m / (1 - first)) / ((s / (1 - second)).squareRoot() + 1e-7)
            }
        }
    }

    /// Several chunks of the pool, with a last one that is not full: each element as if it were alone.
    @Test func largeParametersGoInChunks() throws {
        let n = 2 * elementsPerChunk + 77
        for make in Self.elementwise {
            let large = try wave(Shape([n]), 0.3).cast(to: .float32)
            try large.setRequiresGrad(true)
            let gradient = try wave(Shape([n]), 0.8).cast(to: .float32)
            let picked = [0, 1, elementsPerChunk - 1, elementsPerChunk, 2 * elementsPerChunk, n - 1]
            let small = try large.detach().indexSelect(axis: 0, Tensor(picked.map { Double($0) }, dtype: .int64))
            try small.setRequiresGrad(true)
            let (a, b) = (try make(), try make())
            try a.add(large)
            try b.add(small)
            for _ in 0..<3 {
                try large.setGrad(gradient)
                try small.setGrad(gradient.indexSelect(axis: 0, Tensor(picked.map { Double($0) }, dtype: .int64)))
                try a.step()
                try b.step()
            }
            let (found, wanted) = (try large.doubles(), try small.doubles())
            for (place, element) in picked.enumerated() {
                #expect(abs(found[element] - wanted[place]) <= 1e-6)
            }
        }
    }

    /// Muon's vectors are AdamW's.
    static let elementwise: [@Sendable () throws -> Optimizer] = [
        { try SGD(learningRate: 0.1, momentum: 0.9) }, { try RMSProp(momentum: 0.5) }, { try Adam() }, { try AdamW() },
        { try NAdam(NAdam.defaultOptions) }, { try RAdam(RAdam.defaultOptions) },
        { try Adamax(Adamax.defaultOptions) }, { try Lion(Lion.defaultOptions) },
        { try Adagrad(Adagrad.defaultOptions) }, { try Adadelta(Adadelta.defaultOptions) },
        { try Muon(Muon.defaultOptions) },
    ]

    static let all: [@Sendable () throws -> Optimizer] =
        elementwise + [{ try LAMB(LAMB.defaultOptions) }, { try Adafactor(Adafactor.defaultOptions) }]

    @Test func leavesParametersWithoutGradientAlone() throws {
        for make in Self.all {
            let (a, b) = (try leaf(Tensor([1, 2])), try leaf(Tensor([3, 4])))
            let optimizer = try make()
            try optimizer.add(a)
            try optimizer.add(b)
            try a.setGrad(Tensor([1, 1]))
            try optimizer.step()
            #expect(try a.doubles() != [1, 2])
            #expect(try b.doubles() == [3, 4])
            optimizer.zeroGrad()
            #expect(a.grad == nil)
            let before = try a.doubles()
            try optimizer.step()
            #expect(try a.doubles() == before)
        }
    }

    @Test func resetForgetsMoments() throws {
        for make in Self.all {
            let optimizer = try make()
            let parameter = try leaf(Tensor([1, 2]))
            try optimizer.add(parameter)
            func step() throws -> [Double] {
                try parameter.assign(Tensor([1, 2]))
                try parameter.setGrad(Tensor([0.5, -0.25]))
                try optimizer.step()
                return try parameter.doubles()
            }
            let first = try step()
            try parameter.setGrad(Tensor([100, 100]))
            try optimizer.step()
            optimizer.reset()
            #expect(try step() == first)
        }
    }

    /// One element repeated 2^40 times takes no memory, but its update would.
    @Test func stepsAsAWholeOrNotAtAll() throws {
        for make in Self.all {
            let optimizer = try make()
            let small = try leaf(Tensor([1, 2]))
            let large = try leaf(Tensor([3]).broadcast(to: Shape([1 << 40])))
            try optimizer.add(small)
            try optimizer.add(large)
            try small.setGrad(Tensor([1, 1]))
            try large.setGrad(large.detach())
            #expect(status { try optimizer.step() } == .outOfMemory)
            #expect(try small.doubles() == [1, 2])
            // Afterwards as if the step had not been tried.
            try large.setGrad(nil)
            try optimizer.step()
            let other = try make()
            let same = try leaf(Tensor([1, 2]))
            try other.add(same)
            try same.setGrad(Tensor([1, 1]))
            try other.step()
            #expect(try small.doubles() == same.doubles())
        }
    }

    /// A gradient that is the parameter's own memory, shifted by one element, is read before it is changed.
    @Test func gradientMayShareMemory() throws {
        let whole = try Tensor([1, 2, 3, 4, 5])
        let parameter = try leaf(whole.slice(axis: 0, from: 1))
        try parameter.setGrad(whole.slice(axis: 0, to: 4))
        let optimizer = try SGD(learningRate: 1)
        try optimizer.add(parameter)
        try optimizer.step()
        #expect(try parameter.doubles() == [1, 1, 1, 1])
    }

    /// backward after a step must not use elements that the step changed.
    @Test func stepsTellTheTape() throws {
        let w = try leaf(Tensor([2]))
        let y = try (w * w).sum()
        let optimizer = try SGD()
        try optimizer.add(w)
        try w.setGrad(Tensor([1]))
        try optimizer.step()
        #expect(status { try y.backward() } == .state)
    }

    @Test func addsOnce() throws {
        let model = try Linear(2, 2)
        let optimizer = try SGD(model)
        try optimizer.add(model)
        try optimizer.add(model.parameter(at: "weight"))
        #expect(optimizer.parameters.count == 2)
        #expect(status { try optimizer.add(Tensor([1])) } == .state)
        let result = try leaf(Tensor([1])) * 2
        #expect(status { try optimizer.add(result) } == .state)
        try model.parameter(at: "bias").setRequiresGrad(false)
        // What is frozen is left out.
        let other = try SGD(model)
        #expect(try other.parameters.map(\.shape) == [Shape([2, 2])])
    }

    @Test func learningRateChanges() throws {
        let w = try leaf(Tensor([1]))
        let optimizer = try SGD(learningRate: 0.5)
        try optimizer.add(w)
        try w.setGrad(Tensor([1]))
        try optimizer.setLearningRate(0.25)
        #expect(optimizer.learningRate == 0.25)
        try optimizer.step()
        #expect(try w.doubles() == [0.75])
        for rate in [-1, .nan, .infinity] as [Double] {
            #expect(status { try optimizer.setLearningRate(rate) } == .invalidArgument)
        }
        #expect(optimizer.learningRate == 0.25)
    }

    @Test func refusesBadOptions() throws {
        for bad in [-0.1, .nan, .infinity] as [Double] {
            #expect(status { _ = try SGD(learningRate: bad) } == .invalidArgument)
            #expect(status { _ = try SGD(momentum: bad) } == .invalidArgument)
            #expect(status { _ = try SGD(weightDecay: bad) } == .invalidArgument)
            #expect(status { _ = try RMSProp(alpha: bad) } == .invalidArgument)
            #expect(status { _ = try RMSProp(epsilon: bad) } == .invalidArgument)
            #expect(status { _ = try RMSProp(momentum: bad) } == .invalidArgument)
            #expect(status { _ = try RMSProp(weightDecay: bad) } == .invalidArgument)
            #expect(status { _ = try Adam(beta1: bad) } == .invalidArgument)
            #expect(status { _ = try Adam(beta2: bad) } == .invalidArgument)
            #expect(status { _ = try Adam(epsilon: bad) } == .invalidArgument)
            #expect(status { _ = try AdamW(weightDecay: bad) } == .invalidArgument)
        }
        #expect(status { _ = try SGD(momentum: 1) } == .invalidArgument)
        #expect(status { _ = try SGD(nesterov: true) } == .invalidArgument)
        #expect(status { _ = try RMSProp(alpha: 1) } == .invalidArgument)
        #expect(status { _ = try Adam(beta1: 1) } == .invalidArgument)
        #expect(status { _ = try Adam(epsilon: 0) } == .invalidArgument)
        #expect(status { _ = try Adam(epsilon: 1e-60) } == .invalidArgument)
    }
}
