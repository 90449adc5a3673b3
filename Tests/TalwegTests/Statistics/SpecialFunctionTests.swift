import Glibc
import Testing

@testable import Talweg

/// The special functions against mpmath (Fixtures/statistics.py printed the tables), to 1e-14 where the exponents
/// are small, else to as much as rounding an exponent leaves.
@Suite struct SpecialFunctionTests {
    private func check(
        _ table: [(arguments: [Double], expected: Double)], _ tolerance: Double,
        sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Double]) -> Double
    ) {
        for (arguments, expected) in table {
            let found = function(arguments)
            // A value e^-x is as uncertain as x's last digit.
            let allowed = tolerance + 2 * Double.ulpOfOne * abs(Glibc.log(abs(expected)))
            #expect(
                abs(found - expected) <= allowed * abs(expected), "\(arguments): \(found), not \(expected)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func logGammas() {
        for (arguments, expected) in Tables.logarithms {
            #expect(abs(logGamma(arguments[0]) - expected) <= 4e-15 * abs(expected), "\(arguments)")
        }
        #expect(logGamma(1) == 0 && logGamma(2) == 0 && logGamma(.infinity) == .infinity)
        #expect(logGamma(0).isNaN && logGamma(-1).isNaN && logGamma(.nan).isNaN)
    }

    @Test func incompleteGamma() {
        check(Tables.lowerGammas, 1e-14) { IncompleteGamma.lower($0[0], $0[1]) }
        check(Tables.upperGammas, 1e-14) { IncompleteGamma.upper($0[0], $0[1]) }
        #expect(IncompleteGamma.both(2, 0) == (0, 1) && IncompleteGamma.both(2, .infinity) == (1, 0))
        for (a, x) in [(0, 1), (-1, 1), (1, -1), (.nan, 1), (1, Double.nan)] {
            #expect(IncompleteGamma.lower(a, x).isNaN)
        }
        // Vast parameters, at the mean: Q(a, a) = 1/2 - 1 / (3 sqrt(2 pi a)) + ... (DLMF 8.11.12).
        let a = 1e14
        #expect(abs(IncompleteGamma.upper(a, a) - 0.5 + 1 / (3 * (2 * Double.pi * a).squareRoot())) < 1e-15)
    }

    @Test func incompleteBeta() {
        check(Tables.betas, 2e-14) { IncompleteBeta.both($0[0], $0[1], x: $0[2], y: 1 - $0[2]).lower }
        check(Tables.betas, 2e-14) { IncompleteBeta.both($0[1], $0[0], x: 1 - $0[2], y: $0[2]).upper }
        #expect(IncompleteBeta.both(2, 3, x: 0, y: 1) == (0, 1) && IncompleteBeta.both(2, 3, x: 1, y: 0) == (1, 0))
        #expect(IncompleteBeta.both(0, 3, x: 0.5, y: 0.5).lower.isNaN)
        #expect(IncompleteBeta.both(2, 3, x: .nan, y: .nan).lower.isNaN)
    }

    @Test func tails() {
        check(Tables.twoSided, 1e-14) { StudentT($0[0]).twoSided($0[1]) }
        check(Tables.fSurvival, 2e-14) { FisherF($0[0], $0[1]).survival($0[2]) }
        for (arguments, expected) in Tables.normal {
            let found = Normal.quantile(arguments[0])
            #expect(abs(found - expected) <= 2e-15 * abs(expected), "\(arguments): \(found)")
        }
        // Closed forms: of one degree of freedom 2 atan(1/t) / pi, of two 1 - t / sqrt(2 + t^2).
        #expect(abs(StudentT(1).twoSided(1) - 0.5) < 1e-15)
        #expect(abs(StudentT(2).twoSided(2.0.squareRoot()) - (1 - 0.5.squareRoot())) < 1e-15)
        #expect(abs(ChiSquared(2).survival(3) - Glibc.exp(-1.5)) < 1e-16)
        #expect(StudentT(5).twoSided(.infinity) == 0 && StudentT(5).twoSided(.nan).isNaN)
        #expect(FisherF(2, 3).survival(-1) == 1 && FisherF(2, 3).survival(.infinity) == 0)
        #expect(Normal.cdf(-1e200) == 0 && Normal.cdf(1e200) == 1)
        // With ever more degrees of freedom Student's t is normal.
        #expect(abs(StudentT(1e13).twoSided(2) - 2 * Normal.survival(2)) < 1e-16)
        #expect(abs(StudentT(1e11).twoSided(2) / (2 * Normal.survival(2)) - 1) < 1e-10)
    }

    @Test func quantiles() {
        let shares = [1e-100, 1e-20, 1e-5, 0.01, 0.025, 0.25, 0.4999, 0.5, 0.75, 0.99]
        for q in shares {
            for n in [1, 2, 3.5, 30, 1000, 1e7, 1e13] {
                let t = StudentT(n).upperQuantile(q)
                #expect(abs(StudentT(n).survival(t) / q - 1) < 3e-13, "t of \(n), \(q): \(t)")
                #expect(StudentT(n).quantile(q) == -t)
            }
            for n in [0.5, 1, 2, 10, 500, 1e6] {
                let x = ChiSquared(n).upperQuantile(q)
                #expect(abs(ChiSquared(n).survival(x) / q - 1) < 1e-12 || q > 0.9, "chi-squared of \(n), \(q): \(x)")
                let low = ChiSquared(n).quantile(q)
                #expect(abs(ChiSquared(n).cdf(low) / q - 1) < 1e-12 || low < 1e-300, "\(n), \(q): \(low)")
            }
            for (m, n) in [(1.0, 5.0), (3, 1e6), (50, 10), (2, 1e13), (1e13, 2)] {
                let f = FisherF(m, n).upperQuantile(q)
                #expect(abs(FisherF(m, n).survival(f) / q - 1) < 1e-12, "F of \(m), \(n), \(q): \(f)")
            }
        }
        for (quantile, ends) in [
            (Normal.quantile, (-Double.infinity, Double.infinity)), (StudentT(3).quantile, (-.infinity, .infinity)),
            (ChiSquared(3).quantile, (0, .infinity)), (FisherF(3, 4).quantile, (0, .infinity)),
        ] {
            #expect(quantile(0) == ends.0 && quantile(1) == ends.1)
            for bad in [-0.1, 1.1, .nan] { #expect(quantile(bad).isNaN) }
        }
        #expect(abs(StudentT(9).upperQuantile(0.025) - 2.2621571627982055) < 4e-15)
    }
}

private enum Tables {
    static let logarithms: [(arguments: [Double], expected: Double)] = [
        ([1e-300], 690.77552789821371),
        ([1e-10], 23.025850929882735),
        ([0.001], 6.9071788853838537),
        ([0.25], 1.2880225246980775),
        ([0.4999], 0.57256131860411842),
        ([0.75], 0.20328095143129537),
        ([0.999], 0.00057803853289138024),
        ([1.0000001], -5.7721558299185071e-8),
        ([1.5], -0.12078223763524522),
        ([1.9999], -4.2275208772153458e-5),
        ([2.0001], 4.2281658112919946e-5),
        ([2.6], 0.35741186354897984),
        ([5.5], 3.9578139676187163),
        ([9.99], 12.779315214350193),
        ([10.0], 12.80182748008147),
        ([100.0], 359.1342053695754),
        ([100000.0], 1051287.7089736569),
        ([1000000000000000.0], 33538776394910669.0),
    ]
    static let lowerGammas: [(arguments: [Double], expected: Double)] = [
        ([0.01, 0.001], 0.93857065252612899),
        ([0.01, 0.5], 0.99437324380603282),
        ([0.5, 0.02], 0.15851941887820605),
        ([0.5, 1.4], 0.90573569315878969),
        ([0.5, 3.0], 0.98569412156457036),
        ([1.0, 1.0], 0.63212055882855768),
        ([2.5, 0.25], 0.0078767067673704078),
        ([2.5, 9.0], 0.99705359541211971),
        ([10.0, 5.0], 0.031828057306204812),
        ([10.0, 11.0], 0.65948935753433895),
        ([10.0, 40.0], 0.99999999607406777),
        ([100.0, 75.0], 0.0033524414981869919),
        ([100.0, 101.0], 0.55289629343451125),
        ([100.0, 140.0], 0.99983894282528744),
        ([1000.0, 900.0], 0.00054990226571178292),
        ([1000.0, 1001.0], 0.51681145292978622),
        ([1000.0, 1100.0], 0.99894067674607002),
    ]
    static let upperGammas: [(arguments: [Double], expected: Double)] = [
        ([0.01, 0.001], 0.061429347473871015),
        ([0.01, 0.5], 0.0056267561939671841),
        ([0.5, 0.02], 0.84148058112179395),
        ([0.5, 1.4], 0.094264306841210313),
        ([0.5, 3.0], 0.01430587843542964),
        ([1.0, 1.0], 0.36787944117144232),
        ([2.5, 0.25], 0.99212329323262959),
        ([2.5, 9.0], 0.0029464045878802904),
        ([10.0, 5.0], 0.96817194269379519),
        ([10.0, 11.0], 0.34051064246566105),
        ([10.0, 40.0], 3.9259322262861882e-9),
        ([100.0, 75.0], 0.99664755850181301),
        ([100.0, 101.0], 0.44710370656548875),
        ([100.0, 140.0], 0.00016105717471255586),
        ([1000.0, 900.0], 0.99945009773428822),
        ([1000.0, 1001.0], 0.48318854707021378),
        ([1000.0, 1100.0], 0.0010593232539299773),
    ]
    static let betas: [(arguments: [Double], expected: Double)] = [
        ([0.5, 0.5, 0.001], 0.020135041633377491),
        ([0.5, 0.5, 0.75], 0.66666666666666667),
        ([0.5, 40.0, 0.0125], 0.68269906282386253),
        ([1.0, 3.0, 0.25], 0.578125),
        ([3.0, 1.0, 0.25], 0.015625),
        ([2.5, 7.0, 0.125], 0.15921079085805654),
        ([10.0, 0.5, 0.9375], 0.26182387082079001),
        ([10.0, 40.0, 0.25], 0.8166124177620249),
        ([50.0, 7.0, 0.875], 0.43967850173661359),
        ([50.0, 300.0, 0.15625], 0.76855289662656823),
        ([500.0, 300.0, 0.625], 0.49757165567198696),
        ([500.0, 300.0, 0.5625], 0.00016380884426274055),
        ([500.0, 2.5, 0.96875], 6.5197304720166913e-6),
    ]
    static let twoSided: [(arguments: [Double], expected: Double)] = [
        ([1.0, 0.001], 0.99936338043983888),
        ([1.0, 0.7], 0.61119977557157044),
        ([1.0, 2.0], 0.29516723530086655),
        ([1.0, 12.0], 0.052929352119179751),
        ([2.0, 0.001], 0.99929289339559008),
        ([2.0, 0.7], 0.55639302463286548),
        ([2.0, 2.0], 0.18350341907227397),
        ([2.0, 12.0], 0.0068729336771584601),
        ([5.5, 0.001], 0.99923738711934934),
        ([5.5, 0.7], 0.51242892493760782),
        ([5.5, 2.0], 0.096754390231185003),
        ([5.5, 12.0], 3.7480500629233416e-5),
        ([30.0, 0.001], 0.99920873576648509),
        ([30.0, 0.7], 0.48932044349967153),
        ([30.0, 2.0], 0.054625044962983104),
        ([30.0, 12.0], 5.5801854151992561e-13),
        ([1000.0, 0.001], 0.99920231501845273),
        ([1000.0, 0.7], 0.48409011399260237),
        ([1000.0, 2.0], 0.04577034649325164),
        ([1000.0, 12.0], 4.3240573867745275e-31),
        ([100000.0, 0.001], 0.99920211756688778),
        ([100000.0, 0.7], 0.48392893284732216),
        ([100000.0, 2.0], 0.045502963457506463),
        ([100000.0, 12.0], 3.7445058119563509e-33),
    ]
    static let fSurvival: [(arguments: [Double], expected: Double)] = [
        ([1.0, 5.0, 3.0], 0.14381080871160388),
        ([6.0, 9.0, 330.285], 4.9840534226484703e-10),
        ([2.0, 100000.0, 5.0], 0.0067396315840948599),
        ([50.0, 100000.0, 1.25], 0.11050348789818965),
        ([200.0, 300.0, 0.75], 0.98584004481380067),
        ([10.0, 10.0, 1.0], 0.5),
    ]
    static let normal: [(arguments: [Double], expected: Double)] = [
        ([1e-100], -21.273453560965324),
        ([1e-20], -9.2623400897984076),
        ([1e-05], -4.2648907939228246),
        ([0.01], -2.3263478740408411),
        ([0.0625], -1.5341205443525463),
        ([0.25], -0.67448975019608174),
        ([0.5625], 0.1573106846101707),
        ([0.75], 0.67448975019608174),
        ([0.9375], 1.5341205443525463),
        ([0.9990234375], 3.0972690781987845),
    ]
}
