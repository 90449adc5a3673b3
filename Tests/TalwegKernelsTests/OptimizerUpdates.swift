import CIntrinsics
import TalwegKernels
import Testing

/// The one-pass updates against the plain loops, over three steps.
@Suite struct OptimizerUpdates {
  static func compare(
    _ type: DType, _ name: String,
    _ update: (
      FloatKernels, Int, UnsafeMutableRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer,
      UnsafeMutableRawPointer
    ) -> Void
  ) {
    for table in tables {
      for n in sizes {
        var results: [[Row]] = []
        for kernels in [table.float(type)!, KernelTable.reference.float(type)!] {
          var w = Row(type, count: n, stride: 1) { uniform($0) }
          let g = Row(type, count: n, stride: 1) { uniform($0, seed: 1) }
          var s = Row(type, count: n, stride: 1) { _ in 0 }, v = s
          for _ in 0..<3 {
            w.withMutablePointer { w in
              g.withPointer { g in
                s.withMutablePointer { s in v.withMutablePointer { v in update(kernels, n, w, g, s, v) } }
              }
            }
          }
          results.append([w, s, v])
        }
        for (mine, reference) in zip(results[0], results[1]) {
          for i in 0..<n where (mine[i] - reference[i]).magnitude > 16 * ulp(max(1, reference[i].magnitude), type) {
            Issue.record("\(table.name) \(name) \(type) n \(n) at \(i): \(mine[i]), not \(reference[i])")
            return
          }
          #expect(mine.isRestUntouched)
        }
      }
    }
  }

  @Test(arguments: floatTypes) func sgd(type: DType) {
    for (momentum, dampening, nesterov) in [(0.0, 0.0, Int32(0)), (0.9, 0, 0), (0.9, 0, 1), (0.9, 0.5, 0)] {
      var options = tk_sgd_options(
        learning_rate: 0.1, momentum: momentum, dampening: dampening, weight_decay: 0.01, gradient_scale: 0.75,
        nesterov: nesterov)
      Self.compare(type, "sgd \(momentum)") { kernels, n, w, g, _, v in
        kernels.sgd(n, &options, w, g, momentum == 0 ? nil : v)
      }
    }
  }

  @Test(arguments: floatTypes) func rmsprop(type: DType) {
    for momentum in [0.0, 0.9] {
      var options = tk_rmsprop_options(
        learning_rate: 0.01, alpha: 0.99, epsilon: 1e-3, momentum: momentum, weight_decay: 0.01,
        gradient_scale: 0.75)
      Self.compare(type, "rmsprop \(momentum)") { kernels, n, w, g, s, v in
        kernels.rmsprop(n, &options, w, g, s, momentum == 0 ? nil : v)
      }
    }
  }

  @Test(arguments: floatTypes) func adam(type: DType) {
    for decoupled in [Int32(0), 1] {
      var options = tk_adam_options(
        learning_rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-3, weight_decay: 0.1,
        bias_correction1: 1 - 0.9, bias_correction2: 1 - 0.999, gradient_scale: 0.75, decoupled: decoupled)
      Self.compare(type, "adam \(decoupled)") { kernels, n, w, g, m, v in kernels.adam(n, &options, w, g, m, v) }
    }
  }

  /// One step by hand, with values of torch.optim's formulas: w = 1, g = 0.5.
  @Test func byHand() {
    var options = tk_adam_options(
      learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0, weight_decay: 0.5,
      bias_correction1: 0.1, bias_correction2: 0.001, gradient_scale: 1, decoupled: 1)
    var w = 1.0, m = 0.0, v = 0.0
    let g = 0.5
    withUnsafePointer(to: g) { KernelTable.baseline.f64.adam(1, &options, &w, $0, &m, &v) }
    // The first step of Adam is the learning rate, after the weight shrinks by 1 - 0.1 * 0.5.
    #expect((w - 0.85).magnitude < 1e-12)
    #expect((m - 0.05).magnitude < 1e-15 && (v - 0.00025).magnitude < 1e-15)
  }
}
