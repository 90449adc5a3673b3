extension FactorKernels {
  mutating func setVectorF32() {
    cholesky = { choleskyF32($0, $1.assumingMemoryBound(to: Float.self), $2, Float($3)) }
    lu = { m, n, a, width, pivots, workspace in
      luF32(m, n, a.assumingMemoryBound(to: Float.self), width, pivots, workspace.assumingMemoryBound(to: Float.self))
    }
    qr = { m, n, a, width, tau, workspace in
      qrF32(
        m, n, a.assumingMemoryBound(to: Float.self), width, tau.assumingMemoryBound(to: Float.self),
        workspace.assumingMemoryBound(to: Float.self))
    }
    solve = { n, columns, t, row, column, unit, x, xRow, workspace in
      solveF32(
        n, columns, t.assumingMemoryBound(to: Float.self), row, column, unit, x.assumingMemoryBound(to: Float.self),
        xRow, workspace.assumingMemoryBound(to: Float.self))
    }
  }

  mutating func setVectorF64() {
    cholesky = { choleskyF64($0, $1.assumingMemoryBound(to: Double.self), $2, $3) }
    lu = { m, n, a, width, pivots, workspace in
      luF64(m, n, a.assumingMemoryBound(to: Double.self), width, pivots, workspace.assumingMemoryBound(to: Double.self))
    }
    qr = { m, n, a, width, tau, workspace in
      qrF64(
        m, n, a.assumingMemoryBound(to: Double.self), width, tau.assumingMemoryBound(to: Double.self),
        workspace.assumingMemoryBound(to: Double.self))
    }
    solve = { n, columns, t, row, column, unit, x, xRow, workspace in
      solveF64(
        n, columns, t.assumingMemoryBound(to: Double.self), row, column, unit, x.assumingMemoryBound(to: Double.self),
        xRow, workspace.assumingMemoryBound(to: Double.self))
    }
  }
}

@inline(never)
private func choleskyF32(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ width: Int, _ tolerance: Float) -> Int {
  VectorF32.panelCholesky(n, a, width, tolerance)
}
@inline(never)
private func choleskyF64(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ width: Int, _ tolerance: Double) -> Int {
  VectorF64.panelCholesky(n, a, width, tolerance)
}
@inline(never)
private func luF32(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ width: Int, _ pivots: UnsafeMutablePointer<Int>,
  _ workspace: UnsafeMutablePointer<Float>
) -> Int {
  VectorF32.panelLU(m, n, a, width, pivots, workspace)
}
@inline(never)
private func luF64(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ width: Int, _ pivots: UnsafeMutablePointer<Int>,
  _ workspace: UnsafeMutablePointer<Double>
) -> Int {
  VectorF64.panelLU(m, n, a, width, pivots, workspace)
}
@inline(never)
private func qrF32(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ width: Int, _ tau: UnsafeMutablePointer<Float>,
  _ workspace: UnsafeMutablePointer<Float>
) {
  VectorF32.panelQR(m, n, a, width, tau, workspace)
}
@inline(never)
private func qrF64(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ width: Int, _ tau: UnsafeMutablePointer<Double>,
  _ workspace: UnsafeMutablePointer<Double>
) {
  VectorF64.panelQR(m, n, a, width, tau, workspace)
}
@inline(never)
private func solveF32(
  _ n: Int, _ columns: Int, _ t: UnsafePointer<Float>, _ row: Int, _ column: Int, _ unit: Bool,
  _ x: UnsafeMutablePointer<Float>, _ xRow: Int, _ workspace: UnsafeMutablePointer<Float>
) {
  VectorF32.panelSolve(n, columns, t, row, column, unit, x, xRow, workspace)
}
@inline(never)
private func solveF64(
  _ n: Int, _ columns: Int, _ t: UnsafePointer<Double>, _ row: Int, _ column: Int, _ unit: Bool,
  _ x: UnsafeMutablePointer<Double>, _ xRow: Int, _ workspace: UnsafeMutablePointer<Double>
) {
  VectorF64.panelSolve(n, columns, t, row, column, unit, x, xRow, workspace)
}
