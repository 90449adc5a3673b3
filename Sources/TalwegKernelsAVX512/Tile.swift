// The register tile for 32 vector registers of 64 bytes: 24 hold sums.
import TalwegKernels

/// 12 rows x two vectors of sums: 24 registers.
enum TileF32: RegisterTile {
  typealias Vector = VectorF32
  typealias Rows = TwelveRows<Wide<VectorF32>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 12, nr: 32, mc: 192, kc: 768, nc: 4096, itemSize: 4)
  }
}

/// 12 rows x two vectors of sums: 24 registers.
enum TileF64: RegisterTile {
  typealias Vector = VectorF64
  typealias Rows = TwelveRows<Wide<VectorF64>>
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: 12, nr: 16, mc: 96, kc: 512, nc: 2048, itemSize: 8)
  }
}
