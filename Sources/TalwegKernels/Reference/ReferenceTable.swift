extension KernelTable {
  /// Every kernel as a plain loop: what the other tables start from and are tested against.
  public static let reference: KernelTable = {
    let table = KernelTable(name: "reference", f32: ReferenceKernels.f32, f64: ReferenceKernels.f64)
    table.setFloatUnary()
    table.setElementary()
    table.setFloatBinary()
    table.setReduce()
    table.setReduceMany()
    table.setPlainKernels()
    return table
  }()
}

private enum ReferenceKernels {
  static let f32 = FloatKernels(
    dot: { referenceDot($0, $1, $2, $3, $4, Float.self) },
    axpy: { referenceAxpy($0, $1, $2, $3, Float.self) },
    scale: { referenceScale($0, $1, $2, $3, Float.self) },
    sumOfSquares: {
      $3.storeBytes(of: Float(referenceDot($0, $1, $2, $1, $2, Float.self)), as: Float.self)
    },
    softmaxRow: { referenceSoftmax($0, $1, $2, Float.self) },
    logSoftmaxRow: { referenceLogSoftmax($0, $1, $2, Float.self) },
    logSumExp: { referenceLogSumExp($0, $1, $2, Float.self) },
    losses: .referenceF32,
    normalization: .referenceF32,
    random: .referenceF32,
    activations: .referenceF32,
    updates: .referenceF32,
    attention: { p, b, h, i, j, _ in referenceAttention(p.pointee, b, h, i, j, Float.self) },
    attentionBackward: { p, b, h, i, j, _ in referenceAttentionBackward(p.pointee, b, h, i, j, Float.self) },
    attentionWorkspace: { _, _ in 0 },
    attentionBackwardWorkspace: { _, _ in 0 },
    recurrent: referenceRecurrentF32,
    gemm: { m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, _ in
      referenceGemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, Float.self)
    },
    gemmFinished: { product, _ in referenceGemm(product.pointee, Float.self) },
    // The first piece is the whole.
    gemmPack: { _, _, _, _, _ in },
    gemmPiece: { product, _, step, piece, _ in
      if step == 0 && piece == 0 { referenceGemm(product.pointee, Float.self) }
    },
    activationGradient: { m, n, activation, g, rsg, kept, rsk, d, rsd, sums in
      referenceActivationGradient(m, n, activation, g, rsg, kept, rsk, d, rsd, sums, Float.self)
    },
    gemv: { m, n, alpha, a, rsa, csa, x, sx, beta, y, sy in
      referenceGemv(m, n, alpha, a, rsa, csa, x, sx, beta, y, sy, Float.self)
    },
    gram: { m, n, k, x, rsx, csx, c, rsc in
      referenceGemm(m, n, k, 1, x, csx, rsx, x, rsx, csx, 1, c, rsc, 1, Float.self)
    },
    gemmBlocks: GemmBlocks(mr: 1, nr: 1, mc: 1, kc: 1, nc: 1, itemSize: 4), factors: .referenceF32,
    convolution: .referenceF32, pooling: .referenceF32)

  static let f64 = FloatKernels(
    dot: { referenceDot($0, $1, $2, $3, $4, Double.self) },
    axpy: { referenceAxpy($0, $1, $2, $3, Double.self) },
    scale: { referenceScale($0, $1, $2, $3, Double.self) },
    sumOfSquares: {
      $3.storeBytes(of: Double(referenceDot($0, $1, $2, $1, $2, Double.self)), as: Double.self)
    },
    softmaxRow: { referenceSoftmax($0, $1, $2, Double.self) },
    logSoftmaxRow: { referenceLogSoftmax($0, $1, $2, Double.self) },
    logSumExp: { referenceLogSumExp($0, $1, $2, Double.self) },
    losses: .referenceF64,
    normalization: .referenceF64,
    random: .referenceF64,
    activations: .referenceF64,
    updates: .referenceF64,
    attention: { p, b, h, i, j, _ in referenceAttention(p.pointee, b, h, i, j, Double.self) },
    attentionBackward: { p, b, h, i, j, _ in referenceAttentionBackward(p.pointee, b, h, i, j, Double.self) },
    attentionWorkspace: { _, _ in 0 },
    attentionBackwardWorkspace: { _, _ in 0 },
    recurrent: referenceRecurrentF64,
    gemm: { m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, _ in
      referenceGemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, Double.self)
    },
    gemmFinished: { product, _ in referenceGemm(product.pointee, Double.self) },
    // The first piece is the whole.
    gemmPack: { _, _, _, _, _ in },
    gemmPiece: { product, _, step, piece, _ in
      if step == 0 && piece == 0 { referenceGemm(product.pointee, Double.self) }
    },
    activationGradient: { m, n, activation, g, rsg, kept, rsk, d, rsd, sums in
      referenceActivationGradient(m, n, activation, g, rsg, kept, rsk, d, rsd, sums, Double.self)
    },
    gemv: { m, n, alpha, a, rsa, csa, x, sx, beta, y, sy in
      referenceGemv(m, n, alpha, a, rsa, csa, x, sx, beta, y, sy, Double.self)
    },
    gram: { m, n, k, x, rsx, csx, c, rsc in
      referenceGemm(m, n, k, 1, x, csx, rsx, x, rsx, csx, 1, c, rsc, 1, Double.self)
    },
    gemmBlocks: GemmBlocks(mr: 1, nr: 1, mc: 1, kc: 1, nc: 1, itemSize: 8), factors: .referenceF64,
    convolution: .referenceF64, pooling: .referenceF64)
}
