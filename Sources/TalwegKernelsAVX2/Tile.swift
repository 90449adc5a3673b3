// The register tile for 16 vector registers of 32 bytes: 12 hold sums.
import TalwegKernels

/// 6 rows x two vectors of sums: 12 registers.
enum TileF32: RegisterTile {
  typealias Vector = VectorF32
  typealias Rows = SixRows<Wide<VectorF32>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 6, nr: 16, mc: 240, kc: 256, nc: 4080, itemSize: 4)
  }
}

/// 6 rows x two vectors of sums: 12 registers.
enum TileF64: RegisterTile {
  typealias Vector = VectorF64
  typealias Rows = SixRows<Wide<VectorF64>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 6, nr: 8, mc: 120, kc: 256, nc: 2040, itemSize: 8)
  }
}
