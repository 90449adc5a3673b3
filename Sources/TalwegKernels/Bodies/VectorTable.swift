extension KernelTable {
  /// Puts every kernel of this folder into the table.
  mutating func setVectorKernels() {
    setPlainKernels()
    setSort()
    setVectorArithmetic()
    setVectorCompare()
    setVectorClip()
    setVectorReduce()
    setVectorReduceMany()
    setVectorExtremes()
    statisticsF32.setVectorStatisticsF32()
    statisticsF64.setVectorStatisticsF64()
    setVectorElementary()
    f32.setVectorLinearF32()
    f64.setVectorLinearF64()
    f32.updates.setVectorF32()
    f64.updates.setVectorF64()
    f32.setVectorRowsF32()
    f64.setVectorRowsF64()
    f32.setVectorAttentionF32()
    f64.setVectorAttentionF64()
    f32.losses.setVectorF32()
    f64.losses.setVectorF64()
    f32.normalization.setVectorF32()
    f64.normalization.setVectorF64()
    f32.random.setVectorF32()
    f64.random.setVectorF64()
    f32.activations.setVectorF32()
    f64.activations.setVectorF64()
    f32.setVectorRecurrentF32()
    f64.setVectorRecurrentF64()
    f32.setVectorGemmF32()
    f64.setVectorGemmF64()
    f32.factors.setVectorF32()
    f64.factors.setVectorF64()
    f32.setVectorConvolutionF32()
    f64.setVectorConvolutionF64()
    f32.setVectorPoolingF32()
    f64.setVectorPoolingF64()
    probes = .vector()
  }
}

extension KernelTable {
  /// Puts the loops of Plain/ into the table, as compiled for this module's CPU.
  func setPlainKernels() {
    // First, because moves are conversions too.
    setMoves()
    setIntegerUnary()
    setIntegerBinary()
    setBoolBinary()
    setBits()
    setClip()
    setIntegerProducts()
    setIntegerReduce()
    setIntegerReduceMany()
    setCompare()
    setCasts()
  }
}
