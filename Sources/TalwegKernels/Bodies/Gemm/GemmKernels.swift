internal import CIntrinsics

extension FloatKernels {
  mutating func setVectorGemmF32() {
    gemmBlocks = TileF32.blocks
    gemm = { m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, workspace in
      gemmF32(
        tk_gemm(
          m: m, n: n, k: k, alpha: alpha, beta: beta, a: a, a_row: rsa, a_column: csa, b: b, b_row: rsb,
          b_column: csb, c: c, c_row: rsc, c_column: csc, epilogue: nil), workspace)
    }
    gemmFinished = { gemmF32($0.pointee, $1) }
    gemmPack = { packPieceF32($0.pointee, $1.pointee, $2, $3, $4) }
    gemmPiece = { multiplyPieceF32($0.pointee, $1.pointee, $2, $3, $4) }
    activationGradient = { m, n, activation, g, rsg, kept, rsk, d, rsd, sums in
      VectorF32.activationGradient(
        m, n, activation, g.assumingMemoryBound(to: Float.self), rsg, kept.assumingMemoryBound(to: Float.self), rsk,
        d.assumingMemoryBound(to: Float.self), rsd, sums.assumingMemoryBound(to: Float.self)
      ) { geluGrad($0, $1) }
    }
    gram = { m, n, k, x, rsx, csx, c, rsc in
      gramF32(m, n, k, x.assumingMemoryBound(to: Float.self), rsx, csx, c.assumingMemoryBound(to: Float.self), rsc)
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
      gemmF64(
        tk_gemm(
          m: m, n: n, k: k, alpha: alpha, beta: beta, a: a, a_row: rsa, a_column: csa, b: b, b_row: rsb,
          b_column: csb, c: c, c_row: rsc, c_column: csc, epilogue: nil), workspace)
    }
    gemmFinished = { gemmF64($0.pointee, $1) }
    gemmPack = { packPieceF64($0.pointee, $1.pointee, $2, $3, $4) }
    gemmPiece = { multiplyPieceF64($0.pointee, $1.pointee, $2, $3, $4) }
    activationGradient = { m, n, activation, g, rsg, kept, rsk, d, rsd, sums in
      VectorF64.activationGradient(
        m, n, activation, g.assumingMemoryBound(to: Double.self), rsg, kept.assumingMemoryBound(to: Double.self), rsk,
        d.assumingMemoryBound(to: Double.self), rsd, sums.assumingMemoryBound(to: Double.self)
      ) { geluGrad($0, $1) }
    }
    gram = { m, n, k, x, rsx, csx, c, rsc in
      gramF64(m, n, k, x.assumingMemoryBound(to: Double.self), rsx, csx, c.assumingMemoryBound(to: Double.self), rsc)
    }
    gemv = { m, n, alpha, a, rsa, csa, x, sx, beta, y, sy in
      VectorF64.gemv(
        m, n, alpha, a.assumingMemoryBound(to: Double.self), rsa, csa, x.assumingMemoryBound(to: Double.self), sx,
        beta, y.assumingMemoryBound(to: Double.self), sy)
    }
  }
}

@inline(never)
private func gemmF32(_ g: tk_gemm, _ workspace: UnsafeMutableRawPointer) {
  g.withContiguousRows { TileF32.gemm($0, workspace) }
}
@inline(never)
private func gemmF64(_ g: tk_gemm, _ workspace: UnsafeMutableRawPointer) {
  g.withContiguousRows { TileF64.gemm($0, workspace) }
}
@inline(never)
private func packPieceF32(
  _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
) {
  TileF32.packPiece(g, plan, step, piece, workspace)
}
@inline(never)
private func packPieceF64(
  _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
) {
  TileF64.packPiece(g, plan, step, piece, workspace)
}
@inline(never)
private func multiplyPieceF32(
  _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
) {
  TileF32.multiplyPiece(g, plan, step, piece, workspace)
}
@inline(never)
private func multiplyPieceF64(
  _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
) {
  TileF64.multiplyPiece(g, plan, step, piece, workspace)
}
@inline(never)
private func gramF32(
  _ m: Int, _ n: Int, _ k: Int, _ x: UnsafePointer<Float>, _ rsx: Int, _ csx: Int, _ c: UnsafeMutablePointer<Float>,
  _ rsc: Int
) {
  if csx == 1 { TileF32.gramOfRows(m, n, k, x, rsx, c, rsc) } else { VectorF32.gramOfColumns(m, n, k, x, csx, c, rsc) }
}
@inline(never)
private func gramF64(
  _ m: Int, _ n: Int, _ k: Int, _ x: UnsafePointer<Double>, _ rsx: Int, _ csx: Int, _ c: UnsafeMutablePointer<Double>,
  _ rsc: Int
) {
  if csx == 1 { TileF64.gramOfRows(m, n, k, x, rsx, c, rsc) } else { VectorF64.gramOfColumns(m, n, k, x, csx, c, rsc) }
}
