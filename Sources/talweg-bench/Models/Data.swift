import Talweg

/// Standard normal float32.
func normal(_ shape: Int..., scale: Double = 1) throws -> Tensor {
    try .normal(Shape(shape), standardDeviation: scale, .float32)
}

/// Integers in 0 ..< high.
func integers(below high: Int, _ shape: Int...) throws -> Tensor {
    try Tensor.uniform(Shape(shape), high: Double(high), .float32).cast(to: .int64)
}
