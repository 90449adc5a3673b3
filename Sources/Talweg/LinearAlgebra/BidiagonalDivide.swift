/// The singular values and vectors of an upper bidiagonal matrix by divide and conquer (Gu and Eisenstat, SIAM J.
/// Matrix Anal. Appl. 16, 1995): the parts above and below a row are solved, and the row joins them to a matrix
/// with a full first row and a diagonal, whose singular values are the roots of a secular equation.
struct BidiagonalDivide<T: MatrixScalar> {
    /// The diagonal, then the singular values.
    let d: UnsafeMutablePointer<Double>
    /// What lies above it; destroyed.
    let e: UnsafeMutablePointer<Double>
    /// The singular vectors.
    let left: Columns<T>
    let right: Columns<T>
    /// Which singular values come first, ascending; within a part, counted from its begin.
    let order: UnsafeMutablePointer<Int>

    /// Sizes of parts that QR iterations solve, and of parts that one thread does.
    private static var leaf: Int { 32 }
    private static var task: Int { 256 }

    /// Some rows, and as many columns or one more.
    private struct Part {
        let begin: Int
        let rows: Int
        let columns: Int
        var isWide: Bool { columns > rows }

        /// The row between the halves, counted from the begin.
        var middle: Int { rows / 2 }
        var upper: Part { Part(begin: begin, rows: middle, columns: middle + 1) }
        var lower: Part {
            Part(begin: begin + middle + 1, rows: rows - middle - 1, columns: columns - middle - 1)
        }
    }

    /// The matrix is scaled to about 1.
    func solve() throws(TalwegError) {
        let whole = Part(begin: 0, rows: left.rows, columns: left.rows)
        var tasks: [Part] = []
        list(whole, &tasks)
        let parts = tasks
        try ThreadPool.run(chunks: parts.count) { index throws(TalwegError) in try solve(parts[index]) }
        try join(whole)
    }

    /// The parts that are tasks.
    private func list(_ part: Part, _ tasks: inout [Part]) {
        if part.rows <= BidiagonalDivide.task {
            tasks.append(part)
            return
        }
        list(part.upper, &tasks)
        list(part.lower, &tasks)
    }

    /// Puts the tasks' parts together.
    private func join(_ part: Part) throws(TalwegError) {
        if part.rows <= BidiagonalDivide.task { return }
        try join(part.upper)
        try join(part.lower)
        try merge(part)
    }

    private func solve(_ part: Part) throws(TalwegError) {
        if part.rows > BidiagonalDivide.leaf {
            try solve(part.upper)
            try solve(part.lower)
            return try merge(part)
        }
        let (begin, n, m) = (part.begin, part.rows, part.columns)
        let workspace = try Workspace(byteCount: slabBytes(n * n, m * m))
        var slab = Slab(workspace.pointer)
        let u = ColumnMajor(slab.doubles(n * n), rows: n, columns: n)
        let v = ColumnMajor(slab.doubles(m * m), rows: m, columns: m)
        u.fill(0)
        v.fill(0)
        for i in 0..<n { u[i, i] = 1 }
        for i in 0..<m { v[i, i] = 1 }
        guard BidiagonalQR(n: n, d: d + begin, e: e + begin, isWide: part.isWide, left: u, right: v).iterate() else {
            throw .numeric("svd: the QR iteration did not converge")
        }
        for j in 0..<n {
            for i in 0..<n { left[begin + i, begin + j] = T(u[i, j]) }
            order[begin + j] = j
        }
        for j in 0..<m { for i in 0..<m { right[begin + i, begin + j] = T(v[i, j]) } }
        sortOrder(d + begin, order + begin, n)
    }

    /// Solves a part of which what lies above and below its middle row is.
    private func merge(_ part: Part) throws(TalwegError) {
        let (begin, n, m, middle) = (part.begin, part.rows, part.columns, part.middle)
        let (alpha, beta) = (d[begin + middle], e[begin + middle])
        let d = d + begin, order = order + begin
        let workspace = try Workspace(byteCount: slabBytes(n + 1, n, n, n + 1, n, n, n + 1, n + 1))
        var slab = Slab(workspace.pointer)
        let (z, sorted) = (slab.doubles(n + 1), slab.integers(n))
        let (kept, others) = (slab.integers(n), slab.integers(n + 1))
        // Column `middle` on the left is the row itself; on the right, what the upper part leaves over.
        let u = left.part(begin, n, begin, n), v = right.part(begin, m, begin, m)
        for j in 0..<middle { u[middle, j] = 0 }
        u.column(middle).update(repeating: 0, count: middle)
        u[middle, middle] = 1
        let onLeft = JoinedBasis(
            u, top: middle + 1, columns: middle + 1, part: slab.elements(n), place: slab.integers(n))
        let onRight = JoinedBasis(
            v, top: middle + 1, columns: middle + 1, part: slab.elements(n + 1), place: slab.integers(n + 1))
        for j in 0...middle { z[j] = alpha * Double(v[middle, j]) }
        for j in (middle + 1)..<max(m, middle + 1) { z[j] = beta * Double(v[middle + 1, j]) }
        if part.isWide {
            // One of two columns with a pole of 0 takes all.
            let (rotation, r) = PlaneRotation.eliminating(z[middle], z[n])
            onRight.turn(rotation, middle, n)
            z[middle] = r
        }
        d[middle] = 0
        for j in (middle + 1)..<max(n, middle + 1) { order[j] += middle + 1 }
        sorted[0] = middle
        mergeOrder(d, order, middle, order + middle + 1, n - middle - 1, sorted + 1)
        let largest = max(alpha.magnitude, beta.magnitude, d[sorted[n - 1]])
        let tolerance = 4 * Double(T.ulpOfOne) * largest
        if z[middle].magnitude <= tolerance { z[middle] = z[middle] < 0 ? -tolerance : tolerance }
        kept[0] = middle
        let count = 1 + deflate(
            d, z, sorted + 1, n - 1, tolerance: tolerance, smallest: tolerance, kept + 1, others
        ) {
            onLeft.turn($0, $1, $2)
            onRight.turn($0, $1, $2)
        }
        let room = try Workspace(
            byteCount: slabBytes(count * count, count * count, count, count, count, count, n))
        var rest = Slab(room.pointer)
        let vectors = ColumnMajor(rest.doubles(count * count), rows: count, columns: count)
        let s = Columns<T>(rest.elements(count * count), rows: count, columns: count)
        let (poles, weights, roots) = (rest.doubles(count), rest.doubles(count), rest.doubles(count))
        let unit = secularUnit(largest)
        for i in 0..<count { (poles[i], weights[i]) = (d[kept[i]] / unit, z[kept[i]] / unit) }
        if count > 1 { poles[1] = max(poles[1], tolerance / 2 / unit) }
        let equation = SecularEquation(count: count, d: poles, isSquared: true, z: weights)
        guard equation.solve(roots, vectors, scratch: rest.doubles(count)) else {
            throw .numeric("svd: a root of the secular equation was not found")
        }
        for i in 0..<count { roots[i] *= unit }
        onLeft.arrange(kept, count)
        equation.copyLeftVectors(vectors, to: s, onLeft.place)
        try onLeft.multiply(kept, by: s, followedBy: others, n - count)
        // On the right the column that is left over stays the last one.
        if part.isWide { others[n - count] = n }
        onRight.arrange(kept, count)
        equation.copyVectors(vectors, to: s, onRight.place)
        try onRight.multiply(kept, by: s, followedBy: others, m - count)
        settle(d, roots, count, others, n - count, order, sorted, rest.doubles(n))
    }
}
