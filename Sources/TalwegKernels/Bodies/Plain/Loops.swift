// Plain loops over strided elements: the shapes of the reference kernels, and of what the compiler vectorises by
// itself once for each CPU. For that the loops over contiguous elements, and over a scalar (stride 0) beside them,
// are written apart.

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
  if n == 0 { return }
  if sa == 1 && sb == 1 && sy == 1 {
    for i in 0..<n { y[i] = f(a[i], b[i]) }
  } else if sa == 1 && sb == 0 && sy == 1 {
    let scalar = b.pointee
    for i in 0..<n { y[i] = f(a[i], scalar) }
  } else if sa == 0 && sb == 1 && sy == 1 {
    let scalar = a.pointee
    for i in 0..<n { y[i] = f(scalar, b[i]) }
  } else {
    for i in 0..<n { y[i &* sy] = f(a[i &* sa], b[i &* sb]) }
  }
}

@inline(__always)
func foldLoop<X, R>(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ initial: R, _ f: (R, X) -> R) -> R {
  let x = x.assumingMemoryBound(to: X.self)
  var result = initial
  if sx == 1 {
    for i in 0..<n { result = f(result, x[i]) }
  } else {
    for i in 0..<n { result = f(result, x[i &* sx]) }
  }
  return result
}

/// The index of the first element that `beats` all before it; a NaN beats all and is not beaten.
@inline(__always)
func indexLoop<X: Comparable>(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ beats: (X, X) -> Bool) -> Int {
  indexLoop(n, x, sx, { (x: X) in x }, beats)
}

/// The same of the elements' values.
@inline(__always)
func indexLoop<X, V: Comparable>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ valueOf: (X) -> V, _ beats: (V, V) -> Bool
) -> Int {
  if n == 0 { return 0 }
  let x = x.assumingMemoryBound(to: X.self)
  var best = 0
  var greatest = valueOf(x.pointee)
  for i in 0..<n {
    let value = valueOf(x[i &* sx])
    if value != value { return i }
    if beats(value, greatest) {
      best = i
      greatest = value
    }
  }
  return best
}

/// A bool as it is stored.
@inline(__always)
func byte(_ x: Bool) -> UInt8 { x ? 1 : 0 }
