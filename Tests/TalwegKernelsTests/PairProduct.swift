import Foundation
import TalwegKernels
import TalwegKernelsBF16
import Testing

/// Products of packed bfloat16 pairs, by plain loops and by the CPU's instructions where it has them.
@Suite struct PairProducts {
  static let kernels: [(String, PairKernels)] = {
    var all = [("reference", PairKernels.reference)]
    if cpuSupportsAVX512BF16() { all.append(("avx512_bf16", bf16PairKernels())) }
    return all
  }()

  /// A matrix of bfloat16 with any strides, at the end of its memory.
  struct Matrix {
    let memory: GuardedMemory
    let first: UnsafeMutablePointer<UInt16>
    let rowStride, columnStride: Int

    /// Layouts: rows contiguous, columns contiguous, every second element, both directions reversed.
    init(_ rows: Int, _ columns: Int, layout: Int, _ value: (Int, Int) -> Float) {
      let span: Int
      switch layout {
      case 0: (rowStride, columnStride, span) = (columns, 1, rows * columns)
      case 1: (rowStride, columnStride, span) = (1, rows, rows * columns)
      case 2: (rowStride, columnStride, span) = (2 * columns, 2, max(0, 2 * rows * columns - 1))
      default: (rowStride, columnStride, span) = (-columns, -1, rows * columns)
      }
      memory = GuardedMemory(atEnd: span * 2)
      let start = memory.start.assumingMemoryBound(to: UInt16.self)
      first = layout == 3 ? start + max(0, span - 1) : start
      for i in 0..<rows {
        for j in 0..<columns { first[i * rowStride + j * columnStride] = UInt16(value(i, j).bitPattern >> 16) }
      }
    }
    func value(_ i: Int, _ j: Int) -> Double {
      Double(Float(bitPattern: UInt32(first[i * rowStride + j * columnStride]) << 16))
    }
  }

  /// C's rows are `columns` + 3 apart.
  static func product(
    _ kernel: PairKernels, _ a: Matrix, _ b: Matrix, _ m: Int, _ n: Int, _ k: Int, adds: Bool
  ) -> [Float] {
    let rows = (m + kernel.rows - 1) / kernel.rows * kernel.rows
    let columns = (n + kernel.columns - 1) / kernel.columns * kernel.columns
    let packedA = GuardedMemory(atEnd: PairKernels.panelBytes(rows, depth: k))
    let packedB = GuardedMemory(atEnd: PairKernels.panelBytes(columns, depth: k))
    kernel.packRows(m, k, a.first, a.rowStride, a.columnStride, packedA.start)
    kernel.packColumns(n, k, b.first, b.columnStride, b.rowStride, packedB.start)
    let stride = n + 3
    let memory = GuardedMemory(atEnd: ((m - 1) * stride + n) * 4)
    let c = memory.start.assumingMemoryBound(to: Float.self)
    for i in 0..<((m - 1) * stride + n) { c[i] = 1 }
    kernel.multiply(m, n, k, packedA.start, packedB.start, c, stride, adds)
    for i in 0..<(m - 1) { for j in n..<stride { #expect(c[i * stride + j] == 1) } }
    return (0..<m).flatMap { i in (0..<n).map { c[i * stride + $0] } }
  }

  /// The products of eight-bit numbers are exact in float32, so that only the k sums round: the bound of any order
  /// of summation (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and one more where C is added.
  static func check(_ name: String, _ kernel: PairKernels, _ m: Int, _ n: Int, _ k: Int, layouts: (Int, Int), adds: Bool) {
    let a = Matrix(m, k, layout: layouts.0) { Float(uniform($0 * k + $1)) }
    let b = Matrix(k, n, layout: layouts.1) { Float(uniform($0 * n + $1, seed: 3)) }
    let found = product(kernel, a, b, m, n, k, adds: adds)
    for i in 0..<m {
      for j in 0..<n {
        var sum = adds ? 1.0 : 0, size = adds ? 1.0 : 0
        for p in 0..<k {
          let term = a.value(i, p) * b.value(p, j)
          sum += term
          size += term.magnitude
        }
        let error = (Double(found[i * n + j]) - sum).magnitude
        #expect(error <= Double(k + 1) * 0x1p-23 * size, "\(name) \(m) \(n) \(k) \(layouts): \(i) \(j)")
      }
    }
  }

  @Test func oddShapes() {
    for (name, kernel) in Self.kernels {
      for (index, m) in [1, 2, 3, 5, 11, 12, 13, 23, 25, 37].enumerated() {
        for (other, n) in [1, 7, 15, 16, 17, 31, 32, 33, 63, 70].enumerated() {
          let k = [1, 2, 3, 31, 32, 33, 34, 67][(index + other) % 8]
          Self.check(name, kernel, m, n, k, layouts: (index % 4, other % 4), adds: (index + other) % 2 == 0)
        }
      }
      for layouts in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (3, 2)] {
        Self.check(name, kernel, 29, 67, 101, layouts: layouts, adds: false)
        Self.check(name, kernel, 12, 32, 64, layouts: layouts, adds: true)
      }
      Self.check(name, kernel, 5, 3, 0, layouts: (0, 0), adds: false)
    }
  }

  /// An element's bits do not depend on which rows and columns are computed with it.
  @Test func splitsChangeNoBit() {
    let (m, n, k) = (31, 75, 203)
    for (name, kernel) in Self.kernels {
      let whole = Self.product(
        kernel, Matrix(m, k, layout: 0) { Float(uniform($0 * k + $1)) },
        Matrix(k, n, layout: 0) { Float(uniform($0 * n + $1, seed: 3)) }, m, n, k, adds: false)
      for (i, j) in [(0, 0), (7, 40), (30, 74), (13, 33)] {
        let part = Self.product(
          kernel, Matrix(m - i, k, layout: 0) { Float(uniform(($0 + i) * k + $1)) },
          Matrix(k, n - j, layout: 1) { Float(uniform($0 * n + $1 + j, seed: 3)) }, m - i, n - j, k, adds: false)
        for r in 0..<(m - i) {
          for c in 0..<(n - j) { #expect(part[r * (n - j) + c] == whole[(r + i) * n + c + j], "\(name)") }
        }
      }
    }
  }

  /// NaN and infinities go where they belong and no further: what a panel lacks is no number.
  @Test func nonFiniteStaysInItsRowAndColumn() {
    let (m, n, k) = (14, 35, 9)
    for (name, kernel) in Self.kernels {
      let a = Matrix(m, k, layout: 0) { i, p in i == 13 && p == 8 ? .infinity : 1 }
      let b = Matrix(k, n, layout: 0) { p, j in j == 34 && p == 0 ? .nan : 1 }
      let found = Self.product(kernel, a, b, m, n, k, adds: false)
      for i in 0..<m {
        for j in 0..<n {
          let c = found[i * n + j]
          #expect(j == 34 ? c.isNaN : i == 13 ? c == .infinity : c == 9, "\(name) \(i) \(j)")
        }
      }
    }
  }
}
