import CIntrinsics
import TalwegKernels
import Testing

/// Cross-entropy, the backward passes of softmax and the squared error against the plain loops.
@Suite struct Losses {
  private func compare(_ name: String, _ mine: Row, _ expected: Row, _ type: DType, bound: Double) {
    for i in 0..<mine.count {
      let near = mine[i] == expected[i] || (mine[i].isNaN && expected[i].isNaN)
        || (mine[i] - expected[i]).magnitude <= bound * ulp(max(1, expected[i].magnitude), type)
      if !near {
        Issue.record("\(name) at \(i): \(mine[i]), not \(expected[i])")
        return
      }
    }
    #expect(mine.isRestUntouched, "\(name) wrote outside")
  }

  @Test(arguments: floatTypes) func crossEntropy(type: DType) {
    for table in tables {
      for special in [nil, Double.nan, .infinity, -.infinity, 1e4, -1e4] {
        for (rows, classes) in [(1, 1), (3, 2), (5, 16), (4, 65), (2, 5000)] {
          for smoothing in special == nil ? [0, 0.1] : [0] {
            var options = tk_cross_entropy_options(ignore_index: -7, smoothing: smoothing)
            let labels = (0..<rows).map { Int64($0 % 3 == 2 ? -7 : $0 * 5 % classes) }
            let x = Row(type, count: rows * classes, stride: 1) {
              $0 % classes == classes / 2 ? special ?? 0 : 5 * uniform($0)
            }
            var results: [[Row]] = []
            for kernels in [table.float(type)!.losses, KernelTable.reference.float(type)!.losses] {
              var losses = Row(type, count: rows, stride: 1), sums = losses
              var dx = Row(type, count: rows * classes, stride: 1)
              x.withPointer { x in losses.withMutablePointer { losses in sums.withMutablePointer { sums in
                dx.withMutablePointer { dx in
                  kernels.crossEntropy(rows, classes, &options, x, labels, losses, sums)
                  kernels.crossEntropyBackward(rows, classes, &options, 0.3, x, labels, sums, dx)
                }
              } } }
              results.append([losses, sums, dx])
            }
            for place in 0..<3 {
              compare(
                "\(table.name) \(type) \(rows) x \(classes), \(String(describing: special)), result \(place)",
                results[0][place], results[1][place], type, bound: 16)
            }
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func softmaxGradients(type: DType) {
    for table in tables {
      for (rows, width) in [(1, 1), (3, 5), (2, 16), (5, 65), (2, 3000)] {
        let y = Row(type, count: rows * width, stride: 1) { uniform($0) }
        let g = Row(type, count: rows * width, stride: 1) { uniform($0, seed: 1) }
        let mine = table.float(type)!.losses, reference = KernelTable.reference.float(type)!.losses
        let pairs = [
          (mine.softmaxBackward, reference.softmaxBackward), (mine.logSoftmaxBackward, reference.logSoftmaxBackward),
        ]
        let columnPairs = [
          (mine.softmaxColumnsBackward, reference.softmaxColumnsBackward),
          (mine.logSoftmaxColumnsBackward, reference.logSoftmaxColumnsBackward),
        ]
        for place in 0..<2 {
          var a = Row(type, count: rows * width, stride: 1), b = a, c = a, d = a
          y.withPointer { y in g.withPointer { g in
            a.withMutablePointer { pairs[place].0(rows, width, y, g, $0) }
            b.withMutablePointer { pairs[place].1(rows, width, y, g, $0) }
            c.withMutablePointer { columnPairs[place].0(rows, width, width, y, g, $0) }
            d.withMutablePointer { columnPairs[place].1(rows, width, width, y, g, $0) }
          } }
          // The plain loop rounds, in float64, at each of its terms.
          compare("\(table.name) rows of \(width)", a, b, type, bound: Double(64 + width))
          compare("\(table.name) columns of \(rows)", c, d, type, bound: 16)
        }
      }
    }
  }

  @Test(arguments: floatTypes) func softmaxOfColumns(type: DType) {
    for table in tables {
      let mine = table.float(type)!.losses, reference = KernelTable.reference.float(type)!.losses
      for (n, columns) in [(1, 1), (4, 3), (5, 16), (300, 37)] {
        let x = Row(type, count: n * columns, stride: 1) { 5 * uniform($0) }
        for (kernel, expectedKernel) in [
          (mine.softmaxColumns, reference.softmaxColumns), (mine.logSoftmaxColumns, reference.logSoftmaxColumns),
        ] {
          var y = Row(type, count: n * columns, stride: 1), expected = y
          x.withPointer { x in
            y.withMutablePointer { kernel(n, columns, columns, x, $0) }
            expected.withMutablePointer { expectedKernel(n, columns, columns, x, $0) }
          }
          compare("\(table.name) \(n) x \(columns)", y, expected, type, bound: 8)
        }
      }
    }
  }

  @Test(arguments: floatTypes) func squaredError(type: DType) {
    for table in tables {
      let mine = table.float(type)!.losses, reference = KernelTable.reference.float(type)!.losses
      for n in sizes {
        let a = Row(type, count: n, stride: 1) { uniform($0) }
        let b = Row(type, count: n, stride: 1) { uniform($0, seed: 1) }
        var y = Row(type, count: n, stride: 1), expected = y
        a.withPointer { a in b.withPointer { b in
          let (sum, wanted) = (mine.squaredError(n, a, b), reference.squaredError(n, a, b))
          // In float64 the plain loop rounds as well, at each of its n terms.
          let bound = type == .float64 ? Double(16 + n) : 16
          #expect((sum - wanted).magnitude <= bound * ulp(max(1, wanted), type))
          y.withMutablePointer { mine.scaledDifference(n, 0.7, a, b, $0) }
          expected.withMutablePointer { reference.scaledDifference(n, 0.7, a, b, $0) }
        } }
        compare("\(table.name) difference of \(n)", y, expected, type, bound: 1)
      }
    }
  }
}
