import TalwegKernels
import Testing

/// The factorisations of panels against the plain loops.
@Suite struct Factors {
  private let sizes = [
    (1, 1), (2, 1), (1, 3), (5, 3), (3, 5), (16, 16), (40, 17), (33, 32), (100, 32), (7, 40), (65, 50), (200, 7),
  ]

  /// A panel with a line of its width, on a cache line, and what a kernel needs beside it.
  private final class Panel {
    let type: DType
    let rows, columns, width: Int
    let memory: UnsafeMutableRawPointer

    init(_ type: DType, _ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double = { _, _ in 0 }) {
      let line = FactorKernels.lineBytes / type.itemSize
      (self.type, self.rows, self.columns) = (type, rows, columns)
      width = (columns + line - 1) / line * line
      memory = .allocate(byteCount: max(1, rows * width * type.itemSize), alignment: 64)
      for i in 0..<rows { for j in 0..<width { self[i, j] = j < columns ? value(i, j) : 0 } }
    }

    deinit { memory.deallocate() }

    subscript(i: Int, j: Int) -> Double {
      get {
        let at = (i * width + j) * type.itemSize
        return type == .float32
          ? Double(memory.load(fromByteOffset: at, as: Float.self)) : memory.load(fromByteOffset: at, as: Double.self)
      }
      set {
        let at = (i * width + j) * type.itemSize
        if type == .float32 {
          memory.storeBytes(of: Float(newValue), toByteOffset: at, as: Float.self)
        } else {
          memory.storeBytes(of: newValue, toByteOffset: at, as: Double.self)
        }
      }
    }
  }

  private func compare(
    _ what: String, _ mine: Panel, _ expected: Panel, rows: Int, upper: Bool = false, scale: Double = 1,
    bound: Double = 400
  ) {
    for i in 0..<rows {
      for j in (upper ? i : 0)..<max(mine.columns, upper ? i : 0) {
        let slack = bound * ulp(1, mine.type) * max(1, expected[i, j].magnitude / scale)
        if (mine[i, j] - expected[i, j]).magnitude / scale <= slack { continue }
        Issue.record("\(what), element \(i), \(j): \(mine[i, j]), not \(expected[i, j])")
        return
      }
    }
  }

  /// Numbers in [-1, 1) without the pattern of `uniform`, which makes matrices singular: SplitMix64 (Steele, Lea and
  /// Flood, 2014).
  private func random(_ i: Int, _ j: Int) -> Double {
    var z = UInt64(i * 1000 + j + 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 11) * 0x1p-52 - 1
  }

  private func value(_ i: Int, _ j: Int) -> Double { random(i, j) + (i == j ? 2 : 0) }

  @Test(arguments: floatTypes) func qr(type: DType) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 64)
    defer { room.deallocate() }
    for table in tables {
      for (m, n) in sizes {
        // Also where squares are no numbers any more.
        for scale in [1, type == .float32 ? 1e-36 : 1e-300] {
          let a = Panel(type, m, n) { value($0, $1) * scale }, b = Panel(type, m, n) { value($0, $1) * scale }
          let t = Panel(type, 1, n) { _, _ in 9 }, u = Panel(type, 1, n) { _, _ in 9 }
          table.float(type)!.factors.qr(m, n, a.memory, a.width, t.memory, room)
          KernelTable.reference.float(type)!.factors.qr(m, n, b.memory, b.width, u.memory, room)
          for i in 0..<m {
            for j in i..<max(n, i) { (a[i, j], b[i, j]) = (a[i, j] / scale, b[i, j] / scale) }
          }
          compare("\(table.name) qr \(m) x \(n)", a, b, rows: m)
          compare("\(table.name) tau of \(m) x \(n)", t, u, rows: 1)
        }
      }
    }
  }

  /// Columns of zeros and of a single element have no reflector, and the last row has none.
  @Test(arguments: floatTypes) func noReflector(type: DType) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 64)
    defer { room.deallocate() }
    for table in tables {
      let a = Panel(type, 4, 4) { i, j in j == 0 ? 0 : i <= j ? Double(i + j) : 0 }
      let t = Panel(type, 1, 4) { _, _ in 9 }
      table.float(type)!.factors.qr(4, 4, a.memory, a.width, t.memory, room)
      for i in 0..<4 {
        for j in 0..<4 {
          #expect(a[i, j] == (j == 0 ? 0 : i <= j ? Double(i + j) : 0), "\(table.name) \(i), \(j)")
        }
        #expect(t[0, i] == 0, "\(table.name) tau \(i)")
      }
    }
  }

  @Test(arguments: floatTypes) func lu(type: DType) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 64)
    defer { room.deallocate() }
    for table in tables {
      for (m, n) in sizes {
        for kind in 0..<3 {
          // Regular; one column of zeros; so small that a pivot's reciprocal is no number.
          func element(_ i: Int, _ j: Int) -> Double {
            let x = random(i, j)
            return kind == 1 && j == n / 2 ? 0 : kind == 2 ? x * (type == .float32 ? 1e-40 : 1e-310) : x
          }
          let a = Panel(type, m, n, element), b = Panel(type, m, n, element)
          var pivots = Array(repeating: -1, count: min(m, n)), expected = pivots
          let found = table.float(type)!.factors.lu(m, n, a.memory, a.width, &pivots, room)
          let reference = KernelTable.reference.float(type)!.factors.lu(m, n, b.memory, b.width, &expected, room)
          #expect(found == reference && pivots == expected, "\(table.name) lu \(m) x \(n)")
          if kind < 2 { compare("\(table.name) lu \(m) x \(n)", a, b, rows: m, bound: 400) }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func cholesky(type: DType) {
    for table in tables {
      let kernels = table.float(type)!.factors, reference = KernelTable.reference.float(type)!.factors
      for n in [0, 1, 2, 3, 8, 15, 17, 33, 64] {
        func element(_ i: Int, _ j: Int) -> Double { i == j ? 2 : 1 / Double(1 + abs(i - j)) }
        let a = Panel(type, n, n, element), b = Panel(type, n, n, element)
        #expect(kernels.cholesky(n, a.memory, a.width, 0) == n)
        #expect(reference.cholesky(n, b.memory, b.width, 0) == n)
        compare("\(table.name) cholesky \(n)", a, b, rows: n, upper: true)
        for bad in [-1, 0, .nan, .infinity] where n > 2 {
          let c = Panel(type, n, n) { i, j in i == j ? i == 2 ? bad : 1 : 0 }
          #expect(kernels.cholesky(n, c.memory, c.width, 0) == 2, "\(table.name) \(bad)")
        }
        if n > 2 {
          let c = Panel(type, n, n) { i, j in i == j ? i == 1 ? 1e-3 : 1 : 0 }
          #expect(kernels.cholesky(n, c.memory, c.width, 1e-2) == 1)
        }
      }
    }
  }

  @Test(arguments: floatTypes) func solve(type: DType) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 16384, alignment: 64)
    defer { room.deallocate() }
    let item = type.itemSize
    for table in tables {
      let kernels = table.float(type)!.factors, reference = KernelTable.reference.float(type)!.factors
      for n in [1, 2, 3, 4, 5, 8, 17, 64] {
        for columns in [1, 3, 7, 8, 9, 16, 31, 40] {
          for (upper, unit) in [(false, false), (true, false), (false, true), (true, true)] {
            let t = Panel(type, n, n) { i, j in value(i, j) / (i == j ? 1 : Double(n)) }
            let x = Panel(type, n, columns, value), y = Panel(type, n, columns, value)
            for (kernel, z) in [(kernels, x), (reference, y)] {
              if upper {
                kernel.solve(
                  n, columns, t.memory + ((n - 1) * t.width + n - 1) * item, -t.width, -1, unit,
                  z.memory + (n - 1) * z.width * item, -z.width, room)
              } else {
                kernel.solve(n, columns, t.memory, t.width, 1, unit, z.memory, z.width, room)
              }
            }
            compare("\(table.name) solve \(n), \(columns) columns, upper \(upper)", x, y, rows: n)
          }
        }
      }
    }
  }

  /// A column's bits do not depend on those beside it.
  @Test(arguments: floatTypes) func columnsAreAlone(type: DType) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 16384, alignment: 64)
    defer { room.deallocate() }
    for table in tables {
      let t = Panel(type, 23, 23) { i, j in value(i, j) / (i == j ? 1 : 23) }
      let x = Panel(type, 23, 37) { i, _ in value(i, 3) }
      table.float(type)!.factors.solve(23, 37, t.memory, t.width, 1, false, x.memory, x.width, room)
      for i in 0..<23 { for j in 1..<37 { #expect(x[i, j] == x[i, 0]) } }
    }
  }
}
