import Testing

@testable import Talweg

@Suite struct ModuleFileTests {
    private func network(_ seed: UInt64, _ width: Int = 4, dtype: DType = .float32) throws -> Sequential {
        let g = Generator(seed: seed)
        return try Sequential(
            Linear(3, width, dtype: dtype, generator: g), Tanh(), Linear(width, 2, dtype: dtype, generator: g))
    }

    private func values(_ module: Module) throws -> [[Double]] {
        try module.namedParameters.map { try $0.tensor.doubles() }
    }

    @Test(arguments: [DType.float32, .float64])
    func roundTrip(_ dtype: DType) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("network.safetensors")
        let (saved, loaded) = (try network(1, dtype: dtype), try network(2, dtype: dtype))
        try saved.save(to: path)
        let leaf = try loaded.parameter(at: "0.weight")
        try loaded.load(from: path)
        #expect(try values(loaded) == values(saved))
        // In place: an optimizer that holds the parameters still does.
        #expect(try loaded.parameter(at: "0.weight") === leaf)
    }

    @Test func otherParametersAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("network.safetensors")
        try network(1).save(to: path)
        for (other, expected) in [(try network(2, 5), Status.shape), (try network(2, dtype: .float64), .dtype)] {
            let before = try values(other)
            #expect(status { try other.load(from: path) } == expected)
            #expect(try values(other) == before)
        }
        let fewer = try Sequential(Linear(3, 4))
        #expect(message { try fewer.load(from: path) }.contains("\"2.weight\""))
        let more = try network(3)
        try more.append(Linear(2, 1))
        #expect(message { try more.load(from: path) }.contains("\"3.bias\""))
    }

    @Test func missingAndBrokenFiles() throws {
        let model = try network(1)
        let before = try values(model)
        let folder = try TemporaryFolder()
        #expect(status { try model.load(from: folder.file("none")) } == .io)
        #expect(status { try model.save(to: folder.file("no/such/folder")) } == .io)
        let path = folder.file("broken")
        try write("no safetensors", to: path)
        #expect(status { try model.load(from: path) } == .format)
        // Every cut of a good file: refused, and the module as it was.
        try network(2).save(to: path)
        let whole = try #require(contents(of: path))
        for length in stride(from: 0, to: whole.count, by: 7) {
            try write(Array(whole[..<length]), to: path)
            #expect(status { try model.load(from: path) } == .format)
        }
        #expect(try values(model) == before)
    }
}
