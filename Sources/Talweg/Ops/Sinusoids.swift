import CIntrinsics
import TalwegKernels

extension Tensor {
    /// Positions `from` ..< `from` + `count` as sines and cosines (Vaswani et al., "Attention is all you need", 2017):
    /// [count, width], element 2i of row p sin(p / base^(2i / width)), element 2i + 1 the cosine.
    public static func sinusoidalPositions(
        _ count: Int, width: Int, from: Int = 0, base: Double = 10_000, _ dtype: DType = .float32
    ) throws(TalwegError) -> Tensor {
        try checkPositions("sinusoidal_positions", count, from, width: width, base)
        guard dtype.isFloating else {
            throw .dtype("sinusoidal_positions: needs a floating type, not \(dtype.name)")
        }
        let y = try View(uninitialized: Shape([count, width], for: "sinusoidal_positions"), .float64)
        let out = y.pointer(as: Double.self)
        forEachRowGroup(count, width: 32 * Swift.min(width, elementsPerChunk)) { first, rows in
            for row in first..<(first + rows) {
                let position = Double(from) + Double(row)
                var column = 0
                while column < width {
                    let angle = position * tk_libm_pow(base, -Double(column) / Double(width))
                    out[row * width + column] = tk_libm_sin(angle)
                    if column + 1 < width { out[row * width + column + 1] = tk_libm_cos(angle) }
                    column += 2
                }
            }
        }
        return try Tensor(y).cast(to: dtype)
    }

    static func checkPositions(_ name: String, _ count: Int, _ from: Int, width: Int, _ base: Double)
        throws(TalwegError)
    {
        guard count >= 0, from >= 0, from <= Int.max - count else {
            throw .invalid("\(name): \(count) positions from \(from) on; both must be 0 or more")
        }
        guard width >= 1 else { throw .invalid("\(name): the width is \(width); it must be 1 or more") }
        guard base > 0, base.isFinite else {
            throw .invalid("\(name): the base is \(base); it must be finite and above 0")
        }
    }
}
