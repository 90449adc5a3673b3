import TalwegKernels

/// Some rows of a linear fit where they lie: features, targets and maybe weights, of any dtype and strides.
struct StreamBlock {
    let count: Int
    let features: Part
    let targets: Part
    let weights: Part?

    /// Columns of a table, some of whose others belong to another part.
    struct Part {
        let pointer: UnsafeMutableRawPointer
        let dtype: DType
        /// In elements.
        let rowStride: Int
        let columnStride: Int
        /// Columns that are left out, ascending.
        var gaps = (0..<0, 0..<0)

        init(_ view: View) {
            pointer = view.pointer
            dtype = view.dtype
            rowStride = view.strides[0]
            columnStride = view.rank == 2 ? view.strides[1] : 0
        }

        init(_ pointer: UnsafeMutableRawPointer, _ dtype: DType, rowStride: Int) {
            (self.pointer, self.dtype, self.rowStride) = (pointer, dtype, rowStride)
            columnStride = 1
        }

        /// Converts elements of column j from row `begin` on.
        func read(_ j: Int, _ begin: Int, _ some: Int, into out: UnsafeMutablePointer<Double>) {
            var column = j
            if column >= gaps.0.lowerBound { column += gaps.0.count }
            if column >= gaps.1.lowerBound { column += gaps.1.count }
            let first = begin * rowStride + column * columnStride
            kernels.cast(from: dtype, to: .float64)(some, pointer + first * dtype.itemSize, rowStride, out, 1)
        }
    }

    /// Of tensors, whose shapes are checked.
    init(
        _ X: Tensor, _ y: Tensor, weights: Tensor?, features p: Int, targets k: Int, many: Bool, _ name: String
    ) throws(TalwegError) {
        guard X.rank == 2 && X.shape[1] == p || X.rank == 1 && p == 1 else {
            throw .shape("\(name): X \(X.shape) does not fit the stream's \(p) column\(p == 1 ? "" : "s")")
        }
        guard y.rank == 2 && many && y.shape[1] == k || y.rank == 1 && !many else {
            throw .shape("\(name): y \(y.shape) does not fit the stream's \(many ? "\(k) targets" : "one target")")
        }
        count = X.shape[0]
        guard y.shape[0] == count else {
            throw .shape("\(name): X \(X.shape) has \(count) rows, y \(y.shape) has \(y.shape[0])")
        }
        features = Part(X.view)
        targets = Part(y.view)
        guard let weights else {
            self.weights = nil
            return
        }
        guard weights.rank == 1, weights.count == count else {
            throw .shape("\(name): weights \(weights.shape) do not fit the \(count) rows of X \(X.shape)")
        }
        self.weights = Part(weights.view)
    }

    init(count: Int, features: Part, targets: Part, weights: Part?) {
        (self.count, self.features, self.targets, self.weights) = (count, features, targets, weights)
    }
}
