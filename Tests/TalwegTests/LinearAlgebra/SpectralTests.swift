import Glibc
import Testing

@testable import Talweg

/// Eigenvalues and singular values, against what they stand for: the product of the factors is the matrix, and the
/// vectors are orthogonal, to 10 n eps.
@Suite(.serialized) struct SpectralTests {
    /// Kinds of matrices that decompositions find hard, made of random numbers and of formulas.
    enum Kind: CaseIterable {
        case random, graded, gradedRows, rankDeficient, hilbert, identity, zeros, ones, secondDifferences, diagonal,
            clustered, denormal, huge, wilkinson, tinyBlock

        func make(_ m: Int, _ n: Int, _ dtype: DType) throws -> Tensor {
            var values = [Double](repeating: 0, count: m * n)
            func fill(_ value: (Int, Int) throws -> Double) rethrows {
                for i in 0..<m { for j in 0..<n { values[i * n + j] = try value(i, j) } }
            }
            let random = try wave(Shape([m, n]), 0.23).doubles()
            let k = max(1, min(m, n) / 3)
            let (f32, last) = (dtype == .float32, Double(max(m, n, 2) - 1))
            switch self {
            case .random: values = random
            case .graded: fill { random[$0 * n + $1] * pow10(-30 * Double($1) / last) }
            case .gradedRows: fill { random[$0 * n + $1] * pow10(-30 * Double($0) / last) }
            case .rankDeficient:
                let (a, b) = (try wave(Shape([m, k]), 0.41), try wave(Shape([k, n]), 0.77))
                values = try a.matmul(b).doubles()
            case .hilbert: fill { 1 / Double($0 + $1 + 1) }
            case .identity: fill { $0 == $1 ? 1 : 0 }
            case .zeros: break
            case .ones: fill { _, _ in 1 }
            case .secondDifferences: fill { $0 == $1 ? 2 : abs($0 - $1) == 1 ? -1 : 0 }
            case .diagonal: fill { $0 == $1 ? random[$0 * n + $1] : 0 }
            case .clustered:
                // A reflection between blocks of few different numbers.
                let v = (0..<max(m, n)).map { 1 + 0.05 * Double($0 * $0 % 11) }
                let square = v.reduce(0) { $0 + $1 * $1 }
                let d = [1, 1 + 1e-14, 2, 1e-9]
                fill { i, j in
                    (0..<min(m, n)).reduce(0.0) { sum, q in
                        let left = (i == q ? 1 : 0) - 2 * v[i] * v[q] / square
                        let right = (j == q ? 1 : 0) - 2 * v[j] * v[q] / square
                        return sum + left * d[q % 4] * right
                    }
                }
            case .denormal: fill { random[$0 * n + $1] * (f32 ? 1e-40 : 1e-311) }
            case .huge: fill { random[$0 * n + $1] * (f32 ? 1e36 : 1e305) }
            case .wilkinson: fill { $0 == $1 ? abs(Double($0) - last / 2) : abs($0 - $1) == 1 ? 1 : 0 }
            case .tinyBlock:
                fill { i, j in
                    let (low, right) = (i >= m / 2, j >= n / 2)
                    return low != right ? 0 : low ? random[i * n + j] * (f32 ? 1e-30 : 1e-200) : 1
                }
            }
            return try Tensor(values, shape: [m, n], dtype: dtype)
        }

        private func pow10(_ x: Double) -> Double { pow(10, x) }
    }

    /// In float64, divided so that the largest element is 1 and nothing over- or underflows.
    private func normalized(_ x: Tensor) throws -> (values: Tensor, unit: Double) {
        let wide = try x.cast(to: .float64)
        let largest = x.count == 0 ? 0 : try wide.absolute().max().item()
        let unit = largest == 0 ? 1 : largest
        return (try wide / unit, unit)
    }

    private func frobenius(_ x: Tensor) throws -> Double { try x.square().sum().sqrt().item() }

    /// 10 n eps, and what values that are denormal numbers cannot hold.
    private func bound(_ n: Int, _ x: Tensor, _ unit: Double) -> Double {
        let (eps, least) = x.dtype == .float32
            ? (Double(Float.ulpOfOne), Double(Float.leastNonzeroMagnitude)) : (Double.ulpOfOne, .leastNonzeroMagnitude)
        return 10 * Double(n) * eps + Double(n) * least / unit
    }

    private func checkOrthogonal(_ v: Tensor, _ tolerance: Double, _ name: String) throws {
        let wide = try v.cast(to: .float64)
        let n = v.shape[1]
        let distance = try frobenius(wide.transpose().matmul(wide) - .eye(n, n, .float64))
        #expect(distance <= tolerance, "\(name): \(distance) from orthogonal, at most \(tolerance)")
    }

    private func checkEigen(_ given: Tensor, _ name: String) throws {
        let lower = try given.tril()
        let a = try lower + lower.tril(-1).transpose()
        let n = a.shape[0]
        // What is above the diagonal is not read.
        let (w, v) = try (lower + Tensor.full(a.shape, .nan, a.dtype).triu(1)).eigh()
        let (matrix, unit) = try normalized(a)
        let values = try w.cast(to: .float64) / unit
        let tolerance = bound(n, a, unit)
        let vectors = try v.cast(to: .float64)
        let rest = try frobenius(matrix.matmul(vectors) - vectors * values)
        let norm = try frobenius(matrix)
        #expect(rest <= tolerance * max(norm, 1e-300), "\(name): residual \(rest / norm), at most \(tolerance)")
        try checkOrthogonal(v, 10 * Double(n) * (a.dtype == .float32 ? Double(Float.ulpOfOne) : .ulpOfOne), name)
        let ascending = try w.doubles()
        for i in 1..<max(n, 1) { #expect(ascending[i - 1] <= ascending[i], "\(name): order at \(i)") }
        // The values alone are the same ones.
        let alone = try lower.eigvalsh().cast(to: .float64) / unit
        let distance = n == 0 ? 0 : try (alone - values).absolute().max().item()
        #expect(distance <= tolerance * norm, "\(name): values alone differ by \(distance)")
    }

    private func checkSingular(_ a: Tensor, full: Bool, _ name: String) throws {
        let (m, n) = (a.shape[0], a.shape[1])
        let k = min(m, n), size = max(m, n)
        let (u, s, vh) = try a.svd(full: full)
        #expect(u.shape.dims == [m, full ? m : k] && vh.shape.dims == [full ? n : k, n] && s.shape.dims == [k])
        let (matrix, unit) = try normalized(a)
        let values = try s.cast(to: .float64) / unit
        let tolerance = bound(size, a, unit)
        let eps = a.dtype == .float32 ? Double(Float.ulpOfOne) : .ulpOfOne
        let (left, right) = (try u.slice(axis: 1, to: k), try vh.slice(axis: 0, to: k))
        let product = try (left.cast(to: .float64) * values).matmul(right.cast(to: .float64))
        let norm = try frobenius(matrix)
        let rest = try frobenius(matrix - product)
        #expect(rest <= tolerance * max(norm, 1e-300), "\(name): residual \(rest / norm), at most \(tolerance)")
        try checkOrthogonal(u, 10 * Double(size) * eps, "\(name) U")
        try checkOrthogonal(vh.transpose(), 10 * Double(size) * eps, "\(name) V")
        let descending = try s.doubles()
        for i in 0..<k {
            #expect(descending[i] >= 0 && (i == 0 || descending[i - 1] >= descending[i]), "\(name): order at \(i)")
        }
        let alone = try a.svdvals().cast(to: .float64) / unit
        let distance = k == 0 ? 0 : try (alone - values).absolute().max().item()
        #expect(distance <= tolerance * norm, "\(name): values alone differ by \(distance)")
    }

    @Test(arguments: Kind.allCases, [DType.float64, .float32])
    func smallAndMiddleSizes(_ kind: Kind, _ dtype: DType) throws {
        for n in [0, 1, 2, 3, 7, 32, 33, 64, 97, 150] {
            try checkEigen(kind.make(n, n, dtype), "\(kind) \(n) \(dtype)")
            try checkSingular(kind.make(n, n, dtype), full: true, "\(kind) \(n) \(dtype)")
        }
        for (m, n) in [(0, 3), (3, 0), (1, 9), (9, 1), (40, 33), (33, 40), (140, 70), (50, 200)] {
            try checkSingular(kind.make(m, n, dtype), full: false, "\(kind) \(m) x \(n) \(dtype)")
            try checkSingular(kind.make(m, n, dtype), full: true, "\(kind) full \(m) x \(n) \(dtype)")
        }
    }

    @Test(arguments: [Kind.random, .hilbert, .rankDeficient, .ones])
    func largeSizes(_ kind: Kind) throws {
        try checkEigen(kind.make(1000, 1000, .float64), "\(kind) 1000")
        try checkSingular(kind.make(1000, 1000, .float64), full: true, "\(kind) 1000")
        try checkSingular(kind.make(700, 300, .float32), full: false, "\(kind) 700 x 300")
    }

    /// Second differences have the eigenvalues 2 - 2 cos(pi j / (n + 1)).
    @Test func knownValues() throws {
        let n = 120
        let found = try Kind.secondDifferences.make(n, n, .float64).eigvalsh().doubles()
        let angles = try Tensor((1...n).map { Double($0) * .pi / Double(n + 1) })
        let expected = try (2 - angles.cos() * 2).doubles()
        for i in 0..<n { #expect(abs(found[i] - expected[i]) < 1e-14) }
        let singular = try Kind.secondDifferences.make(n, n, .float64).svdvals().doubles()
        for i in 0..<n { #expect(abs(singular[i] - expected[n - 1 - i]) < 1e-14) }
    }

    @Test func stacks() throws {
        // Of any strides, each as if alone.
        let x = try wave(Shape([3, 2, 5, 4]), 0.3).transpose(0, 1)
        let (u, s, vh) = try x.svd(full: false)
        #expect(u.shape.dims == [2, 3, 5, 4] && s.shape.dims == [2, 3, 4] && vh.shape.dims == [2, 3, 4, 4])
        for i in 0..<2 {
            for j in 0..<3 {
                let alone = try x.select(axis: 0, index: i).select(axis: 0, index: j).contiguous().svd(full: false)
                for (whole, part) in [(u, alone.u), (s, alone.s), (vh, alone.vh)] {
                    #expect(try whole.select(axis: 0, index: i).select(axis: 0, index: j).doubles() == part.doubles())
                }
            }
        }
        #expect(try Tensor.zeros(Shape([4, 0, 3, 3]), .float32).eigh().vectors.shape.dims == [4, 0, 3, 3])
    }

    @Test func sameBitsOnAnyNumberOfThreads() throws {
        let before = ThreadPool.threads
        defer { try? ThreadPool.setThreads(before) }
        let x = try wave(Shape([420, 420]), 0.51)
        let many = try wave(Shape([40, 20, 20]), 0.51)
        let runs = try [1, 2, 3].map { threads -> [[Double]] in
            try ThreadPool.setThreads(threads)
            return try [x, many].flatMap { x in
                let (w, v) = try x.eigh(), (u, s, vh) = try x.svd()
                return try [w, v, u, s, vh, x.eigvalsh(), x.svdvals()].map { try $0.doubles() }
            }
        }
        #expect(runs[0] == runs[1] && runs[0] == runs[2])
    }

    @Test func refusals() throws {
        for bad in [Double.nan, .infinity, -.infinity] {
            var values = try wave(Shape([2, 3, 3]), 0.3).doubles()
            values[12] = bad
            let x = try Tensor(values, shape: [2, 3, 3])
            #expect(status { _ = try x.eigh() } == .numeric)
            #expect(status { _ = try x.eigvalsh() } == .numeric)
            #expect(status { _ = try x.svd() } == .numeric)
            #expect(status { _ = try x.pinv() } == .numeric)
        }
        #expect(status { _ = try wave(Shape([2, 3]), 0.3).eigh() } == .shape)
        #expect(status { _ = try wave(Shape([3]), 0.3).svd() } == .shape)
        #expect(status { _ = try Tensor.zeros(Shape([3, 3]), .int32).svd() } == .dtype)
        #expect(status { _ = try Tensor.zeros(Shape([3, 3]), .bfloat16).eigh() } == .dtype)
        // The vectors of the full decomposition have no gradient.
        let x = try leaf(wave(Shape([3, 2]), 0.3))
        let y = try x.svd(full: true).u.sum()
        #expect(status { _ = try y.gradients(wrt: [x]) } == .numeric)
    }

    /// What does not converge says so.
    @Test func iterationsEnd() {
        var (d, e) = ([1.0, .nan, 2], [0.5, 0.25])
        d.withUnsafeMutableBufferPointer { d in
            e.withUnsafeMutableBufferPointer { e in
                guard let d = d.baseAddress, let e = e.baseAddress else { return }
                #expect(!iterateQL(3, d, e, nil))
                #expect(!BidiagonalQR(n: 3, d: d, e: e, isWide: false, left: nil, right: nil).iterate())
            }
        }
    }

    /// Each root lies behind its pole, their sum is the trace, and the vectors are orthogonal, also where poles nearly
    /// meet and numbers nearly vanish.
    @Test(arguments: [false, true]) func secularEquation(isSquared: Bool) throws {
        let n = 60
        let space = try Storage(byteCount: slabBytes(n, n, n, n, n * n))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let (d, z, roots, scratch) = (slab.doubles(n), slab.doubles(n), slab.doubles(n), slab.doubles(n))
        let vectors = ColumnMajor(slab.doubles(n * n), rows: n, columns: n)
        var sum = 0.0
        for i in 0..<n {
            d[i] = (i == 0 ? 0 : d[i - 1]) + (i % 3 == 0 ? 1e-13 : 0.1)
            if isSquared, i == 0 { d[0] = 0 }
            z[i] = i % 5 == 0 ? 1e-11 : i % 2 == 0 ? 0.3 : -0.2
            sum += (isSquared ? d[i] * d[i] : d[i]) + z[i] * z[i]
        }
        let equation = SecularEquation(count: n, d: d, isSquared: isSquared, z: z)
        #expect(equation.solve(roots, vectors, scratch: scratch))
        var found = 0.0
        for j in 0..<n {
            #expect(d[j] <= roots[j] && (j == n - 1 || roots[j] <= d[j + 1]))
            found += isSquared ? roots[j] * roots[j] : roots[j]
        }
        #expect(abs(found - sum) < 1e-13 * sum)
        for j in 0..<n {
            for k in 0..<j {
                var (product, first, second) = (0.0, 0.0, 0.0)
                for i in 0..<n {
                    product += vectors[i, j] * vectors[i, k]
                    first += vectors[i, j] * vectors[i, j]
                    second += vectors[i, k] * vectors[i, k]
                }
                #expect(abs(product) < 1e-14 * (first * second).squareRoot(), "\(j), \(k)")
            }
        }
    }

    @Test func ranks() throws {
        for (m, n) in [(6, 4), (4, 6), (5, 5)] {
            let a = try wave(Shape([m, 3]), 0.41) + Tensor.eye(m, 3, .float64) * 3
            let b = try wave(Shape([3, n]), 0.77) + Tensor.eye(3, n, .float64) * 3
            let x = try a.matmul(b)
            #expect(try x.matrixRank().item() == 3)
            // Moore and Penrose's four conditions.
            let p = try x.pinv()
            let (xp, px) = (try x.matmul(p), try p.matmul(x))
            for (found, expected) in [
                (try xp.matmul(x), x), (try px.matmul(p), p), (try xp.transpose(), xp), (try px.transpose(), px),
            ] {
                #expect(try (found - expected).absolute().max().item() < 1e-13)
            }
        }
        let x = try Tensor([4, 0, 0, 1, 2, 0, 0, 2], shape: [2, 2, 2])
        #expect(try x.matrixRank(rtol: Tensor([0.5, 0.5])).doubles() == [1, 2])
        #expect(try x.matrixRank(rtol: Tensor([0.5, 1])).doubles() == [1, 0])
        // The singular value, the root of 2 times the largest number, is none of float32.
        let most = Double(Float.greatestFiniteMagnitude)
        let beyond = try Tensor([-most, most], shape: [1, 2], dtype: .float32)
        #expect(try beyond.matrixRank().doubles() == [1] && beyond.svdvals().doubles() == [.infinity])
        // Of a stack, the others keep their digits.
        let stack = try Tensor([most, most, most, -most, 1e-40, 0, 0, 3e-41], shape: [2, 2, 2], dtype: .float32)
        #expect(try stack.matrixRank().doubles() == [2, 2])
    }
}
