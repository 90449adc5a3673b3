/// Where diag(d) + z z' (or the root of such a matrix) falls apart: elements of z that are nothing, and pairs of d so
/// near to each other that a rotation makes one of theirs nothing (Dongarra and Sorensen 1987).
/// - Parameters:
///   - sorted: the indices in the order of d, `n` of them
///   - tolerance: what an element beside the diagonal may be to be nothing
///   - smallest: what an element of z may be
///   - kept: gets the indices that stay, in the order of d
///   - others: gets those whose d are eigenvalues as they are
///   - turn: turns columns i and j of the basis
/// - Returns: how many stay
func deflate(
    _ d: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, _ sorted: UnsafePointer<Int>, _ n: Int,
    tolerance: Double, smallest: Double, _ kept: UnsafeMutablePointer<Int>, _ others: UnsafeMutablePointer<Int>,
    _ turn: (PlaneRotation, Int, Int) -> Void
) -> Int {
    var count = 0, otherCount = 0
    func drop(_ i: Int) {
        others[otherCount] = i
        otherCount += 1
    }
    for place in 0..<n {
        let j = sorted[place]
        if z[j].magnitude <= smallest {
            drop(j)
            continue
        }
        if count > 0 {
            let i = kept[count - 1]
            let (rotation, r) = PlaneRotation.eliminating(z[j], z[i])
            let (c, s) = (rotation.c, rotation.s)
            if ((d[j] - d[i]) * c * s).magnitude <= tolerance {
                z[j] = r
                z[i] = 0
                turn(rotation, j, i)
                (d[i], d[j]) = (d[i] * c * c + d[j] * s * s, d[i] * s * s + d[j] * c * c)
                count -= 1
                drop(i)
            }
        }
        kept[count] = j
        count += 1
    }
    return count
}

/// Puts the new numbers into d, the roots, which ascend, before the others, and their order into `order`.
/// - Parameters:
///   - places: room for as many indices
///   - aside: room for as many numbers
func settle(
    _ d: UnsafeMutablePointer<Double>, _ roots: UnsafePointer<Double>, _ count: Int, _ others: UnsafePointer<Int>,
    _ otherCount: Int, _ order: UnsafeMutablePointer<Int>, _ places: UnsafeMutablePointer<Int>,
    _ aside: UnsafeMutablePointer<Double>
) {
    for i in 0..<otherCount { aside[i] = d[others[i]] }
    d.update(from: roots, count: count)
    (d + count).update(from: aside, count: otherCount)
    for i in 0..<(count + otherCount) { places[i] = i }
    sortOrder(d, places + count, otherCount)
    mergeOrder(d, places, count, places + count, otherCount, order)
}

/// What the numbers of a part that is nearly nothing beside the whole matrix are divided by, so that their squares
/// do not underflow: a power of 4.
func secularUnit(_ largest: Double) -> Double {
    guard largest > 0, largest < 0x1p-100 else { return 1 }
    return Double(sign: .plus, exponent: max(largest.exponent / 2 * 2, -1000), significand: 1)
}
