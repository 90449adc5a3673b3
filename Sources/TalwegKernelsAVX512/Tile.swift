// The register tile for 32 vector registers of 64 bytes: 24 hold sums.
import TalwegKernels

/// 12 rows x two vectors of sums: 24 registers.
struct TileF32: RegisterTile {
  typealias Vector = VectorF32
  var p0 = RowPair<VectorF32>()
  var p1 = RowPair<VectorF32>()
  var p2 = RowPair<VectorF32>()
  var p3 = RowPair<VectorF32>()
  var p4 = RowPair<VectorF32>()
  var p5 = RowPair<VectorF32>()

  @inline(__always) init() {}
  @inline(__always) static var rows: Int { 12 }
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: rows, nr: columns, mc: 240, kc: 384, nc: 4096, itemSize: 4)
  }

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Float>, _ stride: Int, _ x0: VectorF32, _ x1: VectorF32) {
    p0.add(a, stride, x0, x1)
    p1.add(a + 2 &* stride, stride, x0, x1)
    p2.add(a + 4 &* stride, stride, x0, x1)
    p3.add(a + 6 &* stride, stride, x0, x1)
    p4.add(a + 8 &* stride, stride, x0, x1)
    p5.add(a + 10 &* stride, stride, x0, x1)
  }

  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ alpha: VectorF32, _ beta: VectorF32, _ readsC: Bool
  ) {
    p0.store(c, stride, alpha, beta, readsC)
    p1.store(c + 2 &* stride, stride, alpha, beta, readsC)
    p2.store(c + 4 &* stride, stride, alpha, beta, readsC)
    p3.store(c + 6 &* stride, stride, alpha, beta, readsC)
    p4.store(c + 8 &* stride, stride, alpha, beta, readsC)
    p5.store(c + 10 &* stride, stride, alpha, beta, readsC)
  }
}

/// 12 rows x two vectors of sums: 24 registers.
struct TileF64: RegisterTile {
  typealias Vector = VectorF64
  var p0 = RowPair<VectorF64>()
  var p1 = RowPair<VectorF64>()
  var p2 = RowPair<VectorF64>()
  var p3 = RowPair<VectorF64>()
  var p4 = RowPair<VectorF64>()
  var p5 = RowPair<VectorF64>()

  @inline(__always) init() {}
  @inline(__always) static var rows: Int { 12 }
  @inline(__always) static var blocks: GemmBlocks {
    GemmBlocks(mr: rows, nr: columns, mc: 120, kc: 384, nc: 2048, itemSize: 8)
  }

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Double>, _ stride: Int, _ x0: VectorF64, _ x1: VectorF64) {
    p0.add(a, stride, x0, x1)
    p1.add(a + 2 &* stride, stride, x0, x1)
    p2.add(a + 4 &* stride, stride, x0, x1)
    p3.add(a + 6 &* stride, stride, x0, x1)
    p4.add(a + 8 &* stride, stride, x0, x1)
    p5.add(a + 10 &* stride, stride, x0, x1)
  }

  @inline(__always)
  func store(
    _ c: UnsafeMutablePointer<Double>, _ stride: Int, _ alpha: VectorF64, _ beta: VectorF64, _ readsC: Bool
  ) {
    p0.store(c, stride, alpha, beta, readsC)
    p1.store(c + 2 &* stride, stride, alpha, beta, readsC)
    p2.store(c + 4 &* stride, stride, alpha, beta, readsC)
    p3.store(c + 6 &* stride, stride, alpha, beta, readsC)
    p4.store(c + 8 &* stride, stride, alpha, beta, readsC)
    p5.store(c + 10 &* stride, stride, alpha, beta, readsC)
  }
}
