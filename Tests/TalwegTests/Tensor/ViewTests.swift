import Testing

@testable import Talweg

@Suite struct ViewTests {
    /// Python's slice.indices, from CPython's PySlice_AdjustIndices.
    private func slice(_ start: Int?, _ stop: Int?, _ step: Int, _ size: Int) -> [Int] {
        func place(_ position: Int?, _ missing: Int) -> Int {
            guard var position else { return missing }
            if position < 0 {
                position += size
                if position < 0 { return step < 0 ? -1 : 0 }
            } else if position >= size {
                return step < 0 ? size - 1 : size
            }
            return position
        }
        var positions: [Int] = []
        var position = place(start, step < 0 ? size - 1 : 0)
        let end = place(stop, step < 0 ? -1 : size)
        while step < 0 ? position > end : position < end {
            positions.append(position)
            let (next, overflow) = position.addingReportingOverflow(step)
            if overflow { break }
            position = next
        }
        return positions
    }

    @Test func slicesArePythons() throws {
        let places: [Int?] = [nil, Int.min, Int.max] + (-7...7).map { $0 }
        for size in 0...5 {
            let tensor = try counting([size])
            for start in places {
                for stop in places {
                    for step in [1, 2, 3, 5, 9, Int.max, -1, -2, -3, -5, -9, Int.min + 1, Int.min] {
                        let expected = slice(start, stop, step, size).map(Double.init)
                        let found = naive(try tensor.slice(axis: 0, from: start, to: stop, step: step))
                        if found != expected {
                            Issue.record("size \(size), \(start ?? -99):\(stop ?? -99):\(step)")
                        }
                    }
                }
            }
        }
    }

    @Test func slicesOfSlices() throws {
        var random = SplitMix64(state: 1)
        for _ in 0..<500 {
            var tensor = try counting([4, 3, 5])
            // The positions that are left of each axis.
            var axes = [Array(0..<4), Array(0..<3), Array(0..<5)]
            for _ in 0..<3 {
                let axis = Int.random(in: 0...2, using: &random)
                let (start, stop) = (Int.random(in: -6...6, using: &random), Int.random(in: -6...6, using: &random))
                let step = [1, 2, -1, -2].randomElement(using: &random) ?? 1
                axes[axis] = slice(start, stop, step, axes[axis].count).map { axes[axis][$0] }
                tensor = try tensor.slice(axis: axis, from: start, to: stop, step: step)
            }
            let values = indices(of: axes.map(\.count)).map { index in
                Double(axes[0][index[0]] * 15 + axes[1][index[1]] * 5 + axes[2][index[2]])
            }
            #expect(try naive(tensor) == values && tensor.doubles() == values)
        }
    }

    @Test func sliceArguments() throws {
        let tensor = try counting([2, 3])
        #expect(failure { try tensor.slice(axis: 2) }.status == .index)
        #expect(failure { try tensor.slice(axis: 0, step: 0) }.status == .invalidArgument)
        #expect(try naive(tensor.slice(axis: 0, step: Int.min)) == [3, 4, 5])
        #expect(failure { try Tensor([1], shape: []).slice(axis: 0) }.status == .index)
        for index in [2, -3, Int.max, Int.min] {
            #expect(failure { try tensor.select(axis: 0, index: index) }.status == .index)
        }
        #expect(try naive(tensor.select(axis: 1, index: -1)) == [2, 5])
        #expect(try tensor.select(axis: 1, index: 0).shape.dims == [2])
        #expect(failure { try tensor.squeeze(0) }.status == .shape)
        #expect(try tensor.expandDims(-1).shape.dims == [2, 3, 1])
        #expect(try tensor.expandDims(0).squeeze(0).shape.dims == [2, 3])
        #expect(failure { try tensor.expandDims(4) }.status == .index)
        #expect(failure { try tensor.expandDims(-4) }.status == .index)
        #expect(failure { try tensor.permute([0]) }.status == .invalidArgument)
        #expect(failure { try tensor.permute([0, 0]) }.status == .invalidArgument)
        #expect(failure { try tensor.permute([0, 2]) }.status == .index)
        #expect(try naive(tensor.permute([-1, 0])) == [0, 3, 1, 4, 2, 5])
        #expect(failure { try tensor.broadcast(to: Shape([3, 3])) }.status == .shape)
        #expect(failure { try tensor.broadcast(to: Shape([3])) }.status == .shape)
    }

    /// All shapes of up to four axes with 12 elements.
    private static let shapesOf12 = (0...4).flatMap { rank in
        indices(of: Array(repeating: 12, count: rank)).map { $0.map { $0 + 1 } }.filter { $0.reduce(1, *) == 12 }
    }

    /// Where a view can be had, it enumerates the same elements; where none is
    /// given, there is none: each stride is known from the axis's second element.
    @Test func reshapedViews() throws {
        var views: [Tensor] = []
        for dims in [[2, 3, 2], [3, 4], [12], [2, 1, 6], [2, 2, 3]] {
            let orders = indices(of: dims.map { _ in dims.count }).filter { Set($0).count == $0.count }
            for order in orders {
                let permuted = try counting(dims).permute(order)
                views.append(permuted)
                for axis in 0..<dims.count {
                    views.append(try permuted.slice(axis: axis, step: -1))
                    views.append(try permuted.slice(axis: axis, from: 0, to: 1).broadcast(to: permuted.shape))
                }
            }
            for axis in 0..<dims.count {
                var wide = dims
                wide[axis] *= 2
                views.append(try counting(wide).slice(axis: axis, step: 2))
                views.append(try counting(wide).slice(axis: axis, from: 1, to: dims[axis] + 1))
            }
            views.append(try counting([1]).broadcast(to: Shape(dims)))
        }
        var (given, refused) = (0, 0)
        for tensor in views {
            let lie = offsets(tensor.view)
            for target in ViewTests.shapesOf12 {
                let shape = try Shape(target)
                let forced = (0..<target.count).map { axis in
                    target[axis] == 1 ? 0 : lie[target[(axis + 1)...].reduce(1, *)] - lie[0]
                }
                let exists = lie == indices(of: target).map { index in
                    zip(index, forced).reduce(lie[0]) { $0 + $1.0 * $1.1 }
                }
                if let strides = tensor.view.strides(reshapedTo: shape) {
                    given += 1
                    let reshaped = tensor.view.with(shape: shape, strides: strides)
                    if offsets(reshaped) != lie { Issue.record("\(tensor.shape) \(tensor.strides) to \(target)") }
                } else {
                    refused += 1
                    if exists { Issue.record("\(tensor.shape) \(tensor.strides) to \(target): a needless copy") }
                }
                let result = try tensor.reshape(shape)
                #expect(result.shape == shape)
                if naive(result) != naive(tensor) { Issue.record("\(tensor.shape) \(tensor.strides) to \(target)") }
            }
        }
        #expect(given > 1000 && refused > 1000)
    }

    @Test func reshapeArguments() throws {
        let tensor = try counting([2, 6])
        #expect(try tensor.reshape([3, -1]).shape.dims == [3, 4])
        #expect(try tensor.reshape([-1]).shape.dims == [12])
        #expect(try counting([0, 3]).reshape([-1, 3]).shape.dims == [0, 3])
        #expect(try counting([1]).reshape([]).shape.dims == [])
        for dims in [[5], [5, -1], [-1, -1], [-2, 6], [0, -1], [Int.max, -1], [Int.min]] {
            #expect(failure { try tensor.reshape(dims) }.status == .shape, "\(dims)")
        }
        #expect(failure { try counting([0, 3]).reshape([0, -1]) }.status == .shape)
    }

    @Test func contiguity() throws {
        let tensor = try counting([3, 4])
        #expect(tensor.view.isContiguous)
        #expect(try !tensor.transpose().view.isContiguous)
        #expect(try tensor.slice(axis: 0, from: 1).view.isContiguous)
        #expect(try !tensor.slice(axis: 1, from: 1).view.isContiguous)
        #expect(try tensor.slice(axis: 0, from: 1, to: 2).transpose().view.isContiguous)
        #expect(try tensor.slice(axis: 0, from: 3).transpose().view.isContiguous)
        #expect(try counting([1]).slice(axis: 0, step: -1).view.isContiguous)
        #expect(try !counting([2]).slice(axis: 0, step: -1).view.isContiguous)
        let same = try tensor.contiguous()
        #expect(same === tensor)
        #expect(try tensor.transpose().contiguous().view.storage !== tensor.view.storage)
        #expect(try tensor.copy().view.storage !== tensor.view.storage)
    }

    @Test func broadcastViews() throws {
        let column = try counting([3, 1])
        #expect(try naive(column.broadcast(to: Shape([2, 3, 2]))) == [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2])
        #expect(try naive(counting([1]).broadcast(to: Shape([0]))) == [])
        #expect(try counting([]).broadcast(to: Shape([2, 2])).doubles() == [0, 0, 0, 0])
        #expect(try counting([0]).broadcast(to: Shape([3, 0])).shape.dims == [3, 0])
        let wide = try column.broadcast(to: Shape([3, 1 << 40]))
        #expect(wide.count == 3 << 40 && wide.view.storage === column.view.storage)
    }
}
