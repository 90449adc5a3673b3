import Testing

@testable import Talweg

/// The factorisations, by their backward errors: the distance of what they multiply to from the matrix, in units of
/// n eps |A|, at most 10, in Frobenius norms (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 9 and 19).
@Suite struct MatrixFactorTests {
    static let dtypes: [DType] = [.float32, .float64]
    static let kinds = [
        "random", "graded", "deficient", "hilbert", "tiny", "huge", "zero", "triangular", "ones", "blocks",
    ]

    /// Uniform numbers in [-1, 1).
    private func uniform(_ m: Int, _ n: Int, seed: UInt64 = 1) throws -> Tensor {
        var random = SplitMix64(state: seed)
        return try Tensor((0..<(m * n)).map { _ in Double.random(in: -1..<1, using: &random) }, shape: [m, n])
    }

    /// A matrix of a kind; elements in float64, rounded to the dtype.
    private func matrix(_ kind: String, _ m: Int, _ n: Int, _ dtype: DType) throws -> Tensor {
        let random = try uniform(m, n)
        let (low, high) = dtype == .float32 ? (1e-38, 1e37) : (1e-307, 1e306)
        func index(_ count: Int) throws -> Tensor { try Tensor.arange(0, Double(count), 1, .float64) }
        switch kind {
        case "graded":
            // Columns from 1 down to 1e-30.
            let share = try index(n) * (-30 / Double(max(n, 1)))
            return try (random * (share * 2.302585092994046).exp()).cast(to: dtype)
        case "deficient":
            let rank = max(1, min(m, n) / 3)
            return try uniform(m, rank).matmul(uniform(rank, n, seed: 2)).cast(to: dtype)
        case "hilbert":
            return try (index(m).expandDims(1) + index(n) + 1).reciprocal().cast(to: dtype)
        case "tiny": return try (random * low).cast(to: dtype)
        case "huge": return try (random * high).cast(to: dtype)
        case "zero": return try Tensor.zeros(Shape([m, n]), dtype)
        // Like columns, of which elimination leaves the rounding errors, and of these theirs, down to the smallest numbers.
        case "ones": return try Tensor.ones(Shape([m, n]), dtype)
        case "blocks":
            let corner = try Tensor.ones(Shape([m - m / 2, n - n / 2]), dtype)
            return try Tensor.eye(2, 2, dtype).kron(corner).slice(axis: 0, to: m).slice(axis: 1, to: n)
        case "triangular": return try random.triu().cast(to: dtype)
        default: return try random.cast(to: dtype)
        }
    }

    private func norm(_ x: Tensor) throws -> Double {
        // Scaled, so that no square leaves the range.
        let largest = x.count == 0 ? 0 : try x.absolute().max().item()
        guard largest > 0, largest.isFinite else { return largest }
        return try (x / largest).square().sum().sqrt().item() * largest
    }

    /// |expected - found| / (n eps |expected|), all brought near 1 first.
    private func error(_ found: Tensor, _ expected: Tensor, _ n: Int, _ dtype: DType) throws -> Double {
        let eps = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
        let size = try norm(expected.cast(to: .float64))
        let difference = try norm(found.cast(to: .float64) - expected.cast(to: .float64))
        return size == 0 ? difference : difference / size / (Double(max(n, 1)) * eps)
    }

    private func orthogonality(_ q: Tensor, _ dtype: DType) throws -> Double {
        let wide = try q.cast(to: .float64)
        let k = q.shape[1]
        let identity = try Tensor.eye(k, k, .float64)
        let eps = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
        return try norm(wide.transpose().matmul(wide) - identity) / (Double(max(q.shape[0], 1)) * eps)
    }

    @Test(arguments: dtypes, kinds) func qr(_ dtype: DType, _ kind: String) throws {
        for (m, n) in [
            (1, 1), (5, 3), (3, 5), (31, 33), (32, 32), (33, 31), (64, 64), (65, 63), (97, 96), (129, 200), (300, 70),
        ] {
            let a = try matrix(kind, m, n, dtype)
            for complete in [false, true] {
                let (q, r) = try a.qr(complete: complete)
                let k = complete ? m : min(m, n)
                #expect(q.shape.dims == [m, k] && r.shape.dims == [k, n])
                // Powers of two change nothing but the range.
                let scale = kind == "tiny" ? (dtype == .float32 ? 0x1p100 : 0x1p1000) : kind == "huge" ? 0x1p-60 : 1
                let product = try q.cast(to: .float64).matmul((r.cast(to: .float64) * scale))
                let found = try error(product, a.cast(to: .float64) * scale, max(m, n), dtype)
                #expect(found <= 10, "\(kind) \(dtype.name) \(m) x \(n): \(found)")
                let skew = try orthogonality(q, dtype)
                #expect(skew <= 10, "\(kind) \(dtype.name) \(m) x \(n): Q' Q is off by \(skew)")
                #expect(try norm(r.tril(-1)) == 0)
            }
        }
    }

    @Test(arguments: dtypes, kinds) func pivotedQR(_ dtype: DType, _ kind: String) throws {
        for (m, n) in [(1, 1), (5, 3), (3, 5), (33, 31), (64, 64), (100, 97), (97, 100), (129, 200), (300, 130)] {
            let a = try matrix(kind, m, n, dtype)
            for complete in [false, true] {
                let (q, r, order) = try a.pivotedQR(complete: complete)
                let places = try order.doubles()
                #expect(places.sorted() == (0..<n).map(Double.init))
                let scale = kind == "tiny" ? (dtype == .float32 ? 0x1p100 : 0x1p1000) : kind == "huge" ? 0x1p-60 : 1
                let product = try q.cast(to: .float64).matmul((r.cast(to: .float64) * scale))
                let expected = try a.indexSelect(axis: 1, order).cast(to: .float64) * scale
                let found = try error(product, expected, max(m, n), dtype)
                #expect(found <= 10, "\(kind) \(dtype.name) \(m) x \(n): \(found)")
                let skew = try orthogonality(q, dtype)
                #expect(skew <= 10, "\(kind) \(dtype.name) \(m) x \(n): Q' Q is off by \(skew)")
                #expect(try norm(r.tril(-1)) == 0)
                // The diagonal falls, and no column that is left is longer than the pivot.
                let wide = try r.cast(to: .float64)
                let values = try wide.doubles()
                let eps = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
                let slack = try Double(max(m, n)) * 10 * eps * norm(wide)
                for i in 0..<(min(m, n) - 1) {
                    #expect(abs(values[(i + 1) * n + i + 1]) <= abs(values[i * n + i]) * (1 + 1e-3) + slack)
                }
            }
        }
    }

    /// The rank shows in the diagonal.
    @Test func pivotedQRFindsTheRank() throws {
        for (m, n, rank) in [(90, 80, 20), (200, 150, 70), (150, 200, 100)] {
            let a = try uniform(m, rank).matmul(uniform(rank, n, seed: 2))
            let values = try a.pivotedQR().r.doubles()
            let diagonal = (0..<min(m, n)).map { abs(values[$0 * n + $0]) }
            #expect(diagonal[rank - 1] > 1e-6 * diagonal[0] && diagonal[rank] < 1e-13 * diagonal[0])
        }
    }

    /// Each column of a graded matrix has its own size of error.
    @Test func qrOfGradedColumns() throws {
        let a = try matrix("graded", 120, 90, .float64)
        let (q, r) = try a.qr()
        let product = try q.matmul(r)
        for j in 0..<90 {
            let column = try a.select(axis: 1, index: j)
            let found = try norm(product.select(axis: 1, index: j) - column) / norm(column)
            #expect(found < 120 * 10 * Double.ulpOfOne, "column \(j): \(found)")
        }
    }

    @Test(arguments: dtypes) func qrOfAThousand(_ dtype: DType) throws {
        let a = try matrix("random", 1000, 1000, dtype)
        let (q, r) = try a.qr()
        #expect(try error(q.matmul(r), a, 1000, dtype) <= 10)
        #expect(try orthogonality(q, dtype) <= 10)
    }

    @Test func qrOfAStack() throws {
        let stack = try uniform(6, 140).reshape([2, 3, 20, 7])
        let (q, r) = try stack.qr()
        #expect(q.shape.dims == [2, 3, 20, 7] && r.shape.dims == [2, 3, 7, 7])
        for i in 0..<2 {
            for j in 0..<3 {
                let (one, two) = try stack.select(axis: 0, index: i).select(axis: 0, index: j).qr()
                #expect(try q.select(axis: 0, index: i).select(axis: 0, index: j).doubles() == one.doubles())
                #expect(try r.select(axis: 0, index: i).select(axis: 0, index: j).doubles() == two.doubles())
            }
        }
    }

    @Test func emptyMatrices() throws {
        for (m, n) in [(0, 0), (0, 3), (3, 0)] {
            let a = try Tensor.zeros(Shape([2, m, n]), .float64)
            for complete in [false, true] {
                let (q, r) = try a.qr(complete: complete)
                let k = complete ? m : min(m, n)
                #expect(q.shape.dims == [2, m, k] && r.shape.dims == [2, k, n])
                if k > 0, m > 0 { #expect(try q.doubles() == [1, 0, 0, 0, 1, 0, 0, 0, 1] + [1, 0, 0, 0, 1, 0, 0, 0, 1]) }
            }
            let (lu, pivots) = try a.luFactors()
            #expect(lu.shape.dims == [2, m, n] && pivots.shape.dims == [2, min(m, n)])
        }
        let none = try Tensor.zeros(Shape([0, 0]), .float64)
        #expect(try none.cholesky().shape.dims == [0, 0] && none.inverse().shape.dims == [0, 0])
        #expect(try none.determinant().item() == 1)
    }

    /// A definite matrix of a kind: B B' and a share of the identity.
    private func definite(_ kind: String, _ n: Int, _ dtype: DType) throws -> Tensor {
        let b = try uniform(n, n)
        var a = try b.matmul(b.transpose()) + Tensor.eye(n, n, .float64) * Double(max(n, 1))
        let exponents = try Tensor.arange(0, Double(n), 1, .float64) * (-8 / Double(max(n, 1)) * 2.302585092994046)
        switch kind {
        case "graded":
            let d = try exponents.exp()
            a = try a * d * d.expandDims(1)
        case "tiny": a = try a * (dtype == .float32 ? 1e-38 : 1e-307)
        case "huge": a = try a * (dtype == .float32 ? 1e30 : 1e300)
        default: break
        }
        return try a.cast(to: dtype)
    }

    @Test(arguments: dtypes, ["random", "graded", "tiny", "huge"]) func cholesky(_ dtype: DType, _ kind: String) throws {
        for n in [1, 2, 5, 31, 63, 64, 65, 127, 128, 129, 200] + (kind == "random" ? [1000] : []) {
            let a = try definite(kind, n, dtype)
            let scale = kind == "tiny" ? (dtype == .float32 ? 0x1p60 : 0x1p500) : kind == "huge" ? 0x1p-30 : 1
            let lower = try a.cholesky(), upper = try a.cholesky(upper: true)
            #expect(try norm(lower.triu(1)) == 0 && norm(upper.tril(-1)) == 0)
            for half in [lower, try upper.transpose()] {
                let wide = try half.cast(to: .float64) * scale
                let found = try error(
                    wide.matmul(wide.transpose()), a.cast(to: .float64) * scale * scale, n, dtype)
                #expect(found <= 10, "\(kind) \(dtype.name) \(n): \(found)")
            }
        }
    }

    @Test func choleskyReadsOneTriangle() throws {
        for n in [3, 70, 150] {
            let a = try definite("random", n, .float64)
            let spoilt = try Tensor.full(Shape([n, n]), .nan, .float64)
            let lower = try Tensor.select(Tensor.full(Shape([n, n]), 1, .float64).tril().cast(to: .bool), a, spoilt)
            #expect(try lower.cholesky().doubles() == a.cholesky().doubles())
            #expect(try lower.transpose().cholesky(upper: true).doubles() == a.cholesky(upper: true).doubles())
        }
    }

    @Test func notDefinite() throws {
        for n in [2, 64, 65, 130] {
            let identity = try Tensor.eye(n, n, .float64)
            for bad in [0, -1, Double.nan, .infinity] {
                for place in [0, n / 2, n - 1] {
                    var diagonal = [Double](repeating: 1, count: n)
                    diagonal[place] = bad
                    let a = try Tensor.select(identity.cast(to: .bool), Tensor(diagonal, shape: [n]), identity)
                    #expect(throws: TalwegError.self) { try a.cholesky() }
                    #expect(throws: TalwegError.self) { try a.cholesky(upper: true) }
                }
            }
        }
        let stack = try Tensor([1, 0, 0, 1, 1, 2, 2, 1, -1, 0, 0, 1], shape: [3, 2, 2])
        #expect(throws: TalwegError(.numeric, "cholesky: matrix 1 is not positive definite: pivot 1 of 2 is not positive")) {
            try stack.cholesky()
        }
    }

    /// P A from the factors' exchanges.
    private func permuted(_ a: Tensor, _ pivots: Tensor) throws -> Tensor {
        var order = Array(0..<a.shape[0])
        for (i, p) in try pivots.doubles().enumerated() { order.swapAt(i, Int(p)) }
        return try a.indexSelect(axis: 0, Tensor(order.map(Double.init), dtype: .int64))
    }

    @Test(arguments: dtypes, kinds) func lu(_ dtype: DType, _ kind: String) throws {
        for (m, n) in [
            (1, 1), (5, 3), (3, 5), (31, 33), (32, 32), (33, 31), (64, 64), (65, 63), (129, 200), (300, 70),
        ] + (kind == "random" ? [(1000, 1000)] : []) {
            let a = try matrix(kind, m, n, dtype)
            let (factors, pivots) = try a.luFactors()
            let k = min(m, n)
            let scale = kind == "tiny" ? (dtype == .float32 ? 0x1p100 : 0x1p1000) : kind == "huge" ? 0x1p-60 : 1
            let wide = try factors.cast(to: .float64)
            let lower = try wide.slice(axis: 1, to: k).tril(-1) + Tensor.eye(m, k, .float64)
            let upper = try wide.slice(axis: 0, to: k).triu() * scale
            let found = try error(
                lower.matmul(upper), permuted(a, pivots).cast(to: .float64) * scale, max(m, n), dtype)
            #expect(found <= 10, "\(kind) \(dtype.name) \(m) x \(n): \(found)")
            #expect(try lower.absolute().max().item() <= 1)
        }
    }

    @Test(arguments: dtypes) func solve(_ dtype: DType) throws {
        let eps = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
        for (n, k) in [(1, 1), (2, 3), (31, 5), (32, 1), (33, 40), (64, 64), (65, 129), (130, 3), (500, 500)] {
            let a = try matrix("random", n, n, dtype), b = try uniform(n, k, seed: 3).cast(to: dtype)
            let turned = try a.transpose()
            for (matrix, x) in [(a, try a.solve(b)), (turned, try turned.solve(b))] {
                let rest = try norm((matrix.matmul(x) - b).cast(to: .float64))
                let size = try norm(matrix.cast(to: .float64)) * norm(x.cast(to: .float64))
                #expect(rest <= 10 * Double(n) * eps * size, "\(dtype.name) \(n), \(k): \(rest / size / eps / Double(n))")
            }
            let inverse = try a.inverse()
            let rest = try norm((a.matmul(inverse) - Tensor.eye(n, n, dtype)).cast(to: .float64))
            let size = try norm(a.cast(to: .float64)) * norm(inverse.cast(to: .float64))
            #expect(rest <= 10 * Double(n) * eps * size, "\(dtype.name) inverse of \(n)")
        }
    }

    @Test(arguments: dtypes) func triangularSolve(_ dtype: DType) throws {
        let eps = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
        for (n, k) in [(1, 1), (3, 2), (63, 9), (64, 1), (65, 130), (200, 17), (300, 300)] {
            let identity = try Tensor.eye(n, n, dtype)
            let off = try Tensor.full(.scalar, 1, dtype) - identity
            let full = try matrix("random", n, n, dtype) / Double(n) * off + identity * 2
            let b = try uniform(n, k, seed: 3).cast(to: dtype)
            for upper in [false, true] {
                for transposed in [false, true] {
                    for unit in [false, true] {
                        let x = try full.solveTriangular(b, upper: upper, transposed: transposed, unitDiagonal: unit)
                        var t = upper ? try full.triu() : try full.tril()
                        if unit { t = try t * off + identity }
                        if transposed { t = try t.transpose() }
                        let rest = try norm((t.matmul(x) - b).cast(to: .float64))
                        let size = try norm(t.cast(to: .float64)) * norm(x.cast(to: .float64))
                        #expect(rest <= 10 * Double(n) * eps * size, "\(n), \(k), \(upper), \(transposed), \(unit)")
                    }
                }
            }
        }
    }

    /// Neither layout nor threads change a bit.
    @Test func sameBits() throws {
        let before = threads
        defer { try? setThreads(before) }
        let a = try definite("random", 333, .float64)
        let wide = try uniform(301, 333)
        func results() throws -> [[Double]] {
            let (q, r) = try wide.qr()
            return try [
                q.doubles(), r.doubles(), a.cholesky().doubles(), a.solve(wide.transpose()).doubles(),
                a.inverse().doubles(), wide.transpose().luFactors().factors.doubles(),
            ]
        }
        try setThreads(1)
        let one = try results()
        try setThreads(3)
        #expect(try results() == one)
        let turned = try wide.transpose().contiguous().transpose()
        #expect(try turned.qr().r.doubles() == one[1])
    }

    @Test func singularMatrices() throws {
        let singular = try Tensor([1, 2, 2, 4], shape: [2, 2])
        #expect(throws: TalwegError(.numeric, "inv: the matrix is singular: pivot 1 of 2 is 0")) { try singular.inverse() }
        #expect(throws: TalwegError.self) { try singular.solve(Tensor([1, 2])) }
        #expect(try singular.determinant().item() == 0)
        let (sign, logarithm) = try singular.signAndLogDeterminant()
        #expect(try sign.item() == 0 && logarithm.item() == -.infinity)
        let x = try leaf(singular)
        #expect(throws: TalwegError.self) { try x.determinant().gradients(wrt: [x]) }
    }

    @Test func notFinite() throws {
        for bad in [Double.nan, .infinity, -.infinity] {
            let a = try Tensor([1, 2, bad, 4, 1, 0, 0, 1], shape: [2, 2, 2])
            let (q, r) = try a.qr()
            let spoilt = [try q.doubles(), try r.doubles(), try a.inverse().doubles(), try a.luFactors().factors.doubles()]
            for values in spoilt {
                #expect(values[0..<4].allSatisfy(\.isNaN) && values[4..<8].allSatisfy { !$0.isNaN })
            }
            #expect(try a.solve(Tensor([1, 1])).doubles()[0..<2].allSatisfy(\.isNaN))
            #expect(try a.determinant().doubles()[0].isNaN)
        }
    }

    @Test(arguments: [(1, 1.0), (7, -3.5), (60, 2.0)]) func determinants(_ n: Int, _ value: Double) throws {
        // Triangular times unit triangular: the product of the diagonal, whatever the rest.
        let random = try uniform(n, n) / Double(n)
        let identity = try Tensor.eye(n, n, .float64)
        var diagonal = [Double](repeating: 1, count: n)
        diagonal[n - 1] = value
        let a = try (random.tril(-1) + identity).matmul(random.triu(1) + identity * Tensor(diagonal))
        let (sign, logarithm) = try a.signAndLogDeterminant()
        #expect(abs(try a.determinant().item() - value) < 1e-13 * abs(value) * Double(n))
        #expect(try sign.item() == (value < 0 ? -1 : 1))
        #expect(abs(try logarithm.exp().item() - abs(value)) < 1e-13 * abs(value) * Double(n))
    }
}
