import TalwegKernels
import Testing
#if canImport(Glibc)
import Glibc
#endif

/// Activations and their gradients against the plain loops.
@Suite struct Activations {
  @Test(arguments: floatTypes) func values(type: DType) {
    for table in tables {
      let mine = table.float(type)!.activations, reference = KernelTable.reference.float(type)!.activations
      for (name, kernel, expectedKernel) in [
        ("silu", mine.silu, reference.silu), ("geluTanh", mine.geluTanh, reference.geluTanh),
        ("leakyReLU", mine.leakyReLU, reference.leakyReLU), ("elu", mine.elu, reference.elu),
      ] {
        for n in sizes {
          let x = Row(type, count: n, stride: 1) { sample($0, type) }
          var y = Row(type, count: n, stride: 1), expected = y
          x.withPointer { x in
            y.withMutablePointer { kernel(n, 0.3, x, $0) }
            expected.withMutablePointer { expectedKernel(n, 0.3, x, $0) }
          }
          // Of the argument's rounding an exponential makes an error that grows with the argument: absolute here.
          let bad = (0..<n).first {
            !isNear(y[$0], expected[$0], 16, type) && !((y[$0] - expected[$0]).magnitude <= 4 * ulp(1, type))
          }
          if let bad { Issue.record("\(table.name) \(name) \(type): f(\(x[bad])) = \(y[bad]), not \(expected[bad])") }
          #expect(n > 200 || y.isRestUntouched)
        }
      }
    }
  }

  #if arch(x86_64)
  /// Also where exp(x) alone is less than the least normal number, or than the least of all.
  @Test(arguments: floatTypes) func siluInUlp(type: DType) {
    let n = 40_000
    let bottom = type == .float32 ? -110.0 : -760.0
    for table in tables {
      for (low, high) in [(bottom, 0.0), (bottom, bottom * 0.75), (-4, 4), (0, 90)] {
        let x = Row(type, count: n, stride: 1) { low + (high - low) * (Double($0) + 0.5) / Double(n) }
        var y = Row(type, count: n, stride: 1)
        x.withPointer { x in y.withMutablePointer { table.float(type)!.activations.silu(n, 0, x, $0) } }
        var worst = 0.0, at = 0.0
        for i in 0..<n {
          let exact = Float80(x[i]) / (1 + exp(-Float80(x[i])))
          let error = Double((Float80(y[i]) - exact).magnitude / Float80(ulp(Double(exact), type)))
          if !(error <= worst) { (worst, at) = (error, x[i]) }
        }
        print("\(table.name) silu \(type.name) [\(low), \(high)]: \((worst * 100).rounded() / 100) ulp at \(at)")
        #expect(worst <= 3, "\(table.name) silu \(type): \(worst) ulp at \(at)")
      }
      let far: [Double] = [-.infinity, -1e30, -5000, -900, .infinity, 1e30, .nan, 0, -0.0]
      let x = Row(type, count: far.count, stride: 1) { far[$0] }
      for kernel in [table.float(type)!.activations.silu, table.float(type)!.activations.geluTanh] {
        var y = Row(type, count: far.count, stride: 1)
        x.withPointer { x in y.withMutablePointer { kernel(far.count, 0, x, $0) } }
        for i in 0..<4 { #expect(y[i] == 0 && y[i].sign == .minus, "\(table.name) \(type): f(\(far[i])) = \(y[i])") }
        #expect(y[4] == .infinity && y[5] == x[5] && y[6].isNaN)
        #expect(1 / y[7] == .infinity && 1 / y[8] == -.infinity, "\(x[7]) \(x[8]) -> \(y[7]) \(y[8])")
      }
    }
  }
  #endif

  @Test(arguments: floatTypes) func gradients(type: DType) {
    for table in tables {
      let mine = table.float(type)!.activations, reference = KernelTable.reference.float(type)!.activations
      for (name, kernel, expectedKernel) in [
        ("silu", mine.siluBackward, reference.siluBackward),
        ("geluTanh", mine.geluTanhBackward, reference.geluTanhBackward),
        ("leakyReLU", mine.leakyReLUBackward, reference.leakyReLUBackward),
        ("elu", mine.eluBackward, reference.eluBackward),
      ] {
        for n in sizes {
          let x = Row(type, count: n, stride: 1) { sample($0, type) }
          let g = Row(type, count: n, stride: 1) { uniform($0) }
          var y = Row(type, count: n, stride: 1), expected = y
          x.withPointer { x in g.withPointer { g in
            y.withMutablePointer { kernel(n, 0.3, x, g, $0) }
            expected.withMutablePointer { expectedKernel(n, 0.3, x, g, $0) }
          } }
          let bad = (0..<n).first {
            !isNear(y[$0], expected[$0], 16, type) && !((y[$0] - expected[$0]).magnitude <= 8 * ulp(1, type))
          }
          if let bad { Issue.record("\(table.name) \(name) \(type): f(\(x[bad])) = \(y[bad]), not \(expected[bad])") }
          #expect(n > 200 || y.isRestUntouched)
        }
      }
    }
  }
}

/// Random numbers of every table are those of the plain loops, bit for bit.
@Suite struct RandomKernelsTests {
  @Test(arguments: floatTypes) func sameBits(type: DType) {
    for table in tables {
      let mine = table.float(type)!.random, reference = KernelTable.reference.float(type)!.random
      for offset in [0, 1, 2, 3, 4, 33, UInt64(UInt32.max) * 4 - 9] {
        for n in sizes {
          let x = Row(type, count: n, stride: 1) { sample($0, type) }
          var y = Row(type, count: n, stride: 1), expected = y, u = y, wanted = y
          x.withPointer { x in
            let threshold = RandomKernels.threshold(0.3)
            y.withMutablePointer { mine.dropout(n, 42 << 33 | 7, offset, threshold, 1.25, x, $0) }
            expected.withMutablePointer { reference.dropout(n, 42 << 33 | 7, offset, threshold, 1.25, x, $0) }
          }
          u.withMutablePointer { mine.uniform(n, 5, offset, $0) }
          wanted.withMutablePointer { reference.uniform(n, 5, offset, $0) }
          let same = (0..<n).allSatisfy {
            (y[$0] == expected[$0] || (y[$0].isNaN && expected[$0].isNaN)) && u[$0] == wanted[$0]
          }
          #expect(same, "\(table.name) \(type) n \(n) from \(offset)")
          #expect(y.isRestUntouched && u.isRestUntouched)
        }
      }
    }
  }

  /// Of many elements the share p is dropped, within five standard deviations.
  @Test func share() {
    let n = 100_000
    var ones = [Float](repeating: 1, count: n), y = ones
    for p in [0.1, 0.5, 0.999] {
      KernelTable.baseline.f32.random.dropout(n, 3, 0, RandomKernels.threshold(p), 1, &ones, &y)
      let dropped = Double(y.count { $0 == 0 }) / Double(n)
      #expect((dropped - p).magnitude < 5 * (p * (1 - p) / Double(n)).squareRoot())
    }
  }
}
