/// Sums of products of blocks of a few numbers, where a kernel's call would take longer than the work.
enum SmallProduct {
    /// c += a' b, [s, t] with rows `step` apart, of m rows.
    @inline(__always)
    static func add(
        _ a: UnsafePointer<Double>, _ s: Int, _ b: UnsafePointer<Double>, _ t: Int, _ stride: Int, _ m: Int,
        _ c: UnsafeMutablePointer<Double>, _ step: Int
    ) {
        for i in 0..<s { addRows(1, m, a + i, b, stride, t, c + i * step) }
    }

    /// c += sign sum_q a[q] b[q], b's rows of t numbers; both `stride` apart.
    @inline(__always)
    static func addRows(
        _ sign: Double, _ m: Int, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ stride: Int, _ t: Int,
        _ c: UnsafeMutablePointer<Double>
    ) {
        var q = 0
        while q < m {
            // As many rows at a time as residuals of a point or a pose have.
            switch m - q {
            case 1:
                let (x, u) = (sign * a[q * stride], b + q * stride)
                for k in 0..<t { c[k] += x * u[k] }
                q += 1
            case 2:
                let (x, y) = (sign * a[q * stride], sign * a[(q + 1) * stride]), u = b + q * stride, v = u + stride
                var k = 0
                while k + 2 <= t {
                    store(load(c + k) + (x * load(u + k) + y * load(v + k)), c + k)
                    k += 2
                }
                while k < t {
                    c[k] += x * u[k] + y * v[k]
                    k += 1
                }
                q += 2
            default:
                let (x, y, z) = (
                    sign * a[q * stride], sign * a[(q + 1) * stride], sign * a[(q + 2) * stride]
                )
                let u = b + q * stride, v = u + stride, w = v + stride
                var k = 0
                while k + 2 <= t {
                    store(load(c + k) + (x * load(u + k) + y * load(v + k) + z * load(w + k)), c + k)
                    k += 2
                }
                while k < t {
                    c[k] += x * u[k] + y * v[k] + z * w[k]
                    k += 1
                }
                q += 3
            }
        }
    }

    @inline(__always)
    private static func load(_ p: UnsafePointer<Double>) -> SIMD2<Double> { SIMD2(p[0], p[1]) }

    @inline(__always)
    private static func store(_ v: SIMD2<Double>, _ p: UnsafeMutablePointer<Double>) { (p[0], p[1]) = (v[0], v[1]) }
}
