import TalwegKernels

extension Tensor {
    /// Uniform numbers in [low, high) of a floating dtype.
    public static func uniform(
        _ shape: Shape, low: Double = 0, high: Double = 1, _ dtype: DType, _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        let largest = greatestFinite(dtype)
        guard low <= high, abs(low) <= largest, abs(high) <= largest, high - low <= largest else {
            throw .invalid("random_uniform: from \(low) to \(high) as \(dtype.name)")
        }
        if dtype.isNarrowFloating {
            let y = try uniform(shape, low: low, high: high, .float32, generator).cast(to: dtype)
            let below = try greatest(of: dtype, below: high)
            return low <= below ? try y.minimum(y.scalar(below)) : y
        }
        let unit = try drawn(
            shape, dtype, generator, "random_uniform",
            { seed, offset, n, out in kernels.f32.random.uniform(n, seed, offset, out) },
            { seed, offset, n, out in kernels.f64.random.uniform(n, seed, offset, out) })
        guard low != 0 || high != 1 else { return unit }
        return try withRecording(false) { () throws(TalwegError) in
            let y = try unit * (high - low) + low
            // Rounding may reach high itself, which does not belong to the interval.
            let below = dtype == .float32 ? Double(Float(high).nextDown) : high.nextDown
            return low <= below ? try y.minimum(y.scalar(below)) : y
        }
    }

    /// Normal numbers of a floating dtype.
    public static func normal(
        _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, _ dtype: DType,
        _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        guard mean.isFinite, standardDeviation.isFinite, standardDeviation >= 0 else {
            throw .invalid("random_normal: mean \(mean), standard deviation \(standardDeviation)")
        }
        if dtype.isNarrowFloating {
            return try normal(shape, mean: mean, standardDeviation: standardDeviation, .float32, generator)
                .cast(to: dtype)
        }
        let unit = try drawn(shape, dtype, generator, "random_normal", randomNormal, randomNormal)
        guard mean != 0 || standardDeviation != 1 else { return unit }
        return try withRecording(false) { () throws(TalwegError) in try unit * standardDeviation + mean }
    }

    private static func greatestFinite(_ dtype: DType) -> Double {
        switch dtype {
        case .float16: 65504
        case .bfloat16: 0x1.fep127
        case .float32: Double(Float.greatestFiniteMagnitude)
        default: Double.greatestFiniteMagnitude
        }
    }

    /// The greatest number of a narrow dtype below `high`.
    private static func greatest(of dtype: DType, below high: Double) throws(TalwegError) -> Double {
        let nearest = try View.scalar(high, dtype)
        if nearest.double() < high { return nearest.double() }
        let bits = nearest.pointer(as: UInt16.self)
        let isNegative = bits.pointee & 0x8000 != 0
        bits.pointee = bits.pointee & 0x7fff == 0 ? 0x8001 : isNegative ? bits.pointee &+ 1 : bits.pointee &- 1
        return nearest.double()
    }

    /// A random order of 0 ..< count, as int64.
    public static func permutation(_ count: Int, _ generator: Generator = .shared) throws(TalwegError) -> Tensor {
        let y = try View(uninitialized: Shape([count], for: "random_permutation"), .int64)
        let order = UnsafeMutableBufferPointer(start: y.pointer(as: Int64.self), count: count)
        for i in 0..<count { order[i] = Int64(i) }
        generator.shuffle(order)
        return Tensor(y)
    }

    private typealias Fill<T> = (UInt64, UInt64, Int, UnsafeMutablePointer<T>) -> Void

    private static func drawn(
        _ shape: Shape, _ dtype: DType, _ generator: Generator, _ name: String, _ single: Fill<Float>,
        _ double: Fill<Double>
    ) throws(TalwegError) -> Tensor {
        guard dtype.isFloating else { throw .dtype("\(name): needs a floating type, not \(dtype.name)") }
        let y = try View(uninitialized: shape, dtype)
        let n = shape.count
        let (seed, offset) = generator.take(n, wordsPerElement: dtype == .float32 ? 1 : 2)
        ThreadPool.run(chunks: (n + elementsPerChunk - 1) / elementsPerChunk) { chunk in
            let start = chunk * elementsPerChunk
            let length = Swift.min(elementsPerChunk, n - start)
            let first = offset &+ UInt64(start)
            if dtype == .float32 {
                single(seed, first, length, y.pointer(as: Float.self) + start)
            } else {
                double(seed, first, length, y.pointer(as: Double.self) + start)
            }
        }
        return Tensor(y)
    }
}
