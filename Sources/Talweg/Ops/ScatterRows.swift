import TalwegKernels

/// `start` [rows, width], row-major (nil: zeros), with each row of `source` [n, width] added at the row that `picks`
/// names, in the order of the source: a chunk owns some rows of the result, begins with theirs and adds all that
/// goes there.
func scatterRows(_ source: View, _ picks: View, rows: Int, width: Int, to target: Shape, start: View? = nil)
    throws(TalwegError) -> View
{
    let y = try View(uninitialized: target, source.dtype)
    guard let add = kernels.binary(.add, source.dtype) else {
        throw .dtype("embedding: not defined for \(source.dtype.name)")
    }
    if y.count == 0 { return y }
    let n = picks.count
    let perRange = max(1, elementsPerChunk / width)
    let ranges = (rows + perRange - 1) / perRange
    // A small table is cut across as well: all sources go to few rows of it.
    let pieceWidth = ranges >= 16 ? width : min(width, 64)
    let pieces = (width + pieceWidth - 1) / pieceWidth

    // The sources of each range, in their order: a counting sort.
    let (words, overflow) = (ranges + 1 + n).multipliedReportingOverflow(by: MemoryLayout<Int>.size)
    guard !overflow else { throw .outOfMemory(bytes: Int.max) }
    let scratch = try Workspace(byteCount: words)
    let ends = scratch.pointer.assumingMemoryBound(to: Int.self)
    let order = ends + ranges + 1
    let places = picks.pointer(as: Int64.self)
    for range in 0...ranges { ends[range] = 0 }
    for i in 0..<n { ends[Int(places[i]) / perRange + 1] += 1 }
    for range in 0..<ranges { ends[range + 1] += ends[range] }
    // ends[range] is where the range begins, and after its sources were placed where it ends.
    for i in 0..<n {
        let range = Int(places[i]) / perRange
        order[ends[range]] = i
        ends[range] += 1
    }

    let size = source.dtype.itemSize
    let (from, to) = (source.pointer, y.pointer)
    ThreadPool.run(chunks: ranges * pieces) { chunk in
        let (range, column) = (chunk / pieces, chunk % pieces * pieceWidth)
        let count = min(pieceWidth, width - column)
        let (first, last) = (range * perRange, min(rows, (range + 1) * perRange))
        let runs = pieces == 1 ? 1 : last - first
        let bytes = (pieces == 1 ? (last - first) * width : count) * size
        for run in 0..<runs {
            let at = ((first + run) * width + column) * size
            if let start {
                (to + at).copyMemory(from: start.pointer + at, byteCount: bytes)
            } else {
                (to + at).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            }
        }
        for place in (range == 0 ? 0 : ends[range - 1])..<ends[range] {
            let i = order[place]
            let row = to + (Int(places[i]) * width + column) * size
            add(count, row, 1, from + (i * width + column) * size, 1, row, 1)
        }
    }
    return y
}
