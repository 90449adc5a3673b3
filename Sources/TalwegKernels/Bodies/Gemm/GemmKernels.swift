extension FloatKernels {
  mutating func setVectorGemmF32() {
    gemmBlocks = TileF32.blocks
    gemm = { m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace in
      let a = a.assumingMemoryBound(to: Float.self), b = b.assumingMemoryBound(to: Float.self)
      let c = c.assumingMemoryBound(to: Float.self)
      // A product whose C has contiguous columns is its transpose, whose C has contiguous rows.
      if rsc == 1 && csc != 1 {
        gemmF32(n, m, k, alpha, b, csb, rsb, a, csa, rsa, beta, c, csc, rsc, workspace)
      } else {
        gemmF32(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace)
      }
    }
    gemv = { m, n, alpha, a, rsa, csa, x, sx, beta, y, sy in
      VectorF32.gemv(
        m, n, alpha, a.assumingMemoryBound(to: Float.self), rsa, csa, x.assumingMemoryBound(to: Float.self), sx,
        beta, y.assumingMemoryBound(to: Float.self), sy)
    }
  }

  mutating func setVectorGemmF64() {
    gemmBlocks = TileF64.blocks
    gemm = { m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace in
      let a = a.assumingMemoryBound(to: Double.self), b = b.assumingMemoryBound(to: Double.self)
      let c = c.assumingMemoryBound(to: Double.self)
      // A product whose C has contiguous columns is its transpose, whose C has contiguous rows.
      if rsc == 1 && csc != 1 {
        gemmF64(n, m, k, alpha, b, csb, rsb, a, csa, rsa, beta, c, csc, rsc, workspace)
      } else {
        gemmF64(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace)
      }
    }
    gemv = { m, n, alpha, a, rsa, csa, x, sx, beta, y, sy in
      VectorF64.gemv(
        m, n, alpha, a.assumingMemoryBound(to: Double.self), rsa, csa, x.assumingMemoryBound(to: Double.self), sx,
        beta, y.assumingMemoryBound(to: Double.self), sy)
    }
  }
}

@inline(never)
private func gemmF32(
  _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Float>, _ rsa: Int, _ csa: Int,
  _ b: UnsafePointer<Float>, _ rsb: Int, _ csb: Int, _ beta: Double,
  _ c: UnsafeMutablePointer<Float>, _ rsc: Int, _ csc: Int, _ workspace: UnsafeMutableRawPointer
) {
  let blocks = TileF32.blocks
  if alpha != 0 && k > 0 && TileF32.isSmall(blocks, m, n, k, csb, csc) {
    TileF32.gemmUnpacked(m, n, k, alpha, a, rsa, csa, b, rsb, beta, c, rsc)
  } else {
    TileF32.gemm(blocks, m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace)
  }
}

@inline(never)
private func gemmF64(
  _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ rsa: Int, _ csa: Int,
  _ b: UnsafePointer<Double>, _ rsb: Int, _ csb: Int, _ beta: Double,
  _ c: UnsafeMutablePointer<Double>, _ rsc: Int, _ csc: Int, _ workspace: UnsafeMutableRawPointer
) {
  let blocks = TileF64.blocks
  if alpha != 0 && k > 0 && TileF64.isSmall(blocks, m, n, k, csb, csc) {
    TileF64.gemmUnpacked(m, n, k, alpha, a, rsa, csa, b, rsb, beta, c, rsc)
  } else {
    TileF64.gemm(blocks, m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace)
  }
}
