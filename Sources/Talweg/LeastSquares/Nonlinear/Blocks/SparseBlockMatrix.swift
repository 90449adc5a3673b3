/// A symmetric matrix of blocks, of which column i's blocks at and below the diagonal are kept: that in row j as
/// [size of j, size of i], column-major. Rows ascend, the diagonal is the first.
struct SparseBlockMatrix {
    /// [n + 1]: where a block row begins.
    let offset: PlainArray<Int>
    let rows: IndexLists
    /// [entries]: where a block's numbers begin.
    let place: PlainArray<Int>
    let values: PlainArray<Double>

    /// - Parameters:
    ///   - sizes: [n]
    ///   - rows: of each column
    init(sizes: PlainArray<Int>, rows: IndexLists) throws(TalwegError) {
        self.rows = rows
        offset = try PlainArray(sizes.count + 1, filledWith: 0)
        for i in 0..<sizes.count { offset[i + 1] = offset[i] + sizes[i] }
        place = try PlainArray(rows.items.count, filledWith: 0)
        var total = 0
        for i in 0..<rows.count {
            for entry in rows.starts[i]..<rows.starts[i + 1] {
                place[entry] = total
                total += sizes[i] * sizes[Int(rows.items[entry])]
            }
        }
        values = try PlainArray(total, filledWith: 0)
    }

    private init(_ other: SparseBlockMatrix, _ values: PlainArray<Double>) {
        (offset, rows, place, self.values) = (other.offset, other.rows, other.place, values)
    }

    /// One of the same blocks, with zeros.
    func alike() throws(TalwegError) -> SparseBlockMatrix {
        try SparseBlockMatrix(self, PlainArray(values.count, filledWith: 0))
    }

    var count: Int { rows.count }
    /// How many rows of numbers.
    var size: Int { offset[count] }
    @inline(__always) func size(_ i: Int) -> Int { offset[i + 1] - offset[i] }

    /// Where the numbers of a block that there is begin.
    @inline(__always)
    func block(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Double> {
        let list = rows[column]
        // Of a full column, without a search.
        let found = list.count == count - column ? row - column : list.place(of: Int32(row))
        return values.pointer + place[rows.starts[column] + found]
    }
}
