import TalwegKernels
import Testing

@Suite struct Reductions {
  @Test(arguments: floatTypes) func againstReference(type: DType) {
    for table in tables {
      for op in [ReduceOp.sum, .product, .max, .min] {
        let kernel = table.reduce(op, type)!, reference = KernelTable.reference.reduce(op, type)!
        for stride in [1, 2, 0, -1, -3] {
          for n in sizes {
            for hasNaN in [false, true] {
              let x = Row(type, count: n, stride: stride) {
                hasNaN && $0 == n / 2 ? .nan : uniform($0) * (op == .product ? 1.5 : 1)
              }
              var y = Row(type, count: 1, stride: 1), expected = y
              x.withPointer { x in
                y.withMutablePointer { kernel(n, x, stride, $0) }
                expected.withMutablePointer { reference(n, x, stride, $0) }
              }
              let magnitudes = (0..<n).reduce(0.0) { $0 + x[$1].magnitude }
              let isNearby = op == .sum
                ? y[0] == expected[0] || (y[0] - expected[0]).magnitude <= 4 * ulp(1, type) * magnitudes
                  || (y[0].isNaN && expected[0].isNaN)
                // A product in another order: one rounding an element.
                : isNear(y[0], expected[0], op == .product ? Double(n) : 0, type)
              #expect(isNearby, "\(table.name) \(op) \(type) n \(n) stride \(stride): \(y[0]), not \(expected[0])")
              #expect(y.isRestUntouched)
            }
          }
        }
      }
    }
  }

  /// The bound of pairwise summation: about log2(n) roundings of the sum of magnitudes.
  @Test(arguments: floatTypes) func longSumsAreAccurate(type: DType) {
    let n = 1_000_000
    let x = Row(type, count: n, stride: 1) { 0.1 + uniform($0) * 0.01 }
    var exact = 0.0, compensation = 0.0
    for i in 0..<n {
      let next = exact + x[i]
      compensation += (exact - next) + x[i]
      exact = next
    }
    exact += compensation
    for table in tables {
      var y = Row(type, count: 1, stride: 1)
      x.withPointer { x in y.withMutablePointer { table.reduce(.sum, type)!(n, x, 1, $0) } }
      #expect((y[0] - exact).magnitude <= 4 * ulp(exact, type), "\(table.name) \(type)")
    }
  }

  @Test(arguments: floatTypes) func infinities(type: DType) {
    for table in tables {
      let infinity = Double.infinity
      for (values, sum) in [([infinity, 1], infinity), ([-infinity, 2], -infinity), ([infinity, -infinity], .nan)] {
        let x = Row(type, count: 2, stride: 1) { values[$0] }
        var y = Row(type, count: 1, stride: 1)
        x.withPointer { x in y.withMutablePointer { table.reduce(.sum, type)!(2, x, 1, $0) } }
        #expect(y[0] == sum || (y[0].isNaN && sum.isNaN))
      }
    }
  }

  @Test(arguments: floatTypes) func indices(type: DType) {
    for table in tables {
      for (values, greatest, least) in [
        ([1, 3, 2, 3], 1, 0), ([1, .nan, 5, .nan], 1, 1), ([-.infinity, .infinity], 1, 0), ([2.0], 0, 0),
      ] as [([Double], Int, Int)] {
        for stride in [1, -2, 3] {
          let x = Row(type, count: values.count, stride: stride) { values[$0] }
          x.withPointer {
            #expect(table.argmax(type)(values.count, $0, stride) == greatest)
            #expect(table.argmin(type)(values.count, $0, stride) == least)
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func rows(type: DType) {
    for table in tables {
      let kernels = table.float(type)!, reference = KernelTable.reference.float(type)!
      for (name, kernel, expectedKernel, bound) in [
        ("softmax", kernels.softmaxRow, reference.softmaxRow, 8.0),
        ("logSoftmax", kernels.logSoftmaxRow, reference.logSoftmaxRow, 8),
        ("logSumExp", kernels.logSumExp, reference.logSumExp, 4),
      ] {
        for special in [nil, Double.nan, .infinity, -.infinity, 1e4, -1e4] {
          for n in 0...67 {
            let x = Row(type, count: n, stride: 1) { $0 == n / 2 ? special ?? 0 : 5 * uniform($0) }
            var y = Row(type, count: max(n, 1), stride: 1), expected = y
            x.withPointer { x in
              y.withMutablePointer { kernel(n, x, $0) }
              expected.withMutablePointer { expectedKernel(n, x, $0) }
            }
            for i in 0..<(name == "logSumExp" ? 1 : n) {
              let slack = (y[i] - expected[i]).magnitude <= 2 * ulp(1, type)
              #expect(
                slack || isNear(y[i], expected[i], bound, type),
                "\(table.name) \(name) \(type) n \(n) with \(String(describing: special)): \(y[i]), not \(expected[i])")
            }
          }
        }
      }
    }
  }
}
