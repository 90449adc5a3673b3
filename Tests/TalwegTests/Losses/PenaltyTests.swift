import Testing

@testable import Talweg

@Suite struct PenaltyTests {
    @Test func sumOverWeightsAlone() throws {
        let model = try Sequential(Linear(2, 1, dtype: .float64), Linear(1, 2, dtype: .float64))
        try model.child("0")?.setParameter("weight", Tensor([1, -2], shape: [1, 2]))
        try model.child("1")?.setParameter("weight", Tensor([-3, 0.5], shape: [2, 1]))
        let (l1, l2) = (try model.l1Penalty(), try model.l2Penalty())
        #expect(try l1.item() == 6.5)
        #expect(try l2.item() == 1 + 4 + 9 + 0.25)
        #expect(l1.count == 1 && l2.count == 1)
        // d|w|/dw = sign w, dw^2/dw = 2 w; biases have no part.
        try (l1 + l2 * 10).backward()
        #expect(try model.parameter(at: "0.weight").grad?.doubles() == [1 + 20, -1 - 40])
        #expect(try model.parameter(at: "1.weight").grad?.doubles() == [-1 - 60, 1 + 10])
        #expect(try model.parameter(at: "0.bias").grad == nil)
    }

    @Test func sharedWeightsCountOnce() throws {
        let layer = try Linear(1, 1, dtype: .float64)
        try layer.setParameter("weight", Tensor([3], shape: [1, 1]))
        #expect(try Sequential(layer, ReLU(), layer).l2Penalty().item() == 9)
    }

    @Test func ofNoWeightsIsZero() throws {
        #expect(try ReLU().l1Penalty().item() == 0)
        #expect(try Sequential().l2Penalty().item() == 0)
    }
}
