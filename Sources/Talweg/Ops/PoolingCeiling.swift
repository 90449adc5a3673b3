import CIntrinsics
import TalwegKernels

// Windows that reach beyond an axis's end and its padding. The kernels know none: the input is made longer by as many
// positions, and averages are corrected for what does not count.

extension PoolingOptions {
    /// How far the last window of an axis of `source` positions reaches beyond its end and padding.
    fileprivate func excess(_ axis: Int, of spatial: Int, source: Int) -> Int {
        let o = self.axis(axis, of: spatial)
        let stride = o.stride ?? o.kernel
        let padded = source + 2 * o.padding
        let rest = padded - o.reach + stride - 1
        guard rest >= 0 else { return 0 }
        var last = rest / stride
        // A window that begins beyond the input and the padding before it sees nothing.
        if last * stride >= source + o.padding { last -= 1 }
        return max(0, last * stride + o.reach - padded)
    }
}

extension Tensor {
    /// The tensor with the positions behind each axis's end that `ceiling` asks for, and the options without it.
    func ceilingPadded(_ given: PoolingOptions, _ spatial: Int, value: Double, _ name: String)
        throws(TalwegError) -> (Tensor, PoolingOptions)
    {
        guard given.ceiling, rank == spatial + 2, dtype.isFloating else { return (self, given) }
        try given.check(spatial, name)
        var options = given
        options.ceiling = false
        var widths = [(before: 0, after: 0), (before: 0, after: 0)]
        var longer = false
        for axis in 0..<spatial {
            let excess = shape[2 + axis] == 0 ? 0 : given.excess(axis, of: spatial, source: shape[2 + axis])
            widths.append((before: 0, after: excess))
            longer = longer || excess > 0
        }
        return (longer ? try pad(widths, value: value) : self, options)
    }
}

extension PoolingGeometry {
    /// For each position of the result, how many elements a window has over what its sum is to be divided by.
    /// - Parameter original: the input's shape without the positions that `ceiling` added
    func shares(_ options: PoolingOptions, of original: Shape, _ spatial: Int, _ dtype: DType)
        throws(TalwegError) -> Tensor
    {
        let size = windows.height.kernel * windows.width.kernel
        if let divisor = options.divisor {
            return Tensor(try View.scalar(Double(size) / Double(divisor), dtype))
        }
        let (rows, columns) = (windows.height.result, windows.width.result)
        let dims = spatial == 2 ? [rows, columns] : [columns]
        let shares = try View(uninitialized: Shape(dims, for: "avg_pool"), .float64)
        let to = shares.pointer(as: Double.self)
        let (height, width) = (spatial == 2 ? original[2] : 1, original[1 + spatial])
        let counts = options.countsPadding
        for row in 0..<rows {
            let tall = windows.height.counted(row, of: height, padding: counts)
            for column in 0..<columns {
                let wide = windows.width.counted(column, of: width, padding: counts)
                to[row * columns + column] = Double(size) / Double(max(1, tall * wide))
            }
        }
        return Tensor(try shares.cast(to: dtype))
    }
}

extension tk_axis {
    /// How many elements of a window lie in an axis of `size` positions, or in it and its padding.
    fileprivate func counted(_ window: Int, of size: Int, padding counts: Bool) -> Int {
        let first = window * stride - padding
        if counts { return min(first + kernel, size + padding) - first }
        return min(first + kernel, size) - max(first, 0)
    }
}
