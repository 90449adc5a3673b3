import TalwegKernels
import Testing

/// Reductions of many rows, of every table, against the reference.
@Suite struct ReduceMany {
  /// n, m, stride, step: rows side by side, one behind the other, apart, backwards, repeated; one output.
  static let geometries: [(Int, Int, Int, Int)] = {
    var all: [(Int, Int, Int, Int)] = []
    for n in [1, 2, 7, 8, 9, 31, 32, 33, 100, 333] {
      for m in [1, 3, 16, 17, 37] {
        all += [(n, m, m, 1), (n, m, 1, n), (n, m, m + 2, 1), (n, m, 2, 2 * n), (n, m, -1, n), (n, m, 0, 1), (n, m, 3 * m, 3)]
      }
      all.append((n, 1, 1, 0))
    }
    return all + [(5003, 1, 1, 0), (20_000, 2, 1, 20_000), (64, 200, 200, 1)]
  }()

  private struct Input {
    var row: Row
    let start: Int
    init(_ type: DType, _ g: (Int, Int, Int, Int), _ value: (Int) -> Double) {
      let (n, m, stride, step) = g
      let low = min(0, (n - 1) * stride) + min(0, (m - 1) * step)
      let high = max(0, (n - 1) * stride) + max(0, (m - 1) * step)
      row = Row(type, count: high - low + 1, stride: 1, value)
      start = -low
    }
    func element(_ g: (Int, Int, Int, Int), _ output: Int, _ i: Int) -> Double { row[start + i * g.2 + output * g.3] }
    func withPointer<R>(_ body: (UnsafeRawPointer) -> R) -> R {
      row.withPointer { body($0 + start * row.type.itemSize) }
    }
  }

  @Test(arguments: floatTypes) func folds(type: DType) {
    for table in tables {
      for op in [ReduceOp.sum, .product, .max, .min] {
        let kernel = table.reduceMany(op, type)!, reference = KernelTable.reference.reduceMany(op, type)!
        for g in Self.geometries {
          for hasNaN in [false, true] {
            let x = Input(type, g) { hasNaN && $0 % 50 == 11 ? .nan : op == .product ? 1 + uniform($0) / 8 : uniform($0) }
            var y = Row(type, count: g.1, stride: 1), expected = y
            x.withPointer { x in
              y.withMutablePointer { kernel(g.0, g.1, x, g.2, g.3, $0) }
              expected.withMutablePointer { reference(g.0, g.1, x, g.2, g.3, $0) }
            }
            for i in 0..<g.1 {
              let magnitudes = (0..<g.0).reduce(0.0) { $0 + x.element(g, i, $1).magnitude }
              // A sum by blocks loses about log2 n roundings of the magnitudes; a product one an element.
              let slack = op == .sum ? 6 * ulp(1, type) * magnitudes
                : op == .product ? Double(g.0) * ulp(expected[i], type) : 0
              let isNearby = isNear(y[i], expected[i], 0, type) || (y[i] - expected[i]).magnitude <= slack
              #expect(isNearby, "\(table.name) \(op) \(type) \(g), output \(i): \(y[i]), not \(expected[i])")
            }
            #expect(y.isRestUntouched)
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func positions(type: DType) {
    for table in tables {
      for isMax in [true, false] {
        let kernel = isMax ? table.argmaxMany(type) : table.argminMany(type)
        let reference = isMax ? KernelTable.reference.argmaxMany(type) : KernelTable.reference.argminMany(type)
        for g in Self.geometries {
          for special in [0.5, Double.nan, .infinity, -.infinity] {
            // Few values, so that many are equal.
            let x = Input(type, g) { $0 % 60 == 17 ? special : Double($0 * 7919 % 13) - 6 }
            var index = [Int64](repeating: -1, count: g.1), expected = index
            var value = Row(type, count: g.1, stride: 1), expectedValue = value
            x.withPointer { x in
              value.withMutablePointer { kernel(g.0, g.1, x, g.2, g.3, &index, $0) }
              expectedValue.withMutablePointer { reference(g.0, g.1, x, g.2, g.3, &expected, $0) }
            }
            #expect(index == expected, "\(table.name) \(isMax) \(type) \(g) \(special)")
            for i in 0..<g.1 { #expect(isNear(value[i], expectedValue[i], 0, type)) }
            #expect(value.isRestUntouched)
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func statistics(type: DType) {
    for table in tables {
      let kernels = table.statistics(type)!, reference = KernelTable.reference.statistics(type)!
      for g in Self.geometries {
        for special in [nil, Double.nan, .infinity, -.infinity] {
          let x = Input(type, g) { $0 % 60 == 17 ? special ?? 0.5 : 3 + uniform($0) }
          func run(_ kernel: ReduceManyFunction) -> [Double] {
            var y = [Double](repeating: -7, count: g.1 + 1)
            x.withPointer { x in y.withUnsafeMutableBytes { kernel(g.0, g.1, x, g.2, g.3, $0.baseAddress!) } }
            #expect(y[g.1] == -7)
            return y
          }
          func moments(_ kernel: MomentsFunction) -> [[Double]] {
            var mean = [Double](repeating: -7, count: g.1 + 1), squares = mean
            x.withPointer { kernel(g.0, g.1, $0, g.2, g.3, &mean, &squares) }
            #expect(mean[g.1] == -7 && squares[g.1] == -7)
            return [mean, squares]
          }
          let eps = ulp(1, .float64) * Double(g.0 / 4 + 10)
          let means = moments(kernels.moments), expectedMeans = moments(reference.moments)
          for (name, found, expected, bound) in [
            ("squares", run(kernels.squares), run(reference.squares), eps),
            // The exponentials of float32 are float32.
            ("logSumExp", run(kernels.logSumExp), run(reference.logSumExp), 4 * ulp(1, type)),
            ("mean", means[0], expectedMeans[0], eps), ("deviations", means[1], expectedMeans[1], 4 * eps),
          ] {
            for i in 0..<g.1 {
              let isNearby = found[i] == expected[i] || (found[i].isNaN && expected[i].isNaN)
                || (found[i] - expected[i]).magnitude <= bound * max(expected[i].magnitude, 1)
              #expect(isNearby, "\(table.name) \(name) \(type) \(g) \(String(describing: special)): \(found[i]), not \(expected[i])")
            }
          }
        }
      }
    }
  }

  /// A mean of 10^7 and deviations of about 1: the difference of great sums would have lost them.
  @Test(arguments: floatTypes) func deviationsDoNotCancel(type: DType) {
    for table in tables {
      for (n, m, stride, step) in [(1000, 1, 1, 0), (1000, 40, 40, 1)] {
        let x = Input(type, (n, m, stride, step)) { 1e7 + Double($0 * 31 % 5) }
        var mean = [Double](repeating: 0, count: m), squares = mean
        x.withPointer { table.statistics(type)!.moments(n, m, $0, stride, step, &mean, &squares) }
        for i in 0..<m {
          let values = (0..<n).map { x.element((n, m, stride, step), i, $0) - 1e7 }
          let center = values.reduce(0, +) / Double(n)
          let exact = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
          #expect((squares[i] - exact).magnitude <= 1e-9 * exact, "\(table.name) \(type): \(squares[i]), not \(exact)")
          #expect((mean[i] - 1e7 - center).magnitude <= 1e-8)
        }
      }
    }
  }

  @Test func mergedMoments() {
    let values = (0..<90).map { 5 + uniform($0) }
    func moments(_ part: ArraySlice<Double>) -> (Double, Double) {
      let mean = part.reduce(0, +) / Double(part.count)
      return (mean, part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
    }
    for table in tables + [.reference] {
      for m in [1, 8, 11] {
        let (a, b, whole) = (moments(values[..<30]), moments(values[30...]), moments(values[...]))
        var mean = [Double](repeating: a.0, count: m), squares = [Double](repeating: a.1, count: m)
        table.statisticsF64.mergeMoments(
          m, 30, &mean, &squares, 60, Array(repeating: b.0, count: m), Array(repeating: b.1, count: m))
        for i in 0..<m {
          #expect((mean[i] - whole.0).magnitude <= 1e-14 && (squares[i] - whole.1).magnitude <= 1e-13)
        }
      }
    }
  }

  /// Rows long enough to be written past the caches, aligned to an element, with the same bits as short ones.
  @Test(arguments: floatTypes) func streamedRows(type: DType) {
    let n = streamedBytes / type.itemSize + 77
    let x = Row(type, count: n, stride: 1) { uniform($0) }
    for table in tables {
      for (isBinary, ahead) in [(false, 0), (true, 1)] {
        var y = Row(type, count: n, stride: 1), expected = y
        let kernel = table.unary(.exp, type)!, add = table.binary(.add, type)!
        x.withPointer { x in
          for (target, piece) in [(true, n), (false, 1000)] {
            func run(_ y: UnsafeMutableRawPointer) {
              var i = ahead
              while i < n {
                let count = min(piece, n - i), at = i * type.itemSize
                if isBinary { add(count, x + at, 1, x + at, 1, y + at, 1) } else { kernel(count, x + at, 1, y + at, 1) }
                i += count
              }
            }
            if target { y.withMutablePointer(run) } else { expected.withMutablePointer(run) }
          }
        }
        #expect(y.storage == expected.storage, "\(table.name) \(type)")
      }
    }
  }
}
