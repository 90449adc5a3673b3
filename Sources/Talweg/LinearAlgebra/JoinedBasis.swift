/// An orthogonal matrix of two diagonal blocks, [top; bottom], whose columns are turned in pairs and then multiplied
/// by a matrix: what is known to be zero is not multiplied. Of a column that lies in one block the other rows
/// hold anything.
struct JoinedBasis<T: MatrixScalar> {
    enum Part: UInt8 { case top, both, bottom }

    let q: Columns<T>
    let top: Int
    /// Of each column.
    let part: UnsafeMutablePointer<Part>
    /// Of the columns that are kept, in their order: its row in the matrix that they are multiplied by.
    let place: UnsafeMutablePointer<Int>
    private let kernels = MatrixKernels<T>()

    /// - Parameter columns: of the first block
    init(_ q: Columns<T>, top: Int, columns: Int, part: UnsafeMutablePointer<Part>, place: UnsafeMutablePointer<Int>) {
        (self.q, self.top, self.part, self.place) = (q, top, part, place)
        for j in 0..<q.columns { part[j] = j < columns ? .top : .bottom }
    }

    private var bottom: Int { q.rows - top }

    /// Makes zeros of what a column holds outside its block.
    private func complete(_ j: Int) {
        switch part[j] {
        case .top: (q.column(j) + top).update(repeating: 0, count: bottom)
        case .bottom: q.column(j).update(repeating: 0, count: top)
        case .both: break
        }
        part[j] = .both
    }

    /// Turns columns i and j.
    func turn(_ rotation: PlaneRotation, _ i: Int, _ j: Int) {
        if part[i] != part[j] {
            complete(i)
            complete(j)
        }
        let begin = part[i] == .bottom ? top : 0, end = part[i] == .top ? top : q.rows
        rotation.turn(end - begin, q.column(i) + begin, q.column(j) + begin)
    }

    /// Sets `place` for the columns that are kept: those of one part together.
    func arrange(_ kept: UnsafePointer<Int>, _ count: Int) {
        var next = 0
        for wanted in [Part.top, .both, .bottom] {
            for i in 0..<count where part[kept[i]] == wanted {
                place[i] = next
                next += 1
            }
        }
    }

    /// The first columns become the kept ones times `s`, whose rows lie as `place` says; the others follow.
    func multiply(
        _ kept: UnsafePointer<Int>, by s: Columns<T>, followedBy others: UnsafePointer<Int>, _ otherCount: Int
    ) throws(TalwegError) {
        let count = s.rows
        var inTop = 0, inBottom = 0
        for i in 0..<count {
            if part[kept[i]] != .bottom { inTop += 1 }
            if part[kept[i]] != .top { inBottom += 1 }
        }
        let workspace = try Workspace(byteCount: slabBytes(top * inTop, bottom * inBottom, q.rows * otherCount))
        var slab = Slab(workspace.pointer)
        let above = Columns<T>(slab.elements(top * inTop), rows: top, columns: inTop)
        let below = Columns<T>(slab.elements(bottom * inBottom), rows: bottom, columns: inBottom)
        let aside = Columns<T>(slab.elements(q.rows * otherCount), rows: q.rows, columns: otherCount)
        for i in 0..<count {
            let column = q.column(kept[i])
            if part[kept[i]] != .bottom { above.column(place[i]).update(from: column, count: top) }
            if part[kept[i]] != .top {
                below.column(place[i] - (count - inBottom)).update(from: column + top, count: bottom)
            }
        }
        for i in 0..<otherCount {
            complete(others[i])
            aside.column(i).update(from: q.column(others[i]), count: q.rows)
        }
        let upper = q.part(0, top, 0, count), lower = q.part(top, bottom, 0, count)
        if inTop > 0 { try kernels.multiply(1, above, s.part(0, inTop, 0, count), 0, upper) } else { upper.fill(0) }
        if inBottom > 0 {
            try kernels.multiply(1, below, s.part(count - inBottom, inBottom, 0, count), 0, lower)
        } else {
            lower.fill(0)
        }
        for i in 0..<otherCount { q.column(count + i).update(from: aside.column(i), count: q.rows) }
    }
}

/// The indices of the numbers in two ascending lists, in the order of the numbers.
func mergeOrder(
    _ values: UnsafePointer<Double>, _ first: UnsafePointer<Int>, _ firstCount: Int, _ second: UnsafePointer<Int>,
    _ secondCount: Int, _ merged: UnsafeMutablePointer<Int>
) {
    var (i, j) = (0, 0)
    while i < firstCount || j < secondCount {
        if j == secondCount || (i < firstCount && values[first[i]] <= values[second[j]]) {
            merged[i + j] = first[i]
            i += 1
        } else {
            merged[i + j] = second[j]
            j += 1
        }
    }
}

/// Sorts indices by their numbers, ascending: for few, or nearly sorted ones.
func sortOrder(_ values: UnsafePointer<Double>, _ order: UnsafeMutablePointer<Int>, _ count: Int) {
    for i in 1..<max(count, 1) {
        let index = order[i]
        var place = i
        while place > 0, values[order[place - 1]] > values[index] {
            order[place] = order[place - 1]
            place -= 1
        }
        order[place] = index
    }
}
