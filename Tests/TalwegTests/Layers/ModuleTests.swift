import Testing

@testable import Talweg

@Suite struct ModuleTests {
    private func network() throws -> Sequential {
        try Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
    }

    @Test func namesParametersByPath() throws {
        let model = try network()
        #expect(model.namedParameters.map(\.path) == ["0.weight", "0.bias", "2.weight", "2.bias"])
        #expect(model.parameterSize == 64 * 32 + 32 + 32 * 10 + 10)
        #expect(try model.parameter(at: "2.bias").shape.dims == [10])
        for path in ["", ".", "0", "1.weight", "0.weight.", "2..bias", "3.bias"] {
            #expect(status { _ = try model.parameter(at: path) } == .index)
        }
        for (_, parameter) in model.namedParameters { #expect(parameter.requiresGrad && parameter.isLeaf) }
    }

    @Test func ownParametersComeFirst() throws {
        let module = CallbackModule { x throws(TalwegError) in x }
        try module.setChild("child", Linear(1, 1, bias: false))
        try module.setParameter("b", Tensor([1]))
        try module.setParameter("a", Tensor([2]))
        #expect(module.namedParameters.map(\.path) == ["b", "a", "child.weight"])
        // Replaced in its place.
        try module.setParameter("b", Tensor([3, 4]))
        #expect(module.namedParameters.map(\.path) == ["b", "a", "child.weight"])
        #expect(module.parameterSize == 4)
        try module.remove("b")
        try module.remove("child")
        #expect(module.namedParameters.map(\.path) == ["a"])
        #expect(status { try module.remove("b") } == .index)
    }

    @Test func sharedPartsCountOnce() throws {
        let shared = try Linear(2, 2)
        let model = try Sequential(shared, shared)
        try model.setParameter("tied", shared.parameter(at: "bias"))
        #expect(model.namedParameters.map(\.path) == ["tied", "0.weight"])
        #expect(model.parameterSize == 6)
        // Any path leads there.
        #expect(try model.parameter(at: "1.weight") === model.parameter(at: "0.weight"))
    }

    /// Each level holds the one below twice: 2^60 paths, 61 modules.
    @Test func manyPathsAreNoManyVisits() throws {
        var module: Module = try Linear(1, 1)
        for _ in 0..<60 { module = try Sequential(module, module) }
        #expect(module.modules.count == 61)
        #expect(module.namedParameters.count == 2)
        module.setTraining(false)
        #expect(!module.isTraining)
    }

    @Test func refusesCycles() throws {
        let (a, b, c) = (try Sequential(), try Sequential(), try Sequential())
        #expect(status { try a.append(a) } == .state)
        try a.append(b)
        try b.append(c)
        #expect(status { try c.append(a) } == .state)
        #expect(c.children.isEmpty)
        // Once the chain is cut, the other direction is fine.
        try a.remove("0")
        try c.append(a)
    }

    @Test func limitsTheDepth() throws {
        var module = try Sequential()
        for _ in 1..<Module.maximumDepth { module = try Sequential(module) }
        let x = try Tensor([1, 2])
        #expect(try module(x) === x)
        #expect(status { _ = try Sequential(module) } == .state)
        // Growing in the middle or at the bottom counts the modules above.
        var bottom: Module = module
        while let child = bottom.children.first { bottom = child.module }
        #expect(status { try bottom.setChild("more", ReLU()) } == .state)
        #expect(bottom.children.isEmpty)
    }

    @Test func refusesBadNames() throws {
        let module = try Sequential()
        for name in ["", ".", "a.b"] {
            #expect(status { try module.setParameter(name, Tensor([1])) } == .invalidArgument)
            #expect(status { try module.setChild(name, ReLU()) } == .invalidArgument)
        }
        try module.setParameter("p", Tensor([1]))
        try module.setChild("c", ReLU())
        #expect(status { try module.setParameter("c", Tensor([1])) } == .state)
        #expect(status { try module.setChild("p", ReLU()) } == .state)
        #expect(status { try module.setParameter("i", Tensor([1], dtype: .int64)) } == .dtype)
        let result = try module.parameter(at: "p") * 2
        #expect(status { try module.setParameter("r", result) } == .state)
    }

    @Test func modesGoDown() throws {
        let dropout = try Dropout(0.5)
        let model = try Sequential(Sequential(dropout), ReLU())
        #expect(model.isTraining && dropout.isTraining)
        model.setTraining(false)
        #expect(!model.isTraining && !dropout.isTraining)
        dropout.setTraining(true)
        try model.withTraining(true) { () throws(TalwegError) in #expect(model.isTraining) }
        #expect(!model.isTraining && dropout.isTraining)
    }

    @Test func sequentialRunsInOrder() throws {
        let double = CallbackModule { x throws(TalwegError) in try x * 2 }
        let increment = CallbackModule { x throws(TalwegError) in try x + 1 }
        let model = try Sequential(double, increment)
        #expect(try model(Tensor([3])).doubles() == [7])
        try model.append(double)
        #expect(try model(Tensor([3])).doubles() == [14])
        try model.remove("0")
        try model.append(increment)
        #expect(model.children.map(\.name) == ["1", "2", "3"])
        #expect(try model(Tensor([3])).doubles() == [9])
    }

    @Test func callbackCannotRecurseWithoutEnd() throws {
        var again: CallbackModule?
        let module = CallbackModule { x throws(TalwegError) in
            guard let again else { return x }
            return try again.forward(x)
        }
        again = module
        #expect(status { _ = try module(Tensor([1])) } == .state)
        again = nil
        #expect(try module(Tensor([1])).doubles() == [1])
    }

    @Test func subclassesSayWhatTheyCompute() throws {
        final class Residual: Module {
            let inner: Linear
            init(_ width: Int) throws(TalwegError) {
                inner = try Linear(width, width, dtype: .float64, initializer: .zeros)
                super.init()
                try setChild("inner", inner)
            }
            override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x + inner(x).tanh() }
        }
        let model = try Residual(3)
        #expect(try model(Tensor([1, 2, 3])).doubles() == [1, 2, 3])
        #expect(model.namedParameters.map(\.path) == ["inner.weight", "inner.bias"])
        #expect(status { _ = try Module()(Tensor([1])) } == .state)
    }

    @Test func zeroGradClearsAll() throws {
        let model = try network()
        try model(Tensor.ones(Shape([1, 64]), .float32)).sum().backward()
        #expect(model.namedParameters.allSatisfy { $0.tensor.grad != nil })
        model.zeroGrad()
        #expect(model.namedParameters.allSatisfy { $0.tensor.grad == nil })
    }

    @Test func summaryIsATable() throws {
        #expect(
            try network().summary == """
                Sequential
                path   type    parameters                  numbers
                0      Linear  weight [32, 64], bias [32]     2080
                1      ReLU                                      0
                2      Linear  weight [10, 32], bias [10]      330
                total                                         2410
                """)
        #expect(try Linear(2, 1, bias: false).summary.contains(".      Linear  weight [1, 2]        2"))
    }
}
