// The register tile for 16 vector registers of 16 bytes: 8 hold sums.

/// 4 rows x two vectors of sums: 8 registers.
enum TileF32: RegisterTile {
  typealias Vector = VectorF32
  typealias Rows = FourRows<Wide<VectorF32>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 4, nr: 8, mc: 240, kc: 256, nc: 4080, itemSize: 4)
  }
}

/// 4 rows x two vectors of sums: 8 registers.
enum TileF64: RegisterTile {
  typealias Vector = VectorF64
  typealias Rows = FourRows<Wide<VectorF64>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 4, nr: 4, mc: 120, kc: 256, nc: 2040, itemSize: 8)
  }
}
