import Testing

@testable import Talweg

struct ArrangingTests {
    @Test func turningAndMovingCopyNothing() throws {
        let x = try Tensor.arange(0, 24, 1, .float32).reshape([2, 3, 4])
        #expect(try x.flip().view.storage === x.view.storage)
        #expect(try x.flip(axes: [1]).view.storage === x.view.storage)
        #expect(try x.moveAxis(0, to: 2).view.storage === x.view.storage)
    }
}
