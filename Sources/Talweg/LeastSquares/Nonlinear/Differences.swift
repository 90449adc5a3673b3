/// The Jacobian of residuals by differences, at points within the bounds where the residuals are finite.
struct Differences {
    /// Whether by central differences.
    var isCentral: Bool
    /// m numbers each.
    let ahead, behind: UnsafeMutablePointer<Double>
    let lower, upper: UnsafePointer<Double>

    /// - Parameters:
    ///   - x: [p], moved and put back
    ///   - r: r(x)
    ///   - size: the size below which a parameter counts as that large
    func write(
        _ function: any ResidualFunction, _ x: UnsafeMutablePointer<Double>, _ r: UnsafePointer<Double>,
        size: UnsafePointer<Double>, to jacobian: ColumnMajor
    ) throws(TalwegError) {
        let m = jacobian.rows
        for j in 0..<jacobian.columns {
            let column = jacobian.column(j), at = x[j]
            defer { x[j] = at }
            if lower[j] == upper[j] {
                column.update(repeating: 0, count: m)
                continue
            }
            /// Whether the residuals at a point are finite numbers.
            func evaluate(_ point: Double, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
                x[j] = point
                try function.residuals(x, out)
                var nothing = 0.0
                for i in 0..<m { nothing += out[i] * 0 }
                return nothing == 0
            }
            // The step at which the difference's error is that of the rounding (Nocedal and Wright, 8.1), as far as the
            // wider side allows.
            let share = isCentral ? 6.055454452393343e-06 : 1.4901161193847656e-08
            let step = min(share * max(at.magnitude, size[j]), max(upper[j] - at, at - lower[j]))
            var isAhead = at + step <= upper[j]
            if isAhead { isAhead = try evaluate(at + step, ahead) }
            var isBehind = (isCentral || !isAhead) && at - step >= lower[j]
            if isBehind { isBehind = try evaluate(at - step, behind) }
            if isAhead, isBehind {
                let inverse = 1 / ((at + step) - (at - step))
                for i in 0..<m { column[i] = (ahead[i] - behind[i]) * inverse }
                continue
            }
            guard isAhead || isBehind else {
                column.update(repeating: .nan, count: m)
                continue
            }
            let (near, h) = isAhead ? (ahead, (at + step) - at) : (behind, (at - step) - at)
            for i in 0..<m { column[i] = (near[i] - r[i]) / h }
            // On one side by two points, for the order of the central difference.
            let other = isAhead ? behind : ahead
            guard isCentral else { continue }
            guard try evaluate(at + h / 2, other) else { continue }
            let half = x[j] - at
            for i in 0..<m {
                let slope = (other[i] - r[i]) / half
                column[i] = slope + (slope - column[i]) * half / (h - half)
            }
        }
    }
}
