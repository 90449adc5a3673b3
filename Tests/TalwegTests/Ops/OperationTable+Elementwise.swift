import Glibc

@testable import Talweg

private let unaryShapes: [[[Int]]] = [[[]], [[5]], [[3, 4]], [[2, 0]]]
private let binaryShapes: [[[Int]]] = [
    [[], []], [[3, 4], [3, 4]], [[3, 4], [4]], [[3, 1], [1, 4]], [[2, 3], []], [[2, 0], [1, 0]], [[2, 1, 2], [3, 1]],
]

/// |x| + 0.2
private let positive: @Sendable (Tensor) throws -> Tensor = { try $0.absolute() + 0.2 }
/// Away from 0 by 0.2 at least, both signs.
private let apart: @Sendable (Tensor) throws -> Tensor = { try $0 + $0.sign() * 0.2 }

private func unary(
    _ name: String, domain: @escaping @Sendable (Tensor) throws -> Tensor = { $0 }, second: Bool = true,
    _ scalar: @escaping @Sendable (Double) -> Double, _ apply: @escaping @Sendable (Tensor) throws -> Tensor
) -> OperationRow {
    OperationRow(name, unaryShapes, domain: domain, scalar: { scalar($0[0]) }, second: second) { try apply($0[0]) }
}

private func binary(
    _ name: String, domain: @escaping @Sendable (Tensor) throws -> Tensor = { $0 }, second: Bool = true,
    _ scalar: @escaping @Sendable (Double, Double) -> Double,
    _ apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
) -> OperationRow {
    OperationRow(name, binaryShapes, domain: domain, scalar: { scalar($0[0], $0[1]) }, second: second) {
        try apply($0[0], $0[1])
    }
}

let elementwiseRows: [OperationRow] = [
    binary("add", { $0 + $1 }) { try $0 + $1 },
    binary("subtract", { $0 - $1 }) { try $0 - $1 },
    binary("multiply", { $0 * $1 }) { try $0 * $1 },
    binary("divide", domain: apart, { $0 / $1 }) { try $0 / $1 },
    // Quotients away from whole numbers, where these jump: of both signs, around 0.1.
    binary("floor_divide", domain: apart, { floor($0 / ($1 + 10)) }) { try $0.floorDivide($1 + 10) },
    binary("remainder", domain: apart, { $0 - floor($0 / ($1 + 10)) * ($1 + 10) }) { try $0.remainder($1 + 10) },
    binary("power", domain: positive, { pow($0, $1) }) { try $0.power($1) },
    binary("maximum", { max($0, $1) }) { try $0.maximum($1) },
    binary("minimum", { min($0, $1) }) { try $0.minimum($1) },
    binary("atan2", domain: apart, { atan2($0, $1) }) { try $0.atan2($1) },
    binary("hypot", domain: apart, { hypot($0, $1) }) { try $0.hypot($1) },
    binary("logaddexp", { log(exp($0) + exp($1)) }) { try $0.logAddExp($1) },
    binary("copysign", domain: apart, { $1 < 0 ? -abs($0) : abs($0) }) { try $0.copySign(of: $1) },
    binary("nextafter", { nextafter($0, $1) }) { try $0.nextAfter($1) },
    OperationRow(
        "clip", [[[3, 4], [3, 4], [4]], [[5], [], []], [[2, 1], [1, 3], []], [[2, 0], [1, 1], []]],
        scalar: { min(max($0[0], $0[1]), $0[2]) }
    ) { try $0[0].clip($0[1], $0[2]) },
    binary("clip from below", { max($0, $1) }) { try $0.clip($1, nil) },
    unary("clip to numbers", { min(max($0, -0.3), 0.4) }) { try $0.clip(-0.3, 0.4) },
    binary("where", { $0 > 0.1 ? $0 : $1 }) { a, b in
        try Tensor.select(a.detach().isGreater(a.scalar(0.1)), a, b)
    },
    unary("negative", { -$0 }) { try -$0 },
    unary("absolute", domain: apart, { abs($0) }) { try $0.absolute() },
    unary("sign", domain: apart, { $0 > 0 ? 1 : -1 }) { try $0.sign() },
    unary("square", { $0 * $0 }) { try $0.square() },
    unary("sqrt", domain: positive, { $0.squareRoot() }) { try $0.sqrt() },
    unary("rsqrt", domain: positive, { 1 / $0.squareRoot() }) { try $0.rsqrt() },
    unary("reciprocal", domain: apart, { 1 / $0 }) { try $0.reciprocal() },
    unary("power 3", { $0 * $0 * $0 }) { try $0.power(3) },
    unary("add number", { $0 + 2.5 }) { try $0 + 2.5 },
    unary("number divide", domain: apart, { 3 / $0 }) { try 3 / $0 },
    unary("exp", { exp($0) }) { try $0.exp() },
    unary("expm1", { expm1($0) }) { try $0.expm1() },
    unary("log", domain: positive, { log($0) }) { try $0.log() },
    unary("log1p", { log1p($0) }) { try ($0 * 0.8).log1p() / 1 }.rescaled(0.8),
    unary("log2", domain: positive, { log2($0) }) { try $0.log2() },
    unary("log10", domain: positive, { log10($0) }) { try $0.log10() },
    unary("erf", { erf($0) }) { try $0.erf() },
    unary("sin", { sin($0) }) { try $0.sin() },
    unary("cos", { cos($0) }) { try $0.cos() },
    unary("tan", { tan($0) }) { try $0.tan() },
    unary("asin", { asin($0) }) { try ($0 * 0.8).asin() }.rescaled(0.8),
    unary("acos", { acos($0) }) { try ($0 * 0.8).acos() }.rescaled(0.8),
    unary("atan", { atan($0) }) { try $0.atan() },
    unary("sinh", { sinh($0) }) { try $0.sinh() },
    unary("cosh", { cosh($0) }) { try $0.cosh() },
    unary("asinh", { asinh($0) }) { try $0.asinh() },
    unary("acosh", domain: positive, { acosh($0 + 1.5) }) { try ($0 + 1.5).acosh() },
    unary("atanh", { atanh($0) }) { try ($0 * 0.8).atanh() }.rescaled(0.8),
    unary("tanh", { tanh($0) }) { try $0.tanh() },
    unary("sigmoid", { 1 / (1 + exp(-$0)) }) { try $0.sigmoid() },
    unary("softplus", { log1p(exp($0)) }) { try $0.softplus() },
    unary("relu", domain: apart, { max($0, 0) }) { try $0.relu() },
    unary("gelu", { $0 * (1 + erf($0 / 2.squareRoot())) / 2 }) { try $0.gelu() },
    unary("floor", domain: apart, { floor($0) }) { try $0.floor() },
    unary("ceil", domain: apart, { ceil($0) }) { try $0.ceil() },
    unary("round", { rint($0 * 3) }) { try ($0 * 3).round() },
    unary("trunc", domain: apart, { trunc($0) }) { try $0.trunc() },
    unary("copy", { $0 }) { try $0.copy() },
    unary("cast", { Double(Float($0)) }) { try $0.cast(to: .float32).cast(to: .float64) }.valuesOnly,
]

extension OperationRow {
    /// The expected values of an operation that was given its input times `factor`.
    fileprivate func rescaled(_ factor: Double) -> OperationRow {
        let plain = scalar
        return OperationRow(
            name, shapes, domain: domain, scalar: { inputs in plain?(inputs.map { $0 * factor }) ?? .nan },
            second: second, apply)
    }

    /// Without gradients: float32 in between is too coarse for differences.
    fileprivate var valuesOnly: OperationRow {
        OperationRow(name + " (values)", shapes, domain: domain, scalar: scalar, second: false, apply)
    }
}
