extension FloatKernels {
  mutating func setVectorAttentionF32() {
    attention = { VectorF32.attend($0.pointee, $1, $2, $3, $4, $5) }
    attentionBackward = { VectorF32.attendBackward($0.pointee, $1, $2, $3, $4, $5) }
    attentionWorkspace = { VectorF32.attendWorkspace($0.pointee, $1) }
    attentionBackwardWorkspace = { p, _ in VectorF32.attendBackwardWorkspace(p.pointee) }
  }

  mutating func setVectorAttentionF64() {
    attention = { VectorF64.attend($0.pointee, $1, $2, $3, $4, $5) }
    attentionBackward = { VectorF64.attendBackward($0.pointee, $1, $2, $3, $4, $5) }
    attentionWorkspace = { VectorF64.attendWorkspace($0.pointee, $1) }
    attentionBackwardWorkspace = { p, _ in VectorF64.attendBackwardWorkspace(p.pointee) }
  }
}
