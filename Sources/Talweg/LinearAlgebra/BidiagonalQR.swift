/// The singular values of an upper bidiagonal matrix, in no order, and the products of `left` and `right` with its
/// singular vectors, by QR iterations with implicit shifts, without one where it would cost the small values their
/// digits (Demmel and Kahan, SIAM J. Sci. Stat. Comput. 11, 1990).
struct BidiagonalQR {
    let n: Int
    /// The diagonal, then the singular values.
    let d: UnsafeMutablePointer<Double>
    /// What lies above it; destroyed. One more number, in the column behind the last, if it `isWide`.
    let e: UnsafeMutablePointer<Double>
    let isWide: Bool
    let left: ColumnMajor?
    let right: ColumnMajor?

    private func turnLeft(_ rotation: PlaneRotation, _ i: Int) {
        if let left { rotation.turn(left.rows, left.column(i), left.column(i + 1)) }
    }

    private func turnRight(_ rotation: PlaneRotation, _ i: Int) {
        if let right { rotation.turn(right.rows, right.column(i), right.column(i + 1)) }
    }

    /// - Returns: whether it converged, which it does but for numbers that are not finite.
    func iterate() -> Bool {
        if n == 0 { return true }
        if isWide { narrow() }
        let unit = 0x1p-53
        let tolerance = 64 * unit
        // A lower bound of the smallest value.
        var smallest = d[0].magnitude, bound = smallest
        var i = 1
        while i < n, smallest > 0 {
            bound = d[i].magnitude * (bound / (bound + e[i - 1].magnitude))
            smallest = min(smallest, bound)
            i += 1
        }
        let nothing = max(tolerance * smallest / Double(n).squareRoot(), Double.leastNormalMagnitude * Double(n))
        var left = 6 * n * n + 60
        var last = n - 1
        // The block of the step before, and which way it went: from its larger end.
        var block = -1..<0
        var isUpward = false
        while last > 0 {
            if d[last].magnitude <= nothing { d[last] = 0 }
            if e[last - 1].magnitude <= nothing || e[last - 1].magnitude <= tolerance * d[last].magnitude {
                e[last - 1] = 0
                last -= 1
                continue
            }
            var first = last, largest = d[last].magnitude
            while first > 0, e[first - 1].magnitude > nothing {
                first -= 1
                if d[first].magnitude <= nothing { d[first] = 0 }
                largest = max(largest, d[first].magnitude, e[first].magnitude)
            }
            if first > 0 { e[first - 1] = 0 }
            if !largest.isFinite { return false }
            if first >= block.upperBound || last < block.lowerBound {
                isUpward = d[first].magnitude < d[last].magnitude
            }
            block = first..<(last + 1)
            // What is nothing beside all values of the part before it.
            if isUpward, e[first].magnitude <= tolerance * d[first].magnitude {
                e[first] = 0
                continue
            }
            bound = d[isUpward ? last : first].magnitude
            var least = bound
            var cut = false
            i = first
            while i < last, bound > 0 {
                let place = isUpward ? first + last - 1 - i : i
                if e[place].magnitude <= tolerance * bound {
                    e[place] = 0
                    cut = true
                    break
                }
                bound = d[isUpward ? place : place + 1].magnitude * (bound / (bound + e[place].magnitude))
                least = min(least, bound)
                i += 1
            }
            if cut { continue }
            left -= last - first
            if left < 0 { return false }
            var shift = 0.0
            if Double(n) * tolerance * (least / largest) > max(unit, 0.01 * tolerance) {
                let end = isUpward ? first : last - 1
                shift = smallerValue(d[end], e[end], d[end + 1])
                let share = shift / d[isUpward ? last : first]
                if share * share < unit { shift = 0 }
            }
            if isUpward {
                if shift == 0 { sweepUp(first, last) } else { sweepUp(first, last, shift) }
                if e[first].magnitude <= nothing { e[first] = 0 }
            } else {
                if shift == 0 { sweep(first, last) } else { sweep(first, last, shift) }
                if e[last - 1].magnitude <= nothing { e[last - 1] = 0 }
            }
        }
        for j in 0..<n {
            if !d[j].isFinite { return false }
            if d[j] < 0 || d[j].sign == .minus {
                d[j] = -d[j]
                if let right { for i in 0..<right.rows { right[i, j] = -right[i, j] } }
            }
        }
        return true
    }

    /// Turns the last column away: to lower bidiagonal from the right, and back from the left.
    private func narrow() {
        for i in 0..<n {
            let (rotation, r) = PlaneRotation.eliminating(d[i], e[i])
            d[i] = r
            if i < n - 1 {
                e[i] = rotation.s * d[i + 1]
                d[i + 1] *= rotation.c
            } else {
                e[i] = 0
            }
            turnRight(rotation, i)
        }
        for i in 0..<(n - 1) {
            let (rotation, r) = PlaneRotation.eliminating(d[i], e[i])
            d[i] = r
            e[i] = rotation.s * d[i + 1]
            d[i + 1] *= rotation.c
            turnLeft(rotation, i)
        }
    }

    /// A step without a shift.
    private func sweep(_ first: Int, _ last: Int) {
        var right = PlaneRotation(), left = PlaneRotation()
        for i in first..<last {
            var r: Double
            (right, r) = PlaneRotation.eliminating(d[i] * right.c, e[i])
            if i > first { e[i - 1] = left.s * r }
            (left, d[i]) = PlaneRotation.eliminating(left.c * r, d[i + 1] * right.s)
            turnRight(right, i)
            turnLeft(left, i)
        }
        let h = d[last] * right.c
        d[last] = h * left.c
        e[last - 1] = h * left.s
    }

    private func sweep(_ first: Int, _ last: Int, _ shift: Double) {
        var f = (d[first].magnitude - shift) * ((d[first] < 0 ? -1 : 1) + shift / d[first])
        var g = e[first]
        for i in first..<last {
            let (right, r) = PlaneRotation.eliminating(f, g)
            if i > first { e[i - 1] = r }
            f = right.c * d[i] + right.s * e[i]
            e[i] = right.c * e[i] - right.s * d[i]
            g = right.s * d[i + 1]
            d[i + 1] *= right.c
            let (left, q) = PlaneRotation.eliminating(f, g)
            d[i] = q
            f = left.c * e[i] + left.s * d[i + 1]
            d[i + 1] = left.c * d[i + 1] - left.s * e[i]
            if i < last - 1 {
                g = left.s * e[i + 1]
                e[i + 1] *= left.c
            }
            turnRight(right, i)
            turnLeft(left, i)
        }
        e[last - 1] = f
    }
}

extension BidiagonalQR {
    /// The same steps from the last row up.
    private func sweepUp(_ first: Int, _ last: Int) {
        var left = PlaneRotation(), right = PlaneRotation()
        var i = last
        while i > first {
            let (next, r) = PlaneRotation.eliminating(d[i] * left.c, e[i - 1])
            left = next
            if i < last { e[i] = right.s * r }
            (right, d[i]) = PlaneRotation.eliminating(right.c * r, d[i - 1] * left.s)
            turnLeft(PlaneRotation(c: left.c, s: -left.s), i - 1)
            turnRight(PlaneRotation(c: right.c, s: -right.s), i - 1)
            i -= 1
        }
        let h = d[first] * left.c
        d[first] = h * right.c
        e[first] = h * right.s
    }

    private func sweepUp(_ first: Int, _ last: Int, _ shift: Double) {
        var f = (d[last].magnitude - shift) * ((d[last] < 0 ? -1 : 1) + shift / d[last])
        var g = e[last - 1]
        var i = last
        while i > first {
            let (left, r) = PlaneRotation.eliminating(f, g)
            if i < last { e[i] = r }
            f = left.c * d[i] + left.s * e[i - 1]
            e[i - 1] = left.c * e[i - 1] - left.s * d[i]
            g = left.s * d[i - 1]
            d[i - 1] *= left.c
            let (right, q) = PlaneRotation.eliminating(f, g)
            d[i] = q
            f = right.c * e[i - 1] + right.s * d[i - 1]
            d[i - 1] = right.c * d[i - 1] - right.s * e[i - 1]
            if i > first + 1 {
                g = right.s * e[i - 2]
                e[i - 2] *= right.c
            }
            turnLeft(PlaneRotation(c: left.c, s: -left.s), i - 1)
            turnRight(PlaneRotation(c: right.c, s: -right.s), i - 1)
            i -= 1
        }
        e[first] = f
    }
}

/// The smaller singular value of [a b; 0 c], nearly to the last digit.
private func smallerValue(_ a: Double, _ b: Double, _ c: Double) -> Double {
    let small = min(a.magnitude, c.magnitude), large = max(a.magnitude, c.magnitude), beside = b.magnitude
    if small == 0 { return 0 }
    let sum = 1 + small / large, difference = (large - small) / large
    if beside < large {
        let share = (beside / large) * (beside / large)
        return small * 2 / ((sum * sum + share).squareRoot() + (difference * difference + share).squareRoot())
    }
    let share = large / beside
    if share == 0 { return small * large / beside }
    let (x, y) = (sum * share, difference * share)
    return small * share * 2 / ((1 + x * x).squareRoot() + (1 + y * y).squareRoot())
}
