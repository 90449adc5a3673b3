import CIntrinsics
import Glibc
import TalwegKernels
import Testing

/// Every shape and layout between guard pages, against a plain loop in float64. TALWEG_EXHAUSTIVE=1 (`make
/// exhaustive`) takes every m, n and k from 1 to 40; else a sample of them.
@Suite(.serialized) struct MatrixMultiplyEdges {
  static let exhaustive = getenv("TALWEG_EXHAUSTIVE") != nil
  static let primes = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 61, 67, 79, 97, 101, 127, 131, 193, 211, 257, 263, 307,
    389, 397, 401, 499, 521, 577, 587, 599,
  ]

  /// One product on every table, and its pieces in reverse: their bits are the whole's.
  struct Checker<T: BinaryFloatingPoint> {
    let type: DType = T.self == Float.self ? .float32 : .float64
    let a = GuardedMemory(8 << 20), b = GuardedMemory(8 << 20), c = GuardedMemory(8 << 20)
    let extra = GuardedMemory(8 << 20), kept = GuardedMemory(8 << 20), workspace = GuardedMemory(40 << 20)

    /// `turn` chooses layouts, sides, alpha, beta and the epilogue.
    func check(_ m: Int, _ n: Int, _ k: Int, _ turn: Int) {
      let end = turn % 2 == 0
      let layouts = GuardedMatrix<T>.layouts
      let a = GuardedMatrix<T>(a, m, k, layout: turn % layouts, atEnd: end)
      let b = GuardedMatrix<T>(b, k, n, layout: turn / 2 % layouts, atEnd: end)
      let c = GuardedMatrix<T>(c, m, n, layout: turn / 5 % 2 == 0 ? 0 : turn / 10 % layouts, atEnd: end)
      let residual = GuardedMatrix<T>(extra, m, n, layout: turn / 3 % layouts, atEnd: end)
      let linear = GuardedMatrix<T>(kept, m, n, layout: turn / 11 % layouts, atEnd: end)
      let alpha = turn % 3 == 0 ? -0.5 : 1, beta = turn % 7 == 0 ? 0.25 : turn % 13 == 0 ? 1 : 0.0
      a.fill(turn &+ 1)
      b.fill(turn &+ 2)
      residual.fill(turn &+ 3)
      let old = (0..<m * n).map { beta == 0 ? Double.nan : Double($0 % 17) / 17 }
      let bias = (0..<max(m, n)).map { T(Float($0 % 11) / 11) }
      var epilogue = tk_gemm_epilogue()
      let activation = turn / 4 % 10
      let hasEpilogue = activation < 5, hasBias = turn % 4 != 0, hasResidual = turn % 5 == 0, keeps = turn % 6 == 0
      let byRow = turn % 8 == 1
      epilogue.activation = Int32(hasEpilogue ? activation : 0)

      var expected = [Double](repeating: 0, count: m * n), bounds = expected, arguments = expected
      let eps = ulp(1, type)
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0, magnitude = 0.0
          for p in 0..<k {
            let term = Double(a[i, p]) * Double(b[p, j])
            sum += term
            magnitude += term.magnitude
          }
          let start = beta == 0 ? 0 : beta * old[i * n + j]
          var x = alpha * sum + start
          var size = magnitude * alpha.magnitude + start.magnitude
          if hasEpilogue && hasBias {
            x += Double(bias[byRow ? i : j])
            size += Double(bias[byRow ? i : j])
          }
          if hasEpilogue && hasResidual {
            x += Double(residual[i, j])
            size += Double(residual[i, j]).magnitude
          }
          let y = hasEpilogue ? Self.activate(activation, x) : x
          arguments[i * n + j] = x
          expected[i * n + j] = y
          // The slopes are at most 1.13; the functions' own errors at most 8 ulp.
          bounds[i * n + j] = 1.2 * (Double(k) / 2 + 5) * eps * size + 8 * eps * y.magnitude
        }
      }

      bias.withUnsafeBufferPointer { bias in
        if hasBias {
          epilogue.bias = UnsafeRawPointer(bias.baseAddress!)
          (epilogue.bias_row, epilogue.bias_column) = byRow ? (1, 0) : (0, 1)
        }
        if hasResidual {
          epilogue.residual = UnsafeRawPointer(residual.origin)
          (epilogue.residual_row, epilogue.residual_column) = (residual.rowStride, residual.columnStride)
        }
        if keeps {
          epilogue.linear = UnsafeMutableRawPointer(linear.origin)
          (epilogue.linear_row, epilogue.linear_column) = (linear.rowStride, linear.columnStride)
        }
        withUnsafePointer(to: epilogue) { epilogue in
          let product = tk_gemm(
            m: m, n: n, k: k, alpha: alpha, beta: beta, a: a.origin, a_row: a.rowStride, a_column: a.columnStride,
            b: b.origin, b_row: b.rowStride, b_column: b.columnStride, c: c.origin, c_row: c.rowStride,
            c_column: c.columnStride, epilogue: hasEpilogue ? epilogue : nil)
          for table in tables {
            let kernels = table.float(type)!
            func reset() {
              for i in 0..<m { for j in 0..<n { c[i, j] = T(old[i * n + j]) } }
            }
            reset()
            withUnsafePointer(to: product) {
              kernels.gemmFinished(
                $0, workspace.block((kernels.gemmWorkspaceBytes(m: m, n: n, k: k) + 63) & ~63, atEnd: true))
            }
            let found = c.elements
            for index in 0..<m * n where !((Double(found[index]) - expected[index]).magnitude <= bounds[index]) {
              Issue.record("\(table.name) \(type) \(m) x \(n) x \(k), turn \(turn), element \(index): \(found[index]), not \(expected[index])")
              return
            }
            if hasEpilogue && keeps {
              let found = linear.elements
              for index in 0..<m * n where !((Double(found[index]) - arguments[index]).magnitude <= 8 * bounds[index] + 1e-6) {
                Issue.record("\(table.name) \(type) \(m) x \(n) x \(k), turn \(turn), argument \(index)")
                return
              }
            }
            if c.columnStride != 1 && c.rowStride == 1 { continue }
            reset()
            pieces(kernels, product)
            if found != c.elements {
              Issue.record("\(table.name) \(type) \(m) x \(n) x \(k), turn \(turn): pieces differ from the whole")
              return
            }
          }
        }
      }
    }

    /// The product by pieces, the last one first.
    private func pieces(_ kernels: FloatKernels, _ product: tk_gemm) {
      let plan = GemmPlan(kernels.gemmBlocks, product)
      let room = workspace.block((plan.workspaceBytes + 63) & ~63, atEnd: true)
      withUnsafePointer(to: product) { product in
        withUnsafePointer(to: plan.sizes) { sizes in
          for step in 0..<plan.steps {
            for piece in (0..<plan.packs(step)).reversed() { kernels.gemmPack(product, sizes, step, piece, room) }
            for piece in (0..<plan.pieces(step)).reversed() { kernels.gemmPiece(product, sizes, step, piece, room) }
          }
        }
      }
    }

    static func activate(_ activation: Int, _ x: Double) -> Double {
      switch activation {
      case 1: max(x, 0)
      case 2: x * erfc(-x / 2.0.squareRoot()) / 2
      case 3: tanh(x)
      case 4: 1 / (1 + exp(-x))
      default: x
      }
    }
  }

  @Test func smallShapesF32() { Self.smallShapes(Checker<Float>()) }
  @Test func smallShapesF64() { Self.smallShapes(Checker<Double>()) }
  @Test func primesF32() { Self.primeShapes(Checker<Float>()) }
  @Test func primesF64() { Self.primeShapes(Checker<Double>()) }

  static func smallShapes<T>(_ checker: Checker<T>) {
    var turn = 0
    for m in 1...40 {
      for n in 1...40 {
        for k in 1...40 {
          turn += 1
          if exhaustive || turn &* 2_654_435_761 % 101 == 0 { checker.check(m, n, k, turn) }
        }
      }
    }
  }

  static func primeShapes<T>(_ checker: Checker<T>) {
    for turn in 0..<(exhaustive ? 300 : 30) {
      let hash = (turn + 1) &* 2_654_435_761
      let m = primes[hash >> 4 % primes.count], n = primes[hash >> 13 % primes.count]
      let k = primes[hash >> 21 % primes.count]
      // At most a few million multiply-adds each, so that each side is long in turn.
      if m * n * k < (exhaustive ? 40_000_000 : 4_000_000) { checker.check(m, n, k, turn) }
    }
    for (m, n, k) in [(599, 3, 17), (5, 599, 17), (7, 11, 599), (1, 1, 1999), (1, 601, 2), (601, 1, 2), (97, 101, 1601)] {
      for turn in 0..<(exhaustive ? 70 : 7) { checker.check(m, n, k, turn * 11) }
    }
  }

  /// The backward pass of the epilogue, against the reference.
  @Test(arguments: floatTypes) func activationGradients(type: DType) {
    for table in tables {
      for activation in 0..<5 {
        for (m, n) in [(1, 1), (3, 7), (5, 16), (4, 33), (2, 67)] {
          let g = Row(type, count: m * (n + 2), stride: 1) { uniform($0, seed: 1) }
          let kept = Row(type, count: m * (n + 1), stride: 1) { uniform($0, seed: 2) }
          func run(_ kernels: FloatKernels) -> (Row, Row) {
            var d = Row(type, count: m * (n + 3), stride: 1) { _ in 7 }
            var sums = Row(type, count: n, stride: 1) { uniform($0, seed: 3) }
            g.withPointer { g in
              kept.withPointer { kept in
                d.withMutablePointer { d in
                  sums.withMutablePointer { sums in
                    kernels.activationGradient(m, n, Int32(activation), g, n + 2, kept, n + 1, d, n + 3, sums)
                  }
                }
              }
            }
            #expect(d.isRestUntouched && sums.isRestUntouched)
            return (d, sums)
          }
          let found = run(table.float(type)!), expected = run(KernelTable.reference.float(type)!)
          for i in 0..<m * (n + 3) {
            #expect((found.0[i] - expected.0[i]).magnitude <= 8 * ulp(1, type), "\(table.name) \(activation) \(m) x \(n)")
          }
          for j in 0..<n {
            #expect((found.1[j] - expected.1[j]).magnitude <= 40 * ulp(1, type), "\(table.name) \(activation) \(m) x \(n)")
          }
        }
      }
    }
  }
}
