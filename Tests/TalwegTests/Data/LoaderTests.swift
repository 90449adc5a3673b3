import Testing

@testable import Talweg

@Suite struct LoaderTests {
    /// Inputs [n, 2] with row i = (i, -i) and targets [n] = 10 i.
    private func rows(_ n: Int) throws -> (Tensor, Tensor) {
        let values = (0..<n).flatMap { [Double($0), -Double($0)] }
        return (try Tensor(values, shape: [n, 2]), try Tensor((0..<n).map { Double(10 * $0) }))
    }

    /// The rows of an epoch in their order, checked to belong together, and the batches' sizes.
    private func epoch(_ loader: Loader) throws -> (rows: [Int], sizes: [Int]) {
        var rows: [Int] = []
        var sizes: [Int] = []
        while let (x, y) = try loader.next() {
            let (inputs, targets) = (try x.doubles(), try y?.doubles() ?? [])
            sizes.append(x.shape[0])
            for row in 0..<x.shape[0] {
                #expect(inputs[2 * row + 1] == -inputs[2 * row])
                if y != nil { #expect(targets[row] == 10 * inputs[2 * row]) }
                rows.append(Int(inputs[2 * row]))
            }
        }
        return (rows, sizes)
    }

    @Test(arguments: [false, true])
    func goesOverEachRowOnce(_ shuffle: Bool) throws {
        let (x, y) = try rows(10)
        let loader = try Loader(x, y, batchSize: 4, shuffle: shuffle, seed: 1)
        #expect(loader.batches == 3)
        for _ in 0..<3 {
            let (order, sizes) = try epoch(loader)
            #expect(order.sorted() == Array(0..<10))
            #expect(sizes == [4, 4, 2])
            #expect((order == Array(0..<10)) == !shuffle)
        }
        #expect(loader.epoch == 3)
    }

    @Test func everyEpochHasItsOwnOrder() throws {
        let (x, y) = try rows(50)
        let loader = try Loader(x, y, batchSize: 7, shuffle: true, seed: 3)
        let orders = try (0..<4).map { _ in try epoch(loader).rows }
        #expect(Set(orders).count == 4)
        // Returning to an epoch, also from the middle of another, gives its order again.
        let again = try Loader(x, y, batchSize: 7, shuffle: true, seed: 3)
        for number in [2, 0, 3, 1] {
            try again.setEpoch(number)
            #expect(try epoch(again).rows == orders[number])
            _ = try again.next()
        }
        let other = try Loader(x, y, batchSize: 7, shuffle: true, seed: 4)
        #expect(try epoch(other).rows != orders[0])
        // The order does not depend on the batch size.
        #expect(try epoch(Loader(x, y, batchSize: 50, shuffle: true, seed: 3)).rows == orders[0])
    }

    @Test func dropsTheLastBatch() throws {
        let (x, y) = try rows(10)
        let loader = try Loader(x, y, batchSize: 4, shuffle: true, dropLast: true)
        #expect(loader.batches == 2)
        #expect(try epoch(loader).sizes == [4, 4])
        #expect(try Loader(x, y, batchSize: 5, dropLast: true).batches == 2)
        let none = try Loader(x, y, batchSize: 11, dropLast: true)
        #expect(none.batches == 0)
        #expect(try none.next() == nil)
        #expect(try Loader(x, y, batchSize: Int.max).batches == 1)
    }

    @Test func goesWithoutTargets() throws {
        let (x, _) = try rows(3)
        let loader = try Loader(x, batchSize: 2)
        #expect(!loader.hasTargets)
        #expect(try loader.next()?.y == nil)
        try loader.setEpoch(0)
        #expect(try epoch(loader).rows == [0, 1, 2])
    }

    @Test func plainBatchesAreViews() throws {
        let (x, y) = try rows(6)
        let batch = try Loader(x, y, batchSize: 4).next()
        #expect(batch?.x.view.storage === x.view.storage)
    }

    @Test func readsWhenAsked() throws {
        let (x, y) = try rows(4)
        let loader = try Loader(x, y, batchSize: 4, shuffle: true)
        try x.assign(Tensor.full(.scalar, 7, .float64))
        #expect(try loader.next()?.x.doubles() == Array(repeating: 7, count: 8))
    }

    @Test func refusesWhatDoesNotFit() throws {
        let (x, y) = try rows(4)
        #expect(status { _ = try Loader(x, Tensor([1, 2])) } == .shape)
        #expect(status { _ = try Loader(x, Tensor.zeros(.scalar, .float64)) } == .shape)
        #expect(status { _ = try Loader(Tensor.zeros(.scalar, .float64)) } == .shape)
        #expect(status { _ = try Loader(Tensor.zeros(Shape([0, 3]), .float64)) } == .shape)
        for size in [0, -1, Int.min] {
            #expect(status { _ = try Loader(x, y, batchSize: size) } == .invalidArgument)
        }
        let loader = try Loader(x, y)
        #expect(status { try loader.setEpoch(-1) } == .invalidArgument)
        try loader.setEpoch(Int.max)
        #expect(try epoch(loader).rows == [0, 1, 2, 3])
        #expect(try epoch(loader).rows == [0, 1, 2, 3])
    }

    @Test func ofOneRow() throws {
        let (x, y) = try rows(1)
        #expect(try epoch(Loader(x, y, shuffle: true)).rows == [0])
    }

    @Test func goesOnInTheMidstOfAnEpoch() throws {
        let (x, y) = try rows(11)
        for shuffle in [false, true] {
            let loader = try Loader(x, y, batchSize: 3, shuffle: shuffle, seed: 4)
            try loader.setEpoch(2)
            let whole = try epoch(loader)
            for batch in 0...4 {
                try loader.setEpoch(2, batch: batch)
                let rest = try epoch(loader)
                #expect(rest.rows == Array(whole.rows.dropFirst(3 * batch)))
            }
            #expect(status { try loader.setEpoch(2, batch: 5) } == .invalidArgument)
            #expect(status { try loader.setEpoch(2, batch: -1) } == .invalidArgument)
        }
    }

    @Test func countsTheRowsOfBatches() throws {
        let (x, y) = try rows(11)
        let loader = try Loader(x, y, batchSize: 3)
        #expect(loader.rows(ofBatches: 0, count: 1) == 3 && loader.rows(ofBatches: 0, count: 2) == 6)
        #expect(loader.rows(ofBatches: 3, count: 1) == 2 && loader.rows(ofBatches: 2, count: 7) == 5)
        #expect(loader.rows(ofBatches: 1, count: .max) == 8 && loader.rows(ofBatches: 4, count: 1) == 0)
        let short = try Loader(x, y, batchSize: 3, dropLast: true)
        #expect(short.rows(ofBatches: 2, count: 5) == 3)
        #expect(try Loader(x, y, batchSize: .max).rows(ofBatches: 0, count: 3) == 11)
    }

    @Test func furtherInputsKeepTheirRows() throws {
        let (x, y) = try rows(7)
        let loader = try Loader(
            x, y, others: [y, x], rows: nil, batchSize: 2, shuffle: true, dropLast: false, seed: 1)
        while let (inputs, others, targets) = try loader.nextWide() {
            #expect(try others[0].doubles() == targets?.doubles() && others[1].doubles() == inputs.doubles())
        }
        let fewer = try rows(6).0
        #expect(
            status {
                _ = try Loader(x, y, others: [fewer], rows: nil, batchSize: 2, shuffle: false, dropLast: false, seed: 1)
            } == .shape)
    }
}
