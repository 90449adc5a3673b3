extension FloatKernels {
  mutating func setVectorRecurrentF32() {
    recurrent = RecurrentKernels(
      lstm: { VectorF32.lstm($0.pointee, $1, $2, $3) },
      lstmBackward: { VectorF32.lstmBackward($0.pointee, $1, $2, $3) },
      gru: { VectorF32.gru($0.pointee, $1, $2, $3) },
      gruBackward: { VectorF32.gruBackward($0.pointee, $1, $2, $3) },
      packPanels: {
        VectorF32.packPanels(
          $0, $1, $2.assumingMemoryBound(to: Float.self), $3, $4, $5.assumingMemoryBound(to: Float.self))
      },
      panelColumns: VectorF32.columns)
  }

  mutating func setVectorRecurrentF64() {
    recurrent = RecurrentKernels(
      lstm: { VectorF64.lstm($0.pointee, $1, $2, $3) },
      lstmBackward: { VectorF64.lstmBackward($0.pointee, $1, $2, $3) },
      gru: { VectorF64.gru($0.pointee, $1, $2, $3) },
      gruBackward: { VectorF64.gruBackward($0.pointee, $1, $2, $3) },
      packPanels: {
        VectorF64.packPanels(
          $0, $1, $2.assumingMemoryBound(to: Double.self), $3, $4, $5.assumingMemoryBound(to: Double.self))
      },
      panelColumns: VectorF64.columns)
  }
}
