import CIntrinsics
import TalwegKernels
import Testing

/// The one-pass updates against the plain loops, over three steps.
@Suite struct OptimizerUpdates {
  /// A kernel with its options and how many states it has; what it writes beside them are Doubles.
  struct Case {
    let name: String
    let kernel: KeyPath<UpdateKernels, UpdateFunction>
    var states = 0
    var sums = 0
    var options: tk_update
  }

  static func options(_ change: (inout tk_update) -> Void = { _ in }) -> tk_update {
    var o = tk_update(
      rate: 0.01, factor: 0.75, limit: 0.5, decay: 0.02, l1: 0.003, shrink: 0.999, beta1: 0.9, beta2: 0.99,
      epsilon: 1e-3, scale1: 1.5, scale2: 2, extra: 0.004, nesterov: 0)
    change(&o)
    return o
  }

  static var cases: [Case] {
    [
      Case(name: "sgd", kernel: \.sgd, options: options()),
      Case(name: "sgd without limit", kernel: \.sgd, options: options { $0.limit = .infinity }),
      Case(name: "sgd momentum", kernel: \.sgd, states: 1, options: options()),
      Case(name: "sgd nesterov", kernel: \.sgd, states: 1, options: options { $0.nesterov = 1 }),
      Case(name: "rmsprop", kernel: \.rmsprop, states: 1, options: options()),
      Case(name: "rmsprop centered", kernel: \.rmsprop, states: 2, options: options()),
      Case(name: "rmsprop all", kernel: \.rmsprop, states: 3, options: options { $0.epsilon = 0.1 }),
      Case(name: "adam", kernel: \.adam, states: 2, options: options()),
      Case(name: "amsgrad", kernel: \.adam, states: 3, options: options { $0.extra = 0 }),
      Case(name: "adagrad", kernel: \.adagrad, states: 1, options: options()),
      Case(name: "adadelta", kernel: \.adadelta, states: 2, options: options()),
      Case(name: "adamax", kernel: \.adamax, states: 2, options: options()),
      Case(name: "lion", kernel: \.lion, states: 1, options: options()),
      Case(name: "lamb moments", kernel: \.lambMoments, states: 2, sums: 3, options: options()),
      Case(name: "lamb", kernel: \.lamb, states: 2, options: options()),
      Case(name: "penalise", kernel: \.penalise, states: 1, options: options()),
      Case(name: "squares", kernel: \.squares, states: 1, options: options()),
      Case(name: "factored squares", kernel: \.factoredSquares, states: 1, sums: 2, options: options()),
      Case(name: "factored", kernel: \.factored, states: 1, options: options()),
    ]
  }

  /// The parameter and the states after three steps, and the sum of the last.
  static func run(_ kernels: UpdateKernels, _ type: DType, _ n: Int, _ test: Case) -> ([Row], Double) {
    var w = Row(type, count: n, stride: 1) { uniform($0) }
    let g = Row(type, count: n, stride: 1) { uniform($0, seed: 1) }
    var a = Row(type, count: n, stride: 1) { abs(uniform($0, seed: 2)) }
    var b = Row(type, count: n, stride: 1) { abs(uniform($0, seed: 3)) / 64 }
    var c = Row(type, count: n, stride: 1) { uniform($0, seed: 4) }
    var sum = -1.0
    var options = test.options
    let kernel = kernels[keyPath: test.kernel]
    for _ in 0..<3 {
      w.withMutablePointer { w in
        g.withPointer { g in
          a.withMutablePointer { a in
            b.withMutablePointer { b in
              c.withMutablePointer { c in
                withUnsafeMutableBytes(of: &sum) { sum in
                  kernel(
                    n, &options, w, g, test.states > 0 ? a : nil,
                    test.sums == 2 ? sum.baseAddress : test.states > 1 ? b : nil,
                    test.sums == 3 ? sum.baseAddress : test.states > 2 ? c : nil)
                }
              }
            }
          }
        }
      }
    }
    return ([w, a, b, c], sum)
  }

  @Test(arguments: floatTypes) func againstReference(type: DType) throws {
    for test in Self.cases {
      for table in tables {
        for n in sizes {
          let mine = Self.run(try #require(table.float(type)).updates, type, n, test)
          let reference = Self.run(try #require(KernelTable.reference.float(type)).updates, type, n, test)
          for (found, wanted) in zip(mine.0, reference.0) {
            for i in 0..<n where (found[i] - wanted[i]).magnitude > 32 * ulp(max(1, wanted[i].magnitude), type) {
              Issue.record("\(table.name) \(test.name) \(type) n \(n) at \(i): \(found[i]), not \(wanted[i])")
              return
            }
            #expect(found.isRestUntouched)
          }
          let bound = 64 * ulp(max(1, reference.1.magnitude), type)
          #expect((mine.1 - reference.1).magnitude <= bound, "\(table.name) \(test.name) n \(n)")
        }
      }
    }
  }

  @Test(arguments: floatTypes) func blend(type: DType) throws {
    for table in tables {
      for n in sizes {
        var rows: [Row] = []
        for kernels in [try #require(table.float(type)), try #require(KernelTable.reference.float(type))] {
          let x = Row(type, count: n, stride: 1) { uniform($0) }
          var y = Row(type, count: n, stride: 1) { uniform($0, seed: 1) }
          x.withPointer { x in y.withMutablePointer { y in kernels.updates.blend(n, 0.3, x, y) } }
          rows.append(y)
        }
        for i in 0..<n { #expect((rows[0][i] - rows[1][i]).magnitude <= 4 * ulp(1, type)) }
      }
    }
  }

  /// NaN stays, through limits and signs, in every kernel that reads the gradient.
  @Test(arguments: floatTypes) func keepsNaN(type: DType) throws {
    for table in tables {
      let kernels = try #require(table.float(type)).updates
      for test in Self.cases where test.name.hasPrefix("lamb") == false && !test.name.contains("squares") {
        var w = Row(type, count: 3, stride: 1) { _ in 1 }
        let g = Row(type, count: 3, stride: 1) { $0 == 1 ? .nan : 0.5 }
        var a = Row(type, count: 3, stride: 1) { _ in 0 }, b = a, c = a
        var options = test.options
        w.withMutablePointer { w in
          g.withPointer { g in
            a.withMutablePointer { a in
              b.withMutablePointer { b in
                c.withMutablePointer { c in
                  kernels[keyPath: test.kernel](
                    3, &options, w, g, test.states > 0 ? a : nil, test.states > 1 ? b : nil,
                    test.states > 2 ? c : nil)
                }
              }
            }
          }
        }
        let result = test.name == "penalise" ? a : w
        #expect(result[1].isNaN && result[0].isFinite && result[2].isFinite, "\(table.name) \(test.name)")
      }
    }
  }

  /// One step by hand: w = 1, g = 0.5. The first step of Adam is the learning rate, after the weight shrinks.
  @Test func byHand() {
    var options = tk_update()
    options.rate = 0.1 / (1 - 0.9)
    options.factor = 1
    options.limit = .infinity
    options.shrink = 1 - 0.1 * 0.5
    options.beta1 = 0.9
    options.beta2 = 0.999
    options.scale2 = 1 / (1 - 0.999).squareRoot()
    var w = 1.0, m = 0.0, v = 0.0
    let g = 0.5
    withUnsafePointer(to: g) { KernelTable.baseline.f64.updates.adam(1, &options, &w, $0, &m, &v, nil) }
    #expect((w - 0.85).magnitude < 1e-12)
    #expect((m - 0.05).magnitude < 1e-15 && (v - 0.00025).magnitude < 1e-15)
  }
}
