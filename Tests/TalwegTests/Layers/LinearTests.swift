import Testing

@testable import Talweg

@Suite struct LinearTests {
    @Test func computesTheAffineMap() throws {
        let layer = try Linear(2, 3, dtype: .float64)
        try layer.setParameter("weight", Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]))
        try layer.setParameter("bias", Tensor([10, 20, 30]))
        // Rows (1, -1) and (0.5, 2): W x + b by hand.
        let y = try layer(Tensor([1, -1, 0.5, 2], shape: [2, 2]))
        #expect(try y.doubles() == [9, 19, 29, 14.5, 29.5, 44.5])
        #expect(try layer(Tensor.zeros(Shape([4, 5, 2]), .float64)).shape.dims == [4, 5, 3])
    }

    @Test func gradientsAgreeWithDifferences() throws {
        let inputs = [try wave(Shape([4, 3]), 0.2), try wave(Shape([2, 3]), 0.5), try wave(Shape([2]), 0.9)]
        try checkGradients("linear layer", inputs) { inputs in
            let layer = try Linear(3, 2, dtype: .float64)
            try layer.setParameter("weight", inputs[1])
            try layer.setParameter("bias", inputs[2])
            return try layer(inputs[0])
        }
    }

    @Test func worksWithoutBias() throws {
        let layer = try Linear(3, 2, bias: false)
        #expect(layer.parameters.map(\.name) == ["weight"])
        #expect(try layer(Tensor.ones(Shape([1, 3]), .float32)).shape.dims == [1, 2])
        let other = try Linear(3, 2)
        try other.remove("bias")
        #expect(other.parameters.count == 1)
        try other.remove("weight")
        #expect(throws: TalwegError.self) { try other(Tensor.ones(Shape([1, 3]), .float32)) }
    }

    @Test func refusesBadSizes() throws {
        for (inputs, outputs) in [(0, 1), (1, 0), (-1, 2), (Int.min, Int.max)] {
            #expect(status { _ = try Linear(inputs, outputs) } == .invalidArgument)
        }
        #expect(status { _ = try Linear(1 << 62, 1 << 62) } == .shape)
        #expect(status { _ = try Linear(1 << 25, 1 << 25) } == .outOfMemory)
        #expect(status { _ = try Linear(1, 1, dtype: .int32) } == .dtype)
        #expect(status { _ = try Linear(3, 2)(Tensor.ones(Shape([2, 4]), .float32)) } == .shape)
    }
}
