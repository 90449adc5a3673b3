import CIntrinsics
import TalwegKernels

/// How a parameter is cut up for Adafactor: into units of some rows of one matrix each (of a vector: of some
/// elements, as one row), by size alone.
struct AdafactorLayout {
    let isMatrix: Bool
    /// Rows and columns of each matrix; a vector is one row.
    let rows: Int
    let columns: Int
    let matrices: Int
    let rowsPerUnit: Int
    let unitsPerMatrix: Int

    init(_ shape: Shape) {
        isMatrix = shape.rank > 1
        guard isMatrix, shape.count > 0 else {
            (rows, columns, matrices, rowsPerUnit) = (1, shape.count, 1, 1)
            unitsPerMatrix = (shape.count + elementsPerChunk - 1) / elementsPerChunk
            return
        }
        (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
        matrices = shape.count / (rows * columns)
        rowsPerUnit = max(1, elementsPerChunk / columns)
        unitsPerMatrix = (rows + rowsPerUnit - 1) / rowsPerUnit
    }

    var units: Int { matrices * unitsPerMatrix }
    var count: Int { matrices * rows * columns }
    private var unitsPerChunk: Int { max(1, elementsPerChunk / max(1, min(rowsPerUnit, rows) * columns)) }

    /// Two sums a unit, one number a row, the columns' sums of each unit and perhaps a gradient.
    func scratchBytes(_ dtype: DType, copied: Bool) -> Int {
        let columnSums = isMatrix ? units * columns : 0
        return 8 * (2 * units + matrices * rows) + dtype.itemSize * (columnSums + (copied ? count : 0)) + 64
    }

    /// Calls `body` with every unit, on several threads.
    func forEachUnit(_ body: (Int) -> Void) {
        let each = unitsPerChunk
        ThreadPool.run(chunks: (units + each - 1) / each) { chunk in
            for unit in chunk * each..<min(units, (chunk + 1) * each) { body(unit) }
        }
    }

    /// Calls `body` with each row of a unit: its number, where it begins, how many elements, and where its
    /// columns' variances begin.
    @inline(__always)
    func forEachRow(_ unit: Int, _ body: (_ row: Int, _ start: Int, _ count: Int, _ column: Int) -> Void) {
        guard isMatrix else {
            let start = unit * elementsPerChunk
            return body(0, start, min(elementsPerChunk, columns - start), start)
        }
        let (matrix, part) = (unit / unitsPerMatrix, unit % unitsPerMatrix)
        for row in part * rowsPerUnit..<min(rows, (part + 1) * rowsPerUnit) {
            let number = matrix * rows + row
            body(number, number * columns, columns, matrix * columns)
        }
    }
}

/// One step of one parameter.
struct AdafactorStep<T: BinaryFloatingPoint> {
    private let layout: AdafactorLayout
    private var numbers: tk_update
    private let kernel: FloatKernels
    private let dtype: DType
    private let parameter: UnsafeMutableRawPointer
    private let gradient: UnsafeRawPointer
    private let rowVariances: UnsafeMutablePointer<T>?
    /// Of the columns, or of each element of a vector.
    private let variances: UnsafeMutablePointer<T>?
    /// By unit: the squares of the parameter, then those of the update.
    private let sums: UnsafeMutablePointer<Double>
    /// By row: the sum of the gradient's squares, then what the columns' variances are multiplied by.
    private let rowScales: UnsafeMutablePointer<Double>
    private let columnSums: UnsafeMutablePointer<T>

    init(_ slot: ParameterSlot, _ numbers: tk_update, _ scratch: UnsafeMutableRawPointer, _ kernel: FloatKernels) {
        layout = AdafactorLayout(slot.parameter.shape)
        self.numbers = numbers
        self.kernel = kernel
        dtype = slot.parameter.dtype
        parameter = slot.target
        rowVariances = slot.state(0)?.assumingMemoryBound(to: T.self)
        variances = slot.state(layout.isMatrix ? 1 : 2)?.assumingMemoryBound(to: T.self)
        sums = scratch.assumingMemoryBound(to: Double.self)
        rowScales = sums + 2 * layout.units
        columnSums = UnsafeMutableRawPointer(rowScales + layout.matrices * layout.rows).assumingMemoryBound(to: T.self)
        guard let given = slot.gradient else {
            gradient = UnsafeRawPointer(parameter)
            return
        }
        if numbers.isPlain {
            gradient = UnsafeRawPointer(given.pointer)
        } else {
            let copy = UnsafeMutableRawPointer(columnSums + (layout.isMatrix ? layout.units * layout.columns : 0))
            numbers.penalise(slot, given, to: copy)
            gradient = UnsafeRawPointer(copy)
        }
    }

    /// - Parameters:
    ///   - floor: the least scale of the parameter
    ///   - threshold: of the update's root mean square
    func run(_ floor: Double, _ threshold: Double) {
        guard let variances, layout.count > 0 else { return }
        gatherSquares(variances)
        if layout.isMatrix { blendFactors(variances) }
        var square = tk_update.plain
        square.epsilon = numbers.epsilon * numbers.epsilon
        each(square, kernel.updates.factoredSquares, variances)
        var (ofParameter, ofUpdate) = (0.0, 0.0)
        for unit in 0..<layout.units {
            ofParameter += sums[2 * unit]
            ofUpdate += sums[2 * unit + 1]
        }
        let count = Double(layout.count)
        var step = square
        step.shrink = numbers.shrink
        step.rate = max(floor, (ofParameter / count).squareRoot()) * numbers.rate
        step.rate /= max(1, (ofUpdate / count).squareRoot() / threshold)
        each(step, kernel.updates.factored, variances)
    }

    /// The squares of the parameter by unit, and of the gradient by row and by column, or blended into a
    /// vector's variances.
    private func gatherSquares(_ variances: UnsafeMutablePointer<T>) {
        let size = MemoryLayout<T>.size
        var options = numbers
        if layout.isMatrix { (options.beta1, options.beta2) = (1, 1) }
        layout.forEachUnit { unit in
            let columns = columnSums + unit * layout.columns
            if layout.isMatrix { columns.initialize(repeating: 0, count: layout.columns) }
            var sum = 0.0
            layout.forEachRow(unit) { row, start, count, column in
                let (w, g) = (parameter + start * size, gradient + start * size)
                sum += sumOfSquares(count, w, dtype)
                if layout.isMatrix { rowScales[row] = sumOfSquares(count, g, dtype) }
                let target = layout.isMatrix ? columns : variances + column
                withUnsafePointer(to: options) { kernel.updates.squares(count, $0, w, g, target, nil, nil) }
            }
            sums[2 * unit] = sum
        }
    }

    /// Brings the variances of rows and columns forward, and makes the rows' scales of them.
    private func blendFactors(_ variances: UnsafeMutablePointer<T>) {
        guard let rowVariances else { return }
        let (rows, columns) = (layout.rows, layout.columns)
        let share = T(numbers.beta2)
        for matrix in 0..<layout.matrices {
            let own = variances + matrix * columns
            let first = matrix * layout.unitsPerMatrix
            for column in 0..<columns {
                var sum = 0.0
                for unit in first..<first + layout.unitsPerMatrix {
                    sum += Double(columnSums[unit * columns + column])
                }
                own[column] += share * (T(sum / Double(rows)) - own[column])
            }
            var total = 0.0
            for row in matrix * rows..<(matrix + 1) * rows {
                rowVariances[row] += share * (T(rowScales[row] / Double(columns)) - rowVariances[row])
                total += Double(rowVariances[row])
            }
            let mean = max(total / Double(rows), numbers.epsilon)
            for row in matrix * rows..<(matrix + 1) * rows { rowScales[row] = Double(rowVariances[row]) / mean }
        }
    }

    /// Calls a kernel with every row; the sums that it gives go to the units'.
    private func each(_ options: tk_update, _ kernel: UpdateFunction, _ variances: UnsafeMutablePointer<T>) {
        let size = MemoryLayout<T>.size
        layout.forEachUnit { unit in
            var options = options
            var total = 0.0
            layout.forEachRow(unit) { row, start, count, column in
                var sum = 0.0
                options.scale1 = layout.isMatrix ? rowScales[row] : 1
                kernel(
                    count, &options, parameter + start * size, gradient + start * size, variances + column, &sum, nil)
                total += sum
            }
            sums[2 * unit + 1] = total
        }
    }
}
