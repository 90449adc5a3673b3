// The shapes of the reference kernels: plain loops over strided elements. The loops over contiguous
// elements are written apart so that the compiler vectorises them: integer kernels are used as they are.

@inline(__always)
func mapLoop<X, Y>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (X) -> Y
) {
  let x = x.assumingMemoryBound(to: X.self), y = y.assumingMemoryBound(to: Y.self)
  if sx == 1 && sy == 1 {
    for i in 0..<n { y[i] = f(x[i]) }
  } else {
    for i in 0..<n { y[i &* sy] = f(x[i &* sx]) }
  }
}

@inline(__always)
func zipLoop<X, Y>(
  _ n: Int, _ a: UnsafeRawPointer, _ sa: Int, _ b: UnsafeRawPointer, _ sb: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (X, X) -> Y
) {
  let a = a.assumingMemoryBound(to: X.self), b = b.assumingMemoryBound(to: X.self)
  let y = y.assumingMemoryBound(to: Y.self)
  if sa == 1 && sb == 1 && sy == 1 {
    for i in 0..<n { y[i] = f(a[i], b[i]) }
  } else {
    for i in 0..<n { y[i &* sy] = f(a[i &* sa], b[i &* sb]) }
  }
}

@inline(__always)
func foldLoop<X, R>(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ initial: R, _ f: (R, X) -> R) -> R {
  let x = x.assumingMemoryBound(to: X.self)
  var result = initial
  for i in 0..<n { result = f(result, x[i &* sx]) }
  return result
}

/// The index of the first element that `beats` all before it; a NaN beats all and is not beaten.
@inline(__always)
func indexLoop<X: Comparable>(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ beats: (X, X) -> Bool) -> Int {
  let x = x.assumingMemoryBound(to: X.self)
  var best = 0
  for i in 0..<n {
    let value = x[i &* sx]
    if value != value { return i }
    if beats(value, x[best &* sx]) { best = i }
  }
  return best
}

/// A bool as it is stored.
@inline(__always)
func byte(_ x: Bool) -> UInt8 { x ? 1 : 0 }
