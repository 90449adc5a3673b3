/// (a^2 + b^2)^1/2 without overflow or underflow on the way.
@inline(__always)
func length(_ a: Double, _ b: Double) -> Double {
    let squares = a * a + b * b
    if squares > 0x1p-900, squares < 0x1p1000 { return squares.squareRoot() }
    let largest = max(a.magnitude, b.magnitude)
    if largest == 0 || !largest.isFinite { return largest }
    let (x, y) = (a / largest, b / largest)
    return largest * (x * x + y * y).squareRoot()
}

/// A rotation in a plane: [c s; -s c].
struct PlaneRotation {
    var c = 1.0
    var s = 0.0

    @inline(__always) init() {}

    @inline(__always) init(c: Double, s: Double) { (self.c, self.s) = (c, s) }

    /// The one that takes (a; b) to (r; 0), and r.
    @inline(__always)
    static func eliminating(_ a: Double, _ b: Double) -> (PlaneRotation, r: Double) {
        if b == 0 { return (PlaneRotation(), a) }
        let r = Talweg.length(a, b)
        return (PlaneRotation(c: a / r, s: b / r), r)
    }

    /// Turns columns of a matrix: (x, y) becomes (c x + s y, c y - s x).
    @inline(__always)
    func turn<T: MatrixScalar>(_ n: Int, _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>) {
        let c = T(self.c), s = T(self.s)
        var i = 0
        while i < n {
            let (a, b) = (x[i], y[i])
            x[i] = c * a + s * b
            y[i] = c * b - s * a
            i += 1
        }
    }
}
