// The register tile for 16 vector registers of 32 bytes: 12 hold sums.
import TalwegKernels

/// 6 rows x two vectors of sums: 12 registers.
struct TileF32: RegisterTile {
  typealias Vector = VectorF32
  var p0 = RowPair<VectorF32>()
  var p1 = RowPair<VectorF32>()
  var p2 = RowPair<VectorF32>()

  @inline(__always) init() {}
  @inline(__always) static var rows: Int { 6 }
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: rows, nr: columns, mc: 240, kc: 320, nc: 4080, itemSize: 4)
  }

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Float>, _ stride: Int, _ x0: VectorF32, _ x1: VectorF32) {
    p0.add(a, stride, x0, x1)
    p1.add(a + 2 &* stride, stride, x0, x1)
    p2.add(a + 4 &* stride, stride, x0, x1)
  }

  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ alpha: VectorF32, _ beta: VectorF32, _ readsC: Bool
  ) {
    p0.store(c, stride, alpha, beta, readsC)
    p1.store(c + 2 &* stride, stride, alpha, beta, readsC)
    p2.store(c + 4 &* stride, stride, alpha, beta, readsC)
  }
}

/// 6 rows x two vectors of sums: 12 registers.
struct TileF64: RegisterTile {
  typealias Vector = VectorF64
  var p0 = RowPair<VectorF64>()
  var p1 = RowPair<VectorF64>()
  var p2 = RowPair<VectorF64>()

  @inline(__always) init() {}
  @inline(__always) static var rows: Int { 6 }
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: rows, nr: columns, mc: 120, kc: 320, nc: 2040, itemSize: 8)
  }

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Double>, _ stride: Int, _ x0: VectorF64, _ x1: VectorF64) {
    p0.add(a, stride, x0, x1)
    p1.add(a + 2 &* stride, stride, x0, x1)
    p2.add(a + 4 &* stride, stride, x0, x1)
  }

  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Double>, _ stride: Int, _ alpha: VectorF64, _ beta: VectorF64, _ readsC: Bool
  ) {
    p0.store(c, stride, alpha, beta, readsC)
    p1.store(c + 2 &* stride, stride, alpha, beta, readsC)
    p2.store(c + 4 &* stride, stride, alpha, beta, readsC)
  }
}
