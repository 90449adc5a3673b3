import Synchronization
import Testing

@testable import Talweg

@Suite struct TensorTests {
    @Test func fromData() throws {
        let shape = try Shape([2, 2])
        let values: [Int32] = [1, -2, Int32.max, Int32.min]
        let tensor = try values.withUnsafeBytes { try Tensor(copying: $0.baseAddress, shape, .int32) }
        #expect(try tensor.doubles() == [1, -2, 2147483647, -2147483648])
        #expect(tensor.dtype == .int32 && tensor.shape == shape && tensor.strides == [2, 1] && tensor.rank == 2)
        // Any byte but 0 is true.
        let bytes: [UInt8] = [0, 1, 2, 255]
        let flags = try bytes.withUnsafeBytes { try Tensor(copying: $0.baseAddress, shape, .bool) }
        #expect(try flags.cast(to: .uint8).doubles() == [0, 1, 1, 1])
        #expect(try Tensor(copying: nil, Shape([0, 3]), .float32).count == 0)
        #expect(failure { try Tensor(copying: nil, shape, .float32) }.status == .null)
        #expect(failure { try Tensor([1, 2, 3], shape: [2, 2]) }.status == .shape)
    }

    @Test func borrowedMemory() throws {
        let memory = UnsafeMutablePointer<Double>.allocate(capacity: 6)
        for i in 0..<6 { memory[i] = Double(i) }
        let releases = Releases()
        do {
            let tensor = try Tensor(borrowing: memory, Shape([2, 2]), strides: [3, 1], .float64) { releases.add() }
            let view = try tensor.slice(axis: 0, from: 1)
            #expect(try tensor.doubles() == [0, 1, 3, 4])
            memory[3] = 30
            #expect(try view.doubles() == [30, 4])
            #expect(releases.count == 0)
            withExtendedLifetime((tensor, view)) {}
        }
        #expect(releases.count == 1)
        let reversed = try Tensor(borrowing: memory + 5, Shape([6]), strides: [-1], .float64) {}
        #expect(try reversed.doubles() == [5, 4, 30, 2, 1, 0])
        for strides in [[1], [1, 1, 1], [Int.max, 1], [Int.min, 1], [1 << 58, 1]] {
            let error = failure {
                try Tensor(borrowing: memory, Shape([2, 2]), strides: strides, .float64) { releases.add() }
            }
            #expect(error.status == (strides.count == 2 ? .invalidArgument : .shape), "\(strides)")
        }
        let odd = UnsafeMutableRawPointer(memory) + 1
        let error = failure { try Tensor(borrowing: odd, Shape([1]), .float64) { releases.add() } }
        #expect(error.status == .invalidArgument)
        #expect(releases.count == 1)
        memory.deallocate()
    }

    private final class Releases: Sendable {
        private let number = Atomic<Int>(0)
        func add() { number.add(1, ordering: .relaxed) }
        var count: Int { number.load(ordering: .relaxed) }
    }

    @Test func filledTensors() throws {
        for dtype in DType.allCases {
            #expect(try Tensor.zeros(Shape([2, 3]), dtype).doubles() == Array(repeating: 0, count: 6))
            #expect(try Tensor.ones(Shape([70]), dtype).doubles() == Array(repeating: 1, count: 70))
            #expect(try Tensor.full(.scalar, 1, dtype).item() == 1)
            #expect(try Tensor.eye(2, 3, dtype).doubles() == [1, 0, 0, 0, 1, 0])
            #expect(try Tensor.eye(3, 2, dtype).doubles() == [1, 0, 0, 1, 0, 0])
            #expect(try Tensor.eye(0, 3, dtype).count == 0)
            #expect(try Tensor.zeros(Shape([0]), dtype).count == 0)
        }
        #expect(try Tensor.full(Shape([3]), .nan, .float32).doubles().allSatisfy(\.isNaN))
        for (value, dtype) in [
            (300.0, DType.uint8), (-1, .uint8), (2.5, .int32), (.nan, .int64), (.infinity, .int32), (0x1p63, .int64),
            (2, .bool), (3e9, .int32),
        ] { #expect(failure { try Tensor.full(.scalar, value, dtype) }.status == .invalidArgument, "\(value)") }
        // More than the machine has, and more than there are addresses.
        #expect(failure { try Tensor.zeros(Shape([1 << 50]), .uint8) }.status == .outOfMemory)
        #expect(failure { try Tensor.zeros(Shape([1 << 47]), .float64) }.status == .outOfMemory)
        #expect(failure { try Tensor.eye(-1, 3, .float64) }.status == .shape)
        #expect(failure { try Tensor.eye(1 << 40, 1 << 40, .float64) }.status == .shape)
    }

    @Test func ranges() throws {
        #expect(try Tensor.arange(0, 5, 1, .int64).doubles() == [0, 1, 2, 3, 4])
        #expect(try Tensor.arange(5, 0, -2, .float32).doubles() == [5, 3, 1])
        #expect(try Tensor.arange(0, 1, 0.25, .float64).doubles() == [0, 0.25, 0.5, 0.75])
        for (start, stop, step) in [
            (0.0, 0.0, 1.0), (0, -1, 1), (0, 1, -1), (0, -1e300, 1), (-1.7e308, 1.7e308, -1), (1e300, -1e300, 1e-300),
        ] { #expect(try Tensor.arange(start, stop, step, .float64).count == 0, "\(start) \(stop) \(step)") }
        for (start, stop, step) in [
            (0.0, 1.0, 0.0), (0, .infinity, 1), (.nan, 1, 1), (0, 1, .nan), (0, 1, .infinity),
        ] { #expect(failure { try Tensor.arange(start, stop, step, .float64) }.status == .invalidArgument) }
        #expect(failure { try Tensor.arange(0, 1e300, 1, .float64) }.status == .outOfMemory)
        #expect(failure { try Tensor.arange(-1.7e308, 1.7e308, 1, .float64) }.status == .outOfMemory)
        #expect(failure { try Tensor.arange(0, 300, 1, .uint8) }.status == .invalidArgument)
        #expect(try Tensor.arange(0, 256, 1, .uint8).count == 256)

        #expect(try Tensor.linspace(0, 1, 5, .float64).doubles() == [0, 0.25, 0.5, 0.75, 1])
        #expect(try Tensor.linspace(3, 9, 1, .float64).doubles() == [3])
        #expect(try Tensor.linspace(3, 9, 0, .float64).count == 0)
        #expect(try Tensor.linspace(1, 0, 3, .float32).doubles() == [1, 0.5, 0])
        let thirds = try Tensor.linspace(0, 0.1, 4, .float64).doubles()
        #expect(thirds.last == 0.1)
        for count in [-1, Int.min] { #expect(failure { try Tensor.linspace(0, 1, count, .float64) }.status == .shape) }
        #expect(failure { try Tensor.linspace(0, 1, Int.max, .float64) }.status == .shape)
        #expect(failure { try Tensor.linspace(0, 1, 1 << 50, .float64) }.status == .outOfMemory)
    }

    @Test func items() throws {
        #expect(try Tensor([2.5], shape: [1, 1]).item() == 2.5)
        #expect(try Tensor([9e15], shape: [], dtype: .int64).itemInt64() == 9_000_000_000_000_000)
        #expect(try Tensor([0, 7], dtype: .int32).slice(axis: 0, from: 1).itemInt64() == 7)
        #expect(failure { try Tensor([1, 2]).item() }.status == .shape)
        #expect(failure { try Tensor([]).item() }.status == .shape)
        #expect(failure { try Tensor([1]).itemInt64() }.status == .dtype)
    }

    @Test func casts() throws {
        let values = [
            0, -0.0, 0.5, -0.5, 0.999, 1, -1, 1.9, -1.9, 127.5, 255, 255.9, 256, 300, -300, 2147483647, 2147483647.9,
            2147483648, -2147483648, -2147483648.9, -2147483649, 4e9, 9.3e18, -9.3e18, 0x1p63, -0x1p63, 1e300, -1e300,
            .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 16777217, 3.5e38,
        ]
        func saturated<T: FixedWidthInteger>(_ value: Double, _ type: T.Type) -> T {
            if value.isNaN { return 0 }
            let whole = value.rounded(.towardZero)
            // Both limits, as doubles: the upper one is rounded up, so reaching it saturates.
            if whole >= Double(T.max) { return T.max }
            return whole <= Double(T.min) ? T.min : T(whole)
        }
        for source in [DType.float64, .float32] {
            // Long enough for every kernel's blocks and tail, by several strides.
            let repeated = Array(repeating: values, count: 7).flatMap { $0 }
            let plain = try Tensor(repeated, shape: [repeated.count], dtype: source)
            for tensor in [plain, try plain.slice(axis: 0, step: -1), try plain.slice(axis: 0, from: 1, step: 2)] {
                let given = try tensor.doubles()
                #expect(try tensor.cast(to: .int32).doubles() == given.map { Double(saturated($0, Int32.self)) })
                #expect(try tensor.cast(to: .uint8).doubles() == given.map { Double(saturated($0, UInt8.self)) })
                #expect(try tensor.cast(to: .bool).doubles() == given.map { $0 == 0 ? 0 : 1 })
                let long = try tensor.cast(to: .int64)
                for (index, value) in given.enumerated() {
                    let found = try long.select(axis: 0, index: index).itemInt64()
                    #expect(found == saturated(value, Int64.self), "\(value)")
                }
                let single = try tensor.cast(to: .float32).doubles()
                #expect(zip(single, given).allSatisfy { $0 == Double(Float($1)) || $0.isNaN && $1.isNaN })
            }
        }
        let whole = try Tensor([0, 1, 255, 256, -1, 65536, 2147483647], dtype: .int64)
        #expect(try whole.cast(to: .bool).doubles() == [0, 1, 1, 1, 1, 1, 1])
        #expect(try whole.cast(to: .float32).doubles() == [0, 1, 255, 256, -1, 65536, 2147483648])
        #expect(try Tensor([0, 1], dtype: .bool).cast(to: .float64).doubles() == [0, 1])
    }

    @Test func assigning() throws {
        let target = try Tensor.zeros(Shape([2, 3]), .int32)
        try target.assign(Tensor([1.9, -2.9, .nan]))
        #expect(try target.doubles() == [1, -2, 0, 1, -2, 0])
        try target.transpose().slice(axis: 0, from: 1).assign(Tensor([5, 6]))
        #expect(try target.doubles() == [1, 5, 5, 1, 6, 6])
        try target.assign(Tensor([7], shape: []))
        #expect(try target.doubles() == Array(repeating: 7, count: 6))
        #expect(failure { try target.assign(Tensor([1, 2])) }.status == .shape)
        #expect(failure { try target.assign(Tensor.zeros(Shape([4, 2, 3]), .int32)) }.status == .shape)
        #expect(failure { try target.select(axis: 0, index: 0).assign(target) }.status == .shape)
        #expect(try target.doubles() == Array(repeating: 7, count: 6))
    }

    /// What a source had before counts, wherever it overlaps the target.
    @Test func assigningOverlaps() throws {
        let size = 9
        let cuts = (0..<size).flatMap { start in
            [1, 2, 3, -1, -2].map { step in (start: start, step: step) }
        }
        for (to, from) in cuts.flatMap({ to in cuts.map { (to, $0) } }) {
            let tensor = try counting([size])
            var (target, source) = (
                try tensor.slice(axis: 0, from: to.start, step: to.step),
                try tensor.slice(axis: 0, from: from.start, step: from.step)
            )
            let count = min(target.count, source.count)
            target = try target.slice(axis: 0, to: count)
            source = try source.slice(axis: 0, to: count)
            var expected = naive(tensor)
            let values = naive(source)
            for (offset, value) in zip(offsets(target.view), values) { expected[offset] = value }
            try target.assign(source)
            if naive(tensor) != expected { Issue.record("\(to) from \(from)") }
        }
        let square = try counting([100, 100])
        let transposed = try square.transpose().doubles()
        try square.assign(square.transpose())
        #expect(try square.doubles() == transposed)
        let rows = try counting([300, 100])
        let expected = try rows.doubles()
        try rows.slice(axis: 0, from: 1).assign(rows.slice(axis: 0, to: -1))
        #expect(try rows.doubles() == expected.prefix(100) + expected.dropLast(100))
    }

    /// Memory borrowed twice belongs to two storages.
    @Test func assigningOverlapsOfBorrowedMemory() throws {
        let count = 1000
        let memory = UnsafeMutablePointer<Double>.allocate(capacity: count)
        defer { memory.deallocate() }
        func borrow(_ offset: Int, _ stride: Int) throws -> Tensor {
            try Tensor(borrowing: memory + offset, Shape([count - 1]), strides: [stride], .float64) {}
        }
        for (to, from) in [((0, 1), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (count - 1, -1)), ((count - 2, -1), (0, 1))] {
            for i in 0..<count { memory[i] = Double(i) }
            let (target, source) = (try borrow(to.0, to.1), try borrow(from.0, from.1))
            let expected = try source.doubles()
            try target.assign(source)
            #expect(try target.doubles() == expected, "\(to) from \(from)")
        }
    }

    @Test func writingInPlaceIsCounted() throws {
        let tensor = try counting([3])
        let before = tensor.view.storage.version
        try tensor.slice(axis: 0, from: 1).assign(Tensor([5]))
        _ = tensor.mutableData()
        #expect(tensor.view.storage.version == before + 2)
    }
}
