// The factorisations of panels as plain loops: see FactorKernels.

extension FactorKernels {
  static let referenceF32 = FactorKernels(
    cholesky: { referenceCholesky($0, $1, $2, $3, Float.self) },
    lu: { m, n, a, width, pivots, _ in referenceLU(m, n, a, width, pivots, Float.self) },
    qr: { m, n, a, width, tau, _ in referenceQR(m, n, a, width, tau, Float.self) },
    solve: { n, columns, t, row, column, unit, x, xRow, _ in
      referenceSolve(n, columns, t, row, column, unit, x, xRow, Float.self)
    })
  static let referenceF64 = FactorKernels(
    cholesky: { referenceCholesky($0, $1, $2, $3, Double.self) },
    lu: { m, n, a, width, pivots, _ in referenceLU(m, n, a, width, pivots, Double.self) },
    qr: { m, n, a, width, tau, _ in referenceQR(m, n, a, width, tau, Double.self) },
    solve: { n, columns, t, row, column, unit, x, xRow, _ in
      referenceSolve(n, columns, t, row, column, unit, x, xRow, Double.self)
    })
}

/// Golub and Van Loan, Matrix Computations, 4th ed., 4.2.
@inline(__always)
private func referenceCholesky<T: BinaryFloatingPoint>(
  _ n: Int, _ a: UnsafeMutableRawPointer, _ width: Int, _ tolerance: Double, _: T.Type
) -> Int {
  let a = a.assumingMemoryBound(to: T.self)
  for j in 0..<n {
    guard a[j * width + j] > T(tolerance), a[j * width + j] <= T.greatestFiniteMagnitude else { return j }
    let root = a[j * width + j].squareRoot()
    for c in j..<n { a[j * width + c] /= root }
    a[j * width + j] = root
    for i in (j + 1)..<max(n, j + 1) {
      for c in i..<n { a[i * width + c] -= a[j * width + i] * a[j * width + c] }
    }
  }
  return n
}

/// Golub and Van Loan, 3.4.
@inline(__always)
private func referenceLU<T: BinaryFloatingPoint>(
  _ m: Int, _ n: Int, _ a: UnsafeMutableRawPointer, _ width: Int, _ pivots: UnsafeMutablePointer<Int>, _: T.Type
) -> Int {
  let a = a.assumingMemoryBound(to: T.self)
  var singular = n
  for j in 0..<min(m, n) {
    var pivot = j
    for i in j..<m where a[i * width + j].magnitude > a[pivot * width + j].magnitude { pivot = i }
    pivots[j] = pivot
    for c in 0..<n {
      let value = a[j * width + c]
      a[j * width + c] = a[pivot * width + c]
      a[pivot * width + c] = value
    }
    if a[j * width + j] == 0 {
      singular = min(singular, j)
      continue
    }
    for i in (j + 1)..<max(m, j + 1) {
      a[i * width + j] /= a[j * width + j]
      for c in (j + 1)..<max(n, j + 1) { a[i * width + c] -= a[i * width + j] * a[j * width + c] }
    }
  }
  return singular
}

/// Golub and Van Loan, 5.1 and 5.2.
@inline(__always)
private func referenceQR<T: BinaryFloatingPoint>(
  _ m: Int, _ n: Int, _ a: UnsafeMutableRawPointer, _ width: Int, _ tau: UnsafeMutableRawPointer, _: T.Type
) {
  let a = a.assumingMemoryBound(to: T.self), tau = tau.assumingMemoryBound(to: T.self)
  for j in 0..<n { tau[j] = 0 }
  for j in 0..<min(m, n) {
    var largest = T(0)
    for i in (j + 1)..<max(m, j + 1) { largest = max(largest, a[i * width + j].magnitude) }
    if largest == 0 { continue }
    let head = a[j * width + j]
    largest = max(largest, head.magnitude)
    var squares = (head / largest) * (head / largest)
    for i in (j + 1)..<m { squares += (a[i * width + j] / largest) * (a[i * width + j] / largest) }
    let norm = squares.squareRoot()
    let beta = head.sign == .minus ? norm : -norm
    tau[j] = (beta - head / largest) / beta
    for i in (j + 1)..<m { a[i * width + j] = a[i * width + j] / largest / (head / largest - beta) }
    a[j * width + j] = beta * largest
    for c in (j + 1)..<max(n, j + 1) {
      var sum = a[j * width + c]
      for i in (j + 1)..<m { sum += a[i * width + j] * a[i * width + c] }
      a[j * width + c] -= tau[j] * sum
      for i in (j + 1)..<m { a[i * width + c] -= tau[j] * sum * a[i * width + j] }
    }
  }
}

@inline(__always)
private func referenceSolve<T: BinaryFloatingPoint>(
  _ n: Int, _ columns: Int, _ t: UnsafeRawPointer, _ row: Int, _ column: Int, _ unit: Bool,
  _ x: UnsafeMutableRawPointer, _ xRow: Int, _: T.Type
) {
  let t = t.assumingMemoryBound(to: T.self), x = x.assumingMemoryBound(to: T.self)
  for i in 0..<n {
    for c in 0..<columns {
      var value = x[i * xRow + c]
      for p in 0..<i { value -= t[i * row + p * column] * x[p * xRow + c] }
      x[i * xRow + c] = unit ? value : value / t[i * row + i * column]
    }
  }
}
