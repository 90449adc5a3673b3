import TalwegKernels
import Testing

@Suite struct MatrixMultiply {
  /// A matrix stored by rows, by columns, or with gaps.
  struct Matrix {
    let rows, columns, rowStride, columnStride: Int
    var row: Row

    init(_ type: DType, _ rows: Int, _ columns: Int, layout: Int, _ value: (Int) -> Double) {
      self.rows = rows
      self.columns = columns
      switch layout {
      case 0: (rowStride, columnStride) = (columns, 1)
      case 1: (rowStride, columnStride) = (1, rows)
      case 2: (rowStride, columnStride) = (columns + 3, 1)
      default: (rowStride, columnStride) = (2 * columns + 1, 2)
      }
      let span = max(0, (rows - 1) * rowStride + (columns - 1) * columnStride + 1)
      row = Row(type, count: span, stride: 1, value)
    }
    subscript(i: Int, j: Int) -> Double { row[i * rowStride + j * columnStride] }
  }

  static func multiply(
    _ kernels: FloatKernels, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: Matrix, _ b: Matrix,
    _ beta: Double, _ c: inout Matrix, rows: Range<Int>? = nil, columns: Range<Int>? = nil
  ) {
    let rows = rows ?? 0..<m, columns = columns ?? 0..<n
    let bytes = kernels.gemmWorkspaceBytes(m: rows.count, n: columns.count, k: k)
    let workspace = UnsafeMutableRawPointer.allocate(byteCount: bytes + 64, alignment: 64)
    defer { workspace.deallocate() }
    let guardBytes = UnsafeMutableRawBufferPointer(start: workspace + bytes, count: 64)
    for i in 0..<64 { guardBytes[i] = 0xA5 }
    let size = c.row.type.itemSize
    let (rsc, csc) = (c.rowStride, c.columnStride)
    a.row.withPointer { pa in
      b.row.withPointer { pb in
        c.row.withMutablePointer { pc in
          kernels.gemm(
            rows.count, columns.count, k, alpha, pa + rows.lowerBound * a.rowStride * size, a.rowStride,
            a.columnStride, pb + columns.lowerBound * b.columnStride * size, b.rowStride, b.columnStride, beta,
            pc + (rows.lowerBound * rsc + columns.lowerBound * csc) * size, rsc, csc, workspace)
        }
      }
    }
    #expect(guardBytes.allSatisfy { $0 == 0xA5 }, "wrote past the workspace")
  }

  static func check(
    _ table: KernelTable, _ type: DType, _ m: Int, _ n: Int, _ k: Int, layouts: (Int, Int, Int),
    alpha: Double, beta: Double
  ) {
    let a = Matrix(type, m, k, layout: layouts.0) { uniform($0, seed: 1) }
    let b = Matrix(type, k, n, layout: layouts.1) { uniform($0, seed: 2) }
    // With beta = 0, C is not read: NaN must not come through.
    let before = Matrix(type, m, n, layout: layouts.2) { beta == 0 ? .nan : uniform($0, seed: 3) }
    var c = before
    multiply(table.float(type)!, m, n, k, alpha, a, b, beta, &c)
    let eps = ulp(1, type)
    for i in 0..<m {
      for j in 0..<n {
        var sum = 0.0, magnitude = 0.0
        for p in 0..<k {
          sum += a[i, p] * b[p, j]
          magnitude += (a[i, p] * b[p, j]).magnitude
        }
        let old = beta == 0 ? 0 : beta * before[i, j]
        let expected = alpha * sum + old
        let bound = (Double(k) / 2 + 3) * eps * (magnitude * alpha.magnitude + old.magnitude)
        if !((c[i, j] - expected).magnitude <= bound) {
          Issue.record("\(table.name) \(type) \(m) x \(n) x \(k) \(layouts) at \(i), \(j): \(c[i, j]), not \(expected)")
          return
        }
      }
    }
    // What lies between C's elements stays.
    var gaps = before.row, after = c.row
    for i in 0..<m {
      for j in 0..<n {
        gaps[i * c.rowStride + j * c.columnStride] = 0
        after[i * c.rowStride + j * c.columnStride] = 0
      }
    }
    #expect(gaps.storage == after.storage)
  }

  @Test(arguments: floatTypes) func oddShapes(type: DType) {
    let shapes = [0, 1, 2, 3, 5, 7, 8, 12, 13, 16, 17, 31, 33, 64, 65]
    for table in tables {
      var turn = 0
      for m in shapes {
        for n in shapes {
          for k in [0, 1, 2, 7, 33] {
            turn += 1
            Self.check(
              table, type, m, n, k, layouts: (turn % 4, turn / 4 % 4, turn / 16 % 4),
              alpha: turn % 3 == 0 ? -0.5 : 1, beta: turn % 5 == 0 ? 0.25 : turn % 7 == 0 ? 1 : 0)
          }
        }
      }
    }
  }

  /// Beyond one block in each direction.
  @Test(arguments: floatTypes) func manyBlocks(type: DType) {
    for table in tables {
      for (m, n, k) in [(251, 70, 801), (70, 251, 400), (13, 4200, 9), (4200, 13, 9), (500, 33, 33)] {
        for layouts in [(0, 0, 0), (1, 1, 1), (3, 2, 3), (0, 1, 2)] {
          Self.check(table, type, m, n, k, layouts: layouts, alpha: 1, beta: 0)
        }
        Self.check(table, type, m, n, k, layouts: (1, 0, 0), alpha: 2, beta: -1)
      }
    }
  }

  /// Rows and columns computed apart have the bits of the whole, on any path.
  @Test(arguments: floatTypes) func splitsChangeNoBit(type: DType) {
    for table in tables {
      let kernels = table.float(type)!
      for (m, n, k) in [(24, 64, 20), (37, 45, 50), (130, 130, 130), (200, 90, 700), (64, 64, 64)] {
        for layouts in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 3)] {
          let a = Matrix(type, m, k, layout: layouts.0) { uniform($0, seed: 1) }
          let b = Matrix(type, k, n, layout: layouts.1) { uniform($0, seed: 2) }
          let start = Matrix(type, m, n, layout: layouts.2) { uniform($0, seed: 3) }
          var whole = start
          Self.multiply(kernels, m, n, k, 1, a, b, 0.5, &whole)
          for cut in [1, m / 3, m / 2, m - 1] {
            var parts = start
            Self.multiply(kernels, m, n, k, 1, a, b, 0.5, &parts, rows: 0..<cut)
            Self.multiply(kernels, m, n, k, 1, a, b, 0.5, &parts, rows: cut..<m)
            #expect(parts.row.storage == whole.row.storage, "\(table.name) \(type) \(m) x \(n) x \(k) rows at \(cut) \(layouts)")
          }
          for cut in [1, n / 2, n - 5] {
            var parts = start
            Self.multiply(kernels, m, n, k, 1, a, b, 0.5, &parts, columns: 0..<cut)
            Self.multiply(kernels, m, n, k, 1, a, b, 0.5, &parts, columns: cut..<n)
            #expect(parts.row.storage == whole.row.storage, "\(table.name) \(type) \(m) x \(n) x \(k) columns at \(cut) \(layouts)")
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func vectors(type: DType) {
    for table in tables {
      let kernels = table.float(type)!
      for (m, n) in [(0, 3), (3, 0), (1, 1), (5, 7), (33, 65), (100, 17)] {
        for layout in 0..<4 {
          for (sx, sy, alpha, beta) in [(1, 1, 1.0, 0.0), (2, 3, -0.5, 0.5), (-1, -2, 0, 2)] {
            let a = Matrix(type, m, n, layout: layout) { uniform($0, seed: 1) }
            let x = Row(type, count: n, stride: sx) { uniform($0, seed: 2) }
            let before = Row(type, count: m, stride: sy) { beta == 0 ? .nan : uniform($0, seed: 3) }
            var y = before
            a.row.withPointer { a0 in
              x.withPointer { x0 in
                y.withMutablePointer { y0 in
                  kernels.gemv(m, n, alpha, a0, a.rowStride, a.columnStride, x0, sx, beta, y0, sy)
                }
              }
            }
            for i in 0..<m {
              var sum = 0.0, magnitude = 1.0
              for j in 0..<n {
                sum += a[i, j] * x[j]
                magnitude += (a[i, j] * x[j]).magnitude
              }
              let expected = alpha * sum + (beta == 0 ? 0 : beta * before[i])
              #expect(
                (y[i] - expected).magnitude <= (Double(n) / 2 + 3) * ulp(1, type) * magnitude,
                "\(table.name) \(type) \(m) x \(n) layout \(layout)")
            }
            #expect(y.isRestUntouched)
          }
        }
      }
    }
  }

  /// X' X at and below the diagonal, added to C; X by rows and by columns.
  @Test(arguments: floatTypes) func gram(type: DType) {
    for table in tables {
      let kernels = table.float(type)!
      for (m, n) in [(1, 1), (7, 6), (12, 12), (17, 16), (33, 30), (101, 100)] {
        for k in [0, 1, 5, 31, 32, 100] {
          for layout in [0, 1] {
            let x = Matrix(type, k, m, layout: layout) { uniform($0, seed: 1) }
            let before = Matrix(type, m, n, layout: 0) { uniform($0, seed: 2) }
            var c = before
            let rsc = c.rowStride
            x.row.withPointer { x0 in
              c.row.withMutablePointer { c0 in
                kernels.gram(m, n, k, x0, x.rowStride, x.columnStride, c0, rsc)
              }
            }
            for i in 0..<m {
              for j in 0..<min(i + 1, n) {
                var sum = before[i, j], magnitude = sum.magnitude
                for p in 0..<k {
                  sum += x[p, i] * x[p, j]
                  magnitude += (x[p, i] * x[p, j]).magnitude
                }
                if !((c[i, j] - sum).magnitude <= (Double(k) / 2 + 3) * ulp(1, type) * magnitude) {
                  Issue.record("\(table.name) \(type) \(m) x \(n) x \(k) layout \(layout) at \(i), \(j): \(c[i, j]), not \(sum)")
                  return
                }
              }
            }
            // What lies between C's rows stays.
            var gaps = before.row, after = c.row
            for i in 0..<m {
              for j in 0..<n {
                gaps[i * rsc + j] = 0
                after[i * rsc + j] = 0
              }
            }
            #expect(gaps.storage == after.storage)
          }
        }
      }
    }
  }
}
