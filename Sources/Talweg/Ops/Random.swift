import TalwegKernels

extension Tensor {
    /// Uniform numbers in [low, high) of a floating dtype.
    public static func uniform(
        _ shape: Shape, low: Double = 0, high: Double = 1, _ dtype: DType, _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        if dtype == .bfloat16 {
            let y = try uniform(shape, low: low, high: high, .float32, generator).cast(to: dtype)
            let below = greatestBFloat16(below: high)
            return low <= below ? try y.minimum(y.scalar(below)) : y
        }
        let largest = dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
        guard low <= high, abs(low) <= largest, abs(high) <= largest, high - low <= largest else {
            throw .invalid("random_uniform: from \(low) to \(high) as \(dtype.name)")
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
        if dtype == .bfloat16 {
            return try normal(shape, mean: mean, standardDeviation: standardDeviation, .float32, generator)
                .cast(to: dtype)
        }
        let unit = try drawn(shape, dtype, generator, "random_normal", randomNormal, randomNormal)
        guard mean != 0 || standardDeviation != 1 else { return unit }
        return try withRecording(false) { () throws(TalwegError) in try unit * standardDeviation + mean }
    }

    /// Of what rounding to bfloat16 may give in an interval that ends before `high`, the greatest.
    private static func greatestBFloat16(below high: Double) -> Double {
        var pattern = Float(high).bitPattern & 0xffff_0000
        while Double(Float(bitPattern: pattern)) >= high {
            let isNegative = pattern & 0x8000_0000 != 0
            pattern = pattern == 0 ? 0x8001_0000 : isNegative ? pattern &+ 0x1_0000 : pattern &- 0x1_0000
        }
        return Double(Float(bitPattern: pattern))
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
