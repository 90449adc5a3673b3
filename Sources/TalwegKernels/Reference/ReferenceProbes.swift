func referenceMultiplyAdd<T: BinaryFloatingPoint>(
  _ rounds: Int, _ values: UnsafeMutableRawPointer, _ type: T.Type
) -> Int {
  let values = values.assumingMemoryBound(to: T.self)
  for i in 2..<14 {
    for _ in 0..<rounds { values[i] = values[0] * values[i] + values[1] }
  }
  return 12
}

func referenceRead(_ n: Int, _ x: UnsafeRawPointer) -> Float {
  let x = x.assumingMemoryBound(to: Float.self)
  var sum = 0.0
  for i in 0..<n { sum += Double(x[i]) }
  return Float(sum)
}

func referenceWrite(_ n: Int, _ y: UnsafeMutableRawPointer) {
  let y = y.assumingMemoryBound(to: Float.self)
  for i in 0..<n { y[i] = 1 }
}

func referenceCopy(_ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
  let (x, y) = (x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self))
  for i in 0..<n { y[i] = x[i] }
}

func referenceTriad(_ n: Int, _ x: UnsafeRawPointer, _ z: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
  let (x, z) = (x.assumingMemoryBound(to: Float.self), z.assumingMemoryBound(to: Float.self))
  let y = y.assumingMemoryBound(to: Float.self)
  for i in 0..<n { y[i] = x[i] + 3 * z[i] }
}
