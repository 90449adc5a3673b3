/// The Jacobian of residuals by differences, at points within the bounds.
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
            // The step at which the error of the difference is that of the rounding (Nocedal and Wright, 8.1).
            let share = isCentral ? 6.055454452393343e-06 : 1.4901161193847656e-08
            let step = share * max(at.magnitude, size[j])
            defer { x[j] = at }
            let (high, low) = (min(at + step, upper[j]), max(at - step, lower[j]))
            guard high > low else {
                column.update(repeating: 0, count: m)
                continue
            }
            if isCentral, high - at == at - low || (high > at && low < at) {
                x[j] = high
                try function.residuals(x, ahead)
                x[j] = low
                try function.residuals(x, behind)
                let inverse = 1 / (high - low)
                for i in 0..<m { column[i] = (ahead[i] - behind[i]) * inverse }
                continue
            }
            // To the side that has room; by two points for the same order as the central difference.
            let toward = high - at >= at - low ? high : low
            let h = toward - at
            x[j] = toward
            try function.residuals(x, ahead)
            if !isCentral {
                for i in 0..<m { column[i] = (ahead[i] - r[i]) / h }
                continue
            }
            x[j] = at + h / 2
            let half = x[j] - at
            try function.residuals(x, behind)
            for i in 0..<m {
                let (whole, part) = ((ahead[i] - r[i]) / h, (behind[i] - r[i]) / half)
                column[i] = part + (part - whole) * half / (h - half)
            }
        }
    }
}
