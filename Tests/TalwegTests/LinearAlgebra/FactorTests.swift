import Glibc
import Testing

@testable import Talweg

/// The factorisations, against the products that they stand for.
@Suite struct FactorTests {
    /// A matrix in memory of its own.
    final class Owned {
        let storage: Storage
        let matrix: ColumnMajor
        init(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double) throws {
            storage = try Storage(byteCount: rows * columns * 8)
            matrix = ColumnMajor(storage.pointer.assumingMemoryBound(to: Double.self), rows: rows, columns: columns)
            for j in 0..<columns { for i in 0..<rows { matrix[i, j] = value(i, j) } }
        }
    }

    private func wave(_ i: Int, _ j: Int) -> Double {
        sin(Double(i) * 1.37 + Double(j * j) * 0.71 + Double(i * j) * 0.113)
    }

    @Test(arguments: [1, 2, 8, 9, 16, 17, 33, 64, 71]) func stackedQR(_ p: Int) throws {
        // R' R and R' z are A' A and A' y, whatever the blocks of rows.
        let k = 2, n = 2 * p + 50
        for rows in [n, 37, 8] {
            let space = try Storage(byteCount: StackedQR.bytes(columns: p, width: p + k, rows: rows))
            let qr = StackedQR(memory: space.pointer, columns: p, width: p + k, rows: rows)
            var begin = 0
            while begin < n {
                let count = min(rows, n - begin)
                for j in 0..<(p + k) { for i in 0..<count { qr.block[i, j] = wave(begin + i, j) } }
                qr.absorb(rows: count)
                begin += count
            }
            for a in 0..<p {
                for b in a..<(p + k) {
                    var expected = 0.0, found = 0.0
                    for i in 0..<n { expected += wave(i, a) * wave(i, b) }
                    for i in 0...a { found += qr.r[i, a] * qr.r[i, b] }
                    #expect(abs(expected - found) < 1e-11, "p \(p), rows \(rows), element \(a), \(b)")
                }
            }
            for j in 0..<p { for i in (j + 1)..<max(p, j + 1) { #expect(qr.r[i, j] == 0) } }
            withExtendedLifetime(space) {}
        }
    }

    @Test func pivotedQRFindsTheRank() throws {
        // Columns 3 and 4 are sums of others.
        let a = try Owned(9, 5) { i, j in
            j < 3 ? wave(i, j) : j == 3 ? wave(i, 0) + wave(i, 1) : wave(i, 2) * 2 - wave(i, 0)
        }
        let b = try Owned(9, 1) { i, _ in wave(i, 7) }
        let original = try Owned(9, 5) { i, j in a.matrix[i, j] }
        let order = UnsafeMutablePointer<Int>.allocate(capacity: 5)
        let room = UnsafeMutablePointer<Double>.allocate(capacity: 15)
        defer {
            order.deallocate()
            room.deallocate()
        }
        let qr = try PivotedQR(a.matrix, b.matrix, order: order, room: room, tolerance: 1e-12)
        #expect(qr.rank == 3)
        #expect(Set((0..<5).map { order[$0] }) == [0, 1, 2, 3, 4])
        // Q times each column of R is the column of A.
        let x = try Owned(9, 1) { _, _ in 0 }
        for j in 0..<5 {
            for i in 0..<9 { x.matrix[i, 0] = i <= min(j, 2) ? a.matrix[i, j] : 0 }
            qr.applyQ(x.matrix.pointer)
            for i in 0..<9 { #expect(abs(x.matrix[i, 0] - original.matrix[i, order[j]]) < 1e-14) }
        }
        // Q times Q' b is b.
        qr.applyQ(b.matrix.pointer)
        for i in 0..<9 { #expect(abs(b.matrix[i, 0] - wave(i, 7)) < 1e-14) }
    }

    /// What is left of a diagonal element must exceed a tolerance.
    @Test(arguments: [2, 5, 64, 65, 150]) func choleskyFindsADependentColumn(_ p: Int) throws {
        func element(_ i: Int, _ j: Int) -> Double { i == j ? 1 : wave(min(i, j), max(i, j)) / Double(p) * 1e-3 }
        func block(_ a: Owned) -> MatrixBlock {
            MatrixBlock(a.storage.pointer, rows: p, columns: p, rowStride: 1, columnStride: p, itemSize: 8)
        }
        let regular = try Owned(p, p, element)
        #expect(try kernels.f64.choleskyFactor(block(regular), tolerance: 1e-13) == nil)
        for column in Set([1, p / 2, p - 1]) where column > 0 {
            let dependent = try Owned(p, p) { i, j in min(i, j) == 0 && max(i, j) == column ? 1 : element(i, j) }
            #expect(try kernels.f64.choleskyFactor(block(dependent), tolerance: 1e-13) == column)
        }
    }

    @Test func triangles() throws {
        let r = try Owned(6, 6) { i, j in i <= j ? wave(i, j) + (i == j ? 2 : 0) : 99 }
        let triangle = UpperTriangle(r.matrix, size: 6)
        let x = try Owned(6, 3) { i, _ in wave(i, 3) }
        triangle.solve(x.matrix.column(0))
        triangle.multiply(x.matrix.column(0))
        triangle.solveTransposed(x.matrix.column(1))
        triangle.multiplyTransposed(x.matrix.column(1))
        for i in 0..<6 { for j in 0..<2 { #expect(abs(x.matrix[i, j] - wave(i, 3)) < 1e-14) } }
    }

    @Test func twofoldSumsLoseNothing() throws {
        // 1e16 + 1 - 1e16, which double gives as 0 or 2, and the same with products.
        var sum = Twofold()
        for x in [1e16, 1, -1e16] { sum.add(x) }
        #expect(sum.value == 1)
        sum = Twofold()
        // (1 + 2^-30)^2 - (1 + 2^-29) = 2^-60
        sum.addProduct(1 + 0x1p-30, 1 + 0x1p-30)
        sum.add(-(1 + 0x1p-29))
        #expect(sum.value == 0x1p-60)
        var third = Twofold(1)
        third = third.divided(by: Twofold(3))
        #expect(third.high == 1.0 / 3 && abs(third.low - 0x1p-54 / 3) < 1e-30)
        var values = Array(repeating: 0.1, count: 1000)
        values[0] = 1e17
        values[999] = -1e17
        let total = twofoldSum(1000, values, weights: nil)
        #expect(abs(total.value - 998 * 0.1) < 1e-12)
        let weighted = twofoldSum(1000, values, weights: values)
        #expect(abs((weighted.value - 2e34) / 2e34) < 1e-15)
    }
}
