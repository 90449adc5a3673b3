/// Turns x into v with v[0] = 1 and gives beta and tau of the reflector H = I - tau v v' with H x = beta e1
/// (Golub and Van Loan, 4th ed., 5.1). tau = 0 where x is a multiple of e1 already.
func reflector<T: MatrixScalar>(_ n: Int, _ x: UnsafeMutablePointer<T>, _ kernels: MatrixKernels<T>)
    -> (beta: T, tau: T)
{
    let head = x[0]
    var tail = n > 1 ? T(kernels.dot(n - 1, x + 1, x + 1)) : 0
    // The unit of what is squared, where squares would lose digits.
    var unit: T = 1
    if tail < .leastNormalMagnitude / (.ulpOfOne * .ulpOfOne) {
        var largest: T = 0
        for i in 1..<max(n, 1) { largest = max(largest, x[i].magnitude) }
        if largest == 0 || largest < .ulpOfOne * .ulpOfOne * head.magnitude {
            // Beside the head it is nothing.
            (x + 1).update(repeating: 0, count: max(n - 1, 0))
            x[0] = 1
            return (head, 0)
        }
        unit = T(sign: .plus, exponent: max(largest.exponent, T.leastNormalMagnitude.exponent + 2), significand: 1)
        tail = 0
        for i in 1..<n {
            x[i] /= unit
            tail += x[i] * x[i]
        }
    }
    let scaled = head / unit
    let norm = (scaled * scaled + tail).squareRoot()
    let beta = scaled > 0 ? -norm : norm
    kernels.scale(n - 1, Double(1 / (scaled - beta)), x + 1)
    x[0] = 1
    return (beta * unit, (beta - scaled) / beta)
}

/// The product of reflectors H[0] H[1] ..., whose vectors are the columns of a unit lower trapezoid: vector j
/// begins, with its one, in row j + `shift`. Above the ones may lie anything.
struct Reflectors<T: MatrixScalar> {
    let vectors: Columns<T>
    let count: Int
    let shift: Int
    let tau: UnsafeMutablePointer<T>

    private var block: Int { 32 }

    /// C = Q C, by blocks I - V T V' (Schreiber and Van Loan 1989).
    func apply(to c: Columns<T>) throws(TalwegError) {
        if count == 0 || c.columns == 0 { return }
        let kernels = MatrixKernels<T>()
        let (m, b) = (vectors.rows, block)
        let workspace = try Workspace(byteCount: slabBytes(m * b, b * b, b * b, b * c.columns, b * c.columns))
        var slab = Slab(workspace.pointer)
        let v: UnsafeMutablePointer<T> = slab.elements(m * b)
        let grams = Columns<T>(slab.elements(b * b), rows: b, columns: b)
        let triangles = Columns<T>(slab.elements(b * b), rows: b, columns: b)
        let first: UnsafeMutablePointer<T> = slab.elements(b * c.columns)
        let second: UnsafeMutablePointer<T> = slab.elements(b * c.columns)
        var begin = (count - 1) / b * b
        while begin >= 0 {
            let width = min(b, count - begin)
            let row = begin + shift
            let panel = Columns(v, rows: m - row, columns: width)
            for j in 0..<width {
                panel.column(j).update(repeating: 0, count: j)
                (panel.column(j) + j).update(from: vectors.column(begin + j) + row + j, count: m - row - j)
            }
            let gram = grams.part(0, width, 0, width), t = triangles.part(0, width, 0, width)
            // By few rows at a time: T must fit V to the last digits, and long sums of like terms lose them.
            var top = 0
            while top < panel.rows {
                let some = panel.part(top, min(64, panel.rows - top), 0, width)
                try kernels.multiply(1, transposed: some, some, top == 0 ? 0 : 1, gram)
                top += 64
            }
            triangle(gram, tau + begin, t)
            let target = c.part(row, m - row, 0, c.columns)
            let product = Columns(first, rows: width, columns: c.columns)
            let update = Columns(second, rows: width, columns: c.columns)
            try kernels.multiply(1, transposed: panel, target, 0, product)
            try kernels.multiply(1, t, product, 0, update)
            try kernels.multiply(-1, panel, update, 1, target)
            begin -= b
        }
    }

    /// T of I - V T V' from V' V, column by column: -tau T V' v above, tau on the diagonal.
    private func triangle(_ gram: Columns<T>, _ tau: UnsafeMutablePointer<T>, _ t: Columns<T>) {
        t.fill(0)
        for j in 0..<t.columns {
            let column = t.column(j), products = gram.column(j)
            for q in 0..<j {
                let factor = -tau[j] * products[q], other = t.column(q)
                for i in 0...q { column[i] += factor * other[i] }
            }
            column[j] = tau[j]
        }
    }
}
