// Random numbers one by one.

@inline(__always)
private func referenceDropout<T: BinaryFloatingPoint>(
  _ n: Int, _ seed: UInt64, _ offset: UInt64, _ threshold: Int32, _ scale: Double, _ x: UnsafeRawPointer,
  _ y: UnsafeMutableRawPointer, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  for i in 0..<n {
    var word: UInt32 = 0
    randomBits(key: seed, offset: offset &+ UInt64(i), n: 1, out: &word)
    y[i] = Int32(word >> 8) >= threshold ? x[i] * T(scale) : 0
  }
}

extension RandomKernels {
  static let referenceF32 = RandomKernels(
    bits: { randomBits(key: $1, offset: $2, n: $0, out: $3) },
    uniform: { randomUniform(key: $1, offset: $2, n: $0, out: $3.assumingMemoryBound(to: Float.self)) },
    dropout: { referenceDropout($0, $1, $2, $3, $4, $5, $6, Float.self) })

  static let referenceF64 = RandomKernels(
    bits: { randomBits(key: $1, offset: $2, n: $0, out: $3) },
    uniform: { randomUniform(key: $1, offset: $2, n: $0, out: $3.assumingMemoryBound(to: Double.self)) },
    dropout: { referenceDropout($0, $1, $2, $3, $4, $5, $6, Double.self) })
}
