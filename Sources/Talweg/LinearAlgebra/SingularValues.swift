/// The singular values of a matrix, descending, and its singular vectors.
struct SingularValues<T: MatrixScalar> {
    /// min(m, n) of them.
    let values: UnsafeMutablePointer<T>
    /// [m, k] and [k, n], row-major, with k of min(m, n) or, if `isFull`, m and n; nil if they are not wanted.
    let u: UnsafeMutablePointer<T>?
    let vh: UnsafeMutablePointer<T>?
    let isFull: Bool

    func compute(_ given: StridedMatrix<T>, _ name: String) throws(TalwegError) {
        // At least as many rows as columns.
        let isTurned = given.rows < given.columns
        let matrix = isTurned ? given.transposed : given
        let (m, n) = (matrix.rows, matrix.columns)
        let wide = isFull ? m : n
        let largest = matrix.largest()
        guard largest.isFinite else { throw .numeric("\(name): the matrix has NaN or infinite elements") }
        let scale = UnitScale(largest)
        let (step, side) = (separateStride(m), separateStride(n))
        let (area, over) = step.multipliedReportingOverflow(by: n)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        // n is at most m, and side at most step.
        let workspace = try Workspace(byteCount: slabBytes(area, n * side, n, n, n, n, n))
        var slab = Slab(workspace.pointer)
        let a = Columns<T>(slab.elements(area), rows: m, columns: n, stride: step)
        let rows = Columns<T>(slab.elements(n * side), rows: n, columns: n, stride: side)
        let (diagonal, beside) = (slab.doubles(n), slab.doubles(n))
        let order = slab.integers(n)
        matrix.copy(to: a, scale)
        let reduction = Bidiagonalization(
            a, rows: rows, diagonal: diagonal, beside: beside, leftTau: slab.elements(n), rightTau: slab.elements(n))
        try reduction.reduce()
        guard let u, let vh else {
            let iteration = BidiagonalQR(n: n, d: diagonal, e: beside, isWide: false, left: nil, right: nil)
            guard iteration.iterate() else { throw .numeric("\(name): the QR iteration did not converge") }
            var sorted = UnsafeMutableBufferPointer(start: diagonal, count: n)
            sorted.sort(by: >)
            for j in 0..<n { values[j] = scale.multiply(diagonal[j]) }
            return
        }
        let room = try Workspace(byteCount: slabBytes(n * side, n * side))
        var rest = Slab(room.pointer)
        let left = Columns<T>(rest.elements(n * side), rows: n, columns: n, stride: side)
        let right = Columns<T>(rest.elements(n * side), rows: n, columns: n, stride: side)
        try BidiagonalDivide(d: diagonal, e: beside, left: left, right: right, order: order).solve()
        for j in 0..<n { values[j] = scale.multiply(diagonal[order[n - 1 - j]]) }
        // What is wanted with its columns as rows is made where it goes, the other is transposed at the end.
        try write(left, order, reduction.left, [m, wide], columns: isTurned ? vh : nil, rows: isTurned ? nil : u)
        try write(right, order, reduction.right, [n, n], columns: isTurned ? nil : vh, rows: isTurned ? u : nil)
    }

    /// The reflectors' product times the singular vectors of the bidiagonal matrix, descending.
    private func write(
        _ vectors: Columns<T>, _ order: UnsafePointer<Int>, _ reflectors: Reflectors<T>, _ size: [Int],
        columns: UnsafeMutablePointer<T>?, rows: UnsafeMutablePointer<T>?
    ) throws(TalwegError) {
        let (m, n) = (size[0], size[1])
        let step = columns == nil ? separateStride(m) : max(m, 1)
        let (area, over) = step.multipliedReportingOverflow(by: columns == nil ? n : 0)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        let workspace = try Workspace(byteCount: slabBytes(area))
        let target = Columns(
            columns ?? workspace.pointer.assumingMemoryBound(to: T.self), rows: m, columns: n, stride: step)
        let own = vectors.columns
        for j in 0..<n {
            let column = target.column(j)
            if j < own {
                column.update(from: vectors.column(order[own - 1 - j]), count: own)
                (column + own).update(repeating: 0, count: m - own)
            } else {
                column.update(repeating: 0, count: m)
                column[j] = 1
            }
        }
        try reflectors.apply(to: target)
        if let rows { target.copy(toRows: rows, step: n) }
    }
}
