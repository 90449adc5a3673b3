import Testing

@testable import Talweg

@Suite struct SharesTests {
    /// The chunks that a thread gets, in order.
    private func taken(_ shares: Shares, _ thread: Int, job: UInt64) -> [Int] {
        var chunks: [Int] = []
        let body: (Int) -> Void = { chunks.append($0) }
        withoutActuallyEscaping(body) { body in withUnsafePointer(to: body) { shares.take(thread, job: job, $0) } }
        return chunks
    }

    @Test func ownShareFirst() {
        var shares = Shares()
        shares.divide(7, 2)
        #expect(taken(shares, 1, job: 1) == [4, 5, 6, 0, 1, 2, 3])
        #expect(taken(shares, 0, job: 1) == [])
        #expect(taken(shares, 0, job: 2) == [0, 1, 2, 3, 4, 5, 6])
    }

    @Test func sharesThatDifferByOne() {
        var shares = Shares()
        shares.divide(8, 3)
        #expect(taken(shares, 2, job: 1) == [6, 7, 0, 1, 2, 3, 4, 5])
    }

    /// A job number comes round to words that no job has touched since.
    @Test func jobNumbersThatComeAgain() {
        var shares = Shares()
        shares.divide(8, 4)
        #expect(taken(shares, 0, job: 5).count == 8)
        shares.divide(8, 2)
        #expect(taken(shares, 0, job: 6).count == 8)
        shares.divide(8, 4)
        #expect(taken(shares, 0, job: 5) == Array(0..<8))
    }

    /// More threads than there are shares for, and a thread whose number is beyond them.
    @Test func moreThreadsThanShares() {
        var shares = Shares()
        shares.divide(1000, 1000)
        #expect(taken(shares, 999, job: 1).sorted() == Array(0..<1000))
    }
}
