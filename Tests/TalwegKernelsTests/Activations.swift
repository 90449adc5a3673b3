import TalwegKernels
import Testing

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
