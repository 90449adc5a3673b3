import Testing

@testable import Talweg

/// What is written in place: the gradient is that of what was computed, or it is refused with a message.
struct WrittenInPlaceTests {
    private let all = IndexKey.slice(from: nil, to: nil, step: 1)

    private func refuses(_ fragment: String, _ body: () throws -> Void) {
        #expect {
            try body()
        } throws: { error in
            guard let error = error as? TalwegError else { return false }
            return error.status == .state && error.message.contains(fragment)
        }
    }

    private func leaf(_ values: [Double]) throws -> Tensor {
        let x = try Tensor(values)
        try x.setRequiresGrad(true)
        return x
    }

    @Test func aLeafIsRefusedWhileRecording() throws {
        let x = try leaf([1, 2, 3])
        refuses("leaf") { try x.assign([.position(0)], .full(.scalar, 9, .float64)) }
        refuses("leaf") { try x.assign([.tensor(Tensor([1, 0, 0], dtype: .bool))], .full(.scalar, 9, .float64)) }
        #expect(try x.doubles() == [1, 2, 3])
        try withRecording(false) { () throws(TalwegError) in
            try x.assign([.position(0)], .full(.scalar, 9, .float64))
        }
        #expect(try x.doubles() == [9, 2, 3])
        try x.detach().assign([.position(1)], .full(.scalar, 8, .float64))
        #expect(try x.doubles() == [9, 8, 3])
        // And the gradient is that of the new elements.
        try (x * x).sum().backward()
        #expect(try x.grad?.doubles() == [18, 16, 6])
    }

    /// A slice, a mask's result, a reshape of a leaf: each is the result of a recorded operation.
    @Test func viewsOfLeavesAreRefused() throws {
        let x = try leaf([1, 2, 3, 4])
        let views = [
            try x.slice(axis: 0, from: 1), try x.select(axis: 0, index: 0), try x.reshape([2, 2]),
            try x.index([.slice(from: nil, to: nil, step: -1)]), try x.index([.ellipsis]),
        ]
        for view in views {
            refuses("recorded operation") { try view.assign([.ellipsis], .full(.scalar, 0, .float64)) }
            refuses("recorded operation") { try view.assign(.full(.scalar, 0, .float64)) }
        }
        #expect(try x.doubles() == [1, 2, 3, 4])
    }

    @Test func resultsAreRefused() throws {
        let x = try leaf([1, 2, 3])
        let y = try x * 2
        refuses("index_put") { try y.assign([.position(0)], .full(.scalar, 0, .float64)) }
        refuses("index_put") { try y.slice(axis: 0, to: 2).assign(.full(.scalar, 0, .float64)) }
        try y.sum().backward()
        #expect(try x.grad?.doubles() == [2, 2, 2])
    }

    /// y = x c needs c; a write to any part of c's storage, by any view, refuses y's gradient.
    @Test(arguments: 0..<5)
    func whatATapeSavedMayNotChange(way: Int) throws {
        let x = try leaf([1, 2, 3])
        let c = try Tensor([4, 5, 6])
        let y = try (x * c).sum()
        let nine = try Tensor.full(.scalar, 9, .float64)
        switch way {
        case 0: try c.assign([.position(0)], nine)
        case 1: try c.assign([.tensor(Tensor([0, 2], dtype: .int64))], nine)
        case 2: try c.assign([.tensor(Tensor([0, 0, 1], dtype: .bool))], nine)
        case 3: try c.slice(axis: 0, from: 1).assign([.ellipsis], nine)
        default: try c.reshape([3, 1]).select(axis: 0, index: 2).assign(nine)
        }
        refuses("changed in place") { try y.backward() }
        #expect(x.grad == nil)
    }

    /// What nothing saved may change: the gradient of a sum does not need the elements.
    @Test func whatNothingSavedMayChange() throws {
        let x = try leaf([1, 2, 3])
        let c = try Tensor([4, 5, 6])
        let y = try (x + c).sum()
        try c.assign([.position(0)], .full(.scalar, 9, .float64))
        try y.backward()
        #expect(try x.grad?.doubles() == [1, 1, 1])
    }

    /// A result written through what detach gives is what the tape saved as well.
    @Test func aSavedResultMayNotChange() throws {
        let x = try leaf([1, 2])
        let y = try x.exp()
        try y.detach().assign([.position(0)], .full(.scalar, 0, .float64))
        refuses("changed in place") { try y.sum().backward() }
    }

    /// The indices and the mask that picked may change: they were copied.
    @Test func keysMayChange() throws {
        let x = try leaf([1, 2, 3])
        let indices = try Tensor([2, 2], dtype: .int64)
        let mask = try Tensor([1, 0, 1], dtype: .bool)
        let y = try (x.index([.tensor(indices)]).sum() + x.index([.tensor(mask)]).sum())
        try indices.assign([.ellipsis], .full(.scalar, 0, .int64))
        try mask.assign([.ellipsis], .full(.scalar, 0, .bool))
        try y.backward()
        #expect(try x.grad?.doubles() == [1, 0, 3])
    }

    @Test func aCopyMayChange() throws {
        let x = try leaf([1, 2, 3])
        let y = try (x * x).sum()
        let copy = try x.detach().copy()
        try copy.assign([.position(0)], .full(.scalar, 9, .float64))
        let other = try x.detach().index([.tensor(Tensor([0, 1], dtype: .int64))])
        try other.assign([.ellipsis], .full(.scalar, 9, .float64))
        try y.backward()
        #expect(try x.grad?.doubles() == [2, 4, 6])
    }

    @Test func aFailedWriteChangesNothing() throws {
        let x = try Tensor([1, 2, 3])
        #expect(throws: TalwegError.self) { try x.assign([.position(3)], .full(.scalar, 0, .float64)) }
        #expect(throws: TalwegError.self) { try x.assign([.tensor(Tensor([0, 3], dtype: .int64))], Tensor([7, 8])) }
        #expect(throws: TalwegError.self) { try x.assign([.tensor(Tensor([0, 1], dtype: .int64))], Tensor([7, 8, 9])) }
        #expect(try x.doubles() == [1, 2, 3])
        // Nor does it refuse a gradient afterwards.
        let w = try leaf([1, 1, 1])
        let y = try (w * x).sum()
        #expect(throws: TalwegError.self) { try x.assign([.tensor(Tensor([0, 3], dtype: .int64))], Tensor([7, 8])) }
        try y.backward()
        #expect(try w.grad?.doubles() == [1, 2, 3])
    }
}
