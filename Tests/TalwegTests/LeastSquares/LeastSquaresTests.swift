import Glibc
import Testing

@testable import Talweg

/// The closed forms, against derivations and NumPy (Fixtures/lstsq.py).
@Suite struct LeastSquaresTests {
    static let methods: [LeastSquaresMethod] = [.qr, .cholesky]

    /// The data of Fixtures/lstsq.py: 12 rows, 3 columns.
    static func waves(_ dtype: DType = .float64) throws -> (X: Tensor, y: Tensor, w: Tensor) {
        var x: [Double] = []
        for i in 0..<12 { for j in 0..<3 { x.append(sin(1.7 * Double(i * (j + 1)) + 0.3 * Double(j)) + Double(j)) } }
        let y = (0..<12).map { cos(0.9 * Double($0)) + 0.5 * Double($0) }
        return try (
            Tensor(x, shape: [12, 3], dtype: dtype), Tensor(y, dtype: dtype),
            Tensor((0..<12).map { Double(1 + $0 % 4) })
        )
    }

    static func random(_ dims: [Int], _ seed: UInt64, mean: Double = 0) throws -> Tensor {
        try Tensor.normal(Shape(dims), mean: mean, .float64, Generator(seed: seed))
    }

    @Test(arguments: methods) func agreesWithTextbookFormulas(_ method: LeastSquaresMethod) throws {
        let (X, y, w) = try Self.waves()
        // (weighted, ridge, intercept), then coefficients and intercept, their standard errors, rss, R^2.
        let cases: [(Bool, Double, Bool, [Double], [Double], Double, Double)] = [
            (
                false, 0, true, [-0.2537430593510923, -0.02363555043831056, 0.03927560585960577, 2.6574935560629562],
                [0.8524422867190553, 0.8076686627187596, 0.8455753539444769, 1.9762280188965702], 31.642826048828322,
                0.01103279263994128
            ),
            (
                true, 0, true, [-0.26612552374518583, 0.0760975501663339, 0.3716526164452222, 2.034224540898461],
                [0.9057080498618033, 0.8258912473109348, 0.862897306066445, 1.8997569878380676], 80.48622551943049,
                0.03156783565933641
            ),
            (
                true, 2.5, true, [-0.21538844865758328, 0.06967267092761986, 0.3098468982123373, 2.170565068926808],
                [0.7511181663453551, 0.7059868215679826, 0.726774472373434, 1.6386750252443651], 80.5625408406198,
                0.03064958895072567
            ),
            (
                true, 2.5, false, [-0.3978165563614969, 0.38828040088336613, 1.1454233801015719],
                [0.7474190950703689, 0.6676641326491194, 0.3888571813072986], 92.13516300175563, 0.7222507579598398
            ),
        ]
        for (weighted, ridge, intercept, b, errors, rss, rSquared) in cases {
            let options = LeastSquaresOptions(
                method: method, intercept: intercept, ridge: ridge, weights: weighted ? w : nil)
            let fit = try LeastSquares.fit(X, y, options)
            let tail = intercept ? [try fit.intercept.item()] : []
            let tailError = intercept ? [try fit.interceptStandardError.item()] : []
            expectClose(try fit.coefficients.doubles() + tail, b, 1e-12)
            expectClose(try fit.standardErrors.doubles() + tailError, errors, 1e-12)
            expectClose(try [fit.residualSumOfSquares.item(), fit.rSquared.item()], [rss, rSquared], 1e-12)
            #expect(fit.rank == 3 && fit.degreesOfFreedom == (intercept ? 8 : 9) && fit.iterations == 0)
            #expect(fit.stopReason == .closedForm)
            if ridge == 0, !weighted {
                #expect(fit.condition > 1.1102110313543303 * 0.9 && fit.condition < 1.1102110313543303 * 1.0001)
            }
        }
    }

    @Test func residualsAreOrthogonalToTheColumns() throws {
        // Widths on both sides of each block size, rows in one chunk and in several.
        let sizes = [(30, 1, 1), (50, 9, 1), (300, 17, 3), (700, 40, 2), (5000, 33, 20), (40, 39, 1), (9000, 2, 1)]
        for (n, p, k) in sizes {
            let X = try Self.random([n, p], UInt64(p), mean: 3), y = try Self.random([n, k], 99)
            for method in Self.methods {
                let fit = try LeastSquares.fit(X, y, LeastSquaresOptions(method: method))
                let residual = try (y - fit.predict(X)).doubles()
                let x = try X.doubles()
                for t in 0..<k {
                    for j in 0..<p {
                        var sum = 0.0
                        for i in 0..<n { sum += x[i * p + j] * residual[i * k + t] }
                        #expect(abs(sum) < 1e-9, "\(method) \(n) x \(p): column \(j) and target \(t): \(sum)")
                    }
                    var rss = 0.0, total = 0.0
                    for i in 0..<n {
                        rss += residual[i * k + t] * residual[i * k + t]
                        total += residual[i * k + t]
                    }
                    #expect(abs(total) < 1e-9)
                    let told = try fit.residualSumOfSquares.doubles()[t]
                    // Of 40 rows by 39 columns and a mean nothing is left but rounding.
                    #expect(abs(told - rss) < 1e-10 * rss + 1e-20, "\(method) \(n) x \(p): rss \(told), summed \(rss)")
                }
            }
        }
    }

    @Test func leastNormOfWideData() throws {
        // Fixtures/lstsq.py: numpy.linalg.pinv; columns of unequal size, so that the norm is that of the data's units.
        var x: [Double] = []
        let size = [1, 10, 0.1, 1, 3]
        for i in 0..<3 {
            for j in 0..<5 { x.append(sin(1.7 * Double(i * (j + 1)) + 0.3 * Double(j)) * size[j]) }
        }
        let X = try Tensor(x, shape: [3, 5]), y = try Tensor([1, -2, 0.5])
        var fit = try LeastSquares.fit(X, y, LeastSquaresOptions(intercept: false))
        expectClose(
            try fit.coefficients.doubles(),
            [-0.24848198444115216, 0.19489344525683927, 0.02631467354724677, -0.49016109285822346, 0.2884432050840609],
            1e-12)
        #expect(fit.rank == 3 && fit.degreesOfFreedom == 0 && fit.condition == .infinity)
        #expect(try fit.standardErrors.doubles().allSatisfy { $0.isNaN })
        fit = try LeastSquares.fit(X, y)
        expectClose(
            try fit.coefficients.doubles() + [fit.intercept.item()],
            [
                -0.035434883736361125, 0.22019660296476773, 0.010189798735998108, -0.014236646583717389,
                0.3166088929180848, -0.5254244565804206,
            ], 1e-12)
        #expect(fit.rank == 2 && fit.degreesOfFreedom == 0)
        for method in Self.methods {
            fit = try LeastSquares.fit(X, y, LeastSquaresOptions(method: method, ridge: 0.7))
            expectClose(
                try fit.coefficients.doubles() + [fit.intercept.item()],
                [
                    -0.0345058128223817, 0.2182273828256643, 0.009606776148517548, -0.013511238123457054,
                    0.2987591899106078, -0.5220890077480247,
                ], 1e-12)
            fit = try LeastSquares.fit(X, y, LeastSquaresOptions(method: method, intercept: false, ridge: 0.7))
            expectClose(
                try fit.coefficients.doubles(),
                [
                    -0.20289885776976002, 0.19260474356813442, 0.02238700848411059, -0.3909330497234644,
                    0.2759994758447175,
                ],
                1e-12)
            #expect(fit.rank == 3 && fit.condition > 2.5 && fit.condition < 2.58, "\(fit.condition)")
        }
        let none = failure { try LeastSquares.fit(X, y, LeastSquaresOptions(method: .cholesky)) }
        #expect(none.status == .numeric && none.message.contains("use QR"))
    }

    @Test func dependentColumnsShareTheWeight() throws {
        // Of all b1 + 2 b2 = 0.6 the shortest is 0.6 / 5 (1, 2). The third column is not in the dependency.
        let x = [1.0, 2, 3, 4, 5], z = [1.0, -1, 1, -1, 1]
        let y = zip(x, z).map { 0.6 * $0 + 2 * $1 + 1 + ($0 == 3 ? 0.5 : 0) }
        let X = try Tensor(zip(x, z).flatMap { [$0, 2 * $0, $1] }, shape: [5, 3])
        let both = try LeastSquares.fit(X, Tensor(y))
        let one = try LeastSquares.fit(Tensor(zip(x, z).flatMap { [$0, $1] }, shape: [5, 2]), Tensor(y))
        let slope = try one.coefficients.doubles()
        let found = try both.coefficients.doubles(), errors = try both.standardErrors.doubles()
        expectClose(found, [slope[0] / 5, slope[0] * 2 / 5, slope[1]], 1e-13)
        #expect(both.rank == 2 && both.condition == .infinity && both.degreesOfFreedom == one.degreesOfFreedom)
        #expect(errors[0].isNaN && errors[1].isNaN)
        expectClose([errors[2]], [try one.standardErrors.doubles()[1]], 1e-13)
        expectClose(
            try [both.intercept.item(), both.interceptStandardError.item(), both.residualSumOfSquares.item()],
            try [one.intercept.item(), one.interceptStandardError.item(), one.residualSumOfSquares.item()], 1e-13)
    }

    @Test func aConstantColumnBesideAnInterceptCountsNothing() throws {
        let x = [1.0, 2, 3, 4, 5], y = try Tensor([2, 4, 5, 4, 5.0])
        for constant in [0, 0.1, 1, 1e30] {
            let X = try Tensor(x.flatMap { [$0, constant] }, shape: [5, 2])
            let fit = try LeastSquares.fit(X, y)
            expectClose(try fit.coefficients.doubles(), [0.6, 0], 1e-13)
            expectClose(try [fit.intercept.item()], [2.2], 1e-13)
            #expect(fit.rank == 1 && fit.degreesOfFreedom == 3)
            let ridge = try LeastSquares.fit(X, y, LeastSquaresOptions(ridge: 5))
            expectClose(try ridge.coefficients.doubles(), [0.4, 0], 1e-13)
            let failed = failure { try LeastSquares.fit(X, y, LeastSquaresOptions(method: .cholesky)) }
            #expect(failed.status == .numeric && failed.message.contains("column 1"))
        }
    }

    @Test(arguments: methods) func weightsCountRows(_ method: LeastSquaresMethod) throws {
        let (X, y, w) = try Self.waves()
        let counts = try w.doubles().enumerated().map { $0 == 4 ? 0 : Int($1) }
        let x = try X.doubles(), values = try y.doubles()
        var rows: [Double] = [], targets: [Double] = []
        for i in 0..<12 {
            for _ in 0..<counts[i] {
                rows += x[(i * 3)..<(i * 3 + 3)]
                targets.append(values[i])
            }
        }
        let repeated = try LeastSquares.fit(
            Tensor(rows, shape: [targets.count, 3]), Tensor(targets), LeastSquaresOptions(method: method))
        for unit in [1.0, 1e-200, 1e200] {
            let weights = try Tensor(counts.map { Double($0) * unit })
            let fit = try LeastSquares.fit(X, y, LeastSquaresOptions(method: method, weights: weights))
            expectClose(try fit.coefficients.doubles(), try repeated.coefficients.doubles(), 1e-12)
            expectClose(
                try [fit.intercept.item(), fit.residualSumOfSquares.item() / unit, fit.rSquared.item()],
                try [repeated.intercept.item(), repeated.residualSumOfSquares.item(), repeated.rSquared.item()], 1e-12)
            // Rows, not weights, are counted: 11 of them have one.
            #expect(fit.degreesOfFreedom == 7)
        }
    }

    @Test func ridgeIsRowsBelow() throws {
        // sqrt(ridge) I below a matrix without an intercept, by hand; also where columns depend on each other.
        for (n, p) in [(20, 4), (3, 7), (60, 30)] {
            var x = try Self.random([n, p], 5).doubles()
            for i in 0..<n { x[i * p + 1] = x[i * p] }
            let y = try Self.random([n], 6).doubles()
            var below = x
            for i in 0..<p { for j in 0..<p { below.append(i == j ? 0.8.squareRoot() : 0) } }
            let augmented = try LeastSquares.fit(
                Tensor(below, shape: [n + p, p]), Tensor(y + Array(repeating: 0, count: p)),
                LeastSquaresOptions(intercept: false))
            for method in Self.methods {
                let fit = try LeastSquares.fit(
                    Tensor(x, shape: [n, p]), Tensor(y),
                    LeastSquaresOptions(method: method, intercept: false, ridge: 0.8))
                expectClose(try fit.coefficients.doubles(), try augmented.coefficients.doubles(), 1e-11)
                #expect(fit.rank == min(n, p - 1))
                #expect(abs(fit.condition / augmented.condition - 1) < 0.1)
            }
        }
        // A ridge that vanishes leads to the solution of least norm, a huge one to 0.
        let X = try Tensor([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], shape: [5, 2]), y = try Tensor([2, 4, 5, 4, 5])
        for ridge in [1e-30, 1e-200] {
            let fit = try LeastSquares.fit(X, y, LeastSquaresOptions(ridge: ridge))
            expectClose(try fit.coefficients.doubles(), [0.3, 0.3], 1e-12)
        }
        let fit = try LeastSquares.fit(X, y, LeastSquaresOptions(ridge: 1e300))
        #expect(try fit.coefficients.doubles().allSatisfy { abs($0) < 1e-290 })
        expectClose(try [fit.intercept.item()], [4], 1e-14)
    }

    @Test(arguments: methods) func severalTargetsAreAsOneByOne(_ method: LeastSquaresMethod) throws {
        let X = try Self.random([70, 20], 1), Y = try Self.random([70, 5], 2)
        let all = try LeastSquares.fit(X, Y, LeastSquaresOptions(method: method))
        #expect(try all.coefficients.shape.dims == [5, 20] && all.intercept.shape.dims == [5])
        #expect(try all.predict(X).shape.dims == [70, 5])
        for t in 0..<5 {
            let y = try Tensor((0..<70).map { try Y.doubles()[$0 * 5 + t] })
            let one = try LeastSquares.fit(X, y, LeastSquaresOptions(method: method))
            let mine = (t * 20)..<(t * 20 + 20)
            expectClose(Array(try all.coefficients.doubles()[mine]), try one.coefficients.doubles(), 1e-11)
            expectClose(Array(try all.standardErrors.doubles()[mine]), try one.standardErrors.doubles(), 1e-11)
            #expect(try one.predict(X).shape.dims == [70])
        }
    }

    @Test func layoutsAndTypes() throws {
        let (X, y, _) = try Self.waves()
        let expected = try LeastSquares.fit(X, y)
        let turned = try X.transpose().contiguous().transpose()
        let fit = try LeastSquares.fit(turned, y)
        #expect(try fit.coefficients.doubles() == expected.coefficients.doubles())
        let (x32, y32, _) = try Self.waves(.float32)
        let single = try LeastSquares.fit(x32, y32)
        #expect(try single.coefficients.dtype == .float32 && single.predict(x32).dtype == .float32)
        let wide = try LeastSquares.fit(x32.cast(to: .float64), y32.cast(to: .float64))
        #expect(try single.coefficients.doubles() == wide.coefficients.doubles().map { Double(Float($0)) })
        let whole = try LeastSquares.fit(Tensor([1, 2, 3, 4, 5], dtype: .int32), Tensor([2, 4, 5, 4, 5], dtype: .uint8))
        #expect(try whole.coefficients.dtype == .float64)
        expectClose(try whole.coefficients.doubles() + [whole.intercept.item()], [0.6, 2.2], 1e-14)
    }

    @Test func extremeScales() throws {
        let x = [1.0, 2, 3, 4, 5], z = [3.0, -1, 4, -1, 5], y = [2.0, 4, 5, 4, 5]
        let plain = try LeastSquares.fit(Tensor(zip(x, z).flatMap { [$0, $1] }, shape: [5, 2]), Tensor(y))
        let b = try plain.coefficients.doubles(), s = try plain.standardErrors.doubles()
        let scales = [(1e300, 1e-300, 1.0), (1e-300, 1e-300, 1e-300), (3e307, 1, 1e307), (1, 1e200, 1e300)]
        for (first, second, target) in scales {
            let X = try Tensor(zip(x, z).flatMap { [$0 * first, $1 * second] }, shape: [5, 2])
            for method in Self.methods {
                let fit = try LeastSquares.fit(X, Tensor(y.map { $0 * target }), LeastSquaresOptions(method: method))
                let found = try fit.coefficients.doubles(), errors = try fit.standardErrors.doubles()
                // Back in two steps: a product of the factors may overflow where the coefficient does not.
                expectClose([found[0] / target * first, found[1] / target * second], b, 1e-12)
                expectClose([errors[0] / target * first, errors[1] / target * second], s, 1e-12)
                expectClose(try [fit.intercept.item() / target], try [plain.intercept.item()], 1e-12)
                expectClose(try [fit.rSquared.item()], try [plain.rSquared.item()], 1e-12)
            }
        }
    }

    @Test func aFewRows() throws {
        var fit = try LeastSquares.fit(Tensor([3], shape: [1, 1]), Tensor([5]))
        expectClose(try [fit.coefficients.item(), fit.intercept.item()], [0, 5], 1e-15)
        #expect(fit.rank == 0 && fit.degreesOfFreedom == 0)
        #expect(try fit.rSquared.item().isNaN && fit.standardErrors.item().isNaN)
        fit = try LeastSquares.fit(Tensor([3], shape: [1, 1]), Tensor([6]), LeastSquaresOptions(intercept: false))
        expectClose(try [fit.coefficients.item()], [2], 1e-15)
        // No column: the mean, whose error is s / sqrt(n) = sqrt(2 / 2 / 3).
        fit = try LeastSquares.fit(Tensor.zeros(Shape([3, 0]), .float64), Tensor([1, 2, 3]))
        expectClose(
            try [fit.intercept.item(), fit.residualSumOfSquares.item(), fit.interceptStandardError.item()],
            [2, 2, (1.0 / 3).squareRoot()], 1e-15)
        #expect(try fit.coefficients.count == 0)
        #expect(try fit.predict(Tensor.zeros(Shape([2, 0]), .float64)).doubles() == [2, 2])
    }

    @Test func predictions() throws {
        let X = try Self.random([5000, 3], 3), Y = try Self.random([5000, 2], 4)
        let fit = try LeastSquares.fit(X, Y)
        let b = try fit.coefficients.doubles(), c = try fit.intercept.doubles(), x = try X.doubles()
        let found = try fit.predict(X).doubles()
        for i in [0, 1, 255, 256, 4095, 4096, 4999] {
            for t in 0..<2 {
                var sum = c[t]
                for j in 0..<3 { sum += x[i * 3 + j] * b[t * 3 + j] }
                #expect(abs(found[i * 2 + t] - sum) < 1e-14)
            }
        }
        #expect(try fit.predict(Tensor.zeros(Shape([0, 3]), .float64)).shape.dims == [0, 2])
        #expect(failure { try fit.predict(Tensor([1, 2, 3])) }.status == .shape)
    }
}

/// Each of `found` within `tolerance` of `expected`, relative to it or, near 0, to 1e-3 of the greatest.
func expectClose(
    _ found: [Double], _ expected: [Double], _ tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let greatest = expected.reduce(0) { max($0, abs($1)) }
    for (place, (a, b)) in zip(found, expected).enumerated() {
        let size = max(abs(b), 1e-3 * (greatest == 0 ? 1 : greatest))
        #expect(abs(a - b) <= tolerance * size, "element \(place): \(a), expected \(b)", sourceLocation: sourceLocation)
    }
}
