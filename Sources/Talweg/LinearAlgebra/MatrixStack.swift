import TalwegKernels

// Stacks of matrices along leading axes: each matrix is worked on by itself.

extension View {
    /// The sizes of the last two axes.
    var matrixRows: Int { shape[rank - 2] }
    var matrixColumns: Int { shape[rank - 1] }

    /// How many matrices lie along the leading axes.
    var matrixCount: Int {
        var count = 1
        // Checked for overflow with the rest of the shape.
        for axis in 0..<(rank - 2) { count = count &* shape[axis] }
        return count
    }

    /// The shape with other last axes.
    func stackShape(_ dims: [Int], for name: String) throws(TalwegError) -> Shape {
        try Shape(Array(shape.dims.dropLast(2)) + dims, for: name)
    }

    /// Refuses what is no stack of matrices of a type that has kernels.
    func requireMatrices(_ name: String, square: Bool) throws(TalwegError) -> FloatKernels {
        guard let table = kernels.float(dtype) else {
            throw .dtype("\(name): needs float32 or float64, not \(dtype.name)")
        }
        guard rank >= 2 else { throw .shape("\(name): \(shape) has no rows and columns") }
        guard !square || matrixRows == matrixColumns else {
            throw .shape("\(name): needs square matrices, not \(shape)")
        }
        return table
    }
}

/// Calls `body` for each of `count` matrices: large ones, which share out their own work, one after another, small ones
/// side by side. Of several errors the first matrix' is thrown.
/// - Parameter work: multiply-adds of one
func forEachMatrix(_ count: Int, work: Int, _ body: (Int) throws(TalwegError) -> Void) throws(TalwegError) {
    if count == 1 || work >= 1 << 24 {
        for index in 0..<count { try body(index) }
        return
    }
    let share = max((count - 1) / 256 + 1, min(count, (1 << 17) / max(work, 1)))
    try ThreadPool.run(chunks: (count + share - 1) / share) { chunk throws(TalwegError) in
        for index in (chunk * share)..<min(count, (chunk + 1) * share) { try body(index) }
    }
}

/// A power of two that brings a matrix near 1 in magnitude, where its elements are so large or so small that
/// squares and products could leave the range of numbers.
struct MatrixScale {
    /// The exponent of the largest magnitude, or 0 where nothing need be done.
    let exponent: Int
    /// Whether all elements are finite.
    let isFinite: Bool

    /// Of `count` contiguous elements.
    init(_ x: UnsafeMutableRawPointer, _ count: Int, _ dtype: DType) {
        let largest = MatrixScale.largest(x, count, dtype)
        isFinite = largest.isFinite
        guard largest.isFinite, largest > 0 else {
            exponent = 0
            return
        }
        let found = Int(largest.exponent)
        exponent = found < -16 || found > 24 ? found : 0
    }

    /// The largest magnitude, NaN where an element is none.
    static func largest(_ x: UnsafeMutableRawPointer, _ count: Int, _ dtype: DType) -> Double {
        guard count > 0, let most = kernels.reduce(.max, dtype), let least = kernels.reduce(.min, dtype) else { return 0 }
        var ends: (UInt64, UInt64) = (0, 0)
        return withUnsafeMutableBytes(of: &ends) { bytes -> Double in
            guard let pointer = bytes.baseAddress else { return 0 }
            most(count, x, 1, pointer)
            least(count, x, 1, pointer + dtype.itemSize)
            let pair = MatrixBlock(pointer, rows: 1, columns: 2, rowStride: 0, itemSize: dtype.itemSize)
            let (high, low) = (pair[0, 0], pair[0, 1])
            return high.isNaN || low.isNaN ? .nan : max(high.magnitude, low.magnitude)
        }
    }

    /// x times 2^-exponent.
    func apply(_ kernels: FloatKernels, _ x: MatrixBlock) { scale(kernels, x, by: -exponent) }
    /// x times 2^exponent.
    func undo(_ kernels: FloatKernels, _ x: MatrixBlock) { scale(kernels, x, by: exponent) }

    /// In two steps, of which the first is exact: a single factor could be no number.
    private func scale(_ kernels: FloatKernels, _ x: MatrixBlock, by exponent: Int) {
        if exponent == 0 { return }
        for part in [exponent / 2, exponent - exponent / 2] {
            let factor = Double(sign: .plus, exponent: part, significand: 1)
            for i in 0..<x.rows { kernels.scale(x.columns, factor, x.address(i, 0), x.address(i, 0)) }
        }
    }
}
